"""Read and write the manifest of images: one line of JSON for each address, in the folder of the images.

While images are fetched, lines are appended; of two lines with one address, the later one counts. At the end the file
is rewritten with one line for each address, sorted, so that a commit shows only what changed. A last line without a
newline (after a power failure) is ignored.
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
_MAX_BYTES = 1_000_000_000  # two million lines

STORED: Final = "stored"
GONE: Final = "gone"
REFUSED: Final = "refused"
BROKEN: Final = "broken"
TOO_LARGE: Final = "too-large"
FAILED: Final = "failed"

Outcome = Literal["stored", "gone", "refused", "broken", "too-large", "failed"]
"""The outcome of fetching an image.

- stored: its bytes are in the folder of images.
- gone: the server has no such image (404, 410).
- refused: the server denies it, or the archive does not accept it (a private address, SVG).
- broken: the response is not a whole image.
- too-large: more bytes or pixels than the limits allow.
- failed: no response, or a temporary error; a retry may succeed.
"""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/bmp": "bmp",
}
"""The MIME types that are stored, and their file extensions."""


class StoredImage(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of the manifest: the image at an address. Lines omit empty fields."""

    address: str  # as in the article
    outcome: Outcome
    status: int = 0  # HTTP status of the last response; 0 without a response
    type: str = ""  # MIME type, detected from the bytes; one of ENDINGS if stored
    size: int = 0  # bytes
    width: int = 0  # pixels, after the rotation that EXIF asks for
    height: int = 0
    frames: int = 0  # 1 unless animated
    sha256: str = ""  # of the bytes, hexadecimal; the name of the file
    dhash: str = ""  # 256 bits, hexadecimal; few bits differ between images that look alike (`perceptual_hash`)
    qr_percent: int = 0  # percent of the area that QR codes cover
    fetched: str = ""  # UTC: 2024-05-06T07:08:09Z
    final_address: str = ""  # after redirects; empty without redirects
    without_tls: bool = False  # True if any request was plain HTTP: others on the network could change the bytes
    etag: str = ""
    last_modified: str = ""
    error: str = ""  # why it is not stored

    @property
    def is_stored(self) -> bool:
        """True if its bytes are stored."""
        return self.outcome == STORED

    @property
    def came_without_tls(self) -> bool:
        """True if its bytes came over plain HTTP.

        Older manifests have no `without_tls`; there only the final address shows it.
        """
        return self.is_stored and (self.without_tls or self.final_address.startswith("http://"))

    @property
    def file(self) -> str:
        """The path of its bytes relative to the folder of images, with "/"; empty if it is not stored."""
        return f"{self.sha256[:2]}/{self.sha256}.{ENDINGS[self.type]}" if self.is_stored else ""


def media_folder(content: Path, settings: Settings) -> Path:
    """Return the folder of images of a content folder (NEWSARCHIVE_MEDIA_PATH)."""
    return content / settings.media_path


def image_file(folder: Path, image: StoredImage) -> Path:
    """Return the path of a stored image. Raises ValueError for an image that is not stored."""
    if not image.is_stored:
        raise ValueError(f"{image.address}: {image.outcome}, so it has no file")
    return folder / image.file


def read_manifest(folder: Path) -> dict[str, StoredImage]:
    """Return the image of each address; empty if there is no manifest.

    Raises ConfigurationError with every invalid line, and RefusedFile if the manifest is not a regular file.
    """
    try:
        data = read_manifest_bytes(folder)
    except FileNotFoundError:
        return {}
    lines = data.split(b"\n")
    lines.pop()  # after the last newline: nothing, or a line that was not written completely
    known, diagnostics = {}, []
    for number, line in enumerate(lines, 1):
        try:
            image = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            hint = "delete the line and run `newsarchive images`, which fetches the image again"
            diagnostics.append(Diagnostic("manifest", f"{folder / MANIFEST}:{number}", str(error), hint))
        else:
            known[image.address] = image
    if diagnostics:
        raise ConfigurationError(diagnostics)
    return known


def read_manifest_bytes(folder: Path) -> bytes:
    """Return the bytes of the manifest.

    Raises FileNotFoundError, or RefusedFile if it is not a regular file: lines are appended to it later, and a link
    would lead them into a file elsewhere.
    """
    try:
        return read_file(folder, MANIFEST, _MAX_BYTES)
    except RefusedFile as refused:
        if isinstance(refused.__cause__, FileNotFoundError):
            raise refused.__cause__ from None
        raise


def write_manifest(folder: Path, known: Mapping[str, StoredImage]) -> None:
    """Write the whole manifest, sorted by address; leave the file untouched if its bytes do not change.

    Equal contents give equal bytes.
    """
    data = b"".join(_line(known[address]) for address in sorted(known))
    path = folder / MANIFEST
    if not path.exists() or path.read_bytes() != data:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)


class GrowingManifest:
    """A manifest to append to while images are fetched. Appended lines survive if the process is killed.

    `known` has the current image of each address. `close` rewrites the file, sorted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known = read_manifest(folder)
        self._file: BinaryIO | None = None

    def add(self, images: Iterable[StoredImage]) -> None:
        """Append images; each replaces the known one of its address."""
        images = list(images)
        if self._file is None:
            self._file = _open_at_last_line(self.folder)
        self._file.write(b"".join(map(_line, images)))
        self._file.flush()
        self.known.update((image.address, image) for image in images)

    def close(self) -> None:
        """Close the file and rewrite it, sorted."""
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
    """Open the manifest to append after its last complete line."""
    folder.mkdir(parents=True, exist_ok=True)
    file = open(folder / MANIFEST, "a+b")  # noqa: SIM115 - `close` closes it
    file.seek(0)
    data = file.read()
    file.truncate(data.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)
    return file


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(StoredImage)


def _decode(line: bytes) -> StoredImage:
    """Decode one line.

    Raises msgspec.DecodeError or UnicodeDecodeError, also for a type or digest that would make a path elsewhere.
    """
    image = _decoder.decode(line)
    if image.is_stored and not (image.type in ENDINGS and _is_digest(image.sha256)):
        raise msgspec.ValidationError("a stored image needs its type and sha256")
    return image


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(digit in "0123456789abcdef" for digit in text)


def _line(image: StoredImage) -> bytes:
    return _encoder.encode(image) + b"\n"
