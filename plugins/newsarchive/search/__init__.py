"""Search a published site without a browser: the same files, query language and results (docs/search.md)."""
