"""The operations of image delivery: from a file and a plan to the file that is delivered."""
