"""Images: `newsarchive images` fetches and stores the images that clean articles show (docs/images.md)."""
