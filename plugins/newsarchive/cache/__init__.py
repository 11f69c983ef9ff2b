"""Cache: what a build remembers for the next one. Deleting it costs time and nothing else."""
