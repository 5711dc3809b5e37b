"""ImageWorkflow: what happens to the images that land in a bucket."""
