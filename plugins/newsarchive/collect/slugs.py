"""Turn names into ASCII slugs for addresses: pinyin for Chinese, and never one slug for two names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from slugify import slugify

# Windows reserves these file names, with any extension. "index" would look like a page.
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "index", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
# Characters: six levels of categories still fit into the 260 characters of a Windows path.
_MAX_SLUG_LENGTH = 32


def assign_slugs(names: Iterable[str], cache: dict[str, str] | None = None) -> dict[str, str]:
    """Return a slug for each distinct name.

    If several names have the same slug, the first keeps it and the others get a hash of their name as suffix. So pass
    the names in an order that new articles do not change, such as the date of each name's first article.

    `cache` maps names to their slugs before collisions are resolved. It is updated in place.

        >>> assign_slugs(["北京", "背景"])["北京"]
        'bei-jing'
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
    """Yield slugs for `name`, the plain `slug` first.

    The last one ends in 32 digits of the name's hash, so no other name has it.
    """
    if slug and slug not in _RESERVED:
        yield slug
    for digits in (6, 12, 32):
        yield f"{slug or 'x'}-{_name_digest(name)[:digits]}"


def _slug(name: str) -> str:
    """Return the slug of `name`, at most 32 characters, possibly empty."""
    ascii_name = name if name.isascii() else _pinyin(name[:_MAX_SLUG_LENGTH])
    slug: str = slugify(ascii_name, max_length=_MAX_SLUG_LENGTH, word_boundary=True)
    return slug


def _pinyin(name: str) -> str:
    """Return `name` with Chinese characters replaced by their pinyin syllables."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - loads dictionaries for 0.2 s in every worker

    return " ".join(lazy_pinyin(name))


def _name_digest(name: str) -> str:
    """Return the hash of `name`: 32 hexadecimal digits."""
    return blake2b(name.encode(), digest_size=16).hexdigest()
