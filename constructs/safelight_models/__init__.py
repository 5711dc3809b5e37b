"""The models that library and local runner share: pinned packages, the conversion to ONNX, and the cache folder."""
