"""Images that are made when they are asked for: requests, sources, stored results, and what forgets them."""
