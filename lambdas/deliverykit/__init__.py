"""What a request for an image asks for: URLs in, values out. It knows no AWS client and reads no environment."""
