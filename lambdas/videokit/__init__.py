"""Pure logic of videos: files and values in, files and values out. It knows no AWS and reads no environment."""
