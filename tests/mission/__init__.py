"""Articles in the form that the user's crawler writes, in our own words: what the whole project is for.

`tests/sites/test_mission.py` and `tests/browser/test_mission.py` state what must become of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent

SITE = "https://user.github.io/repo"
PUBLISHED = ("-e", f'SITEURL="{SITE}"', "NEWSARCHIVE_TAG_PAGE_MINIMUM=2")  # four articles share few tags

PHOTO = "https://img.gangbao.example/2022/0727/ferry-1200x800.jpg"
QR_CODE = "https://img.gangbao.example/finance/qr/kaihu-256.png"
RANDOM = "https://picsum.photos/400/300?random=7"

FERRY, SHARES, FLASH, LATER = (
    "财经/北港财经/要闻/北港_渡轮_复航，首日载客两千人.md",
    "财经/北港财经/公司/午盘航运板块走强.md",
    "科技/星桥评论/快讯/星桥天文台今夜开放.md",
    "财经/北港财经/要闻/渡轮加开夜航.md",
)
TITLES = {
    FERRY: "北港“渡轮”复航，首日载客两千人",
    SHARES: "午盘航运板块走强",
    FLASH: "星桥天文台今夜开放",
    LATER: "渡轮加开夜航",
}
CATEGORIES = {
    FERRY: ["财经", "北港财经", "要闻"],
    SHARES: ["财经", "北港财经", "公司"],
    FLASH: ["科技", "星桥评论", "快讯"],
    LATER: ["财经", "北港财经", "要闻"],
}
DATES = {
    FERRY: "2022-07-27T10:31:25+08:00",
    SHARES: "2022-07-26T11:30:00+08:00",
    FLASH: "2021-10-10T11:06:15+08:00",
    LATER: "2022-07-28T08:00:00+08:00",
}

# What surrounds an article and must not be on its page.
JUNK = ("kaihu", "text-align", "新客专享", "责任编辑", "原标题：", "news_keyword_pub", "&#123;", "realstock", "开户")


def write_first_commit(content: Path) -> None:
    """Write the three articles that are there from the beginning."""
    shutil.copytree(HERE / "first", content)


def write_next_commit(content: Path) -> None:
    """Add one more."""
    shutil.copytree(HERE / "next", content, dirs_exist_ok=True)
