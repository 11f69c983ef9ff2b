"""Settings for the published site: everything in pelicanconf.py, and the site's address.

In CI the address comes from the environment: SITEURL=https://user.github.io/repo make publish
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pelicanconf import *  # noqa: F403 - Pelican's own way to share settings

SITEURL = os.environ.get("SITEURL", "https://example.org")
