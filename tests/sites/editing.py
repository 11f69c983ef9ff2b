"""A small site that is edited at random: what happens to an archive in years, in half a minute.

Everything comes out of a seed, so that a failure can be had again.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pelican

from conftest import PROJECT, Built, article, build_site
from image_factory import Store, animation, jpeg

PUBLICATIONS = {
    ("财经", "晨报"): "澜江两岸灯火与旧时无异，编辑部同人敬上",
    ("财经", "商务周刊"): "本刊每逢周三傍晚在各城书亭与读者见面",
    ("科技", "量子日志"): "量子日志由一群爱拆机器的人手工编成",
    ("国际", "The Harbour Ledger"): "Printed on the quay since the second lighthouse",
}
CHANNELS = ("要闻", "滚动", "深度")
WORDS = (
    "码头 纸船 灯塔 电车 苔藓 菜场 气象 邮差 渡轮 芯片 天文台 面包房 桥梁 剧院 合唱 水文 钟表 花市 茶馆 候鸟".split()
)
DATES = ("2019-03-02", "2019-12-31", "2020-02-29", "2020-07-15", "2021-10-10", "2021-10-11", "2022-01-01", "2022-07-27")
TEMPLATES = (
    "base.html article.html list.html home.html tags.html figures.html page.html search.html"
    " partials/head.html partials/stories.html partials/story.html partials/calendar.html partials/colophon.html"
).split()

MARKS = ("draft: true", "published: false", "status: private", "hidden: true", "password: 123456")

SETTINGS: dict[str, tuple[object, ...]] = {
    "NEWSARCHIVE_PER_PAGE": (5, 7, 50),
    "NEWSARCHIVE_HOME_ARTICLES": (3, 30),
    "NEWSARCHIVE_RELATED_ARTICLES": (0, 1, 3),
    "NEWSARCHIVE_FEED_MAX_ITEMS": (2, 20),
    "NEWSARCHIVE_TAGS_PER_ARTICLE": (0, 2, 6),
    "NEWSARCHIVE_TAG_PAGE_MINIMUM": (1, 2, 3),
    "NEWSARCHIVE_SHARED_IMAGE_MINIMUM": (2, 3),
    "NEWSARCHIVE_IMAGES": ("remote", "local", "local", "local-or-remote"),
    "NEWSARCHIVE_IMAGE_BYTES": (0, 9_000, 14_000),
    "NEWSARCHIVE_SUMMARY_CHARACTERS": (20, 120),
    "NEWSARCHIVE_SEARCH_SHARD_BYTES": (1_024, 16_384),
    "NEWSARCHIVE_MAX_CATEGORY_LEVELS": (1, 2, 6),
    "NEWSARCHIVE_MAX_FILE_BYTES": (1_000, 20_000_000),
    "NEWSARCHIVE_WARN_REMOVED_PERCENT": (1, 60),
    "NEWSARCHIVE_MAX_HTML_DEPTH": (16, 100),
    "NEWSARCHIVE_REMOVE_REPEATED": (False, True),
    "NEWSARCHIVE_ARTICLE_EXTENSIONS": (["md"], ["md", "txt"]),
    "NEWSARCHIVE_LUNR_PATH": ("nowhere.js", str(PROJECT / "node_modules/lunr/lunr.min.js")),
    "SITENAME": ("新闻档案", "别的名字"),
    "SITESUBTITLE": ("", "读得清楚"),
    "SITEURL": ("", "https://archive.example", "https://archive.example/base"),
    "DEFAULT_LANG": ("zh-cn", "en"),
    "TIMEZONE": ("Asia/Shanghai", "America/New_York"),
}


class EditedSite:
    """The site, its settings, and the edits that may befall it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.dice = random.Random(seed)
        self.content, self.theme, self.own = folder / "content", folder / "theme", folder / "own"
        self.settings: dict[str, object] = {
            "SITEURL": "https://archive.example",
            "NEWSARCHIVE_PER_PAGE": 5,
            "NEWSARCHIVE_IMAGES": "local",
        }
        self.store = Store(self.content / "media")
        self.made = 0  # a number for whatever must be distinct: names, times
        self.own.mkdir(parents=True)
        shutil.copytree(PROJECT / "theme", self.theme)
        for _ in range(24):
            self.add_article()
        self.add_page()
        for _ in range(3):
            self.store_image()
        self.write("images/dot.txt", "static\n")

    # --- Building

    def build(self, folder: str = "kept", in_a_process_of_its_own: bool = False) -> Built:
        """Build into `folder`, with the state that is there."""
        work = self.folder / folder
        work.mkdir(exist_ok=True)
        if in_a_process_of_its_own:
            return build_site(self.content, work, *self.options())
        return build_here(self.content, work, *self.options(), 'NEWSARCHIVE_EXECUTOR="serial"')

    def options(self) -> list[str]:
        """Theme and settings, as `pelican` takes them."""
        settings = {"THEME_TEMPLATES_OVERRIDES": [str(self.own)], **self.settings}
        given = [f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
        return ["-t", str(self.theme), "-e", *given]

    # --- Edits

    def edit(self) -> str:
        """One edit of some kind; says what was done."""
        edits: list[Callable[[], str]] = [
            *[self.add_article] * 4,
            *[self.change_article] * 3,
            *[self.delete_article] * 2,
            self.rename_article,
            self.date_article_anew,
            self.categorise_article_anew,
            self.add_duplicate,
            self.delete_duplicate_or_original,
            self.write_rule,
            self.delete_rule,
            *[self.change_setting] * 3,
            self.override_template,
            self.make_template_names_dynamic,
            self.drop_override,
            self.change_catalogue,
            self.change_style,
            self.add_page,
            self.delete_page,
            self.change_static_file,
            self.touch_article,
            self.change_article_within_a_tick,
            self.break_article,
            *[self.withhold_article] * 2,
            self.publish_withheld,
            self.spoil_output,
            *[self.store_image] * 3,
            self.lose_image,
            self.spoil_image,
            self.change_images,
            self.lose_ledger,
            self.add_what_is_no_article,
        ]
        done = ""
        while not done:
            edit = self.dice.choice(edits)
            done = edit() and f"{edit.__name__}: {edit.__doc__}"
        return done

    def add_article(self) -> str:
        """a new article"""
        section = self.dice.choice(list(PUBLICATIONS))
        name = "/".join((*section, self.dice.choice(CHANNELS), f"{self._number()}.md"))
        self.write(name, self._text(section))
        return name

    def change_article(self) -> str:
        """an article is written anew"""
        path = self._an_article()
        self.write(path, self._text(self.dice.choice(list(PUBLICATIONS))))
        return path

    def delete_article(self) -> str:
        """an article is deleted"""
        path = self._an_article()
        (self.content / path).unlink()
        return path

    def rename_article(self) -> str:
        """a file is moved"""
        path = self._an_article()
        (self.content / path).rename(self.content / f"moved-{self._number()}.md")
        return path

    def date_article_anew(self) -> str:
        """an article gets another date, or loses it"""
        return self._replace_line("date: ", lambda: f"date: {self.dice.choice([*DATES, '', 'Tue, 20 Jan 1970'])}")

    def categorise_article_anew(self) -> str:
        """an article goes to another channel, which may be new"""
        return self._replace_line(" - ", lambda: f" - {self.dice.choice(['财经', '科技', '新栏目', '国际'])}")

    def add_duplicate(self) -> str:
        """an article comes through another channel too, dated before or after it"""
        path = self._an_article()
        text = self._read(path)
        lines = [f"date: {self.dice.choice(DATES)}" if line.startswith("date: ") else line for line in text.split("\n")]
        self.write(f"copy-{self._number()}.md", "\n".join(lines).replace(" - 要闻", " - 转载"))
        return path

    def delete_duplicate_or_original(self) -> str:
        """one of two equal articles goes: the page moves to where the other is"""
        bodies: dict[str, list[str]] = {}
        for path in self._articles():
            bodies.setdefault(self._read(path).partition("\n---\n\n")[2], []).append(path)
        pairs = [paths for paths in bodies.values() if len(paths) > 1]
        if pairs:
            (self.content / self.dice.choice(self.dice.choice(pairs))).unlink()
        return "deleted" if pairs else ""

    def write_rule(self) -> str:
        """a rule file is added or changed"""
        (_, source), gone = self.dice.choice(list(PUBLICATIONS)), self.dice.choice(["p.mark", "em", "strong", "p.note"])
        self.write(f"rules/{self.dice.choice('ab')}.toml", f'drop = ["{gone}"]\n\n[match]\nsource = ["{source}"]\n')
        return source

    def delete_rule(self) -> str:
        """a rule file is removed"""
        rules = sorted(self.content.glob("rules/*.toml"))
        if rules:
            self.dice.choice(rules).unlink()
        return "deleted" if rules else ""

    def change_setting(self) -> str:
        """a setting is another"""
        name = self.dice.choice(list(SETTINGS))
        self.settings[name] = self.dice.choice(SETTINGS[name])
        return name

    def override_template(self) -> str:
        """a template of the user's own wins over the theme's"""
        name = self.dice.choice(TEMPLATES)
        self.mark_template(name)
        return name

    def mark_template(self, name: str) -> None:
        """Let a template of the user's own be the theme's with a mark in what it shows."""
        before, end, after = (self.theme / "templates" / name).read_text("utf-8").partition("</")
        self._overwrite(self.own / name, f"{before}<!-- {self._number()} -->{end}{after}")

    def make_template_names_dynamic(self) -> str:
        """a template of the user's own includes, imports and extends by names that are known when it is rendered"""
        name = self.dice.choice(TEMPLATES)
        text = (self.theme / "templates" / name).read_text("utf-8")
        text = re.sub(r'{% extends ("[^"]+") %}', r"{% set layout = \1 %}{% extends layout %}", text)
        text = re.sub(r'{% from ("[^"]+") import', r"{% set macros = \1 %}{% from macros import", text)
        text = re.sub(r'{% include "partials/([^"]+)" %}', r'{% include "partials/" ~ "\1" %}', text)
        text = re.sub(r'(part|fragments)\("partials/', r'\1("partials/" ~ "', text)
        self._overwrite(self.own / name, text)
        return name

    def drop_override(self) -> str:
        """the theme's template is good again"""
        own = sorted(path for path in self.own.rglob("*.html"))
        if own:
            self.dice.choice(own).unlink()
        return "dropped" if own else ""

    def change_catalogue(self) -> str:
        """a word of the interface is translated otherwise"""
        path = self.theme / "translations/zh-CN.po"
        self._overwrite(path, path.read_text("utf-8").replace('msgstr "跳到正文', f'msgstr "跳到正文{self._number()}'))
        return path.name

    def change_style(self) -> str:
        """a file of the theme that pages load is another"""
        path = self.theme / "static/css/site.css"
        self._overwrite(path, f"{path.read_text('utf-8')}/* {self._number()} */\n")
        return path.name

    def add_page(self) -> str:
        """a hand-made page is added"""
        number = self._number()
        self.write(f"pages/{number}.md", f"Title: 关于 {number}\nSave_as: about-{number}.html\n\n**手写**的一页。\n")
        return str(number)

    def delete_page(self) -> str:
        """a hand-made page is removed"""
        pages = sorted(self.content.glob("pages/*.md"))
        if pages:
            self.dice.choice(pages).unlink()
        return "deleted" if pages else ""

    def change_static_file(self) -> str:
        """a static file is changed, added or removed"""
        path = self.content / f"images/{self.dice.choice('abc')}.txt"
        if path.exists() and self.dice.random() < 0.5:
            path.unlink()
        else:
            self.write(f"images/{path.name}", f"static {self._number()}\n")
        return path.name

    def touch_article(self) -> str:
        """a file has another time and the same words"""
        path = self._an_article()
        os.utime(self.content / path)
        return path

    def change_article_within_a_tick(self) -> str:
        """right after a build a file changes, and has the size and the time that it had"""
        path = self.content / self._an_article()
        text = self._read(path.relative_to(self.content).as_posix())
        os.utime(path)
        before = path.stat()
        self.build()
        if time.time_ns() - before.st_mtime_ns > 1_500_000_000:  # the machine was slow, and the tick is over
            return "too late"
        old, new = self.dice.sample(WORDS, 2)
        if len(old) == len(new):
            path.write_text(text.replace(old, new), "utf-8")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return path.name

    def break_article(self) -> str:
        """a file cannot be read, or can again"""
        broken = sorted(path for path in self.content.rglob("*.md") if path.is_symlink())
        if broken and self.dice.random() < 0.7:
            path = self.dice.choice(broken)
            path.unlink()
            path.with_suffix(".hidden").rename(path)
        else:
            path = self.content / self._an_article()
            path.rename(path.with_suffix(".hidden"))
            path.symlink_to(path)  # to itself: unreadable for root too
        return path.name

    def withhold_article(self) -> str:
        """an article becomes a draft, or is locked"""
        path = self._an_article()
        if self.dice.random() < 0.3:
            (self.content / "_drafts").mkdir(exist_ok=True)
            (self.content / path).rename(self.content / f"_drafts/{self._number()}.md")
        else:
            text, mark = self._read(path), self.dice.choice(MARKS)
            self.write(path, text.replace("date: ", f"{mark}\ndate: ", 1))
        return path

    def publish_withheld(self) -> str:
        """what was withheld is published"""
        withheld = [path for path in self._articles() if any(mark in self._read(path) for mark in MARKS)]
        if withheld:
            path = self.dice.choice(withheld)
            lines = [line for line in self._read(path).split("\n") if line not in MARKS]
            self.write(path, "\n".join(lines))
        return "published" if withheld else ""

    def spoil_output(self) -> str:
        """somebody deletes or overwrites a page that a build wrote"""
        page = self.dice.choice(sorted(path for path in (self.folder / "kept/output").rglob("*.html")))
        if self.dice.random() < 0.5:
            page.unlink()
        else:
            page.write_text("somebody else's", "utf-8")
        return page.name

    def store_image(self) -> str:
        """an image is stored, or another at its address, or it is found to be gone"""
        address = f"https://images.example/{self.dice.randrange(6)}.jpg"
        if self.dice.random() < 0.15:
            self.store.miss(address)
            return f"gone: {address}"
        width, height = self.dice.choice([(900, 600), (400, 700), (90, 90), (800, 600)])
        moves = self.dice.random() < 0.2
        seed = self.dice.randrange(4)
        self.store.put(address, animation(width // 4, height // 4) if moves else jpeg(width, height, seed))
        return address

    def lose_image(self) -> str:
        """a stored image's file or its line in the manifest goes"""
        addresses = self.store.addresses()
        if addresses:
            lose = self.dice.choice([self.store.lose, self.store.forget])
            lose(self.dice.choice(addresses))
        return "lost" if addresses else ""

    def spoil_image(self) -> str:
        """the file of a stored image holds something else, of the same size"""
        files = sorted(path for path in self.store.folder.glob("*/*") if path.is_file())
        if files:
            path = self.dice.choice(files)
            path.write_bytes(path.read_bytes()[::-1])
        return "spoilt" if files else ""

    def change_images(self) -> str:
        """pages take images from elsewhere, or no longer, or have other room for them"""
        name = self.dice.choice(["NEWSARCHIVE_IMAGES", "NEWSARCHIVE_IMAGE_BYTES"])
        self.settings[name] = self.dice.choice(SETTINGS[name])
        return f"{name} = {self.settings[name]}"

    def lose_ledger(self) -> str:
        """the ledger is deleted"""
        (self.folder / "kept/cache/ledger.jsonl").unlink()
        return "lost"

    def add_what_is_no_article(self) -> str:
        """files that are empty, in another encoding, or of another kind"""
        number, kind = self._number(), self.dice.choice(["empty.md", "notes.docx", "more.txt", "gb.md"])
        data = b"" if kind == "empty.md" else self._text(("财经", "晨报")).encode("gb18030")
        (self.content / f"{number}-{kind}").write_bytes(data)
        return kind

    # --- Texts and files

    def write(self, name: str, text: str) -> None:
        """A file of the content folder. Most have an old time, as files have that nobody changed for long."""
        path = self.content / name
        self._overwrite(path, text)
        if self.dice.random() < 0.8:
            os.utime(path, (1_600_000_000 + self.made, 1_600_000_000 + self.made))

    def _overwrite(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        self._number()

    def _number(self) -> int:
        self.made += 1
        return self.made

    def _articles(self) -> list[str]:
        files = (path for path in self.content.rglob("*.md") if not path.is_symlink())
        names = sorted(path.relative_to(self.content).as_posix() for path in files)
        return [name for name in names if not name.startswith("pages/")]

    def _an_article(self) -> str:
        articles = self._articles()
        return self.dice.choice(articles) if articles else self.add_article()

    def _read(self, name: str) -> str:
        return (self.content / name).read_bytes().decode("utf-8", "replace")

    def _replace_line(self, start: str, make: Callable[[], str]) -> str:
        path = self._an_article()
        lines = self._read(path).split("\n")
        places = [place for place, line in enumerate(lines) if line.startswith(start)]
        if places:
            lines[self.dice.choice(places)] = make()
            self.write(path, "\n".join(lines))
        return path

    def _text(self, section: tuple[str, str]) -> str:
        """An article in the scraped format, with some of the junk and tags that such files have."""
        dice, number = self.dice, self._number()
        one, two, three = dice.sample(WORDS, 3)
        image = dice.choice(["", f'<p><img src="https://images.example/{dice.randrange(6)}.jpg" width="640"></p>'])
        body = [f'<p class="mark">{one}之前的一行</p>'] * dice.randrange(2)
        body += [image, f"<p>{one}的{two}在第 {number} 天重新开张，<em>{three}</em>旁边围满了人。</p>"]
        body += [f"<h3>{three}</h3>"] * dice.randrange(2)
        body += [f"<p>有人说{two}从来没有这样安静过，也有人说{one}该修了。</p>" for _ in range(dice.randrange(4))]
        body += [f"<p>{PUBLICATIONS[section]}</p>"] * (dice.random() < 0.6)
        body += ['<p class="note">扫描二维码关注我们</p>'] * dice.randrange(2)
        channel, date = dice.choice(CHANNELS), dice.choice([*DATES, "", f"2021-10-{dice.randrange(1, 28):02} 08:00:00"])
        text = article(f"{one}与{two}的{three} {number}", "\n".join(body), (*section, channel), date)
        tags = dice.sample(WORDS[:6], dice.randrange(3))
        return text.replace("comments: false", "".join(["tags:\n", *(f" - {tag}\n" for tag in tags)]).rstrip("\n"))


def build_here(content: Path, work: Path, *options: str) -> Built:
    """As `conftest.build_site`, in this process, by the function that the `pelican` command calls."""
    output, cache = work / "output", work / "cache"
    arguments = [str(content), "-s", str(PROJECT / "pelicanconf.py"), "-o", str(output), "--cache-path", str(cache)]
    exit_code: object = 0
    on_interrupt = signal.getsignal(signal.SIGINT)  # a build sets its own
    with contextlib.chdir(work):
        try:
            pelican.main([*arguments, "--log-handler", "plain", *options])
        except SystemExit as left:
            exit_code = left.code
        finally:
            signal.signal(signal.SIGINT, on_interrupt)
    return Built(content, output, cache, exit_code if isinstance(exit_code, int) else 1, "")
