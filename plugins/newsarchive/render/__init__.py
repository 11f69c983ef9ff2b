"""Stage 5, render: the archive → files. Writes nothing."""
