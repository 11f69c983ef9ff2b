"""What an image is, told by its bytes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from newsarchive.images.image_types import sniff_type
from newsarchive.images.inspect_image import RejectedImage, inspect_image

from .factories import PAGE, SVG, animated, bomb_gif, bomb_png, chart, code, saved, scene

PIXELS = 50_000_000
FORMS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_image_is_known_by_its_bytes(form: str) -> None:
    measured = inspect_image(saved(scene(1), form), PIXELS)

    assert (measured.type, measured.width, measured.height, measured.frames) == (FORMS[form], 96, 64, 1)


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("form", FORMS)
def test_a_image_cut_short_is_broken(form: str, part: float) -> None:
    data = saved(scene(1), form)

    with pytest.raises(RejectedImage) as caught:
        inspect_image(data[: int(len(data) * part)], PIXELS)

    assert caught.value.outcome == "broken"
    assert " at 0x" not in caught.value.error


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF"])
def test_frames_are_counted_and_each_has_to_be_whole(form: str) -> None:
    data = animated(1, form, frames=4)

    assert inspect_image(data, PIXELS).frames == 4
    with pytest.raises(RejectedImage, match="cannot be decoded"):
        inspect_image(data[: int(len(data) * 0.9)], PIXELS)


@pytest.mark.parametrize(
    ("data", "outcome", "kind"),
    [
        (SVG, "refused", "image/svg+xml"),
        (b"\xef\xbb\xbf \n<!-- a -->\n<!DOCTYPE svg>\n<svg>", "refused", "image/svg+xml"),
        (PAGE, "broken", "text/html"),
        (b"404 page not found", "broken", "text/plain"),
        (b"", "broken", "application/octet-stream"),
        (bytes(100), "broken", "application/octet-stream"),
        (b"\xff\xd8\xff" + bytes(100), "broken", "image/jpeg"),
        (b"%PDF-1.7", "broken", "application/pdf"),
        (b"II*\x00", "broken", "image/tiff"),
        (bomb_png(), "too-large", "image/png"),
        (bomb_png(8_000, 8_000), "too-large", "image/png"),
        (bomb_gif(), "too-large", "image/gif"),
    ],
)
def test_what_is_not_stored_has_its_reason(data: bytes, outcome: str, kind: str) -> None:
    with pytest.raises(RejectedImage) as caught:
        inspect_image(data, PIXELS)

    assert (caught.value.outcome, caught.value.mime_type) == (outcome, kind)
    assert caught.value.error


def test_a_bomb_is_refused_by_its_header() -> None:
    """No row of it is read: they are no image at all."""
    header = bomb_png(8_000, 8_000)[:33]

    with pytest.raises(RejectedImage, match="8,000 × 8,000 pixels are more than 50,000,000"):
        inspect_image(header + b"\x00\x00\x00\x04IDATxxxx", PIXELS)


def test_a_image_on_its_side_is_measured_as_it_is_shown() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = scene(1).transpose(Image.Transpose.ROTATE_270)

    measured = inspect_image(saved(scene(1), exif=exif), PIXELS)

    assert (measured.width, measured.height) == (64, 96)
    assert differences(saved(scene(1), exif=exif), saved(turned)) < 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel_has_a_look(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"

    assert int(inspect_image(saved(scene(1).convert(mode), form), PIXELS).dhash, 16)


def test_a_qr_code_is_known_by_the_share_it_takes() -> None:
    poster = scene(3, 800, 1200)
    poster.paste(code(side=200), (560, 960))

    assert inspect_image(saved(code(), quality=60), PIXELS).qr_percent > 40
    assert 0 < inspect_image(saved(poster), PIXELS).qr_percent < 10
    assert inspect_image(saved(scene(3)), PIXELS).qr_percent == 0


def differences(one: bytes, other: bytes) -> int:
    looks = (inspect_image(data, PIXELS).dhash for data in (one, other))
    return (int(next(looks), 16) ^ int(next(looks), 16)).bit_count()


def test_a_look_outlives_saving_and_scaling_and_tells_charts_apart() -> None:
    photograph, line = scene(5, 1280, 853), chart(1)

    assert differences(saved(photograph), saved(photograph.resize((640, 427)), "WEBP", quality=50)) <= 6
    assert differences(saved(line, "PNG"), saved(line.resize((500, 281)), quality=70)) <= 6
    assert min(differences(saved(line, "PNG"), saved(chart(seed), "PNG")) for seed in range(2, 12)) > 12


def test_sniffing_reads_no_more_than_it_is_given() -> None:
    for data in (saved(scene(1), form) for form in FORMS):
        for size in range(20):
            assert isinstance(sniff_type(data[:size]), str)
        assert sniff_type(data[:20]) == sniff_type(data)


def test_equal_images_have_equal_records() -> None:
    data = io.BytesIO(saved(scene(1))).getvalue()

    assert inspect_image(data, PIXELS) == inspect_image(bytes(data), PIXELS)
