"""Network: the HTTP client, its address policy and its rate limiter."""
