"""The second half of the program, read aloud: collect → render → index → publish. What stands is not made again.

The pages of articles come first, then what links to them, and what says that all is there comes last: a build that is
killed leaves no link to a page that is not there yet.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from newsarchive.articles import Article, Bodies, CleanHtml
from newsarchive.collect import Archive, Known, collect_archive
from newsarchive.executors import SERIAL, Workers, batches
from newsarchive.fingerprints import code_fingerprint, fingerprint, fingerprint_of_bytes, fingerprint_of_files
from newsarchive.index import IndexedSegment, SegmentRecord, common_files, index_segments
from newsarchive.inside import files_in
from newsarchive.pictures.album import (
    Addresses,
    Album,
    addresses_in,
    data_of,
    files_of,
    make_album,
    picture_budget,
)
from newsarchive.pictures.collection import collect_pictures
from newsarchive.pictures.conversions import Conversions
from newsarchive.pictures.judging import codes_in
from newsarchive.pictures.stock import REMOTE, Stock
from newsarchive.plan import Plan
from newsarchive.problems import Problem
from newsarchive.progress import Progress
from newsarchive.publish import Publisher
from newsarchive.records import from_bytes, to_bytes
from newsarchive.render.article_pages import ArticlePages, whole
from newsarchive.render.article_work import PageTask, render_articles
from newsarchive.render.kit import Kit, tools_of
from newsarchive.render.made_from import PageDigests
from newsarchive.render.outputs import OutputGroup, render_lists
from newsarchive.render.site import name_nameless
from newsarchive.settings import Settings
from newsarchive.state import BuildState
from newsarchive.update import Rejections

_BATCH = 32  # pages that a worker renders at a time: about 10 ms of work


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every input file's fate: an article (published or merged, as `archive` says), or a rejection."""

    archive: Archive
    articles: Sequence[Article]
    rejected: Sequence[tuple[str, Problem]] = field(default_factory=list)  # (path, why)
    described: Mapping[str, bytes] = field(default_factory=dict)  # fingerprints of the articles, by their paths
    bodies: Bodies = field(default_factory=dict)
    album: Album = field(default_factory=Album)


def collect_kept(
    plan: Plan, state: BuildState, passing: Rejections, stock: Stock, workers: Workers, progress: Progress
) -> Gathered:
    """All articles that are kept, as one archive; `passing` are rejections that are not kept, `stock` the pictures that
    are stored."""
    articles: list[Article] = []
    described: dict[str, bytes] = {}
    for card in state.cards():
        article = from_bytes(card, Article)
        articles.append(article)
        described[article.source] = fingerprint_of_bytes(card)
    addresses: Addresses = {}
    collection = None
    if plan.settings.pictures != REMOTE:
        addresses = _picture_addresses(articles, state)
        candidates = (picture.url for article in articles for picture in article.lead_candidates)
        wanted = {*candidates, *chain.from_iterable(addresses.values())}
        budget = picture_budget(plan.settings, len(articles))
        collection = collect_pictures(wanted, stock, budget, state.path.parent, workers, progress)
    with progress.stage("collect"):
        rejected = [*passing, *((source, from_bytes(why, Problem)) for source, why in state.rejections())]
        kept = state.fact(_KNOWN)
        known = from_bytes(kept, Known) if kept else Known()
        pictures = (collection.local, codes_in(stock.known)) if collection else ()
        archive = collect_archive(articles, plan.settings, known, *pictures)
        state.set_fact(_KNOWN, to_bytes(known))
        album = make_album(collection, addresses, archive, plan.settings) if collection else Album()
        return Gathered(archive, articles, rejected, described, KeptBodies(state), album)


_KNOWN = "known from the last collection"


def _picture_addresses(articles: Sequence[Article], state: BuildState) -> Addresses:
    """The addresses of the pictures in the bodies of articles; a body is looked through once."""
    kept = state.fact(_ADDRESSES)
    known = from_bytes(kept, dict[str, tuple[str, ...]]) if kept else {}
    found: dict[str, tuple[str, ...]] = {}
    for article in articles:
        body = article.body.hex()
        if article.has_picture and body not in found:
            found[body] = known[body] if body in known else addresses_in(state.body(article.source).decode())
    state.set_fact(_ADDRESSES, to_bytes(found))
    return {article.source: found.get(article.body.hex(), ()) for article in articles}


_ADDRESSES = "addresses of pictures, by body"


class SiteWriter:
    """Writes the files of an archive; what stands, and was made of the same, stays as it is.

    Its methods are called in this order: pictures before the pages that show them, articles before what links to them.
    """

    def __init__(
        self,
        gathered: Gathered,
        kit: Kit,
        settings: Settings,
        state: BuildState,
        publisher: Publisher,
        workers: Workers,
        progress: Progress,
    ) -> None:
        self._gathered, self._kit, self._settings = gathered, kit, settings
        self._state, self._publisher = state, publisher
        self._workers, self._progress = workers, progress
        self._environment, self._words = tools_of(kit)
        self._archive = name_nameless(gathered.archive, self._words)
        catalogue = fingerprint_of_files(files_in(kit.catalogues, ".po"))
        self._digests = PageDigests(self._environment, kit.site, catalogue, kit.filters)

    def write_pictures(self) -> None:
        """The files of pictures that pages show."""
        files = files_of(self._gathered.album, self._gathered.archive)
        first = next(files, None)
        if first is None:
            return
        with self._progress.stage("pictures") as stage, Conversions(self._state.path.parent) as conversions:
            for file in chain([first], files):
                if not self._publisher.keep(file.path, file.made_from):
                    data = data_of(file, self._gathered.album, conversions)
                    self._publisher.write(file.path, data, file.made_from)
                    stage.count += 1
            self._publisher.flush()

    def write_articles(self) -> None:
        """A page for each article."""
        workers = self._workers
        if not _is_picklable(self._kit):  # a user's filter that is a lambda: only this process has it
            workers = Workers(SERIAL)
        tasks = batches(self._article_tasks(), _BATCH)
        rendered = chain.from_iterable(workers.map(partial(render_articles, self._kit), tasks))
        for page in self._progress.each("render articles", rendered, len(self._archive.articles)):
            self._publisher.write(page.path, page.data, page.made_from)
        self._publisher.flush()

    def _article_tasks(self) -> Iterator[PageTask]:
        """The pages of articles that are not made from what they were made from before."""
        template = self._digests.template("article.html")
        for article, beside in ArticlePages(self._archive, self._gathered.album):
            digest = self._digests.digester.know(article, self._gathered.described[article.source])
            made_from = fingerprint_of_bytes(template + digest + beside)
            if not self._publisher.keep(article.url, made_from):
                yield PageTask(article.url, made_from, whole(article, beside), self._state.body(article.source))

    def write_lists(self) -> None:
        """Every other page, feeds, and what else is made of the archive, but the search's files."""
        with self._progress.stage("render lists") as stage:
            for file in render_lists(
                self._archive,
                self._gathered.bodies,
                self._kit.site,
                self._environment,
                self._settings,
                self._words,
                self._digests,
                self._gathered.album,
            ):
                if isinstance(file, OutputGroup) and self._publisher.keep_group(file.name, file.made_from, file.paths):
                    continue
                for each in file.outputs() if isinstance(file, OutputGroup) else [file]:
                    if not self._publisher.keep(each.path, each.made_from):
                        self._publisher.write(each.path, each.make(), each.made_from)
                        stage.count += 1
            self._publisher.flush()

    def begin_search(self) -> Iterator[IndexedSegment]:
        """The search's segments, for `write_search`; workers begin with them, while lists are rendered here."""
        return index_segments(
            self._gathered.archive.articles,
            lambda articles: [self._state.terms(article.source) for article in articles],
            self._digests.digester.of_article,
            self._settings,
            map=self._workers.begin,
            remembered=self._standing_segments(),
        )

    def write_search(self, lunr: str, segments: Iterable[IndexedSegment]) -> None:
        """The search's files; the manifest, which names all others, last."""
        self._publisher.write("search/lunr.js", lunr, fingerprint(lunr))
        records: list[SegmentRecord] = []
        with self._progress.stage("index") as stage:
            for segment in segments:
                records.append(segment.record)
                made_from = _made_from(segment.record)
                if segment.files is None:
                    for path in segment.record.paths:
                        self._publisher.keep(path, made_from)
                else:
                    stage.count += segment.record.described["documents"]
                    for path, text in segment.files:
                        self._publisher.write(path, text, made_from)
                self._publisher.flush()
            for path, text in common_files(records):
                self._publisher.write(path, text, fingerprint(*map(_made_from, records)))
            self._publisher.flush()
        self._state.set_fact(_SEGMENTS, to_bytes({record.name: record for record in records}))

    def _standing_segments(self) -> dict[str, SegmentRecord]:
        """The segments that an earlier build wrote, and that all stand as it left them."""
        kept = self._state.fact(_SEGMENTS)
        records = from_bytes(kept, dict[str, SegmentRecord]) if kept else {}
        return {name: record for name, record in records.items() if self._stands(record)}

    def _stands(self, record: SegmentRecord) -> bool:
        made_from = _made_from(record)
        return all(self._publisher.stands(path, made_from) for path in record.paths)


_SEGMENTS = "segments of the search"


def _is_picklable(kit: Kit) -> bool:
    try:
        pickle.dumps(kit)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _made_from(record: SegmentRecord) -> bytes:
    return fingerprint(code_fingerprint(), record.digest)


class KeptBodies(Mapping[str, CleanHtml]):
    """The bodies of articles, read from the state when they are asked for: they are not all held in memory."""

    def __init__(self, state: BuildState) -> None:
        self._state = state

    def __getitem__(self, source: str) -> CleanHtml:
        return CleanHtml(self._state.body(source).decode())

    def __iter__(self) -> Iterator[str]:
        return iter(self._state.files())

    def __len__(self) -> int:
        return len(self._state.files())
