"""The console: a page on loopback that shows what happened to images, by AWS's own APIs alone."""
