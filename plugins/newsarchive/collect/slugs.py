"""Names → ASCII slugs for addresses: pinyin for Chinese, and never two names with one slug."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from slugify import slugify

# Windows refuses these as names of files and folders, with any ending; "index" would read like a page.
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "index", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
# Six levels of categories still fit in the 260 characters that a Windows path may have.
_MAX_SLUG_LENGTH = 32


def assign_slugs(names: Iterable[str], cache: dict[str, str] | None = None) -> dict[str, str]:
    """A slug for each distinct name. Of names that would share one, the first keeps it, the others get a mark of their
    own; so hand names over in an order that new articles do not upset, such as by their first article's date.

    `known` holds the plainest slugs of names, and gets those that were not in it.
    """
    cache = {} if cache is None else cache
    slugs: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        if name in slugs:
            continue
        if name not in cache:
            cache[name] = _slug(name)
        slugs[name] = next(slug for slug in _candidates(name, cache[name]) if slug not in taken)
        taken.add(slugs[name])
    return slugs


def _candidates(name: str, slug: str) -> Iterator[str]:
    """Slugs for `name`, the plainest (`slug`) first; the last, with 32 digits of its hash, is its alone."""
    if slug and slug not in _RESERVED:
        yield slug
    for digits in (6, 12, 32):
        yield f"{slug or 'x'}-{_name_digest(name)[:digits]}"


def _slug(name: str) -> str:
    ascii_name = name if name.isascii() else _pinyin(name[:_MAX_SLUG_LENGTH])
    slug: str = slugify(ascii_name, max_length=_MAX_SLUG_LENGTH, word_boundary=True)
    return slug


def _pinyin(name: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - 0.2 s for its dictionaries, in every worker

    return " ".join(lazy_pinyin(name))


def _name_digest(name: str) -> str:
    return blake2b(name.encode(), digest_size=16).hexdigest()
