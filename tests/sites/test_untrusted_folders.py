"""Folders that other people made: commands report everything in them but regular files of a sensible size, and neither
read it nor wait for it. The same plants are put into a Hexo site, a folder of images, and an output that is verified,
packed or searched."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import article, write_files
from newsarchive.commands.main import main
from newsarchive.fs.symlinks import scan_files
from newsarchive.fs.untrusted_files import RefusedFile, list_files, read_file
from newsarchive.images.manifest import StoredImage, read_manifest, write_manifest
from newsarchive.verify import verify_site

PATIENCE = 120  # seconds; a pipe that is opened to be read keeps its reader for ever
HUGE = 1_100_000_000  # bytes of a file that takes none on the disk; more than any limit
SECRET = "what is in a file outside of the folder"


@pytest.fixture(autouse=True)
def _no_waiting_for_ever() -> Iterator[None]:
    """A command that waits for a pipe fails, and does not hold up the tests."""

    def give_up(*_: object) -> None:
        pytest.fail("it waits for something")  # no OSError, which a command may report

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that no command may read from, and a file in it."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.md").write_text(SECRET, "utf-8")
    return folder


def _link_to_file(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "secret.md")


def _link_to_folder(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def _link_to_nothing(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "nothing")


def _link_to_itself(path: Path, outside: Path) -> None:
    path.symlink_to(path.name)


def _link_to_its_folder(path: Path, outside: Path) -> None:
    path.symlink_to(path.parent)


def _pipe(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path, outside: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the whole path may be longer than a socket's name can be
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(before)


def _huge(path: Path, outside: Path) -> None:
    path.touch()
    os.truncate(path, HUGE)


Plant = Callable[[Path, Path], None]
"""Puts something in the place of a file; the second folder is outside."""

LINK, PIPE, SOCKET = "a symbolic link", "a pipe", "a socket"

# (plant, what is said of it)
SPECIAL: dict[str, tuple[Plant, str]] = {
    "a link to a file": (_link_to_file, LINK),
    "a link to a folder": (_link_to_folder, LINK),
    "a link to nothing": (_link_to_nothing, LINK),
    "a link to itself": (_link_to_itself, LINK),
    "a link in a circle": (_link_to_its_folder, LINK),
    "a pipe": (_pipe, PIPE),
    "a socket": (_socket, SOCKET),
}
PLANTS = SPECIAL | {"a huge file": (_huge, "is larger than")}


def one_line(said: str, *parts: str) -> str:
    """The one line that holds all parts; its location, message and hint are there."""
    (line,) = [line for line in said.splitlines() if all(part in line for part in parts)]
    assert " — " in line
    return line


# --- the reader


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_no_regular_file_of_that_size_is_refused(tmp_path: Path, outside: Path, name: str) -> None:
    plant, said = PLANTS[name]
    (tmp_path / "folder").mkdir()
    plant(tmp_path / "folder/a.md", outside)

    with pytest.raises(RefusedFile, match=said) as refused:
        read_file(tmp_path / "folder", "a.md", 1_000)

    assert refused.value.diagnostic.location == str(tmp_path / "folder/a.md")
    assert refused.value.diagnostic.hint


@pytest.mark.parametrize(
    "path", ["../outside/secret.md", "a/../../outside/secret.md", "/etc/passwd", "", ".", "a//b", "a\0b", "x" * 5_000]
)
def test_a_path_that_leads_out_of_the_folder_or_nowhere_is_refused(tmp_path: Path, outside: Path, path: str) -> None:
    (tmp_path / "folder/a").mkdir(parents=True)

    with pytest.raises(RefusedFile, match="cannot be read"):
        read_file(tmp_path / "folder", path, 1_000)


def test_a_file_behind_a_folder_that_is_a_link_is_refused(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/link").symlink_to(outside)

    with pytest.raises(RefusedFile, match=LINK):
        read_file(tmp_path / "folder", "link/secret.md", 1_000)
    assert list_files(tmp_path / "folder", "link").sizes == {}
    assert list_files(tmp_path / "folder", "link").refused == {"link": LINK}


def test_a_file_that_becomes_a_link_or_a_pipe_while_it_is_opened_is_refused(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for plant in (_link_to_file, _pipe):
        path = tmp_path / "a.md"
        path.write_text("mine", "utf-8")

        def swap(*given: object, path: Path = path, plant: Plant = plant, opened: Callable[..., int] = os.open) -> int:
            path.unlink()
            plant(path, outside)
            return opened(*given)

        with monkeypatch.context() as patched:
            patched.setattr(os, "open", swap)
            with pytest.raises(RefusedFile):
                read_file(tmp_path, "a.md", 1_000)
        path.unlink()


def test_a_file_of_just_the_most_bytes_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")

    assert read_file(tmp_path, "a", 5) == b"12345"
    with pytest.raises(RefusedFile, match="larger than 4 bytes"):
        read_file(tmp_path, "a", 4)


def test_a_listing_names_everything_once(tmp_path: Path, outside: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "deep/er").mkdir(parents=True)
    (folder / "deep/er/a.md").write_text("12", "utf-8")
    for number, (plant, _) in enumerate(SPECIAL.values()):
        plant(folder / f"deep/{number}", outside)

    listing = list_files(folder)

    assert listing.sizes == {"deep/er/a.md": 2}
    assert listing.folders == {"deep", "deep/er"}
    assert list(listing.refused.values()) == [said for _, said in SPECIAL.values()]
    assert [diagnostic.location for diagnostic in listing.diagnostics] == [
        str(folder / path) for path in listing.refused
    ]


# --- import hexo


@pytest.fixture
def hexo(tmp_path: Path) -> Path:
    """A Hexo site of one post."""
    folder = tmp_path / "hexo"
    write_files(folder / "source/_posts", f"-- a.md --\n{article('甲', '<p>甲的正文。</p>')}")
    (folder / "_config.yml").write_text("title: 海风\n", "utf-8")
    return folder


def all_that_was_written(folder: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file())


def articles_in(content: Path) -> list[str]:
    """All files, but for the hand-made page that every new site has."""
    files = (path.relative_to(content).as_posix() for path in sorted(content.rglob("*")) if path.is_file())
    return [file for file in files if file != "pages/about.md"]


@pytest.mark.parametrize("place", ["source/CNAME", "source/_posts/b.md", "source/_posts/deep/b.md"])
@pytest.mark.parametrize("name", PLANTS)
def test_nothing_but_files_of_a_hexo_site_is_imported(
    hexo: Path, outside: Path, tmp_path: Path, place: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, said = PLANTS[name]
    (hexo / place).parent.mkdir(exist_ok=True)
    plant(hexo / place, outside)

    status = main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    assert status == 1
    one_line(capsys.readouterr().out, str(hexo / place), said)
    assert SECRET not in all_that_was_written(tmp_path / "site")
    assert articles_in(tmp_path / "site/content") == ["a.md"]


@pytest.mark.parametrize("place", ["source", "source/_posts"])
def test_a_folder_of_posts_that_is_a_link_is_not_imported(
    hexo: Path, outside: Path, tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(hexo / place)
    (outside / "_posts").mkdir()
    (outside / "_posts/secret.md").write_text(SECRET, "utf-8")
    (outside / "CNAME").write_text(SECRET, "utf-8")
    (hexo / place).symlink_to(outside)

    status = main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    assert status == 1
    assert LINK in capsys.readouterr().out
    assert SECRET not in all_that_was_written(tmp_path / "site")


@pytest.mark.parametrize("name", PLANTS)
def test_a_hexo_site_whose_settings_are_no_file_is_refused(
    hexo: Path, outside: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, said = PLANTS[name]
    (hexo / "_config.yml").unlink()
    plant(hexo / "_config.yml", outside)

    status = main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    assert status == 1
    one_line(capsys.readouterr().err, "_config.yml", said)
    assert not (tmp_path / "site").exists()


# name of the post: (text, why it is withheld)
WITHHELD = {
    "unpublished.md": ("---\ntitle: x\npublished: false\n---\n正文", "published: false"),
    "no.md": ("---\nTitle: x\nPublished: No\n---\n正文", "published: false"),
    "draft.md": ("---\ntitle: x\ndraft: true\n---\n正文", "draft: true"),
    "locked.md": ("---\ntitle: x\npassword: 1234\n---\n正文", "it has a password"),
    "quoted.md": ("---\ntitle: x\npassword: '密'\n---\n正文", "it has a password"),
    "toml.md": ('+++\ntitle = "x"\npassword = "1234"\n+++\n正文', "it has a password"),
    "json.md": ('"title": "x",\n"password": "1234"\n;;;\n正文', "it has a password"),
    "fenceless.md": ("password: 1234\ntitle: x\n---\n正文", "it has a password"),
    "_hidden.md": ("---\ntitle: x\n---\n正文", "begins with _"),
    "_drafts/inner.md": ("---\ntitle: x\n---\n正文", "begins with _"),
    "../_drafts/draft.md": ("---\ntitle: x\n---\n正文", "it is a draft"),
}


def test_posts_that_their_author_withholds_stay_out_and_are_named(
    hexo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, (text, _) in WITHHELD.items():
        path = hexo / "source/_posts" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    status = main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    said = capsys.readouterr().out
    assert status == 0
    for name, (_, why) in WITHHELD.items():
        place = os.path.normpath(hexo / "source/_posts" / name)
        assert f"{place}: is withheld by its author: " in one_line(said, f"{place}: ", why)
    assert f"{len(WITHHELD)} withheld by their authors" in said
    assert articles_in(tmp_path / "site/content") == ["a.md"]


@pytest.mark.parametrize(
    "head", ["published: true", "published:", "draft: false", "draft:", "password:", "password: ''", "summary: draft"]
)
def test_a_post_that_is_published_to_everyone_is_imported(hexo: Path, tmp_path: Path, head: str) -> None:
    text = f"---\ntitle: x\n{head}\n---\n\npassword: is a word of the text\n"
    (hexo / "source/_posts/b.md").write_text(text, "utf-8")

    main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    assert (tmp_path / "site/content/b.md").read_text("utf-8") == text


def test_a_post_withheld_after_an_import_is_reported_with_the_copy_to_delete(
    hexo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", "hexo", str(hexo), str(tmp_path / "site")])
    (hexo / "source/_posts/a.md").write_text("---\ntitle: x\ndraft: true\n---\n正文", "utf-8")
    capsys.readouterr()

    main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    copy = tmp_path / "site/content/a.md"
    assert f"delete {copy}, which is there from an earlier import" in capsys.readouterr().out


def test_an_import_writes_through_no_link_in_the_site(hexo: Path, outside: Path, tmp_path: Path) -> None:
    main(["new", str(tmp_path / "site")])
    (tmp_path / "site/content/a.md").symlink_to(outside / "new.md")

    main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    assert not (outside / "new.md").exists()


# --- images out of a folder

ADDRESS = "https://a.example/x/photo.jpg"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """An article that shows one image."""
    body = f'<p>正文。</p><p><img src="{ADDRESS}"></p>'
    folder = write_files(tmp_path / "content", f"-- a.md --\n{article('甲', body)}")
    gone = StoredImage(address=ADDRESS, outcome="gone", status=404)
    write_manifest(folder / "media", {ADDRESS: gone})
    return folder


@pytest.mark.parametrize("place", ["a.example/x/photo.jpg", "elsewhere/other.jpg"])
@pytest.mark.parametrize("name", PLANTS)
def test_images_are_taken_from_files_alone(
    content: Path, outside: Path, tmp_path: Path, place: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, said = PLANTS[name]
    had = tmp_path / "had"
    (had / place).parent.mkdir(parents=True)
    plant(had / place, outside)

    status = main(["images", str(content), "--from-folder", str(had)])

    out = capsys.readouterr().out
    assert status == 0
    assert "0 images taken over" in out
    if name != "a huge file" or place.startswith("a.example"):  # one that is not wanted is not opened
        one_line(out, f"not taken: {had / place}: ", said)
    assert read_manifest(content / "media")[ADDRESS].outcome == "gone"


# --- sites: verify, pack, search


@pytest.fixture
def output(sample_site: Path, tmp_path: Path) -> Path:
    """A built site of one's own to spoil."""
    return Path(shutil.copytree(sample_site, tmp_path / "output"))


@pytest.mark.parametrize("place", ["new.html", "feed.xml", "catalog.jsonl", "search/manifest.js", "theme/css/site.css"])
@pytest.mark.parametrize("name", PLANTS)
def test_a_site_with_anything_but_files_is_verified_to_the_end(
    output: Path, outside: Path, place: str, name: str
) -> None:
    plant, said = PLANTS[name]
    (output / place).unlink(missing_ok=True)
    plant(output / place, outside)

    diagnostics = verify_site(output).diagnostics

    hits = [each for each in diagnostics if each.location == place and said in each.message]
    assert {each.code for each in hits} <= {"name", "file", "search"}
    assert hits
    assert all(each.hint for each in diagnostics)


@pytest.mark.parametrize("name", PLANTS)
def test_a_site_whose_home_page_is_no_file_is_no_site(
    output: Path, outside: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (output / "index.html").unlink()
    PLANTS[name][0](output / "index.html", outside)

    assert main(["check-site", str(output)]) == 1
    assert "index.html" in capsys.readouterr().err


@pytest.mark.parametrize("name", PLANTS)
def test_a_package_holds_files_alone_and_says_what_it_lacks(
    output: Path, outside: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, said = PLANTS[name]
    plant(output / "images.bin", outside)
    packages = tmp_path / "packages"

    status = main(["pack", str(output), "--zip", str(packages / "a.zip"), "--zim", str(packages / "a.zim")])

    assert status == 1
    one_line(capsys.readouterr().out, str(output / "images.bin"), said)
    with zipfile.ZipFile(packages / "a.zip") as archive:
        assert "a/index.html" in archive.namelist()
        assert "a/images.bin" not in archive.namelist()
        assert [each for each in archive.namelist() if SECRET.encode() in archive.read(each)] == []
    assert (packages / "a.zim").stat().st_size > 0


@pytest.mark.parametrize("place", ["search/manifest.js", "columns-0.js", "terms-0.js"])
@pytest.mark.parametrize("name", PLANTS)
def test_a_search_of_a_site_waits_for_no_pipe_and_follows_no_link(
    output: Path, outside: Path, place: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, said = PLANTS[name]
    spoiled = [output / place] if "/" in place else sorted(output.glob(f"search/*/{place}"))
    for path in spoiled:
        path.unlink()
        plant(path, outside)

    status = main(["search", str(output), "图书馆"])

    assert status == 1
    one_line(capsys.readouterr().err, place, said)


def test_an_index_that_names_a_folder_outside_is_not_followed_there(
    output: Path, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = output / "search/manifest.js"
    segment = next(path.name for path in (output / "search").iterdir() if path.is_dir())
    shutil.move(output / "search" / segment, outside / segment)
    text = manifest.read_text("utf-8")
    assert f'"name":"{segment}"' in text
    manifest.write_text(text.replace(f'"name":"{segment}"', f'"name":"../../outside/{segment}"'), "utf-8")

    status = main(["search", str(output), "图书馆"])

    assert status == 1
    assert "leads out of the folder" in capsys.readouterr().err


# --- content, which a pull request or an unpacked archive may bring


@pytest.mark.parametrize("name", ["a pipe", "a socket"])
def test_a_rule_file_that_is_no_file_is_reported_and_not_waited_for(
    content: Path, outside: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (content / "rules").mkdir()
    PLANTS[name][0](content / "rules/a.toml", outside)

    status = main(["check-content", str(content)])

    assert status == 1
    one_line(capsys.readouterr().out, "rules/a.toml", "cannot read the rule file")


@pytest.mark.parametrize("name", SPECIAL)
def test_a_manifest_of_images_that_is_no_file_is_neither_read_nor_written_to(
    content: Path, outside: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, said = PLANTS[name]
    (content / "media/manifest.jsonl").unlink()
    plant(content / "media/manifest.jsonl", outside)

    status = main(["images", str(content)])

    assert status == 1
    one_line(capsys.readouterr().err, "manifest.jsonl", said)
    assert (outside / "secret.md").read_text("utf-8") == SECRET
    assert not (outside / "nothing").exists()


def test_what_is_no_file_counts_neither_as_a_stored_image_nor_as_output(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media/a.jpg").write_bytes(b"12")
    for number, (plant, _) in enumerate(SPECIAL.values()):
        plant(tmp_path / f"media/{number}.jpg", outside)

    files, links = scan_files(tmp_path / "media")

    assert set(files) == {"a.jpg"}
    assert len(links) == [said for _, said in SPECIAL.values()].count(LINK)
