"""Parallel: worker processes, their time limits, and progress."""
