"""Repair before removal: images that scripts would have loaded, addresses that lead elsewhere, players."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from selectolax.lexbor import LexborNode

from newsarchive.clean.addresses import image_address, link_target
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import attribute, body_of, outermost, parse, replace_with_html, select

Given = Mapping[str, str]  # attributes that have a value

# In the order of trust: where lazy loaders keep the real address. `src` comes last when any of them is there.
_LAZY_ATTRIBUTES = (
    "data-src data-original data-gif-url data-actualsrc data-lazy-src data-echo data-url data-srcset data-backsrc _src"
    " file zoomfile data-croporisrc data-image data-original-src data-lazyload"
).split()
_ICON = 40  # pixels; a face in a comment is larger
_EMOJI = re.compile(r"emoji|emoticon|smil(?:ey|ie)", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"^$|^data:|undefined|placeholder|/(?:blank|none|trans|empty|spacer|loading|lazy|grey|transparent|1x1)[-\w]*\.(?:gif|png|svg|jpg)",
    re.IGNORECASE,
)


_PLAYERS = "iframe video audio embed object mpvoice qqmusic mp-common-mpaudio".split()
_SIZES = ("width", "height")
_NAMED_BY = ("title", "music_name", "data-title", "aria-label")


def repair_dom(context: CleaningContext) -> None:
    """Make images, links and players say where they really are."""
    _show_noscript_twins(context)
    _reveal_mail_addresses(context)
    for node in context.select("img, image"):
        given = {name: value for name, value in node.attributes.items() if value}
        if _is_small(given):
            _spell_out(node, context)
        else:
            _repair_image(node, given, context)
    for node in context.select("a, area"):
        _repair_link(node, context)
    for node in outermost(context.named(_PLAYERS)):
        _turn_player_into_link(node, context)


def _show_noscript_twins(context: CleaningContext) -> None:
    """`<noscript>` holds the image that a script would have put there; unless it repeats the one before it."""
    if "noscript" not in context.names:
        return
    nodes = outermost(context.select("noscript"))
    images = context.select("img")
    known = {attribute(img, "src") for img in images if not _is_inside(img, "noscript")}
    known |= {value for img in images for name in _LAZY_ATTRIBUTES if (value := attribute(img, name))}
    for node in nodes:
        # Parsed as elements here (scripting is off), but as text where an outer page had been escaped.
        inner = node.inner_html or ""
        held = select(body_of(parse(html.unescape(inner) if "&lt;img" in inner else inner)), "img")
        twins = [img for img in held if attribute(img, "src") not in known]
        known |= {attribute(img, "src") for img in twins}
        replace_with_html(node, "".join(img.html or "" for img in twins))


def _reveal_mail_addresses(context: CleaningContext) -> None:
    """Cloudflare hides addresses from robots: hexadecimal digits, each byte xor the first."""
    if "data-cfemail" not in context.raw.body:
        return
    for node in context.select("[data-cfemail]"):
        digits = attribute(node, "data-cfemail")
        try:
            key, *masked = bytes.fromhex(digits)
        except ValueError:
            continue
        node.replace_with(bytes(byte ^ key for byte in masked).decode("utf-8", "replace"))


def _is_inside(node: LexborNode, tag: str) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag == tag:
            return True
        parent = parent.parent
    return False


def _is_small(given: Given) -> bool:
    """Counters' pixels, icons, drawn emoji."""
    sizes = [_pixels(given[name]) for name in _SIZES if name in given]
    if any(size is not None and size <= _ICON for size in sizes) or _EMOJI.search(given.get("class", "")):
        return True
    if _PORTRAIT.search(given.get("src", "")) or _EMOJI_ALT.match(given.get("alt", "")):
        return True
    return any(
        float(number) <= (_ICON if unit == "px" else _LETTERS)
        for number, unit in _STYLED_SIZE.findall(given.get("style", ""))
    )


_EMOJI_ALT = re.compile(r"\[[^\[\]]{1,8}\]$")  # [doge]
_PORTRAIT = re.compile(r"gravatar\.com/avatar|/avatars?/", re.IGNORECASE)
_LETTERS = 2  # em: as high as two lines
_STYLED_SIZE = re.compile(r"(?<![-\w])(?:width|height)\s*:\s*(\d+(?:\.\d+)?)(px|r?em)", re.IGNORECASE)


def _pixels(value: str) -> int | None:
    match = re.match(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$", value)
    return int(match[1]) if match else None


def _spell_out(node: LexborNode, context: CleaningContext) -> None:
    """A small image says what its alt text says, if that is a sign and not a file's name."""
    alt = attribute(node, "alt").strip()
    if alt and len(alt) <= 12 and not re.search(r"\.\w{3}$|^(?:img|image|icon|图片)", alt, re.IGNORECASE):
        node.replace_with(alt)
    else:
        context.record_removal("icon", node.html or "")
        node.decompose()


def _repair_image(node: LexborNode, given: Given, context: CleaningContext) -> None:
    sources = _image_sources(given)
    address = next((found for source in sources if (found := image_address(source, context.base))), "")
    if not address:
        if any(sources):
            context.record_removal("image without a usable address", node.html or "")
        node.decompose()
        return
    sizes = {name: _pixels(given[name]) for name in _SIZES if name in given}
    alt = given.get("alt", "")
    written = {
        "alt": "" if _NO_ALT.search(alt) else alt,
        **{name: str(pixels) for name, pixels in sizes.items() if pixels},
        "src": address,
        # Here and not by nh3: it writes attributes of its own in an order that changes from run to run.
        "loading": "lazy",
        "decoding": "async",
        # For rules to find the image by; last, because nh3 moves the last attribute to where it takes one out.
        "class": given.get("class", ""),
        "style": given.get("style", ""),
    }
    attributes = node.attrs
    for name in list(node.attributes):
        del attributes[name]
    for name, value in written.items():
        if value:
            attributes[name] = value


# What programs write where nobody wrote anything: addresses, names of files.
_NO_ALT = re.compile(
    r"undefined|^(?:none|null|image|img|图片|photo)$|^https?://|\.(?:jpe?g|png|gif|webp)\b", re.IGNORECASE
)


def _image_sources(given: Given) -> list[str]:
    """Addresses the image may lie at, best first: what the feed shows, unless that is a loader's placeholder."""
    source = given.get("src", "")
    others = [given[name] for name in _LAZY_ATTRIBUTES if name in given]
    others = [_largest_of(value) if " " in value.strip() else value for value in others]
    if "srcset" in given:
        others.append(_largest_of(given["srcset"]))
    is_lazy = "lazy" in given.get("class", "")
    return [*others, source] if is_lazy or _PLACEHOLDER.search(source) else [source, *others]


def _largest_of(srcset: str) -> str:
    """The address of the largest image in a `srcset`."""
    candidates = [part.split() for part in re.split(r",\s+", srcset) if part.strip()]

    def size(candidate: list[str]) -> float:
        match = re.fullmatch(r"([0-9.]+)[wx]", candidate[1]) if len(candidate) > 1 else None
        return float(match[1]) if match else 0.0

    return max(candidates, key=size)[0] if candidates else ""


def _repair_link(node: LexborNode, context: CleaningContext) -> None:
    address = attribute(node, "href")
    target = link_target(address, context.base)
    if target:
        if target != address:
            node.attrs["href"] = target
        return
    if address.strip() not in {"", "#"}:
        context.record_removal("link that leads nowhere", node.html or "")
    if node.tag == "a" and node.first_child is not None:
        # It stays a link without an address, because links tell what a block is; `seal` makes words of it.
        for name in list(node.attributes):
            if name not in {"class", "id"}:
                del node.attrs[name]
    else:
        node.decompose()


def _turn_player_into_link(node: LexborNode, context: CleaningContext) -> None:
    """A player cannot run on a page without scripts of others; a link with what is known of it can."""
    tag = node.tag or ""
    inner_sources = [attribute(source, "src") for source in select(node, "source, embed")]
    named = [attribute(node, name) for name in ("src", "data-src", "data")]
    target = next(
        (found for given in [*named, *inner_sources] if given and (found := link_target(given, context.base))), ""
    )
    poster = image_address(attribute(node, "poster"), context.base)
    image = f'<img src="{html.escape(poster)}" loading="lazy" decoding="async">' if poster else ""
    names = (*_NAMED_BY, "name") if tag == "mpvoice" else _NAMED_BY  # elsewhere a name is for scripts
    title = next((given for name in names if (given := attribute(node, name).strip())), "")
    if not target:
        context.record_removal(f"{tag} without an address", node.html or "")
        words = html.escape(f"▶ {title}") if title and tag not in {"iframe", "object", "embed"} else ""
        replace_with_html(node, f"<p>{image}{words}</p>" if image or words else "")
        return
    title = title or _host_of(target)
    label = html.escape(f"▶ {title}")
    replace_with_html(node, f'<p><a href="{html.escape(target)}">{image}{label}</a></p>')


def _host_of(address: str) -> str:
    return address.split("/")[2].removeprefix("www.").removeprefix("player.")
