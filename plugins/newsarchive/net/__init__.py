"""Network: the HTTP client for images, its address policy and its rate limiter. Only `newsarchive images` uses it."""
