"""Files: atomic writes, symbolic links, locks, and errors of the operating system."""
