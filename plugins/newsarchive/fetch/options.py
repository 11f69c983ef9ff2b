"""The options of `newsarchive images`, and what they mean to who fetches."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from newsarchive.images.manifest import OUTCOMES, STORED

_UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}


def add_options(parser: Any) -> None:
    """Declare them."""
    parser.add_argument("content", type=Path, nargs="?", default=Path("content"), help="(default: content)")
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="the site's settings (default: pelicanconf.py, where there is one)",
    )
    does = parser.add_mutually_exclusive_group()
    does.add_argument(
        "--report",
        action="store_true",
        help="fetch nothing; tell what is stored, what is not and why, QR codes, and images that sources repeat",
    )
    does.add_argument(
        "--dry-run", action="store_true", help="fetch nothing; tell how many images of which hosts would be"
    )
    does.add_argument("--from-folder", type=Path, metavar="FOLDER", help="take images from files, and fetch nothing")
    does.add_argument(
        "--from-har", type=Path, metavar="FILE", help="take images that a browser recorded, and fetch nothing"
    )
    again = parser.add_argument_group("what is fetched again")
    again.add_argument(
        "--retry",
        action="append",
        default=[],
        choices=[*(each for each in OUTCOMES if each != STORED), "all"],
        metavar="OUTCOME",
        help="images that came to this end: gone, refused, broken, too-large, failed, all; may be given again",
    )
    again.add_argument("--refresh", action="store_true", help="stored images too, where their servers have newer ones")
    _add_politeness(parser.add_argument_group("how hosts are asked"))
    _add_limits(parser.add_argument_group("the most that is taken"))
    _add_networks(parser.add_argument_group("which machines are asked"))


def _add_politeness(group: Any) -> None:
    group.add_argument(
        "--delay",
        type=_seconds,
        default=0.5,
        metavar="S",
        help="seconds between two requests to one host (default: %(default)s)",
    )
    group.add_argument(
        "--per-host", type=_count, default=2, metavar="N", help="requests to one host at a time (default: %(default)s)"
    )
    group.add_argument(
        "--at-once", type=_count, default=16, metavar="N", help="requests at a time (default: %(default)s)"
    )
    group.add_argument(
        "--attempts", type=_count, default=4, metavar="N", help="attempts at one image (default: %(default)s)"
    )
    group.add_argument(
        "--patience",
        type=_seconds,
        default=2.0,
        metavar="S",
        help="seconds before the second attempt, doubled for each further one (default: %(default)s)",
    )
    group.add_argument(
        "--timeout", type=_seconds, default=60.0, metavar="S", help="seconds for one request (default: %(default)s)"
    )
    group.add_argument("--contact", default="", metavar="TEXT", help="put into the user agent: where to complain")


def _add_limits(group: Any) -> None:
    group.add_argument(
        "--max-bytes", type=_size, default="20M", metavar="SIZE", help="of one image (default: %(default)s)"
    )
    group.add_argument(
        "--max-pixels", type=_size, default="50M", metavar="COUNT", help="of one image (default: %(default)s)"
    )
    group.add_argument(
        "--budget",
        type=_size,
        default="5G",
        metavar="SIZE",
        help="of all images together; fetching ends before it is exceeded (default: %(default)s)",
    )


def _add_networks(group: Any) -> None:
    group.add_argument(
        "--allow-address",
        action="append",
        default=[],
        metavar="IP[/BITS][:PORT]",
        help="machines that are not of the public Internet, which are not asked otherwise",
    )
    group.add_argument(
        "--instead",
        action="append",
        default=[],
        metavar="HOSTS=IP:PORT",
        help="ask a server by plain HTTP instead of hosts (a pattern like *.example.org): a mirror, a test",
    )


def _seconds(text: str) -> float:
    if (value := float(text)) < 0:
        raise ValueError
    return value


def _count(text: str) -> int:
    if (value := int(text)) < 1:
        raise ValueError
    return value


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)B?", text, re.IGNORECASE)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no size like 500K, 20M or 1.5G")
    return int(float(found[1]) * _UNITS[found[2].upper()])
