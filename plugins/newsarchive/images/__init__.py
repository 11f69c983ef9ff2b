"""Store, inspect and convert the images that articles show, for builds and `newsarchive images` (docs/images.md).

Nothing here uses the network: `fetch` and `net` do.
"""
