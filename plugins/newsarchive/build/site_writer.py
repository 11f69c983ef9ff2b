"""The second half of the program, read aloud: collect → render → index → publish. What stands is not made again.

The pages of articles come first, then what links to them, and what says that all is there comes last: a build that is
killed leaves no link to a page that is not there yet.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from newsarchive.build.article_stages import Rejections
from newsarchive.build.output_writer import OutputWriter
from newsarchive.build.page_dependencies import PageDigests
from newsarchive.build.targets import OutputGroup, render_lists
from newsarchive.cache.build_cache import BuildCache
from newsarchive.cache.database import CorruptCache, read_kept, reading
from newsarchive.cache.fingerprints import code_fingerprint, fingerprint, fingerprint_of_bytes, fingerprint_of_files
from newsarchive.cache.serialization import to_bytes
from newsarchive.collect import Archive, CollectionCache, collect_archive
from newsarchive.config.build_config import BuildConfig
from newsarchive.config.settings import Settings
from newsarchive.describe.ids import article_id, article_url
from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.symlinks import files_in
from newsarchive.images.collection import collect_images
from newsarchive.images.image_selection import (
    Addresses,
    ImageSelection,
    addresses_in,
    data_of,
    files_of,
    image_budget,
    select_images,
)
from newsarchive.images.judging import qr_codes_in
from newsarchive.images.stored_files import REMOTE, StoredFiles
from newsarchive.images.variant_cache import VariantCache
from newsarchive.index import IndexedSegment, SegmentRecord, common_files, index_segments
from newsarchive.index.files import segment_paths
from newsarchive.models import Article, Bodies, CleanHtml
from newsarchive.parallel.executors import SERIAL, WorkerPool, batches
from newsarchive.parallel.progress import Progress
from newsarchive.render.article_pages import ArticlePages, join_page_inputs
from newsarchive.render.render_articles import PageTask, render_articles
from newsarchive.render.render_context import RenderContext, load_renderer
from newsarchive.render.site import label_uncategorised

_BATCH = 32  # pages that a worker renders at a time: about 10 ms of work


@dataclass(frozen=True, slots=True)
class CollectedSite:
    """Every input file's fate: an article (published or merged, as `archive` says), or a rejection."""

    archive: Archive
    articles: Sequence[Article]
    rejected: Sequence[tuple[str, Diagnostic]] = field(default_factory=list)  # (path, why)
    described: Mapping[str, bytes] = field(default_factory=dict)  # fingerprints of the articles, by their paths
    bodies: Bodies = field(default_factory=dict)
    selection: ImageSelection = field(default_factory=ImageSelection)


def collect_site(
    config: BuildConfig,
    state: BuildCache,
    transient_rejections: Rejections,
    stored_files: StoredFiles,
    pool: WorkerPool,
    progress: Progress,
) -> CollectedSite:
    """Collect all cached articles into one archive.

    `transient_rejections` are not in the cache: they may be gone in the next build. `stored_files` are the images on
    disk.
    """
    articles: list[Article] = []
    described: dict[str, bytes] = {}
    for card in state.cards():
        article = read_kept(card, Article)
        if article.url != article_url(article.date, article_id(article.source)):
            raise CorruptCache("an article has the address of another")
        articles.append(article)
        described[article.source] = fingerprint_of_bytes(card)
    addresses: Addresses = {}
    collection = None
    if config.settings.images != REMOTE:
        addresses = _image_addresses(articles, state)
        candidates = (image.url for article in articles for image in article.lead_candidates)
        wanted = {*candidates, *chain.from_iterable(addresses.values())}
        budget = image_budget(config.settings, len(articles))
        collection = collect_images(wanted, stored_files, budget, state.path.parent, pool, progress)
    with progress.stage("collect"):
        rejected = [
            *transient_rejections,
            *((source, read_kept(why, Diagnostic)) for source, why in state.rejections()),
        ]
        kept = state.get_value(_COLLECTION_CACHE)
        known = read_kept(kept, CollectionCache) if kept else CollectionCache()
        if not all(map(_SLUG.fullmatch, known.slugs.values())):
            raise CorruptCache("a slug leads elsewhere")
        images = (collection.local, qr_codes_in(stored_files.known)) if collection else ()
        archive = collect_archive(articles, config.settings, known, *images)
        state.set_value(_COLLECTION_CACHE, to_bytes(known))
        selection = select_images(collection, addresses, archive, config.settings) if collection else ImageSelection()
        return CollectedSite(archive, articles, rejected, described, CachedBodies(state), selection)


_COLLECTION_CACHE = "known from the last collection"
_SLUG = re.compile("[a-z0-9-]*")


def _image_addresses(articles: Sequence[Article], state: BuildCache) -> Addresses:
    """The addresses of the images in the bodies of articles; a body is looked through once."""
    kept = state.get_value(_ADDRESSES)
    known = read_kept(kept, dict[str, tuple[str, ...]]) if kept else {}
    found: dict[str, tuple[str, ...]] = {}
    for article in articles:
        body = article.body.hex()
        if article.has_image and body not in found:
            found[body] = known[body] if body in known else addresses_in(state.body(article.source).decode())
    state.set_value(_ADDRESSES, to_bytes(found))
    return {article.source: found.get(article.body.hex(), ()) for article in articles}


_ADDRESSES = "addresses of images, by body"


class SiteWriter:
    """Writes the files of an archive; what stands, and was made of the same, stays as it is.

    Its methods are called in this order: images before the pages that show them, articles before what links to them.
    """

    def __init__(
        self,
        gathered: CollectedSite,
        context: RenderContext,
        settings: Settings,
        state: BuildCache,
        writer: OutputWriter,
        pool: WorkerPool,
        progress: Progress,
    ) -> None:
        self._gathered, self._context, self._settings = gathered, context, settings
        self._state, self._writer = state, writer
        self._pool, self._progress = pool, progress
        self._environment, self._words = load_renderer(context)
        self._archive = label_uncategorised(gathered.archive, self._words)
        catalogue = fingerprint_of_files(files_in(context.catalogues, ".po"))
        self._digests = PageDigests(self._environment, context.site, catalogue, context.filters)

    def write_images(self) -> None:
        """The files of images that pages show."""
        files = files_of(self._gathered.selection, self._gathered.archive)
        first = next(files, None)
        if first is None:
            return
        with self._progress.stage("images") as stage, VariantCache(self._state.path.parent) as variant_cache:
            for file in chain([first], files):
                if not self._writer.keep(file.path, file.inputs_digest):
                    data = data_of(file, self._gathered.selection, variant_cache)
                    self._writer.write(file.path, data, file.inputs_digest)
                    stage.count += 1
            self._writer.flush()

    def write_articles(self) -> None:
        """A page for each article."""
        pool = self._pool
        if not _is_picklable(self._context):  # a user's filter that is a lambda: only this process has it
            pool = WorkerPool(SERIAL)
        tasks = batches(self._article_tasks(), _BATCH)
        rendered = chain.from_iterable(pool.map(partial(render_articles, self._context), tasks))
        for page in self._progress.each("render articles", rendered, len(self._archive.articles)):
            self._writer.write(page.path, page.data, page.inputs_digest)
        self._writer.flush()

    def _article_tasks(self) -> Iterator[PageTask]:
        """The pages of articles that are not made from what they were made from before."""
        template = self._digests.template("article.html")
        for article, beside in ArticlePages(self._archive, self._gathered.selection):
            digest = self._digests.digester.register(article, self._gathered.described[article.source])
            inputs_digest = fingerprint_of_bytes(template + digest + beside)
            if not self._writer.keep(article.url, inputs_digest):
                yield PageTask(
                    article.url, inputs_digest, join_page_inputs(article, beside), self._state.body(article.source)
                )

    def write_lists(self) -> None:
        """Every other page, feeds, and what else is made of the archive, but the search's files."""
        with self._progress.stage("render lists") as stage:
            for file in render_lists(
                self._archive,
                self._gathered.bodies,
                self._context.site,
                self._environment,
                self._settings,
                self._words,
                self._digests,
                self._gathered.selection,
            ):
                if isinstance(file, OutputGroup) and self._writer.keep_group(file.name, file.inputs_digest, file.paths):
                    continue
                for each in file.outputs() if isinstance(file, OutputGroup) else [file]:
                    if not self._writer.keep(each.path, each.inputs_digest):
                        self._writer.write(each.path, each.make(), each.inputs_digest)
                        stage.count += 1
            self._writer.flush()

    def submit_search(self) -> Iterator[IndexedSegment]:
        """The search's segments, for `write_search`; workers begin with them, while lists are rendered here."""
        return index_segments(
            self._gathered.archive.articles,
            lambda articles: [self._state.terms(article.source) for article in articles],
            self._digests.digester.of_article,
            self._settings,
            map=self._pool.submit_all,
            remembered=self._current_segments(),
        )

    def write_search(self, lunr: str, segments: Iterable[IndexedSegment]) -> None:
        """The search's files; the manifest, which names all others, last."""
        self._writer.write("search/lunr.js", lunr, fingerprint(lunr))
        records: list[SegmentRecord] = []
        with self._progress.stage("index") as stage:
            for segment in segments:
                records.append(segment.record)
                inputs_digest = _inputs_digest(segment.record)
                if segment.files is None:
                    for path in segment.record.paths:
                        self._writer.keep(path, inputs_digest)
                else:
                    stage.count += segment.record.manifest_entry["documents"]
                    for path, text in segment.files:
                        self._writer.write(path, text, inputs_digest)
                self._writer.flush()
            for path, text in common_files(records):
                self._writer.write(path, text, fingerprint(*map(_inputs_digest, records)))
            self._writer.flush()
        self._state.set_value(_SEGMENTS, to_bytes({record.name: record for record in records}))

    def _current_segments(self) -> dict[str, SegmentRecord]:
        """The segments that an earlier build wrote, and that all stand as it left them."""
        kept = self._state.get_value(_SEGMENTS)
        records = read_kept(kept, dict[str, SegmentRecord]) if kept else {}
        with reading(self._state.path):
            return {name: record for name, record in records.items() if self._is_current(record)}

    def _is_current(self, record: SegmentRecord) -> bool:
        inputs_digest = _inputs_digest(record)
        return all(self._writer.is_current(path, inputs_digest) for path in segment_paths(record.described))


_SEGMENTS = "segments of the search"


def _is_picklable(context: RenderContext) -> bool:
    try:
        pickle.dumps(context)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _inputs_digest(record: SegmentRecord) -> bytes:
    return fingerprint(code_fingerprint(), record.digest)


class CachedBodies(Mapping[str, CleanHtml]):
    """The bodies of articles, read from the state when they are asked for: they are not all held in memory."""

    def __init__(self, state: BuildCache) -> None:
        self._state = state

    def __getitem__(self, source: str) -> CleanHtml:
        return CleanHtml(self._state.body(source).decode())

    def __iter__(self) -> Iterator[str]:
        return iter(self._state.files())

    def __len__(self) -> int:
        return len(self._state.files())
