"""Build: everything between a checked configuration and a finished output folder."""
