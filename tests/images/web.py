"""Five hundred images of all kinds on one server, and articles that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from conftest import article

from .factories import PAGE, SVG, animated, bomb_gif, bomb_png, saved, scene
from .server import (
    Answer,
    Site,
    answer,
    by_and_by,
    dropped,
    endless,
    in_turn,
    redirect,
    tagged,
    unless_referred,
)

HOSTS = 8
MAX_BYTES = 300_000


@dataclass(frozen=True)
class Kind:
    """So many images that come to one end."""

    name: str
    count: int
    outcome: str
    type: str = ""


KINDS = (
    Kind("jpeg", 112, "stored", "image/jpeg"),
    Kind("png", 60, "stored", "image/png"),
    Kind("gif", 30, "stored", "image/gif"),
    Kind("animated-gif", 20, "stored", "image/gif"),
    Kind("webp", 40, "stored", "image/webp"),
    Kind("avif", 10, "stored", "image/avif"),
    Kind("wrong-type", 20, "stored", "image/png"),
    Kind("same-again", 20, "stored", "image/jpeg"),
    Kind("redirected", 20, "stored", "image/jpeg"),
    Kind("not-for-others", 20, "stored", "image/jpeg"),
    Kind("slow", 6, "stored", "image/jpeg"),
    Kind("busy-at-first", 10, "stored", "image/jpeg"),
    Kind("dropped-at-first", 5, "stored", "image/jpeg"),
    Kind("private", 6, "refused"),
    Kind("svg", 14, "refused", "image/svg+xml"),
    Kind("forbidden", 8, "refused"),
    Kind("truncated", 20, "broken", "image/jpeg"),
    Kind("page", 15, "broken", "text/html"),
    Kind("empty", 5, "broken", "application/octet-stream"),
    Kind("huge", 4, "too-large"),
    Kind("huge-untold", 3, "too-large"),
    Kind("bomb-png", 8, "too-large", "image/png"),
    Kind("bomb-gif", 4, "too-large", "image/gif"),
    Kind("missing", 22, "gone"),
    Kind("withdrawn", 6, "gone"),
    Kind("out-of-order", 5, "failed"),
    Kind("dropped", 4, "failed"),
    Kind("round-and-round", 3, "failed"),
)


def address_of(kind: str, number: int) -> str:
    """Where an image is, by what articles say."""
    return f"https://img{number % HOSTS}.images.example/{kind}/{number}.jpg"


def path_of(address: str) -> str:
    """What the server is asked for."""
    return "/" + address.split("/", 3)[3]


def put_images(site: Site, private: str) -> dict[str, Kind]:
    """Give the site five hundred images; returns the kind of each address. `private` is a server nobody may ask."""
    kinds = {}
    for kind in KINDS:
        for number in range(kind.count):
            address = address_of(kind.name, number)
            site.pages[path_of(address)] = _answer(kind.name, number, private)
            kinds[address] = kind
            if kind.name == "redirected":
                site.pages[f"/moved/{number}.jpg"] = answer(200, saved(scene(7_000 + number)))
    return kinds


def _answer(kind: str, number: int, private: str) -> Answer:
    inside = (
        f"http://{private}/a.jpg",
        f"http://localhost:{private.rpartition(':')[2]}/a.jpg",
        "http://10.0.0.1/a.jpg",
        "http://169.254.169.254/latest/",
        "http://[::1]/a.jpg",
        "http://0.0.0.0/a.jpg",
    )
    answers: dict[str, Callable[[], Answer]] = {
        "jpeg": lambda: tagged(saved(scene(number))),
        "png": lambda: answer(200, saved(scene(number + 1_000), "PNG"), Content_Type="image/png"),
        "gif": lambda: answer(200, saved(scene(number + 2_000), "GIF")),
        "animated-gif": lambda: answer(200, animated(number)),
        "webp": lambda: answer(200, saved(scene(number + 3_000), "WEBP")),
        "avif": lambda: answer(200, saved(scene(number + 4_000), "AVIF")),
        "wrong-type": lambda: answer(200, saved(scene(number + 5_000), "PNG"), Content_Type="text/html; charset=utf-8"),
        "same-again": lambda: answer(200, saved(scene(number))),
        "redirected": lambda: redirect(f"/moved/{number}.jpg", (301, 302, 303, 307, 308)[number % 5]),
        "not-for-others": lambda: unless_referred(saved(scene(number + 6_000))),
        "slow": lambda: by_and_by(saved(scene(number + 8_000))),
        "busy-at-first": lambda: in_turn(
            answer(503, Retry_After="0"), answer(429), answer(200, saved(scene(number + 9_000)))
        ),
        "dropped-at-first": lambda: in_turn(dropped(saved(scene(number))), answer(200, saved(scene(number + 10_000)))),
        "private": lambda: redirect(inside[number % len(inside)]),
        "svg": lambda: answer(200, SVG, Content_Type="image/jpeg"),
        "forbidden": lambda: answer(403),
        "truncated": lambda: answer(200, _two_thirds(saved(scene(number)))),
        "page": lambda: answer(200, PAGE, Content_Type="image/jpeg"),
        "empty": lambda: answer(200),
        "huge": lambda: answer(200, bytes(MAX_BYTES * 2)),
        "huge-untold": lambda: endless(MAX_BYTES * 50),
        "bomb-png": lambda: answer(200, bomb_png(9_000 + number, 9_000)),
        "bomb-gif": lambda: answer(200, bomb_gif()),
        "missing": lambda: answer(404),
        "withdrawn": lambda: answer(410),
        "out-of-order": lambda: answer(500),
        "dropped": lambda: dropped(saved(scene(number))),
        "round-and-round": lambda: redirect(f"/round-and-round/{number}.jpg"),
    }
    return answers[kind]()


def _two_thirds(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def write_articles(content: Path, addresses: list[str], each: int = 7) -> None:
    """Articles that show images, some each."""
    content.mkdir(parents=True, exist_ok=True)
    for number, start in zip(count(), range(0, len(addresses), each), strict=False):
        body = "".join(
            f'<p>{line}</p><img src="{a}">' for a, line in zip(addresses[start:], _lines(number), strict=False)
        )
        path = content / f"{number:03}.md"
        path.write_text(article(f"第{number}篇", body, ("财经", f"晨报{number % 5}", "要闻")), "utf-8")
        if len(body.split("<img")) - 1 < min(each, len(addresses) - start):
            raise AssertionError("an article shows fewer images than it should")


def _lines(number: int, each: int = 7) -> Iterator[str]:
    for line in range(each):
        yield f"第 {number} 篇的第 {line} 段说的是编号 {number * 31 + line * 7} 的事，与别的段落都不一样。"
