"""The collection: the stored images that articles ask for, converted by one recipe, the best that fits the budget."""

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

_CONVERTED_TOGETHER = 4  # about half a second of work, and a megabyte of results
_SAVED = 100  # images after which what is done is saved, for a build that is killed

# Images by which a recipe is judged: a sixteenth, first in the order of their digests, which is no order at all.
_SAMPLE, _LEAST_SAMPLE = 16, 250


@dataclass(frozen=True)
class Collection:
    """The images that are here, converted."""

    profile: EncodingProfile = ENCODING_PROFILES[0]
    digests: Mapping[str, str] = field(default_factory=dict)  # address → digest
    made: Mapping[str, CachedVariants] = field(default_factory=dict)  # digest → what was made of it
    broken: Mapping[str, str] = field(default_factory=dict)  # digest → why nothing was

    @cached_property
    def local(self) -> dict[str, LocalImage]:
        """The files of the image at each address."""
        found = {digest: local_image(digest, made) for digest, made in self.made.items()}
        return {address: found[digest] for address, digest in self.digests.items() if digest in found}


def local_image(digest: str, made: CachedVariants) -> LocalImage:
    """A converted image as pages show it."""
    files = tuple(
        ImageFile(f"{FOLDER}/{digest[:2]}/{digest[:16]}-{_name(made, place)}.{file.ending}", file.width)
        for place, file in enumerate(made.files)
    )
    return LocalImage(files, made.width, made.height, made.dominant_colour, made.is_animated)


def _name(made: CachedVariants, place: int) -> str:
    return "moving" if made.is_animated and place == len(made.files) - 1 else str(made.files[place].width)


def collect_images(
    wanted: Iterable[str], stored_files: StoredFiles, budget: int, cache: Path, pool: WorkerPool, progress: Progress
) -> Collection:
    """The images at the addresses that are `wanted`, as far as they are in stock. Raises BrokenState."""
    with VariantCache(cache) as variant_cache:
        present = stored_files.present(wanted, variant_cache)
        images = {image.sha256: image for image in present.values()}
        converter = _Converter(stored_files.folder, variant_cache, pool, progress)
        profile = _choose_profile(images, budget, converter)
        made = converter.convert(profile, [images[digest] for digest in sorted(images)])
        variant_cache.forget_others(images.keys())
        variant_cache.commit()
    digests = {address: image.sha256 for address, image in present.items()}
    return Collection(profile, digests, made, converter.broken)


def _choose_profile(images: Mapping[str, StoredImage], budget: int, converter: _Converter) -> EncodingProfile:
    """The first recipe by which all images would fit the budget, as a sample says; else the last."""
    sample = [images[digest] for digest in sorted(images)[: max(_LEAST_SAMPLE, len(images) // _SAMPLE)]]
    for profile in ENCODING_PROFILES[:-1]:
        made = converter.convert(profile, sample)
        if sum(each.size for each in made.values()) * len(images) <= budget * max(1, len(made)):
            return profile
    return ENCODING_PROFILES[-1]


class _Converter:
    """Converts what is not converted yet, by workers; `broken` are the digests of what cannot be, and why."""

    def __init__(self, folder: Path, variant_cache: VariantCache, pool: WorkerPool, progress: Progress) -> None:
        self._folder, self._conversions, self._pool, self._progress = folder, variant_cache, pool, progress
        self.broken: dict[str, str] = {}

    def convert(self, profile: EncodingProfile, images: Sequence[StoredImage]) -> dict[str, CachedVariants]:
        """What comes of images by a recipe, by their digests."""
        kept = self._conversions.made(profile)
        found = {image.sha256: kept[image.sha256] for image in images if image.sha256 in kept}
        known = kept.keys() | self.broken.keys()
        missing = [image for image in images if image.sha256 not in known]
        if not missing:
            return found
        tasks = (ConversionTask(p.sha256, image_file(self._folder, p), p.file.rpartition(".")[2]) for p in missing)
        outcomes = self._pool.map(partial(convert_images, profile), batches(tasks, _CONVERTED_TOGETHER))
        done = self._progress.each("convert images", chain.from_iterable(outcomes), len(missing))
        for number, conversion in enumerate(done, 1):
            if conversion.error:
                self.broken[conversion.sha256] = conversion.error
            else:
                found[conversion.sha256] = self._conversions.keep(profile, conversion)
            if number % _SAVED == 0:
                self._conversions.commit()
        return found
