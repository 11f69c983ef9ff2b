"""Cache: what a build stores for the next one. Deleting it costs time and nothing else."""
