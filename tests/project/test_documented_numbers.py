"""The limits that documents promise are those of the program.

A table of limits begins with the columns "limit" and "value" and ends with "where it is decided". Each of its rows is
in `HELD`, with the places in the code that must have the documented value. A new row needs an entry, an entry a row.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from conftest import PROJECT
from newsarchive.images.variants import ENCODING_PROFILES

DOCUMENTS = ["README.md", "SECURITY.md", *sorted(f"docs/{path.name}" for path in (PROJECT / "docs").glob("*.md"))]

# Document → limit → where the code has it: a file, and an expression in its module.
HELD: dict[str, dict[str, list[str]]] = {
    "SECURITY.md": {
        "processor time of a step, for one article": ["parallel/time_limits.py:MAX_SECONDS"],
        "time of reading and cleaning one article, as tests measure it": [
            "tests/sites/test_resource_limits.py:MOST_SECONDS"
        ],
        "memory for reading and cleaning one article, as tests measure it": [
            "tests/sites/test_resource_limits.py:MOST_MEGABYTES * 1_000_000"
        ],
    },
    "docs/architecture.md": {
        "damaged part of a text that is still read as UTF-8": ["read/decode.py:_MAX_DAMAGED"],
        "damaged places that are tolerated in any text": ["read/decode.py:_MAX_DAMAGED_PLACES"],
        "part of a text that one element may lose by its class": ["clean/class_id_heuristics.py:_MAX_ELEMENT_SHARE"],
        "part of a text that all elements may lose by their classes": ["clean/class_id_heuristics.py:_MAX_TOTAL_SHARE"],
        "part of a text that one end of it may lose": ["clean/head_tail.py:_MAX_REMOVED_SHARE"],
        "part of a text that may go as repeated": ["clean/repetition.py:_MAX_TEXT_SHARE"],
        "least articles that repeat a line at their tail": ["clean/repetition.py:_MIN_ARTICLES"],
        "least articles that repeat a line at their head": ["clean/repetition.py:_MIN_ARTICLES_AT_HEAD"],
        "first year of a date": ["describe/dates.py:_MIN_YEAR"],
        "last year of a date": ["describe/dates.py:_MAX_YEAR"],
        "length of a date": ["describe/dates.py:_MAX_LENGTH"],
        "length of a title, category or author": ["describe/titles.py:_MAX_TITLE"],
        "length of a tag": ["describe/tags.py:_MAX_TAG_LENGTH"],
        "reading speed": ["describe/summaries.py:_CHARACTERS_PER_MINUTE"],
        "length of a line that a summary may begin with": ["describe/summaries.py:_MIN_FIRST_LINE"],
        "least side of a lead image": ["describe/lead_images.py:_MIN_SIDE"],
        "ratio of sides that makes an image a banner": ["describe/lead_images.py:_MAX_ASPECT_RATIO"],
        "text below which duplicates must be of one day": ["describe/ids.py:_MIN_DISTINCTIVE_LENGTH"],
        "length of a slug": ["collect/slugs.py:_MAX_SLUG_LENGTH"],
        "earlier articles with a feature that are compared": ["collect/related.py:_MAX_POSTINGS"],
        "earlier articles in which a feature is counted": ["collect/related.py:_IDF_WINDOW"],
        "least score of earlier coverage": ["collect/related.py:_MIN_SCORE"],
        "length of a title that is compared": ["collect/related.py:_MAX_TITLE_CHARACTERS"],
    },
    "docs/images.md": {
        "time between two requests to one host": [
            "commands/options.py:OPTIONS['--delay']['default']",
            "net/rate_limiter.py:PolitenessPolicy().delay",
        ],
        "requests at a time to one host": [
            "commands/options.py:OPTIONS['--per-host']['default']",
            "net/rate_limiter.py:PolitenessPolicy().per_host",
        ],
        "requests at a time to all hosts": [
            "commands/options.py:OPTIONS['--concurrency']['default']",
            "net/rate_limiter.py:PolitenessPolicy().concurrency",
        ],
        "requests for an image after a failure": ["commands/options.py:OPTIONS['--retries']['default']"],
        "requests for an image in all": ["net/rate_limiter.py:PolitenessPolicy().attempts"],
        "time before the first retry": [
            "commands/options.py:OPTIONS['--retry-delay']['default']",
            "net/rate_limiter.py:PolitenessPolicy().retry_delay",
        ],
        "time for a request": [
            "commands/options.py:OPTIONS['--timeout']['default']",
            "net/rate_limiter.py:PolitenessPolicy().timeout",
        ],
        "time for a host to take a connection": ["net/rate_limiter.py:PolitenessPolicy().connect_timeout"],
        "longest `Retry-After` that is obeyed": ["net/rate_limiter.py:PolitenessPolicy().max_backoff"],
        "connections in a row that a host may refuse": ["net/rate_limiter.py:_MAX_FAILED_CONNECTIONS"],
        "redirects of a request": ["net/client.py:_MAX_REDIRECTS"],
        "bytes of an image": [
            "commands/options.py:parse_size(OPTIONS['--max-bytes']['default'])",
            "fetch/downloader.py:DownloadLimits().bytes",
        ],
        "pixels of an image": [
            "commands/options.py:parse_size(OPTIONS['--max-pixels']['default'])",
            "fetch/downloader.py:DownloadLimits().pixels",
        ],
        "pixels of an animation's frames, times those of an image": ["images/inspect_image.py:_MAX_ANIMATION_FACTOR"],
        "bytes of all images": [
            "commands/options.py:parse_size(OPTIONS['--max-total']['default'])",
            "fetch/downloader.py:DownloadLimits().budget",
        ],
        "least part of an image that makes it a QR code": ["images/repeated_images.py:_MIN_QR_PERCENT / 100"],
        "least articles of a source that repeat an image": ["images/repeated_images.py:MIN_ARTICLES"],
        "bits of 256 that differ in images that look the same": ["images/perceptual_hash.py:_MAX_DISTANCE"],
        "least bits of an image that has a look at all": ["images/perceptual_hash.py:_MIN_SET_BITS"],
        "part by which their shapes may differ": ["images/perceptual_hash.py:_MAX_RATIO_DIFFERENCE"],
        "a whole site with its images": ["images/image_selection.py:_SITE_BYTES"],
        "of it, for each article": ["images/image_selection.py:_ARTICLE_BYTES"],
        "width of an animation": ["images/variants.py:_MAX_ANIMATION_WIDTH"],
        "pixels of all frames of an animation that is converted": ["images/variants.py:_MAX_ANIMATION_PIXELS"],
        "height of a WebP image": ["images/variants.py:_MAX_WEBP_HEIGHT"],
        "colours of an image that may stay without loss": ["images/variants.py:_MAX_LOSSLESS_COLOURS"],
    },
    "docs/publishing.md": {
        "size of a page": ["verify/budgets.py:Budgets().page"],
        "size of the search": ["verify/budgets.py:Budgets().index"],
        "size of the site, which is what GitHub Pages takes": ["verify/budgets.py:Budgets().site"],
        "size of the site from which a build warns": ["build/site_build.py:_NEARLY_FULL"],
        "size of a file": ["verify/site.py:_MAX_BYTES"],
        "length of a path": ["verify/portable_names.py:MAX_PATH_LENGTH"],
        "addresses in a sitemap": ["render/sitemap.py:_MAX_URLS", "verify/sitemap.py:_MAX_URLS"],
        "problems of a kind that the command prints": ["commands/check_site.py:_MOST_OF_A_KIND"],
    },
    "docs/reliability.md": {
        "a post that `import hexo` copies": ["config/settings.py:Settings().max_file_bytes"],
        "`_config.yml` for `import hexo`": ["importers/hexo.py:_MAX_CONFIG"],
        "`CNAME` for `import hexo`": ["importers/hexo.py:_MAX_DOMAIN"],
        "a file for `check-site`": ["verify/site.py:_MAX_BYTES"],
        "a file for `pack`": ["pack/__init__.py:_MAX_BYTES"],
        "a file of the index for `search`": ["search/published.py:_MAX_BYTES"],
        "the manifest of stored images": ["images/manifest.py:_MAX_BYTES"],
        "length of a body": ["clean/limits.py:MAX_MARKUP_LENGTH"],
        "tags of a body": ["clean/limits.py:MAX_TAGS"],
        "elements that unclosed formatting would make": ["clean/limits.py:_MAX_REOPENED_ELEMENTS"],
        "attributes of an element": ["clean/limits.py:_MAX_ATTRIBUTES"],
        "length of a tag whose attributes are counted early": ["clean/limits.py:_MAX_UNCHECKED_TAG_LENGTH"],
        "attributes of such a tag": ["clean/limits.py:_MAX_ATTRIBUTES_IN_MARKUP"],
        "ligatures that count as 18 letters (U+FDFA)": ["clean/limits.py:_MAX_LIGATURES"],
        "white space in a row": ["clean/limits.py:_MAX_WHITE_SPACE_RUN"],
        "data in an address": ["clean/limits.py:_MAX_DATA_LENGTH", "clean/addresses.py:_MAX_DATA_ADDRESS"],
        "any other address": ["clean/addresses.py:MAX_ADDRESS"],
        "redirectors around an address": ["clean/addresses.py:_MAX_REDIRECTS"],
        "marks in Markdown": ["clean/cleaning_context.py:_MAX_MARKUP_CHARACTERS"],
        "line breaks in Markdown": ["clean/cleaning_context.py:_MAX_LINES"],
        "front matter": ["read/front_matter.py:_MAX_YAML"],
        "front matter in TOML": ["read/front_matter.py:_MAX_TOML"],
        "front matter without an end": ["read/front_matter.py:_MAX_LINES"],
        "categories or tags in front matter": ["read/front_matter.py:_MAX_ITEMS"],
        "nesting of front matter": ["read/front_matter.py:_MAX_NESTING"],
        "an article in a feed": ["render/feeds.py:_MAX_BODY_LENGTH"],
        "processor time of a step, for one article": ["parallel/time_limits.py:MAX_SECONDS"],
        "time of a worker that no signal interrupts": ["parallel/time_limits.py:_MAX_WALL_SECONDS"],
    },
    "docs/search.md": {
        "articles in a `documents` file": ["index/files.py:DOCUMENTS_PER_CHUNK"],
        "length of a summary in it": ["index/files.py:_MAX_SUMMARY_CHARACTERS"],
        "stretches before the newest month": ["index/segments.py:MAX_OLDER_SEGMENTS"],
        "articles that make one stretch": ["index/segments.py:MIN_SPLIT_ARTICLES"],
        "part of the budget for the month": ["index/segments.py:_MONTH_SHARE"],
        "part of the budget for all stretches": ["index/segments.py:_OLDER_SHARE"],
        "articles in a segment": ["index/postings.py:MAX_DOCUMENTS"],
        "length of a word": ["index/characters.py:load_characters().max_word_length"],
        "terms that a beginning of a word stands for one by one": ["index/files.py:MAX_EXPANSIONS"],
        "boost of a title": ["index/files.py:BOOSTS[0]"],
        "k1 of BM25": ["index/files.py:K1"],
        "b of BM25": ["index/files.py:B"],
        "steps of the scale of lengths": ["index/quantized_lengths.py:len(LEVELS)"],
        "a file that `newsarchive search` reads": ["search/published.py:_MAX_BYTES"],
    },
    "docs/theme.md": {
        "length of `one_line`": ["render/environment.py:_LINE"],
        "tags on the home page": ["render/home.py:_TAGS"],
        "tags on the page of all tags": ["render/list_pages.py:_LARGEST_TAGS"],
        "links to numbered pages on the first page of a list": ["render/list_pages.py:_MOST_NUMBERS"],
        "articles of a year on the page of a day": ["render/list_pages.py:_STORIES_A_YEAR"],
        "labels of years in a chart of statistics": ["render/statistics.py:_MOST_LABELS"],
        "sections in a chart of statistics": ["render/statistics.py:_MOST_ROWS"],
        "articles in the feed of a tag": ["render/feeds.py:_TAG_FEED_MAX_ITEMS"],
        "width of an image in a feed": ["render/feeds.py:_IMAGE_WIDTH"],
        "width of an image for browsers without `srcset`": ["render/images.py:_MIDDLE"],
        "length of the name in `opensearch.xml`": ["render/robots.py:_SHORT_NAME_LENGTH"],
    },
}

# What a unit multiplies by. Any other word ("articles", "pixels") names what is counted.
_UNITS = {"%": 0.01, "s": 1, "min": 60, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_SAME_VALUE = 1e-9  # relative: 0.3 and 30 × 0.01 are equal

_SCRIPTS = {"theme/static/js/search-index.js"}  # with a test of its own below


class Row(NamedTuple):
    """A row of a table of limits."""

    document: str
    limit: str
    value: str
    files: tuple[str, ...]  # relative to the package, or to the project


def _tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield (header, rows) of each Markdown table."""
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        yield header, rows


def _limits_of(document: str) -> Iterator[Row]:
    for header, rows in _tables((PROJECT / document).read_text("utf-8")):
        if header[:2] == ["limit", "value"]:
            assert header[-1] == "where it is decided", f"{document}: {header}"
            for limit, value, *_, where in rows:
                yield Row(document, limit, value, tuple(re.findall(r"`([^`]+)`", where)))


ROWS = [row for document in DOCUMENTS for row in _limits_of(document)]


def _amount(value: str) -> float:
    """Return a number with a unit, like "5 min" or "20 MB", in seconds, bytes or whatever is counted."""
    match = re.fullmatch(r"(\d[\d,]*(?:\.\d+)?)(?: (\S+)(?: .+)?)?", value)
    assert match, f"{value!r} is no number with a unit"
    return float(match[1].replace(",", "")) * _UNITS.get(match[2], 1)


def _places_of(row: Row) -> list[str]:
    return HELD.get(row.document, {}).get(row.limit, [])


def _value_at(place: str) -> float:
    """Return what the code has at a place of `HELD`."""
    file, _, expression = place.partition(":")
    path = file.removesuffix(".py").removesuffix("/__init__")
    name = path.removeprefix("tests/") if path.startswith("tests/") else f"newsarchive/{path}"
    module = importlib.import_module(name.replace("/", "."))
    value = eval(expression, vars(module))
    return float(value)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.document}: {row.limit}")
def test_a_documented_limit_is_that_of_the_program(row: Row) -> None:
    places = _places_of(row)

    assert places, f"add the row to HELD: {row.limit}"
    for place in places:
        assert _value_at(place) == pytest.approx(_amount(row.value), rel=_SAME_VALUE), place


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.document}: {row.limit}")
def test_a_documented_limit_names_the_files_that_decide_it(row: Row) -> None:
    decided = {place.partition(":")[0] for place in _places_of(row)}

    assert set(row.files) - _SCRIPTS == decided


def test_every_held_limit_is_documented_once() -> None:
    documented = [(row.document, row.limit) for row in ROWS]

    assert sorted(documented) == sorted((document, limit) for document, held in HELD.items() for limit in held)


def test_the_table_of_image_recipes_is_the_programs_own() -> None:
    tables = list(_tables((PROJECT / "docs/images.md").read_text("utf-8")))
    (rows,) = [rows for header, rows in tables if header == ["pixels wide", "quality"]]

    assert rows == [[", ".join(map(str, each.widths)), str(each.quality)] for each in ENCODING_PROFILES]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_name_the_python_that_the_package_requires(document: str) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    required = project["requires-python"].removeprefix(">=")

    named = re.findall(r"Python (\d+\.\d+)", (PROJECT / document).read_text("utf-8"))

    assert set(named) <= {required}


@pytest.mark.parametrize(
    ("value", "amount"),
    [("0.95 GB", 950_000_000), ("5 min", 300), ("15 %", 0.15), ("2,000 characters", 2_000), ("390 a minute", 390)],
)
def test_a_value_is_a_number_with_a_unit(value: str, amount: float) -> None:
    assert _amount(value) == pytest.approx(amount)
