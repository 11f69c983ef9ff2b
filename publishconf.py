"""Settings for the published site: everything in pelicanconf.py, and the site's address.

The address is what the environment says (`SITEURL=https://user.github.io/repo make publish`; GitHub's workflow asks
Pages for it), else the domain in content/CNAME, else what stands here. Feeds, sitemap, canonical links and 404.html
need it; everything else is relative, so that the same output works under any address and from disk.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pelicanconf import *  # noqa: F403 - Pelican's own way to share settings

SITEURL = "https://example.org"

DOMAIN = Path(__file__).parent / "content" / "CNAME"
if DOMAIN.is_file():
    SITEURL = f"https://{DOMAIN.read_text('utf-8').strip()}"
SITEURL = os.environ.get("SITEURL") or SITEURL
