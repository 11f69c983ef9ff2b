"""Searching a published site without a browser: the same files, language and answers (docs/search.md)."""
