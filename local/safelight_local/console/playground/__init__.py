"""The page of deliveries: change a request, see the image, its bytes and its time."""
