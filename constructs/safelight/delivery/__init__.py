"""ImageDelivery: makes images when they are asked for, and delivers them through CloudFront."""
