"""Images: what is stored of those that articles show, for builds and `newsarchive images` (docs/images.md)."""
