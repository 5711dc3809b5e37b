"""From what a detector found in some frames to what is covered in every frame. It decodes nothing."""
