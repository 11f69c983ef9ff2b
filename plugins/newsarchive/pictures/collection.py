"""The collection: the stored pictures that articles ask for, converted by one recipe, the best that fits the budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path

from newsarchive.articles import LocalPicture, PictureFile
from newsarchive.executors import Workers, batches
from newsarchive.pictures.conversions import Conversions, Made
from newsarchive.pictures.manifest import StoredPicture, picture_file
from newsarchive.pictures.stock import Stock
from newsarchive.pictures.variants import RECIPES, ConversionTask, Recipe, convert_pictures
from newsarchive.progress import Progress

FOLDER = "pictures"  # of the output

_CONVERTED_TOGETHER = 4  # about half a second of work, and a megabyte of results
_SAVED = 100  # pictures after which what is done is saved, for a build that is killed

# Pictures by which a recipe is judged: a sixteenth, first in the order of their digests, which is no order at all.
_SAMPLE, _LEAST_SAMPLE = 16, 250


@dataclass(frozen=True)
class Collection:
    """The pictures that are here, converted."""

    recipe: Recipe = RECIPES[0]
    digests: Mapping[str, str] = field(default_factory=dict)  # address → digest
    made: Mapping[str, Made] = field(default_factory=dict)  # digest → what was made of it
    broken: Mapping[str, str] = field(default_factory=dict)  # digest → why nothing was

    @cached_property
    def local(self) -> dict[str, LocalPicture]:
        """The files of the picture at each address."""
        found = {digest: local_picture(digest, made) for digest, made in self.made.items()}
        return {address: found[digest] for address, digest in self.digests.items() if digest in found}


def local_picture(digest: str, made: Made) -> LocalPicture:
    """A converted picture as pages show it."""
    files = tuple(
        PictureFile(f"{FOLDER}/{digest[:2]}/{digest[:16]}-{_name(made, place)}.{file.ending}", file.width)
        for place, file in enumerate(made.files)
    )
    return LocalPicture(files, made.width, made.height, made.tint, made.moves)


def _name(made: Made, place: int) -> str:
    return "moving" if made.moves and place == len(made.files) - 1 else str(made.files[place].width)


def collect_pictures(
    wanted: Iterable[str], stock: Stock, budget: int, cache: Path, workers: Workers, progress: Progress
) -> Collection:
    """The pictures at the addresses that are `wanted`, as far as they are in stock. Raises BrokenState."""
    with Conversions(cache) as conversions:
        present = stock.present(wanted, conversions)
        pictures = {picture.sha256: picture for picture in present.values()}
        converter = _Converter(stock.folder, conversions, workers, progress)
        recipe = _choose_recipe(pictures, budget, converter)
        made = converter.convert(recipe, [pictures[digest] for digest in sorted(pictures)])
        conversions.forget_others(pictures.keys())
        conversions.save()
    digests = {address: picture.sha256 for address, picture in present.items()}
    return Collection(recipe, digests, made, converter.broken)


def _choose_recipe(pictures: Mapping[str, StoredPicture], budget: int, converter: _Converter) -> Recipe:
    """The first recipe by which all pictures would fit the budget, as a sample says; else the last."""
    sample = [pictures[digest] for digest in sorted(pictures)[: max(_LEAST_SAMPLE, len(pictures) // _SAMPLE)]]
    for recipe in RECIPES[:-1]:
        made = converter.convert(recipe, sample)
        if sum(each.size for each in made.values()) * len(pictures) <= budget * max(1, len(made)):
            return recipe
    return RECIPES[-1]


class _Converter:
    """Converts what is not converted yet, by workers; `broken` are the digests of what cannot be, and why."""

    def __init__(self, folder: Path, conversions: Conversions, workers: Workers, progress: Progress) -> None:
        self._folder, self._conversions, self._workers, self._progress = folder, conversions, workers, progress
        self.broken: dict[str, str] = {}

    def convert(self, recipe: Recipe, pictures: Sequence[StoredPicture]) -> dict[str, Made]:
        """What comes of pictures by a recipe, by their digests."""
        kept = self._conversions.made(recipe)
        found = {picture.sha256: kept[picture.sha256] for picture in pictures if picture.sha256 in kept}
        known = kept.keys() | self.broken.keys()
        missing = [picture for picture in pictures if picture.sha256 not in known]
        if not missing:
            return found
        tasks = (ConversionTask(p.sha256, picture_file(self._folder, p), p.file.rpartition(".")[2]) for p in missing)
        outcomes = self._workers.map(partial(convert_pictures, recipe), batches(tasks, _CONVERTED_TOGETHER))
        done = self._progress.each("convert pictures", chain.from_iterable(outcomes), len(missing))
        for number, conversion in enumerate(done, 1):
            if conversion.error:
                self.broken[conversion.sha256] = conversion.error
            else:
                found[conversion.sha256] = self._conversions.keep(recipe, conversion)
            if number % _SAVED == 0:
                self._conversions.save()
        return found
