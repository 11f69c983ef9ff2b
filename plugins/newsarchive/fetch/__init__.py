"""Images: `newsarchive images` fetches and stores the images that clean articles show (docs/images.md)."""

INTERRUPTED = 130  # the exit status of what SIGINT ended
