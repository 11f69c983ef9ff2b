"""Repair the tree before anything is removed: lazy images, redirected links, embedded players.

The step gives images and links their real addresses and replaces players by links. Repair of the markup before the
parse is in `markup_repair`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from selectolax.lexbor import LexborNode

from newsarchive.clean.addresses import image_address, link_target
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import attribute, body_of, outermost, parse, replace_with_html, select

Attributes = Mapping[str, str]  # those that have a value

# Where lazy loaders keep the real address, most reliable first.
_LAZY_ATTRIBUTES = (
    "data-src data-original data-gif-url data-actualsrc data-lazy-src data-echo data-url data-srcset data-backsrc _src"
    " file zoomfile data-croporisrc data-image data-original-src data-lazyload"
).split()
_ICON_PIXELS = 40  # pixels; portraits beside comments are larger
_EMOJI = re.compile(r"emoji|emoticon|smil(?:ey|ie)", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"^$|^data:|undefined|placeholder|/(?:blank|none|trans|empty|spacer|loading|lazy|grey|transparent|1x1)[-\w]*\.(?:gif|png|svg|jpg)",
    re.IGNORECASE,
)


_PLAYERS = "iframe video audio embed object mpvoice qqmusic mp-common-mpaudio".split()
_SIZE_ATTRIBUTES = ("width", "height")
_TITLE_ATTRIBUTES = ("title", "music_name", "data-title", "aria-label")


def repair_dom(context: CleaningContext) -> None:
    """Give images, links and players their real addresses, and drop those that have none."""
    _unwrap_noscript_images(context)
    _decode_cloudflare_emails(context)
    for node in context.select("img, image"):
        attributes = {name: value for name, value in node.attributes.items() if value}
        if _is_icon(attributes):
            _replace_icon_by_alt(node, context)
        else:
            _repair_image(node, attributes, context)
    for node in context.select("a, area"):
        _repair_link(node, context)
    for node in outermost(context.elements_named(_PLAYERS)):
        _replace_player_by_link(node, context)


def _unwrap_noscript_images(context: CleaningContext) -> None:
    """Replace each `<noscript>` by the images in it that the page does not show already.

    Lazy loaders put the real image there for browsers without scripts, often as a twin of a placeholder.
    """
    if "noscript" not in context.element_names:
        return
    nodes = outermost(context.select("noscript"))
    images = context.select("img")
    known = {attribute(img, "src") for img in images if not _is_inside(img, "noscript")}
    known |= {value for img in images for name in _LAZY_ATTRIBUTES if (value := attribute(img, name))}
    for node in nodes:
        # lexbor parses the content as elements (scripting is off), but as text where an outer page had escaped it.
        inner = node.inner_html or ""
        images_inside = select(body_of(parse(html.unescape(inner) if "&lt;img" in inner else inner)), "img")
        twins = [img for img in images_inside if attribute(img, "src") not in known]
        known |= {attribute(img, "src") for img in twins}
        replace_with_html(node, "".join(img.html or "" for img in twins))


def _decode_cloudflare_emails(context: CleaningContext) -> None:
    """Decode the e-mail addresses that Cloudflare hides from robots.

    `data-cfemail` holds hexadecimal bytes; each byte after the first is the address XOR the first byte.
    """
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
    """Return True if an ancestor of `node` has the tag."""
    parent = node.parent
    while parent is not None:
        if parent.tag == tag:
            return True
        parent = parent.parent
    return False


def _is_icon(attributes: Attributes) -> bool:
    """Return True for tracking pixels, icons, portraits and drawn emoji."""
    sizes = [_pixels(attributes[name]) for name in _SIZE_ATTRIBUTES if name in attributes]
    if any(size is not None and size <= _ICON_PIXELS for size in sizes) or _EMOJI.search(attributes.get("class", "")):
        return True
    if _PORTRAIT.search(attributes.get("src", "")) or _EMOJI_ALT.match(attributes.get("alt", "")):
        return True
    return any(
        float(number) <= (_ICON_PIXELS if unit == "px" else _ICON_EM)
        for number, unit in _STYLED_SIZE.findall(attributes.get("style", ""))
    )


_EMOJI_ALT = re.compile(r"\[[^\[\]]{1,8}\]$")  # [doge]
_PORTRAIT = re.compile(r"gravatar\.com/avatar|/avatars?/", re.IGNORECASE)
_ICON_EM = 2  # em: two lines of text
_STYLED_SIZE = re.compile(r"(?<![-\w])(?:width|height)\s*:\s*(\d+(?:\.\d+)?)(px|r?em)", re.IGNORECASE)


def _pixels(value: str) -> int | None:
    """Return a `width` or `height` attribute in pixels, None for percentages and other units."""
    match = re.match(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$", value)
    return int(match[1]) if match else None


def _replace_icon_by_alt(node: LexborNode, context: CleaningContext) -> None:
    """Replace an icon by its alt text if that is a short word or an emoji; drop it if it is a file name."""
    alt = attribute(node, "alt").strip()
    if alt and len(alt) <= 12 and not re.search(r"\.\w{3}$|^(?:img|image|icon|图片)", alt, re.IGNORECASE):
        node.replace_with(alt)
    else:
        context.record_removal("icon", node.html or "")
        node.decompose()


def _repair_image(node: LexborNode, attributes: Attributes, context: CleaningContext) -> None:
    """Give an image its real address, and reduce its attributes to those that later steps read."""
    sources = _image_sources(attributes)
    address = next((found for source in sources if (found := image_address(source, context.base))), "")
    if not address:
        if any(sources):
            context.record_removal("image without a usable address", node.html or "")
        node.decompose()
        return
    sizes = {name: _pixels(attributes[name]) for name in _SIZE_ATTRIBUTES if name in attributes}
    alt = attributes.get("alt", "")
    new_attributes = {
        "alt": "" if _MEANINGLESS_ALT.search(alt) else alt,
        **{name: str(pixels) for name, pixels in sizes.items() if pixels},
        "src": address,
        # Set here, not by nh3: the order in which nh3 writes attributes of its own changes from run to run.
        "loading": "lazy",
        "decoding": "async",
        # For rules to select the image by. Last, because nh3 moves the last attribute to where it removes one.
        "class": attributes.get("class", ""),
        "style": attributes.get("style", ""),
    }
    node_attributes = node.attrs
    for name in list(node.attributes):
        del node_attributes[name]
    for name, value in new_attributes.items():
        if value:
            node_attributes[name] = value


# Alt texts that programs fill in: addresses, file names.
_MEANINGLESS_ALT = re.compile(
    r"undefined|^(?:none|null|image|img|图片|photo)$|^https?://|\.(?:jpe?g|png|gif|webp)\b", re.IGNORECASE
)


def _image_sources(attributes: Attributes) -> list[str]:
    """Return the addresses that the image may have, best first.

    `src` comes first, unless it is a placeholder that a lazy loader would replace.
    """
    source = attributes.get("src", "")
    others = [attributes[name] for name in _LAZY_ATTRIBUTES if name in attributes]
    others = [_largest_candidate(value) if " " in value.strip() else value for value in others]
    if "srcset" in attributes:
        others.append(_largest_candidate(attributes["srcset"]))
    is_lazy = "lazy" in attributes.get("class", "")
    return [*others, source] if is_lazy or _PLACEHOLDER.search(source) else [source, *others]


def _largest_candidate(srcset: str) -> str:
    """Return the address of the largest image candidate in a `srcset` (HTML Standard, *srcset attributes*).

    >>> _largest_candidate("small.jpg 480w, large.jpg 1080w")
    'large.jpg'
    """
    candidates = [part.split() for part in re.split(r",\s+", srcset) if part.strip()]

    def size(candidate: list[str]) -> float:
        match = re.fullmatch(r"([0-9.]+)[wx]", candidate[1]) if len(candidate) > 1 else None
        return float(match[1]) if match else 0.0

    return max(candidates, key=size)[0] if candidates else ""


def _repair_link(node: LexborNode, context: CleaningContext) -> None:
    """Give a link its real address. A link that leads nowhere loses its `href`; an empty one is removed."""
    address = attribute(node, "href")
    target = link_target(address, context.base)
    if target:
        if target != address:
            node.attrs["href"] = target
        return
    if address.strip() not in {"", "#"}:
        context.record_removal("link without an address", node.html or "")
    if node.tag == "a" and node.first_child is not None:
        # Keep it as a link without an address, because links are a signal for boilerplate; `assemble` replaces it by
        # its words.
        for name in list(node.attributes):
            if name not in {"class", "id"}:
                del node.attrs[name]
    else:
        node.decompose()


def _replace_player_by_link(node: LexborNode, context: CleaningContext) -> None:
    """Replace a player by a link to what it plays, with its title and poster image.

    Players need scripts and frames of other sites, which pages of the archive do not allow.
    """
    tag = node.tag or ""
    inner_sources = [attribute(source, "src") for source in select(node, "source, embed")]
    own_sources = [attribute(node, name) for name in ("src", "data-src", "data")]
    target = next(
        (found for value in [*own_sources, *inner_sources] if value and (found := link_target(value, context.base))), ""
    )
    poster = image_address(attribute(node, "poster"), context.base)
    image = f'<img src="{html.escape(poster)}" loading="lazy" decoding="async">' if poster else ""
    # Other elements have a `name` too, but there it is an identifier for scripts.
    names = (*_TITLE_ATTRIBUTES, "name") if tag == "mpvoice" else _TITLE_ATTRIBUTES
    title = next((value for name in names if (value := attribute(node, name).strip())), "")
    if not target:
        context.record_removal(f"{tag} without an address", node.html or "")
        words = html.escape(f"▶ {title}") if title and tag not in {"iframe", "object", "embed"} else ""
        replace_with_html(node, f"<p>{image}{words}</p>" if image or words else "")
        return
    title = title or _host_of(target)
    label = html.escape(f"▶ {title}")
    replace_with_html(node, f'<p><a href="{html.escape(target)}">{image}{label}</a></p>')


def _host_of(address: str) -> str:
    """Return the host of an address without "www." and "player."."""
    return address.split("/")[2].removeprefix("www.").removeprefix("player.")
