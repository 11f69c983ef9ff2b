"""Generate a corpus of any size: scraped articles with invented text and boilerplate, the same in every run.

Article N depends on N alone, so 10,000 articles are the first 10,000 of 30,000. Each has about 1,500 characters of
text. There are 56 sources in 8 sections and 40 articles a day; every twentieth also comes through a second channel.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

SECTIONS = "财经 科技 国际 文化 体育 社会 健康 旅行".split()
SOURCES = {
    section: [f"{section}{name}" for name in "晨报 周刊 日志 论坛 通讯 观察 电台".split()] for section in SECTIONS
}
CHANNELS = "要闻 滚动 深度 评论 图片".split()
PLACES = "北港 青岚 澜江 望海 云顶 石桥 松岭 白鹭洲 南渡 镜湖 柳湾 雁山".split()
THINGS = (
    "渡轮 灯塔 图书馆 天文台 电车 菜场 造船厂 气象站 剧院 合唱团 茶馆 花市 邮局 面包房 苔藓园 钟楼 水文站 候鸟 芯片"
    " 机器人 望远镜 缆车 纸船 石磨 蜂箱 胶片 陶窑 地铁 桥梁 温室"
).split()
PEOPLE = "林知夏 周望 沈砚秋 顾北 宋青禾 江小帆 许澄 叶闻笛 陆一苇 何春山".split()
DEEDS = "开放 停运 复航 翻修 搬迁 验收 试行 涨价 降价 招募志愿者 公布年报 举行展览 更换设备 延长时间".split()
SENTENCES = (
    "{place}的{thing}从{month}月起{deed}，{person}说这件事和{word}有关，准备了{count}年。",
    "到场的居民大约有{count}人，其中一半是带着孩子来的。",
    "{person}在记录里写道，{thing}与{other}之间的距离只有{count}步，却隔着两种生活。",
    "按照{word}计划，{other}将在{count}天之后{deed}，费用由{place}与{place2}分担。",
    "有人担心{thing}太吵，也有人觉得没有它的夜晚太安静。",
    "去年同期，{word}一带的{other}只有{count}处，今年增加了不少，维护的人手却没有变。",
    "The {count} visitors of the first week left notes in a book that {person} keeps by the door.",
    "“只要{thing}还在，我就会继续来。”{person}对记者说，随后把伞收进了柜子。",
)
# What surrounds the text: counters, lazy images, hidden blocks, links to everywhere.
JUNK = (
    '<div class="share-bar"><a href="javascript:;">分享</a> <span>赞 {count}</span> <span>收藏</span></div>',
    '<div style="display:none">关键词 {thing} {other}</div>',
    '<p style="text-align:center;color:#888"><img data-src="https://pic.example/{number}.jpg" src="https://pic.example/blank.gif"'
    ' width="640" height="360"></p>',
    '<p><span style="font-size:12px">（责任编辑：{person}）</span></p>',
    '<div class="related"><h4>相关阅读</h4><ul><li><a href="https://news.example/{count}">{place}{thing}的另一条消息</a></li>'
    '<li><a href="https://news.example/{number}">{other}旧闻</a></li></ul></div>',
    "<script>var counter = {number};</script>",
    '<p><a href="https://news.example/original/{number}">阅读原文</a></p>',
)
# The 3,755 characters that GB 2312 puts first, for words that are rare: they are what makes an index large.
HAN = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
HAN = [character for character in HAN if character]
FIRST = datetime(2021, 1, 1, 7)


def write_corpus(folder: Path, count: int, first: int = 0) -> None:
    """Write `count` articles, from number `first`, below `folder`."""
    for number in range(first, first + count):
        name, text = scraped_article(number)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if number % 20 == 19:
            channel = path.parent.name
            path.with_name(f"又见-{path.name}").write_text(text.replace(f" - {channel}\n", " - 转载\n"), "utf-8")


def scraped_article(number: int) -> tuple[str, str]:
    """Return (path, text of the file) of an article."""
    dice = random.Random(number)
    section = dice.choice(SECTIONS)
    source, channel = dice.choice(SOURCES[section]), dice.choice(CHANNELS)
    title = f"{dice.choice(PLACES)}{dice.choice(THINGS)}{dice.choice(DEEDS)}：第{number}号记录"
    moment = FIRST + timedelta(minutes=36 * number)
    sentences = [_filled(sentence, dice, number) for sentence in dice.choices(SENTENCES, k=40)]
    paragraphs = [f"<p>{''.join(sentences[at : at + 5])}</p>" for at in range(0, 40, 5)]
    paragraphs.insert(4, f"<p><strong>{dice.choice(THINGS)}的背后</strong></p>")
    head, *tail = (_filled(junk, dice, number) for junk in dice.sample(JUNK, 4))
    body = "\n".join([head, *paragraphs, *tail, f"<p>{source}客户端每日更新，欢迎带着问题来编辑部喝茶</p>"])
    front = (
        f"\n---\ntitle: '{title}'\ncategories: \n - {section}\n - {source}\n - {channel}\nauthor: {source}\n"
        f"comments: false\ndate: {moment:%Y-%m-%d %H:%M:%S}\nthumbnail: 'https://pic.example/{number}.jpg'\n---\n\n"
    )
    return f"{section}/{source}/{channel}/{title}.md", f"{front}<div>   \n{body}\n</div>\n            \n"


def _filled(text: str, dice: random.Random, number: int) -> str:
    place, place2 = dice.sample(PLACES, 2)
    thing, other = dice.sample(THINGS, 2)
    values = {"place": place, "place2": place2, "thing": thing, "other": other, "number": number}
    values |= {"person": dice.choice(PEOPLE), "deed": dice.choice(DEEDS)}
    values |= {"word": "".join(dice.sample(HAN, 2))}
    return text.format(**values, month=dice.randrange(1, 13), count=dice.randrange(3, 900))
