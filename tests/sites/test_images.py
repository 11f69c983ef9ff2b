"""A site with images of its own."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from conftest import Built, article, build_site
from image_factory import Store, animation, jpeg
from newsarchive.verify import verify_site

FERRY, LAMP, GONE = (f"https://images.example/{name}" for name in ("ferry.jpg", "lamp.gif", "gone.jpg"))
SITEURL = 'SITEURL="https://archive.example/base"'


def write_article(content: Path, name: str, *addresses: str, text: str = "渡轮在雨里靠岸，灯塔亮了一整夜。") -> None:
    images = "".join(f'<p><img src="{address}" width="1600" alt="{name}"></p>' for address in addresses)
    content.mkdir(parents=True, exist_ok=True)
    (content / f"{name}.md").write_text(article(name, f"<p>{name}{text}</p>{images}"), "utf-8")


def settings(images: str, *more: str) -> list[str]:
    return ["-e", f"NEWSARCHIVE_IMAGES={json.dumps(images)}", SITEURL, 'NEWSARCHIVE_EXECUTOR="serial"', *more]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles: two images that are stored, one of them moving; one that is gone; none."""
    content = tmp_path_factory.mktemp("images") / "content"
    write_article(content, "甲", FERRY, LAMP)
    write_article(content, "乙", GONE)
    write_article(content, "丙")
    store = Store(content / "media")
    store.put(FERRY, jpeg(1600, 1000, 1))
    store.put(LAMP, animation(400, 300))
    store.miss(GONE)
    return content


@pytest.fixture(scope="module")
def local(content: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site that shows what is stored, and nothing else."""
    built = build_site(content, tmp_path_factory.mktemp("local"), *settings("local"))
    assert built.exit_code == 0, built.said
    return built


def test_pages_of_a_local_site_name_no_image_of_another_host(local: Built) -> None:
    pages = {path: data.decode() for path, data in local.tree().items() if path.endswith(".html")}

    for path, page in pages.items():
        assert not re.search(r'<img[^>]*\s(?:src|srcset)="[^"]*//', page), path
        assert "img-src 'self' data:; " in page, path


def test_every_file_that_a_page_names_is_there_and_no_other(local: Built) -> None:
    tree = local.tree()
    named = {
        file
        for path, data in tree.items()
        if path.endswith(".html")
        for file in re.findall(r"(?:\.\./|\")(images/[0-9a-f]{2}/[^\" ]+)", data.decode())
    }

    made = {path for path in tree if path.startswith("images/")}
    assert named <= made
    # A card is small and a fine screen is large; what stands between may be chosen by a browser alone.
    assert {path.rpartition("-")[2] for path in made} == {"320.webp", "720.webp", "1280.webp", "moving.webp"}


def test_heads_feeds_and_cards_have_files_of_the_site(local: Built) -> None:
    tree, page = local.tree(), local.page("甲.md")

    (item,) = [item for item in json.loads(tree["feed.json"])["items"] if item["title"] == "甲"]
    assert re.search(r'og:image" content="https://archive\.example/base/images/../\w+-1280\.webp"', page)
    assert re.fullmatch(r"https://archive\.example/base/images/../\w+-720\.webp", item["image"])
    assert item["content_html"].count('<img src="https://archive.example/base/images/') == 2
    assert re.search(r'class="thumb r\d g\d b\d" src="[./]*images/../\w+-320\.webp"', _lists(tree))
    assert b"images.example/ferry" not in tree["feed.xml"]


def _lists(tree: dict[str, bytes]) -> str:
    return "".join(data.decode() for path, data in tree.items() if path.endswith("index.html"))


def test_a_image_that_is_gone_says_where_it_was(local: Built) -> None:
    assert f'<a href="https://web.archive.org/web/20211010/{GONE}">{GONE}</a></span>' in local.body("乙.md")
    assert "这张图片没有存档" in local.body("乙.md")


def test_the_ledger_names_the_file_of_every_image(local: Built) -> None:
    images = {source: row["images"] for source, row in local.ledger.items()}

    assert list(images["甲.md"]) == [FERRY, LAMP]
    assert all((local.output / path).is_file() for path in images["甲.md"].values())
    assert images["乙.md"] == {GONE: ""}
    assert images["丙.md"] == {}


def test_the_build_says_how_many_images_are_here(local: Built) -> None:
    assert "images: 2 of 3 are here" in local.said


def test_a_site_whose_others_are_shown_names_them_where_they_are(content: Path, tmp_path: Path) -> None:
    built = build_site(content, tmp_path, *settings("local-or-remote"))

    assert f'src="{GONE}"' in built.body("乙.md")
    assert "images/" in built.body("甲.md")
    assert "img-src 'self' data: https:;" in built.page("甲.md")


def test_a_site_without_the_setting_is_what_it_always_was(content: Path, tmp_path: Path) -> None:
    for folder in ("a", "b", "bare"):
        (tmp_path / folder).mkdir()
    for path in content.glob("*.md"):
        (tmp_path / "bare" / path.name).write_bytes(path.read_bytes())

    with_store = build_site(content, tmp_path / "a", *settings("remote"))
    without = build_site(tmp_path / "bare", tmp_path / "b", *settings("remote"))

    assert with_store.tree() == without.tree()
    assert not (with_store.cache / "images.sqlite").exists()


def test_processes_make_the_same_images(tmp_path: Path) -> None:
    content, store = tmp_path / "content", Store(tmp_path / "content/media")
    for number in range(12):  # enough for several tasks
        write_article(content, f"第{number}篇", f"https://images.example/{number}.jpg")
        store.put(f"https://images.example/{number}.jpg", jpeg(500, 300, number))
    for folder in ("one", "many"):
        (tmp_path / folder).mkdir()

    one = build_site(content, tmp_path / "one", *settings("local"))
    many = build_site(content, tmp_path / "many", *settings("local"), environment={"NEWSARCHIVE_EXECUTOR": "processes"})

    assert len([path for path in one.tree() if path.startswith("images/")]) == 24
    assert many.tree() == one.tree()


def test_a_image_that_comes_changes_the_pages_that_show_it_and_no_other(tmp_path: Path) -> None:
    content, store = tmp_path / "content", Store(tmp_path / "content/media")
    for number in range(6):
        write_article(content, f"第{number}篇", f"https://images.example/{number}.jpg")
    store.put("https://images.example/0.jpg", jpeg(900, 600, 0))
    before = build_site(content, tmp_path, *settings("local"))
    times = {path: (before.output / path).stat().st_mtime_ns for path in before.tree()}
    body = before.ledger["第3篇.md"]["url"]

    store.put("https://images.example/3.jpg", jpeg(900, 600, 3))
    after = build_site(content, tmp_path, *settings("local"))

    touched = {path for path in after.tree() if (after.output / path).stat().st_mtime_ns != times.get(path)}
    pages = {path for path in touched if path.endswith(".html")}
    naming = {path for path, data in after.tree().items() if path.endswith(".html") and body in data.decode()}
    assert body in pages
    assert {path for path in pages if re.search(r"/\w{16}\.html$", path)} == {body}
    assert all("images/" in after.tree()[path].decode() for path in pages)
    assert naming  # lists with the new lead image
    assert {path.rpartition("-")[2] for path in touched if path.startswith("images/")} == {"320.webp", "900.webp"}


def test_what_a_source_shows_under_everything_goes_by_its_look_at_whatever_address(tmp_path: Path) -> None:
    content, store = tmp_path / "content", Store(tmp_path / "content/media")
    for number in range(4):
        own, promoted = (f"https://images.example/{name}-{number}.jpg" for name in ("own", "promoted"))
        write_article(content, f"第{number}篇", promoted, own)
        store.put(own, jpeg(600, 400, number))
        store.put(promoted, jpeg(600, 400, 7, comment=f"{number}".encode()))

    sources = [f"第{number}篇.md" for number in range(4)]
    known = build_site(content, tmp_path, *settings("local"))
    shown = [known.body(source).count("<img") for source in sources]
    told = (known.cache / "ledger.jsonl").read_text("utf-8")
    for number in range(2):
        store.forget(f"https://images.example/promoted-{number}.jpg")
    forgotten = build_site(content, tmp_path, *settings("local"))

    assert shown == [1, 1, 1, 1]
    assert "promoted" not in told
    # What is known of two is no habit.
    assert [forgotten.body(source).count("<img") for source in sources] == [1, 1, 2, 2]
    assert "promoted-0.jpg" in forgotten.body(sources[0])


def test_a_code_stands_for_no_article(tmp_path: Path) -> None:
    content, store = tmp_path / "content", Store(tmp_path / "content/media")
    write_article(content, "甲", FERRY, LAMP)
    store.put(FERRY, jpeg(600, 600, 1), code=60)
    store.put(LAMP, jpeg(900, 600, 2))

    built = build_site(content, tmp_path, *settings("local"))

    lead = re.search(r'og:image" content="[^"]*/(\w+)-900\.webp"', built.page("甲.md"))
    assert lead
    assert lead[1] in built.ledger["甲.md"]["images"][LAMP]


def test_a_image_that_only_the_front_matter_names_stands_above_the_text(tmp_path: Path) -> None:
    content = tmp_path / "content"
    write_article(content, "甲")
    path = content / "甲.md"
    path.write_text(path.read_text("utf-8").replace("comments: false", f"thumbnail: {FERRY}"), "utf-8")
    Store(content / "media").put(FERRY, jpeg(1600, 1000, 1))

    built = build_site(content, tmp_path, *settings("local"))

    (figure,) = re.findall(r'<figure class="lead"><img ([^>]*)>', built.page("甲.md"))
    assert re.search(r'srcset="[^"]*-320\.webp 320w, [^"]*-720\.webp 720w, [^"]*-1280\.webp 1280w"', figure)
    assert re.search(r' src="\.\./\.\./\.\./images/../\w+-720\.webp"', figure)
    assert 'width="1280" height="800"' in figure
    assert list(verify_site(built.output).diagnostics) == []


def test_without_the_extra_the_setting_stops_the_build_and_says_what_to_install(content: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    hook = """
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "PIL" else find(name, package)
"""
    (hidden / "sitecustomize.py").write_text(hook, "utf-8")
    path = os.pathsep.join([str(hidden), *sys.path[1:]])

    built = build_site(content, tmp_path, *settings("local"), environment={"PYTHONPATH": path})

    assert built.exit_code == 1
    assert "NEWSARCHIVE_IMAGES: 'local': Pillow is not installed" in built.said
    assert 'pip install "newsarchive[images]"' in built.said
    assert not built.output.exists()


@pytest.mark.parametrize("wrong", ["always", ""])
def test_another_setting_is_refused(content: Path, tmp_path: Path, wrong: str) -> None:
    built = build_site(content, tmp_path, *settings(wrong))

    assert built.exit_code == 1
    assert "is not 'remote', 'local' or 'local-or-remote'" in built.said


def test_a_image_file_that_somebody_deletes_comes_back(local: Built) -> None:
    path = next(path for path in local.tree() if path.startswith("images/"))
    data = (local.output / path).read_bytes()
    (local.output / path).unlink()

    again = build_site(local.content, local.output.parent, *settings("local"))

    assert (again.output / path).read_bytes() == data


def test_verify_finds_nothing_wrong_and_a_image_from_elsewhere_if_there_is_one(local: Built, tmp_path: Path) -> None:
    assert list(verify_site(local.output).diagnostics) == []
    page = local.output / local.ledger["丙.md"]["url"]
    good = page.read_text("utf-8")
    page.write_text(good.replace("</p>", f'</p><img src="{GONE}" alt="">', 1), "utf-8")

    (diagnostic,) = verify_site(local.output).diagnostics
    page.write_text(good, "utf-8")

    assert diagnostic.code == "outside"
    assert GONE in diagnostic.message
