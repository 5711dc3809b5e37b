"""Cover faces, text and number plates in a picture, so that nobody can restore them."""
