"""The functions of a delivery, one file each."""
