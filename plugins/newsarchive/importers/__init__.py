"""Importers: turn the files of another program into content files."""
