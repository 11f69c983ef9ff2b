"""Faults planted in a good site: each is found, named in its place, and nothing else is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import article, build_site, write_files
from newsarchive.commands.main import main
from newsarchive.verify import Budgets, verify_site

SITE = "https://archive.example/repo"


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny published site."""
    work = tmp_path_factory.mktemp("good")
    texts = "".join(
        f"-- {name}.md --\n{article(name, f'<h3>其一</h3><p>{name}的正文。</p><h3>其二</h3><p>{name}的又一段。</p>')}"
        for name in ("甲", "乙", "丙")
    )
    built = build_site(write_files(work / "content", texts), work, "-e", f'SITEURL="{SITE}"')
    assert built.exit_code == 0, built.said
    return built.output


@pytest.fixture
def output(good: Path, tmp_path: Path) -> Path:
    """A copy to plant faults in."""
    return Path(shutil.copytree(good, tmp_path / "output"))


def an_article(output: Path) -> Path:
    """The first page that holds an article."""
    return min(page for page in output.glob("2021/10/10/*.html") if page.name != "index.html")


def edit(path: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = path.read_text("utf-8")
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def in_text(html: str) -> Callable[[Path], None]:
    """Put something into the main part of an article's page."""
    return lambda output: edit(an_article(output), '<main id="main">', f'<main id="main">{html}')


def in_head(html: str) -> Callable[[Path], None]:
    """Put something at the end of an article's head."""
    return lambda output: edit(an_article(output), "</head>", f"{html}</head>")


def on(path: str, old: str, new: str) -> Callable[[Path], None]:
    """Change one place of any file."""
    return lambda output: edit(output / path, old, new)


def in_policy(old: str, new: str) -> Callable[[Path], None]:
    """Change an article's policy."""
    return lambda output: edit(an_article(output), old, new)


def new_file(path: str, text: str = "x") -> Callable[[Path], None]:
    """Put a file there."""

    def write(output: Path) -> None:
        (output / path).parent.mkdir(exist_ok=True)
        (output / path).write_text(text, "utf-8")

    return write


def drop(glob: str) -> Callable[[Path], None]:
    """Delete the first file of a kind."""
    return lambda output: min(output.glob(glob)).unlink()


def move_policy_down(output: Path) -> None:
    """A policy that comes too late."""
    page = an_article(output)
    text = page.read_text("utf-8")
    policy = text[text.index('<meta http-equiv="Content') : text.index('<meta name="viewport"')]
    page.write_text(text.replace(policy, "").replace("</head>", f"{policy}</head>"), "utf-8")


def take_policy_out(output: Path) -> None:
    """A page without one."""
    page = an_article(output)
    text = page.read_text("utf-8")
    begin = text.index('<meta http-equiv="Content')
    page.write_text(text[:begin] + text[text.index('<meta name="viewport"') :], "utf-8")


def loop(output: Path) -> None:
    """A symbolic link."""
    (output / "link.html").symlink_to("index.html")


def add_dead_entry(output: Path) -> None:
    """A feed that names an article which is gone."""
    edit(output / "feed.xml", "/2021/10/10/", "/2021/10/11/")


def forget_article_in_catalogue(output: Path) -> None:
    """A line too few."""
    lines = (output / "catalog.jsonl").read_text("utf-8").splitlines(keepends=True)
    (output / "catalog.jsonl").write_text("".join(lines[1:]), "utf-8")


def mix_builds(output: Path) -> None:
    """A file of the search that another build wrote."""
    shard = min(output.glob("search/*/terms-0.js"))
    text = shard.read_text("utf-8")
    begin = text.index('"') + 1
    shard.write_text(f"{text[:begin]}000000000000{text[begin + 12 :]}", "utf-8")


def add_shard(output: Path) -> None:
    """A file of terms that the manifest does not know of."""
    shard = min(output.glob("search/*/terms-0.js"))
    shutil.copy(shard, shard.with_name("terms-99.js"))


def break_bytes(output: Path) -> None:
    """A page in another encoding."""
    an_article(output).write_bytes(an_article(output).read_bytes() + "<!-- 甲 -->".encode("gb18030"))


def search_elsewhere(output: Path) -> None:
    """An index whose documents are not those of the catalogue."""
    chunk = min(output.glob("search/*/documents-0.js"))
    edit(chunk, "2021/10/10/", "2021/10/12/")


def take_title_out(output: Path) -> None:
    """An entry of a feed whose title is called a name."""
    text = (output / "feed.xml").read_text("utf-8")
    begin = text.index("<title>", text.index("<entry>"))
    end = text.index("</title>", begin)
    changed = f"{text[:begin]}<name>{text[begin + 7 : end]}</name>{text[end + 8 :]}"
    (output / "feed.xml").write_text(changed, "utf-8")


# name: (what is done to the site, the kind of problem, where, what is said)
FAULTS: dict[str, tuple[Callable[[Path], None], str, str, str]] = {
    "a link to a page that is not there": (in_text('<a href="none.html">x</a>'), "link", ".html", "leads to no file"),
    "a link in other letters than the file": (
        in_text('<a href="../../../Index.html">x</a>'),
        "link",
        ".html",
        "is written index.html",
    ),
    "a link to a place the page does not have": (in_text('<a href="#none">x</a>'), "link", ".html", "no such id"),
    "a link to a place another page does not have": (
        in_text('<a href="../../../index.html#none">x</a>'),
        "link",
        ".html",
        "index.html#none: the page has no such id",
    ),
    "a link to a folder": (in_text('<a href="../../../tags/">x</a>'), "link", ".html", "leads to a folder"),
    "a link from the root": (in_text('<a href="/index.html">x</a>'), "link", ".html", "begins at the root"),
    "a link out of the site": (in_text('<a href="../../../../x.html">x</a>'), "link", ".html", "leads out of the site"),
    "a link that names the site's address": (
        in_text(f'<a href="{SITE}/index.html">x</a>'),
        "link",
        ".html",
        "which a copy on disk does not have",
    ),
    "a link that runs script": (in_text('<a href="javascript:alert(1)">x</a>'), "link", ".html", "not an address"),
    "a link without a scheme": (in_text('<a href="//example.com/x">x</a>'), "link", ".html", "has no scheme"),
    "a link that the error page cannot follow": (on("404.html", "/index.html", "/home.html"), "link", "404", "no file"),
    "a canonical link to another page": (
        lambda output: edit(an_article(output), f'href="{SITE}/2021', f'href="{SITE}/2020'),
        "link",
        ".html",
        "its canonical link is",
    ),
    "an image that is not there": (in_text('<img src="none.png" alt="">'), "link", ".html", "<img> none.png"),
    "an image without encryption": (
        in_text('<img src="http://example.com/x.png" alt="">'),
        "outside",
        ".html",
        "is loaded from another site",
    ),
    "a script from elsewhere": (in_head('<script src="https://cdn.example/x.js"></script>'), "outside", ".html", "cdn"),
    "a style sheet from elsewhere": (
        in_head('<link rel="stylesheet" href="https://cdn.example/x.css">'),
        "outside",
        ".html",
        "<link> https://cdn.example/x.css",
    ),
    "a frame from elsewhere": (in_text('<iframe src="https://video.example/1"></iframe>'), "outside", ".html", "video"),
    "a font that a style sheet fetches": (
        on("theme/css/site.css", "{", "{background:url(https://fonts.example/a.woff2);"),
        "outside",
        "theme/css/site.css",
        "https://fonts.example/a.woff2 is loaded from another site",
    ),
    "a page that sends its reader away": (
        in_head('<meta http-equiv="refresh" content="0;url=https://example.com/">'),
        "outside",
        ".html",
        "redirects its reader",
    ),
    "a base for all links": (in_head('<base href="index.html">'), "page", ".html", "<base>"),
    "a page in another encoding": (break_bytes, "page", ".html", "is not UTF-8"),
    "a page without a policy": (take_policy_out, "policy", ".html", "0 content security policies"),
    "a policy that comes too late": (move_policy_down, "policy", ".html", "comes after"),
    "a policy that lets inline script run": (
        in_policy("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        "policy",
        ".html",
        "script-src is 'self' 'unsafe-inline'",
    ),
    "a policy that lets another host in": (
        in_policy("connect-src 'self'", "connect-src 'self' https://stats.example"),
        "policy",
        ".html",
        "connect-src allows https://stats.example",
    ),
    "an inline script": (in_text("<script>alert(1)</script>"), "inline", ".html", "inline script: alert(1)"),
    "an inline style sheet": (in_head("<style>p{color:red}</style>"), "inline", ".html", "inline style sheet"),
    "an inline style": (in_text('<p style="color:red">x</p>'), "inline", ".html", "inline style"),
    "a page within the page": (in_text('<iframe srcdoc="x"></iframe>'), "inline", ".html", "inline page"),
    "a drawing from elsewhere": (
        in_text('<svg><use xlink:href="https://cdn.example/x.svg#a"/></svg>'),
        "outside",
        ".html",
        "<use> https://cdn.example/x.svg#a is loaded from another site",
    ),
    "an inline handler": (in_text('<p onclick="alert(1)">x</p>'), "inline", ".html", "inline handler: <p onclick>"),
    "JSON-LD that is no JSON": (
        lambda output: edit(an_article(output), '{"@context"', '{"@context'),
        "data",
        ".html",
        "JSON-LD cannot be read",
    ),
    "JSON-LD that does not say of what": (
        lambda output: edit(an_article(output), '"@type":"NewsArticle"', '"type":"NewsArticle"'),
        "data",
        ".html",
        "does not say what it describes",
    ),
    "a feed that is not well-formed": (on("feed.xml", "</feed>", ""), "feed", "feed.xml", "is not well-formed"),
    "a feed with entities of its own": (
        on("feed.xml", "?>", '?><!DOCTYPE feed [<!ENTITY a "a">]>'),
        "feed",
        "feed.xml",
        "it has a DOCTYPE",
    ),
    "a feed that lacks an entry's title": (
        take_title_out,
        "feed",
        "feed.xml",
        "<entry> needs exactly one <title>",
    ),
    "a feed of an article that is gone": (add_dead_entry, "feed", "feed.xml", "leads to no file"),
    "a JSON feed that is cut off": (on("feed.json", '"items": [', '"items": '), "feed", "feed.json", "not a JSON Feed"),
    "a site whose feed is missing": (
        lambda output: (output / "feed.json").unlink(),
        "feed",
        "feed.json",
        "is missing",
    ),
    "a sitemap that lacks a page": (
        on("sitemap.xml", f"<url><loc>{SITE}/index.html</loc></url>", ""),
        "sitemap",
        "index.html",
        "is not in the sitemap",
    ),
    "a sitemap of a page that is gone": (
        on("sitemap.xml", "<url>", f"<url><loc>{SITE}/gone.html</loc></url><url>"),
        "sitemap",
        "sitemap.xml",
        "gone.html leads to no file",
    ),
    "a sitemap of another site": (
        on("sitemap.xml", "<url>", "<url><loc>https://other.example/x.html</loc></url><url>"),
        "sitemap",
        "sitemap.xml",
        "is not an address of the site",
    ),
    "a catalogue that lacks an article": (forget_article_in_catalogue, "catalogue", ".html", "not in the catalogue"),
    "a catalogue that is no JSON": (
        on("catalog.jsonl", "{", "{{"),
        "catalogue",
        "catalog.jsonl:1",
        "not a JSON object",
    ),
    "two files that differ in capitals alone": (new_file("Index.html"), "name", "index.html", "the same as Index.html"),
    "a file that is hidden": (new_file(".secret"), "name", ".secret", "begins with a dot"),
    "a name that Windows keeps": (new_file("images/aux.txt"), "name", "images/aux.txt", "Windows reserves the name"),
    "a name that Windows refuses": (new_file("images/a:b.txt"), "name", "images/a:b.txt", "Windows rejects the name"),
    "a name that GitHub Pages leaves out": (new_file("_drafts/a.txt"), "name", "_drafts/a.txt", "begins with _"),
    "a symbolic link": (loop, "name", "link.html", "a symbolic link"),
    "a path too long for Windows": (new_file(f"images/{'x' * 240}"), "name", "images/", "longer than 240"),
    "a shard of the search that is missing": (
        drop("search/*/terms-*.js"),
        "search",
        "search/",
        "no such file",
    ),
    "a shard of another build": (mix_builds, "search", "search/", "not of the same build"),
    "a shard too many": (add_shard, "search", "search/", "where the manifest lists"),
    "an index that an older build left": (new_file("search/older/terms-0.js"), "search", "search/older", "older build"),
    "an index without a manifest": (drop("search/manifest.js"), "search", "search/manifest.js", "is missing"),
    "a search that leads elsewhere": (search_elsewhere, "search", "", "not in the catalogue"),
}


def test_a_good_site_passes(good: Path) -> None:
    verdict = verify_site(good)

    assert verdict.diagnostics == []
    assert verdict.articles == 3
    assert verdict.pages > 10


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_in_its_place(output: Path, name: str) -> None:
    plant, kind, place, said = FAULTS[name]

    plant(output)

    diagnostics = verify_site(output).diagnostics
    hits = [each for each in diagnostics if each.code == kind and place in each.location and said in each.message]
    assert hits, [str(each) for each in diagnostics]
    assert all(each.hint for each in diagnostics)


@pytest.mark.parametrize("budget", ["page", "index", "site"])
def test_what_is_over_its_budget_is_told(good: Path, budget: str) -> None:
    diagnostics = verify_site(good, Budgets(**{budget: 1_000})).diagnostics

    assert {each.code for each in diagnostics} == {"size"}
    assert all("over the budget of 1,000" in each.message for each in diagnostics)


def test_a_fault_costs_no_other_page_its_good_name(output: Path) -> None:
    in_text('<a href="none.html">x</a>')(output)

    diagnostics = verify_site(output).diagnostics

    assert [(each.code, each.location) for each in diagnostics] == [
        ("link", an_article(output).relative_to(output).as_posix())
    ]


@pytest.mark.slow
def test_a_script_of_ones_own_is_no_fault(tmp_path: Path) -> None:
    write_files(
        tmp_path / "mine/partials", '-- head.html --\n<script defer src="{{ root }}images/count.js"></script>\n'
    )
    content = write_files(
        tmp_path / "content", f"-- a.md --\n{article('甲', '<p>正文。</p>')}-- images/count.js --\n1\n"
    )

    built = build_site(content, tmp_path, "-e", f'THEME_TEMPLATES_OVERRIDES=["{tmp_path / "mine"}"]')

    assert "images/count.js" in built.page("a.md")
    assert verify_site(built.output).diagnostics == []


def test_a_host_that_is_allowed_may_be_asked(output: Path) -> None:
    page = an_article(output)
    edit(page, "script-src 'self'", "script-src 'self' https://stats.example")
    edit(page, "</head>", '<script src="https://stats.example/count.js"></script></head>')

    assert verify_site(output).diagnostics
    assert verify_site(output, allowed_hosts=["stats.example"]).diagnostics == []


def test_a_file_that_is_no_page_of_the_archive_can_be_left_out(output: Path) -> None:
    (output / "google12ab.html").write_text("google-site-verification: google12ab.html", "utf-8")

    assert verify_site(output).diagnostics
    assert verify_site(output, skipped=["google*.html"]).diagnostics == []


def test_several_processes_find_what_one_finds(good: Path, output: Path) -> None:
    for number in range(450):
        shutil.copy(good / "offline.html", output / f"{number}.html")
    in_text('<a href="none.html">x</a>')(output)

    assert verify_site(output, workers=2).diagnostics == verify_site(output, workers=1).diagnostics != []


@pytest.mark.slow
def test_a_site_without_an_address_needs_no_feeds_and_no_sitemap(sample_site: Path) -> None:
    assert verify_site(sample_site).diagnostics == []


def test_the_command_says_what_is_wrong_and_exits_so(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-site", str(output)]) == 0
    good = capsys.readouterr().out
    in_text('<a href="none.html">x</a>' * 30)(output)

    status = main(["check-site", str(output)])

    said = capsys.readouterr().out
    assert status == 1
    assert "3 articles" in good
    assert "nothing wrong" in good
    assert said.count("none.html leads to no file — correct the address, or take the link out") == 20
    assert "… and 10 more of the kind 'link'" in said
    assert "30 problems" in said


def test_the_verdict_comes_as_data_too(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_text('<a href="none.html">x</a>')(output)

    main(["check-site", str(output), "--json", "--workers", "1"])

    told = json.loads(capsys.readouterr().out)
    assert told["articles"] == 3
    assert [diagnostic["code"] for diagnostic in told["problems"]] == ["link"]


def test_a_folder_without_a_site_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["check-site", str(tmp_path)])

    assert status == 1
    assert "name the folder of a built site" in capsys.readouterr().err


@pytest.mark.parametrize("size", ["much", "1XB", "-1"])
def test_a_size_that_is_none_is_told(good: Path, size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check-site", str(good), f"--max-page={size}"])

    assert "is no size — write it like 500K, 20M or 1.5G" in capsys.readouterr().err
