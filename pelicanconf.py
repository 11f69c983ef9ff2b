"""Settings for building at home; publishconf.py adds what the published site needs.

Pelican's own settings: docs.getpelican.com. Those of the archive (NEWSARCHIVE_*): docs/settings.md.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "plugins"))
import newsarchive

SITENAME = "新闻档案"
SITESUBTITLE = "读得清楚，找得到，留得住"
SITEURL = ""

PATH = "content"
OUTPUT_PATH = "output"
CACHE_PATH = "cache"
THEME = "theme"
PLUGINS = [newsarchive]

# What is copied as it is: content/images/, and content/CNAME, which names a domain of your own.
STATIC_PATHS = ["images", "CNAME"]

TIMEZONE = "Asia/Shanghai"
DEFAULT_LANG = "zh-CN"

# What `npm ci` puts here answers searches in the browser; pages work without it, without search.
NEWSARCHIVE_LUNR_PATH = str(Path(__file__).parent / "node_modules/lunr/lunr.min.js")

# The archive writes its own feeds; Pelican would warn that its own lack an address.
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
