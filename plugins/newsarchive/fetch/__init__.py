"""Fetch and store the images that clean articles show: the command `newsarchive images` (docs/images.md).

Builds never use the network; they read the images that are stored here (`images`).
"""
