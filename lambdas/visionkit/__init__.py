"""Seeing people in an image with OpenCV's DNN module, on the processor at hand: no AWS client, no fee an image."""
