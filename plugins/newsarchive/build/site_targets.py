"""Which targets a collected site has, and what each is made from.

Nothing may reach a template that is not among its target's inputs (see `build.page_dependencies`).
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from newsarchive.build.collect_site import CollectedSite
from newsarchive.build.page_dependencies import PageDigests
from newsarchive.build.targets import File, Made, Stage, Target
from newsarchive.cache.build_cache import BuildCache
from newsarchive.cache.database import read_kept
from newsarchive.cache.fingerprints import code_fingerprint, fingerprint, fingerprint_of_files
from newsarchive.cache.serialization import to_bytes
from newsarchive.config import Settings
from newsarchive.fs.symlinks import files_in
from newsarchive.images.image_selection import ImageFile, ImageSelection, data_of, files_of
from newsarchive.images.variant_cache import VariantCache
from newsarchive.index import SegmentTask, build_segment, common_files, segment_digest, segment_task, split_segments
from newsarchive.models import Article
from newsarchive.render.article_pages import ArticlePages, join_page_inputs
from newsarchive.render.catalog import catalog_file
from newsarchive.render.citations import bibliographies
from newsarchive.render.feeds import feeds_of
from newsarchive.render.images import missing_image_text
from newsarchive.render.page import File as DataFile
from newsarchive.render.page import Page, PageGroup, render_page
from newsarchive.render.pages import pages_of
from newsarchive.render.render_articles import PageTask, render_articles
from newsarchive.render.render_context import RenderContext, load_renderer
from newsarchive.render.robots import robots_files
from newsarchive.render.site import label_uncategorised
from newsarchive.render.sitemap import sitemap_files

_PAGES_PER_BATCH = 32  # about 10 ms of work for a worker process

ValueOf = Callable[[str], bytes]
"""Returns what is recorded of a target that is up to date (`TargetRecord.value`)."""

_NOT_IN_SITEMAP = {"404.html", "offline.html", "search.html"}


@dataclass(frozen=True, slots=True)
class RenderedSite:
    """A collected site with the templates to render it."""

    collected: CollectedSite  # with the section of uncategorised articles named in the site's language
    context: RenderContext
    digests: PageDigests

    @classmethod
    def of(cls, collected: CollectedSite, context: RenderContext) -> RenderedSite:
        """Load the templates of `context`."""
        environment, translations = load_renderer(context)
        archive = label_uncategorised(collected.archive, translations)
        catalogue = fingerprint_of_files(files_in(context.catalogues, ".po"))
        digests = PageDigests(environment, context.site, catalogue, context.additions.digest)
        parts = (collected.articles, collected.rejected, collected.article_digests, collected.bodies, collected.images)
        return cls(CollectedSite(archive, *parts), context, digests)


def image_targets(site: RenderedSite, cache: BuildCache) -> Stage:
    """Return the images that pages show, in the sizes that screens need."""
    return Stage("images", _image_targets(site.collected, cache.path.parent))


def _image_targets(site: CollectedSite, folder: Path) -> Iterator[Target]:
    files = files_of(site.images, site.archive)
    first = next(files, None)
    if first is None:
        return
    with VariantCache(folder) as variants:
        for file in chain([first], files):
            yield Target(file.path, {"image": file.inputs_digest}, partial(_image, file, site.images, variants))


def _image(file: ImageFile, images: ImageSelection, variants: VariantCache) -> list[File]:
    return [File(file.path, data_of(file, images, variants))]


def article_targets(site: RenderedSite, cache: BuildCache) -> Stage:
    """Return a page for each article."""
    total = len(site.collected.archive.articles)
    if not _is_picklable(site.context):  # a filter of the user's own, such as a lambda, exists in this process only
        return Stage("render articles", _article_targets(site, cache, _render_here), total=total)
    work = partial(_render_articles, site.context)
    return Stage("render articles", _article_targets(site, cache, _page_task), work, _PAGES_PER_BATCH, total)


def _article_targets(site: RenderedSite, cache: BuildCache, make: Callable[..., Any]) -> Iterator[Target]:
    template = site.digests.template("article.html")
    for article, links in ArticlePages(site.collected.archive, site.collected.images):
        digest = site.digests.digester.register(article, site.collected.article_digests[article.source])
        inputs = {"template": template, "article": digest, "links": fingerprint(links)}
        yield Target(article.url, inputs, partial(make, article, links, cache, site.context))


def _page_task(article: Article, links: bytes, cache: BuildCache, _: RenderContext) -> PageTask:
    return PageTask(article.url, join_page_inputs(article, links), cache.body(article.source))


def _render_articles(context: RenderContext, tasks: Sequence[PageTask]) -> list[Made]:
    return [Made([File(page.path, page.data)]) for page in render_articles(context, tasks)]


def _render_here(article: Article, links: bytes, cache: BuildCache, context: RenderContext) -> Iterator[File]:
    for made in _render_articles(context, [_page_task(article, links, cache, context)]):
        yield from made.files


def _is_picklable(context: RenderContext) -> bool:
    try:
        pickle.dumps(context)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def search_targets(
    site: RenderedSite, cache: BuildCache, settings: Settings, lunr: str | None, value_of: ValueOf
) -> list[Stage]:
    """Return lunr.js, the segments of the search index, and its manifest, which names all other files, last."""
    if lunr is None:
        return []
    script = Target("search/lunr.js", {"file": fingerprint(lunr)}, lambda: [File("search/lunr.js", lunr)])
    segments = split_segments(site.collected.archive.articles)
    code = code_fingerprint()
    digests = [segment_digest(each, site.digests.digester.of_article, settings) for each in segments]
    names = [f"search/{segment.name}" for segment in segments]

    def load_terms(articles: Sequence[Article]) -> list[bytes]:
        return [cache.terms(article.source) for article in articles]

    targets = (
        Target(name, {"program": code, "articles": digest}, partial(segment_task, segment, load_terms, settings))
        for name, digest, segment in zip(names, digests, segments, strict=True)
    )
    manifest = Target(
        "search", {"program": code, "segments": fingerprint(*digests)}, lambda: _manifest(names, value_of)
    )
    return [
        Stage("lunr.js", [script]),
        Stage("index", targets, _build_segments, batch=1, is_written_last=True),
        Stage("search manifest", [manifest], is_written_last=True),
    ]


def _build_segments(tasks: Sequence[SegmentTask]) -> list[Made]:
    return [Made([File(*file) for file in files], to_bytes(entry)) for entry, files in map(build_segment, tasks)]


def _manifest(names: Sequence[str], value_of: Callable[[str], bytes]) -> list[File]:
    entries = [read_kept(value_of(name), dict[str, Any]) for name in names]
    return [File(*file) for file in common_files(entries)]


def page_targets(site: RenderedSite, settings: Settings) -> Stage:
    """Return every other page, feeds, the sitemap, and the catalogue."""
    return Stage("render lists", _page_targets(site, settings))


def _page_targets(site: RenderedSite, settings: Settings) -> Iterator[Target]:
    environment, translations = load_renderer(site.context)
    archive, shared, digests = site.collected.archive, site.context.site, site.digests

    def page_target(page: Page) -> Target:
        def make() -> list[File]:
            return [File(page.path, render_page(page, shared, environment))]

        return Target(page.path, digests.page(page), make)

    def file_target(file: DataFile) -> Target:
        inputs = {"content": digests.other(file.path, *file.inputs)}
        return Target(file.path, inputs, lambda: [File(file.path, file.make())])

    def group_target(group: PageGroup) -> Target:
        return Target(
            f"list {group.name}", digests.group(group), lambda: map(page_target, group.pages()), is_group=True
        )

    lists = [page.url for page in shared.pages]
    for page in pages_of(archive, shared, settings, translations):
        if isinstance(page, Page):
            yield page_target(page)
            lists += [] if page.path in _NOT_IN_SITEMAP else [page.path]
        else:
            yield group_target(page)
            lists += page.paths
    for year, files in groupby(bibliographies(archive, shared), key=lambda file: file.path.partition("/")[0]):
        of_year = list(files)
        inputs = {"content": digests.other([file.inputs for file in of_year])}
        yield Target(f"bibliographies of {year}", inputs, partial(map, file_target, of_year), is_group=True)
    missing = missing_image_text(translations)
    yield from map(
        file_target, feeds_of(archive, site.collected.bodies, shared, settings, site.collected.images, missing)
    )
    paths = [*(article.url for article in archive.articles), *lists]
    others = chain([catalog_file(archive)], sitemap_files(shared, paths), robots_files(shared))
    yield from map(file_target, others)
