"""Properties of whole small sites: whatever files and rules say, every file has a fate and every page is safe."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st

from newsarchive.build.tasks import DescribeTask, FileTask, clean_files, describe_articles
from newsarchive.cache.fingerprints import fingerprint_of_rules
from newsarchive.cache.serialization import from_bytes
from newsarchive.clean.rule_files import load_rules
from newsarchive.clean.sanitise import ATTRIBUTES, TAGS
from newsarchive.config.build_config import BuildConfig
from newsarchive.config.settings import Settings
from newsarchive.diagnostics import ConfigurationError
from newsarchive.models import Article
from newsarchive.read.find import find_files

from .strategies import hostile_text, property_test, slow_property_test

# --- fragments of HTML: what parsers disagree about, nested in one another as chance will ----------------------------

_NAMES = [
    *"a b p td h2 li ul ol div table tr ruby rp rt pre code img br figure blockquote details summary".split(),
    *"svg math style script noscript template xmp plaintext iframe textarea title select option form".split(),
    *"mtext mglyph annotation-xml foreignObject desc noembed noframes button marquee object x-y".split(),
]
_VALUES = st.sampled_from(
    ["javascript:alert(1)",
     "https://e.example/a.png", "//e.example", "x", "", "&quot;onload=alert(1)", "data:text/html,x",
     "</style>", "-->", "display:none", "share related ad", "java&Tab;script:alert(1)", "https://e.example/?a=<b>"]
) | hostile_text  # fmt: skip
_ATTRIBUTES = st.tuples(
    st.sampled_from(
        "href src style class id title onerror onclick data-src srcset alt xlink:href name colspan".split()
    ),
    _VALUES,
    st.sampled_from(['"', "'", ""]),
).map(lambda parts: f" {parts[0]}={parts[2]}{parts[1]}{parts[2]}")
_OPENINGS = st.tuples(st.sampled_from(_NAMES), st.lists(_ATTRIBUTES, max_size=2)).map(
    lambda parts: f"<{parts[0]}{''.join(parts[1])}>"
)
fragments = st.lists(
    _OPENINGS
    | st.sampled_from([f"</{name}>" for name in _NAMES])
    | st.sampled_from(
        [
            "<!--",
            "-->",
            "--!>",
            "<![CDATA[",
            "]]>",
            "<?x",
            "<!doctype x>",
            "<",
            "</",
            "&lt;img src=x onerror=alert(1)&gt;",
        ]
    )
    | st.sampled_from(
        [
            "雨下了一天。",
            "责任编辑：张三",
            "原标题：雨",
            "\n\n",
            "# 题",
            "[x](javascript:alert(1))",
            "&#0;&#xd800;&#x202e;",
        ]
    )
    | hostile_text,
    max_size=14,
).map("".join)

# --- files ------------------------------------------------------------------------------------------------------------

_FIELDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["title", "date", "categories", "tags", "author", "thumbnail", "<<", "x", "&a title", "!!python/x t"]
        ),
        hostile_text
        | st.sampled_from(["|-", "[a, b", "*a", "{a: b}", "'", '"\\0\\x1b\\u202e"', "2021-10-10", "9" * 400]),
    ),
    max_size=5,
).map(lambda pairs: "".join(f"{name}: {value}\n" for name, value in pairs))
files = (
    st.tuples(
        st.sampled_from(["---\n", "\n---\n", "", "+++\n", "\ufeff---\n"]),
        _FIELDS,
        st.sampled_from(["---\n", "", "+++\n"]),
        fragments,
    )
    .map("".join)
    .flatmap(
        lambda text: st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "gb18030"]).map(
            lambda way: text.encode(way, "replace")
        )
    )
)
sites = st.lists(files | st.binary(max_size=60), min_size=1, max_size=4)

# --- rule files -------------------------------------------------------------------------------------------------------

_SELECTORS = st.sampled_from(
    ["p", "div > p", ".share", "#x", "a[href]", "*", "p:nth-child(2)", "::", "[", "body", "b b"]
)
_PATTERNS = st.sampled_from(["^x", "(雨)", ".", "(", r"\1", "^(a+)+$", "(?P<n>.)", ".*"])
_ENTRIES = (
    st.tuples(st.sampled_from(["keep", "drop", "unwrap"]), _SELECTORS).map(lambda e: f"{e[0]} = ['{e[1]}']\n")
    | st.tuples(_SELECTORS, st.sampled_from(["h3", "script", "svg", "x y", "img src=x onerror=alert(1)"])).map(
        lambda e: f"[rename]\n\"{e[0]}\" = '{e[1]}'\n"
    )
    | st.tuples(_SELECTORS, _PATTERNS).map(lambda e: f"[[drop_if]]\nselect = '{e[0]}'\ntext = '{e[1]}'\n")
    | st.tuples(_PATTERNS, st.sampled_from(["javascript:alert(1)", r"\1", '"><script>', r"\9"])).map(
        lambda e: f"[[rewrite_url]]\npattern = '{e[0]}'\nreplace = '{e[1]}'\n"
    )
    | st.tuples(st.sampled_from(["original_url", "byline", "ticker", "x"]), _SELECTORS, _PATTERNS).map(
        lambda e: f"[[take]]\nfact = '{e[0]}'\nselect = '{e[1]}'\npattern = '{e[2]}'\n"
    )
)
rules = st.lists(_ENTRIES | hostile_text, max_size=3).map(
    lambda entries: (
        "name = '法'\nmatch.html = ['<']\n" + "".join(sorted(entries, key=lambda entry: entry.startswith("[")))
    )
)


@settings(slow_property_test, max_examples=60)
@given(sites, rules)
def test_every_file_of_a_site_has_a_fate_and_every_body_is_safe(contents: list[bytes], rule: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder)
        for number, data in enumerate(contents):
            (content / f"{number}.md").write_bytes(data)
        (content / "rules").mkdir()
        if _is_accepted(content, rule):
            (content / "rules/own.toml").write_text(rule, "utf-8")
        # Only the rules at hand: reading the shipped ones again for each example takes longer than all else.
        folders = (content / "rules",)
        marked = fingerprint_of_rules(sorted(folders[0].glob("*.toml")))
        config = BuildConfig(content, Settings(), ZoneInfo("Asia/Shanghai"), folders, marked)

        found = find_files(content, ("md",), exclude=("rules", "tried"))
        cleaned = clean_files(config, [FileTask(file) for file in found])
        described = describe_articles(
            config,
            [DescribeTask(each.source, each.cleaned, each.fingerprints, b"") for each in cleaned if not each.rejection],
        )

        fates = {each.source: each.rejection for each in cleaned} | {each.source: each.rejection for each in described}
        assert set(fates) == {f"{number}.md" for number in range(len(contents))}
        assert [why for why in fates.values() if why and why.code == "internal"] == []
        for each in described:
            if not each.rejection:
                _check_body(each.body.decode("utf-8"))
                _check_card(from_bytes(each.card, Article))


def _is_accepted(content: Path, rule: str) -> bool:
    """False when the rule file is refused, which happens before a build begins; anything else would be a traceback."""
    (content / "tried").mkdir()
    (content / "tried/own.toml").write_text(rule, "utf-8")
    try:
        load_rules([content / "tried"])
    except ConfigurationError as error:
        told = [str(diagnostic) for diagnostic in error.diagnostics]
    else:
        told = []
    assert all(line.isprintable() for line in told)
    return not told and "(a+)+" not in rule  # what takes for ever has tests of its own


def _check_body(body: str) -> None:
    """By a parser that shares no code with the cleaner: Python's html5lib."""
    tree = html5lib.parseFragment(body, treebuilder="etree", namespaceHTMLElements=False)
    for element in tree.iter():
        if element is tree:
            continue
        assert element.tag in TAGS, element.tag
        for name, value in element.attrib.items():
            assert name in ATTRIBUTES["*"] | ATTRIBUTES.get(element.tag, set()), (element.tag, name)
            if name in {"href", "src"}:
                assert re.match(
                    r"(?:https?://|mailto:|tel:|data:image/(?:png|jpe?g|gif|webp);base64,)", value, re.IGNORECASE
                )


def _check_card(article: Article) -> None:
    told = (
        article.title,
        article.author,
        *article.categories,
        *article.tags,
        article.facts.byline,
        article.facts.origin,
    )
    for text in told:
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert not article.facts.original_url or article.facts.original_url.startswith(("http://", "https://"))
    assert article.lead is None or article.lead.url.startswith("https://")


@property_test
@given(rules)
def test_a_rule_file_is_right_or_told_line_by_line(rule: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _is_accepted(Path(folder), rule)

        assert os.listdir(folder) == ["tried"]
