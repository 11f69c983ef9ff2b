"""Import the files of other programs as content files and settings."""
