"""The manifest: what became of each image's address, a line of JSON for each, beside the images themselves.

While images are fetched, lines are added at the end, and of two lines with one address the later holds. When the
work is done the file is written anew, a line an address in their order, so that a commit shows what changed and
nothing else. A last line that was cut short (a machine that lost its power) counts as never written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Literal, get_args

import msgspec

from newsarchive.config.settings import Settings
from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.fs.atomic_files import write_atomically
from newsarchive.fs.untrusted_files import RefusedFile, read_file

MANIFEST = "manifest.jsonl"
_MOST_BYTES = 1_000_000_000  # two million lines

STORED: Final = "stored"
GONE: Final = "gone"
REFUSED: Final = "refused"
BROKEN: Final = "broken"
TOO_LARGE: Final = "too-large"
FAILED: Final = "failed"

Outcome = Literal["stored", "gone", "refused", "broken", "too-large", "failed"]
"""stored: its bytes are here · gone: the server says that there is no such image (any more) · refused: the server
will not give it, or we will not take it (a private address, SVG) · broken: what came is no whole image · too-large:
more bytes or pixels than the caps allow · failed: no answer, or none that decides; worth another try."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/bmp": "bmp",
}
"""The types that are stored, and how the names of their files end."""


class StoredImage(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of the image at an address. Lines leave out what is empty."""

    address: str  # as the article has it
    outcome: Outcome
    status: int = 0  # of the last HTTP answer; 0 where there was none
    type: str = ""  # MIME, told by the bytes; of images that are stored, one of ENDINGS
    size: int = 0  # bytes
    width: int = 0  # pixels, as the image is meant to be shown (turned where EXIF says so)
    height: int = 0
    frames: int = 0  # 1 for what does not move
    sha256: str = ""  # of the bytes, in hexadecimal digits; the file is named by it
    dhash: str = ""  # 256 bits in hexadecimal digits: few differ between images that look alike (`looks`)
    qr_percent: int = 0  # percent of its area that a QR code takes
    fetched: str = ""  # when, UTC: 2024-05-06T07:08:09Z
    final_address: str = ""  # where redirects led to; empty where there were none
    without_tls: bool = False  # some step of the way was plain HTTP: anyone on it could change what came
    etag: str = ""
    last_modified: str = ""
    error: str = ""  # why it is not stored, in words

    @property
    def is_stored(self) -> bool:
        """True when its bytes are here."""
        return self.outcome == STORED

    @property
    def came_without_tls(self) -> bool:
        """True for bytes that came by plain HTTP. Manifests from before there was `without_tls` say it by the address
        alone."""
        return self.is_stored and (self.without_tls or self.final_address.startswith("http://"))

    @property
    def file(self) -> str:
        """Where its bytes are, relative to the folder of images, with "/"; empty where they are not."""
        return f"{self.sha256[:2]}/{self.sha256}.{ENDINGS[self.type]}" if self.is_stored else ""


def media_folder(content: Path, settings: Settings) -> Path:
    """The folder of images of a content folder."""
    return content / settings.media_path


def image_file(folder: Path, image: StoredImage) -> Path:
    """The file with the bytes of an image that is stored."""
    if not image.is_stored:
        raise ValueError(f"{image.address}: {image.outcome}, so it has no file")
    return folder / image.file


def read_manifest(folder: Path) -> dict[str, StoredImage]:
    """What is known of each address; empty where nothing was ever fetched.

    Raises ConfigurationError with every line that is no such record, and RefusedFile for what is no regular file.
    """
    try:
        data = read_manifest_bytes(folder)
    except FileNotFoundError:
        return {}
    lines = data.split(b"\n")
    lines.pop()  # what follows the last newline: nothing, or a line cut short
    known, diagnostics = {}, []
    for number, line in enumerate(lines, 1):
        try:
            image = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            repair = "take the line out, and its image is fetched again by `newsarchive images`"
            diagnostics.append(Diagnostic("manifest", f"{folder / MANIFEST}:{number}", str(error), repair))
        else:
            known[image.address] = image
    if diagnostics:
        raise ConfigurationError(diagnostics)
    return known


def read_manifest_bytes(folder: Path) -> bytes:
    """The manifest as it is on the disk. Raises FileNotFoundError, or RefusedFile: lines are added to it later, and
    through a link they would end up in a file elsewhere."""
    try:
        return read_file(folder, MANIFEST, _MOST_BYTES)
    except RefusedFile as refused:
        if isinstance(refused.__cause__, FileNotFoundError):
            raise refused.__cause__ from None
        raise


def write_manifest(folder: Path, known: Mapping[str, StoredImage]) -> None:
    """The whole manifest, in the order of addresses; equal contents give equal bytes. Untouched where they stand."""
    data = b"".join(_line(known[address]) for address in sorted(known))
    path = folder / MANIFEST
    if not path.exists() or path.read_bytes() != data:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)


class GrowingManifest:
    """A manifest that lines are added to while images are fetched. What was added outlives a process that is killed.

    `known` is what it says. Closing it puts it in order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known = read_manifest(folder)
        self._file: BinaryIO | None = None

    def add(self, images: Iterable[StoredImage]) -> None:
        """What became of some addresses, each instead of what was known of it."""
        images = list(images)
        if self._file is None:
            self._file = _open_at_last_line(self.folder)
        self._file.write(b"".join(map(_line, images)))
        self._file.flush()
        self.known.update((image.address, image) for image in images)

    def close(self) -> None:
        """Put the file in order."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self.known:
            write_manifest(self.folder, self.known)

    def __enter__(self) -> GrowingManifest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _open_at_last_line(folder: Path) -> BinaryIO:
    """The manifest, open for what comes after its last whole line."""
    folder.mkdir(parents=True, exist_ok=True)
    file = open(folder / MANIFEST, "a+b")  # noqa: SIM115 - stays open as long as there is something to add
    file.seek(0)
    data = file.read()
    file.truncate(data.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)
    return file


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(StoredImage)


def _decode(line: bytes) -> StoredImage:
    """A line's record. Raises msgspec.DecodeError or UnicodeDecodeError; for what would name a file elsewhere, too."""
    image = _decoder.decode(line)
    if image.is_stored and not (image.type in ENDINGS and _is_digest(image.sha256)):
        raise msgspec.ValidationError("a stored image needs its type and sha256")
    return image


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(digit in "0123456789abcdef" for digit in text)


def _line(image: StoredImage) -> bytes:
    return _encoder.encode(image) + b"\n"
