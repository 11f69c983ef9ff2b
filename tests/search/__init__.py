"""Tests of the search: the index against lunr as its oracle, and Python against JavaScript."""
