"""What becomes of a stored image: small, upright, in colours that all browsers show alike, and without metadata."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from image_factory import animation, encode, jpeg, noise_of, photograph
from newsarchive.images.variants import ENCODING_PROFILES, Conversion, ConversionTask, convert_image, convert_images

BEST = ENCODING_PROFILES[0]


def shown(conversion: Conversion, place: int = -1) -> Image.Image:
    """One of the files that were made, opened."""
    return Image.open(io.BytesIO(conversion.variants[place].data))


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (3000, [320, 720, 1280]),
        (1280, [320, 720, 1280]),
        (800, [320, 800]),
        (640, [320, 640]),
        (330, [330]),
        (40, [40]),
    ],
)
def test_a_image_comes_in_widths_that_are_worth_it_and_is_never_enlarged(width: int, widths: list[int]) -> None:
    made = convert_image(jpeg(width, width * 2 // 3), BEST)

    assert [variant.width for variant in made.variants] == widths
    assert [shown(made, place).width for place in range(len(widths))] == widths
    assert (made.width, made.height) == shown(made).size
    assert {variant.ending for variant in made.variants} == {"webp"}


def test_a_image_stands_upright_and_tells_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "taken at home"
    data = jpeg(600, 400, exif=exif, comment=b"a comment")

    made = convert_image(data, BEST)

    assert (made.width, made.height) == (400, 600)
    assert not shown(made).getexif()
    assert all(told not in variant.data for variant in made.variants for told in (b"taken at home", b"a comment"))


def test_colours_of_another_profile_are_those_of_srgb() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    lab = ImageCms.profileToProfile(
        Image.new("RGB", (200, 200), (200, 40, 40)), ImageCms.createProfile("sRGB"), swapped, outputMode="LAB"
    )
    assert isinstance(lab, Image.Image)

    made = convert_image(encode(lab, "TIFF", icc_profile=swapped.tobytes()), BEST)

    pixel = shown(made).convert("RGB").getpixel((100, 100))
    assert isinstance(pixel, tuple)
    assert all(abs(one - other) < 12 for one, other in zip(pixel, (200, 40, 40), strict=True)), pixel
    assert "icc_profile" not in shown(made).info


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_image_is_shown(mode: str) -> None:
    image = Image.new(mode, (300, 200), 40_000) if mode == "I;16" else photograph(300, 200).convert(mode)

    made = convert_image(encode(image, "JPEG" if mode == "CMYK" else "PNG"), BEST)

    grey = shown(made).convert("L").getpixel((5, 5))
    assert made.width == 300
    assert mode != "I;16" or (isinstance(grey, int) and abs(grey - 40_000 // 256) < 4)


def test_what_one_can_see_through_stays_so_and_has_no_colour_behind_it() -> None:
    image = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    image.paste((200, 30, 30, 255), (100, 100, 300, 200))

    made = convert_image(encode(image, "PNG"), BEST)

    assert shown(made).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert made.dominant_colour == ""


def test_the_colour_that_stands_for_a_image_is_its_most_common_one() -> None:
    image = Image.new("RGB", (300, 300), (255, 0, 0))
    image.paste((0, 0, 255), (0, 0, 300, 100))

    assert convert_image(encode(image, "PNG"), BEST).dominant_colour == "500"


def test_a_chart_of_few_colours_loses_nothing() -> None:
    chart = Image.new("RGB", (500, 300), (255, 255, 255))
    for at in range(0, 500, 25):
        chart.paste((200, 30, 60), (at, 300 - at // 2, at + 12, 300))

    made = convert_image(encode(chart, "PNG"), BEST)

    assert shown(made).convert("RGB").tobytes() == chart.tobytes()


def test_an_animation_moves_on_and_cards_get_its_first_frame() -> None:
    made = convert_image(animation(900, 300), BEST, "", "gif")

    still, moving = shown(made, 0), shown(made, 1)
    assert made.is_animated
    assert getattr(still, "n_frames", 1) == 1
    assert (still.width, moving.width, moving.format) == (320, 720, "WEBP")
    assert getattr(moving, "n_frames", 1) == 6
    assert moving.info["loop"] == 0
    moving.load()
    assert moving.info["duration"] == 120


def test_an_animation_that_would_become_larger_stays_as_it_came() -> None:
    first, *rest = (noise_of(60, 60, seed).quantize(2) for seed in range(3))
    gif = encode(first, "GIF", save_all=True, append_images=rest)

    made = convert_image(gif, BEST, "", "gif")

    assert (made.variants[-1].ending, made.variants[-1].data) == ("gif", gif)


def test_what_is_taller_than_webp_can_say_is_a_jpeg() -> None:
    made = convert_image(encode(Image.new("L", (300, 20_000)), "PNG"), BEST)

    assert [variant.ending for variant in made.variants] == ["jpg"]
    assert shown(made).size == (300, 20_000)


def test_a_image_that_cannot_be_read_says_why_and_the_next_is_converted(tmp_path: Path) -> None:
    files = {"cut short": jpeg(400, 300)[:3_000], "whole": jpeg(400, 300), "no image": b"version https://git-lfs"}
    tasks = []
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        tasks.append(ConversionTask(name, tmp_path / name, "jpg"))

    done = {made.sha256: made for made in convert_images(BEST, tasks)}

    assert [name for name, made in done.items() if made.error] == ["cut short", "no image"]
    assert done["whole"].variants


def test_each_recipe_takes_less_than_the_one_before() -> None:
    data = jpeg(2000, 1500)

    sizes = [
        sum(len(variant.data) for variant in convert_image(data, profile).variants) for profile in ENCODING_PROFILES
    ]

    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(ENCODING_PROFILES)
