"""The step that makes the one image of an upload that all its checks look at."""
