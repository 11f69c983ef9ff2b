"""What holds for every page: its links lead somewhere, it is silent, it keeps to itself, and it is well made.

One crawl for each browser and address serves all the tests here.
"""

from __future__ import annotations

from .crawl import Crawl

MAIN_KINDS = {"index", "article", "day", "sections", "tags"}

WANTED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}

# What an injected inline script would need: any of them in a policy undoes it.
HOLES = ("'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "'strict-dynamic'", "*")


def test_links_from_the_home_page_reach_every_kind_of_page(crawled: Crawl) -> None:
    kinds = {visit.kind for visit in crawled.visits}

    assert kinds >= MAIN_KINDS


def test_every_internal_link_leads_to_a_file_and_a_fragment_that_exist(crawled: Crawl) -> None:
    faults = crawled.faults_of_links()

    assert faults == []


def test_no_page_makes_the_browser_complain(crawled: Crawl) -> None:
    complaints = [f"{visit.path}: {told}" for visit in crawled.visits for told in visit.complaints]

    assert complaints == []


def test_nothing_leaves_the_site_but_requests_for_images_over_https(crawled: Crawl) -> None:
    leaks = [f"{visit.path}: {kind} {url}" for visit in crawled.visits for kind, url in visit.leaks]

    assert leaks == []


def test_everything_a_page_is_made_of_arrives(crawled: Crawl) -> None:
    missing = [f"{visit.path}: {failure}" for visit in crawled.visits for failure in visit.failures]
    broken = [f"{visit.path}: {url} is no image" for visit in crawled.visits for url in visit.facts["brokenImages"]]

    assert missing + broken == []


def test_no_page_takes_the_reader_elsewhere(crawled: Crawl) -> None:
    strays = {visit.path: visit.strays for visit in crawled.visits if visit.strays}

    assert strays == {}


def test_every_page_has_one_main_heading_and_names_its_language(crawled: Crawl) -> None:
    headings = {visit.path: visit.facts["headings"] for visit in crawled.visits if visit.facts["headings"] != 1}
    without_language = [visit.path for visit in crawled.visits if not visit.facts["lang"]]

    assert headings == {}
    assert without_language == []


def test_no_page_holds_inline_script_style_or_handlers(crawled: Crawl) -> None:
    inline = [f"{visit.path}: {piece}" for visit in crawled.visits for piece in visit.facts["inline"]]

    assert inline == []


def test_every_page_has_one_policy_that_allows_nothing_but_its_own_files(crawled: Crawl) -> None:
    numbers = {visit.path: visit.facts["policies"] for visit in crawled.visits if len(visit.facts["policies"]) != 1}
    loose = {visit.path: holes for visit in crawled.visits if (holes := _holes_in(" ".join(visit.facts["policies"])))}

    assert numbers == {}
    assert loose == {}


def test_the_policy_stands_before_everything_it_governs(crawled: Crawl) -> None:
    ungoverned = [f"{visit.path}: {piece}" for visit in crawled.visits for piece in visit.facts["beforePolicy"]]

    assert ungoverned == []


def test_script_injected_into_a_page_does_not_run(crawled: Crawl) -> None:
    ran = {visit.path: visit.injected for visit in crawled.visits if visit.injected}

    assert ran == {}


def test_a_page_cannot_ask_another_host(crawled: Crawl) -> None:
    reached = [visit.path for visit in crawled.visits if visit.reached_outside]

    assert reached == []


def _holes_in(policy: str) -> list[str]:
    """Name what a policy lacks or wrongly allows."""
    directives = {name: sources for name, *sources in map(str.split, filter(str.strip, policy.split(";")))}
    lacking = [name for name, source in WANTED.items() if directives.get(name) != [source]]
    holes = [f"{name} {hole}" for name, sources in directives.items() for hole in HOLES if hole in sources]
    return lacking + holes
