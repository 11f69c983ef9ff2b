"""Convert the stored images that articles show, with the best encoding profile whose files fit the budget.

Which article shows which image is not decided here: `image_selection` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path

from newsarchive.images.manifest import StoredImage, image_file
from newsarchive.images.stored_files import StoredFiles
from newsarchive.images.variant_cache import CachedVariants, VariantCache
from newsarchive.images.variants import ENCODING_PROFILES, ConversionTask, EncodingProfile, convert_images
from newsarchive.models import ImageFile, LocalImage
from newsarchive.parallel.executors import WorkerPool, batches
from newsarchive.parallel.progress import Progress

FOLDER = "images"  # of the output

_BATCH_SIZE = 4  # images: about half a second of work, and a megabyte of results
_SAVE_INTERVAL = 100  # images between two commits, so that a build that is killed loses at most so many

# The sample that a profile is measured with: one image in 16, but at least 250, first by digest. Digests are random.
_SAMPLE_DIVISOR, _MIN_SAMPLE = 16, 250


@dataclass(frozen=True)
class Collection:
    """The converted images of a site. Digests are the SHA-256 of the stored bytes."""

    profile: EncodingProfile = ENCODING_PROFILES[0]
    digests: Mapping[str, str] = field(default_factory=dict)  # address → digest
    variants: Mapping[str, CachedVariants] = field(default_factory=dict)  # digest → variants
    broken: Mapping[str, str] = field(default_factory=dict)  # digest → why it cannot be converted

    @cached_property
    def local(self) -> dict[str, LocalImage]:
        """The files of the image at each address; without the images that cannot be converted."""
        found = {digest: local_image(digest, variants) for digest, variants in self.variants.items()}
        return {address: found[digest] for address, digest in self.digests.items() if digest in found}


def local_image(digest: str, variants: CachedVariants) -> LocalImage:
    """Return a converted image as pages show it, with the paths of its files in the output."""
    files = tuple(
        ImageFile(f"{FOLDER}/{digest[:2]}/{digest[:16]}-{_name(variants, position)}.{file.ending}", file.width)
        for position, file in enumerate(variants.files)
    )
    return LocalImage(files, variants.width, variants.height, variants.dominant_colour, variants.is_animated)


def _name(variants: CachedVariants, position: int) -> str:
    is_animation = variants.is_animated and position == len(variants.files) - 1
    return "moving" if is_animation else str(variants.files[position].width)


def collect_images(
    wanted: Iterable[str], stored_files: StoredFiles, budget: int, cache: Path, pool: WorkerPool, progress: Progress
) -> Collection:
    """Return the stored images at the `wanted` addresses, converted.

    - `wanted`: addresses (URLs) of images; those that are not stored are skipped.
    - `budget`: bytes that all files together should take.
    - `cache`: the folder of `images.sqlite`, where variants are kept between builds.

    Raises CorruptCache.
    """
    with VariantCache(cache) as variant_cache:
        present = stored_files.present(wanted, variant_cache)
        images = {image.sha256: image for image in present.values()}
        converter = _Converter(stored_files.folder, variant_cache, pool, progress)
        profile = _choose_profile(images, budget, converter)
        variants = converter.convert(profile, [images[digest] for digest in sorted(images)])
        variant_cache.keep_only(images.keys())
        variant_cache.commit()
    digests = {address: image.sha256 for address, image in present.items()}
    return Collection(profile, digests, variants, converter.broken)


def _choose_profile(images: Mapping[str, StoredImage], budget: int, converter: _Converter) -> EncodingProfile:
    """Return the first profile with which all images fit the budget, estimated from a sample; else the last profile."""
    sample = [images[digest] for digest in sorted(images)[: max(_MIN_SAMPLE, len(images) // _SAMPLE_DIVISOR)]]
    for profile in ENCODING_PROFILES[:-1]:
        variants = converter.convert(profile, sample)
        if sum(each.size for each in variants.values()) * len(images) <= budget * max(1, len(variants)):
            return profile
    return ENCODING_PROFILES[-1]


class _Converter:
    """Converts images in worker processes, and reads those that are in the cache.

    `broken` maps the digests of images that cannot be converted to the reason.
    """

    def __init__(self, folder: Path, variant_cache: VariantCache, pool: WorkerPool, progress: Progress) -> None:
        self._folder, self._cache, self._pool, self._progress = folder, variant_cache, pool, progress
        self.broken: dict[str, str] = {}

    def convert(self, profile: EncodingProfile, images: Sequence[StoredImage]) -> dict[str, CachedVariants]:
        """Return the variants of images with a profile, by digest; broken images are left out."""
        cached = self._cache.conversions(profile)
        found = {image.sha256: cached[image.sha256] for image in images if image.sha256 in cached}
        known = cached.keys() | self.broken.keys()
        missing = [image for image in images if image.sha256 not in known]
        if not missing:
            return found
        tasks = (ConversionTask(p.sha256, image_file(self._folder, p), p.file.rpartition(".")[2]) for p in missing)
        outcomes = self._pool.map(partial(convert_images, profile), batches(tasks, _BATCH_SIZE))
        conversions = self._progress.each("convert images", chain.from_iterable(outcomes), len(missing))
        for number, conversion in enumerate(conversions, 1):
            if conversion.error:
                self.broken[conversion.sha256] = conversion.error
            else:
                found[conversion.sha256] = self._cache.add(profile, conversion)
            if number % _SAVE_INTERVAL == 0:
                self._cache.commit()
        return found
