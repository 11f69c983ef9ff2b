"""Images: `newsarchive images` fetches and stores the pictures that clean articles show (docs/pictures.md)."""

INTERRUPTED = 130  # the exit status of what SIGINT ended
