"""Commands: one module for each verb of the `newsarchive` command."""
