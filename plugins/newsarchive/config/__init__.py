"""Config: from the settings of a site to one checked `BuildConfig`, for a build and for every command."""
