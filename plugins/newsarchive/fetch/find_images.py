"""Which images clean articles show: in their bodies, as a build leaves them, and as lead images."""

from __future__ import annotations

from newsarchive.build.clean_content import clean_content, find_content
from newsarchive.config import BuildConfig
from newsarchive.describe.lead_images import lead_candidates
from newsarchive.images.repeated_images import ArticleImages
from newsarchive.models import CleanArticle
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.progress import Progress


def find_images(config: BuildConfig, pool: WorkerPool, progress: Progress) -> list[ArticleImages]:
    """Return what each article of a content folder shows, in the order of their paths.

    Rejected files show nothing. Images that a source repeats at one address are left out, as a build leaves them out;
    those that it repeats at many addresses are not, because only images that were fetched can be compared.
    """
    with progress.stage("find"):
        files = [file for file in find_content(config) if not file.diagnostic]
    return [
        ArticleImages(each.fingerprints.publication, each.fingerprints.body, _addresses(each.article))
        for each in clean_content(config, pool, progress, files=files)
        if each.article and each.fingerprints
    ]


def _addresses(clean: CleanArticle) -> tuple[str, ...]:
    """Return the addresses on the web of the images that an article's page shows."""
    images = (*clean.images, *lead_candidates(clean))
    return tuple(dict.fromkeys(each.url for each in images if each.url.startswith(("https://", "http://"))))
