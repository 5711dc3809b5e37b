"""What files say before a pixel of them is decoded: their type, by content, and their header."""
