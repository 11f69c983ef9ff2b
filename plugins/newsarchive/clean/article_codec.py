"""A cleaned article as bytes and back: how it is kept between builds, and sent between processes.

Its words stand in its blocks already: made of them again when they are asked for, they need not be written, read and
sent, and the build's memory has a quarter less to hold. MessagePack, because it is much text: JSON, as all else is
kept in (`records`), takes half as long again to write.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from newsarchive.clean.assemble import join_blocks, join_lines, text_of
from newsarchive.models import CleanArticle, CleanHtml, RawHtml

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CleanArticle)


def encode_clean_article(article: CleanArticle) -> bytes:
    """A cleaned article without what it was made from, and without what can be put together again."""
    return _encoder.encode(replace(article, raw=replace(article.raw, body=RawHtml("")), html=CleanHtml(""), text=""))


def decode_clean_article(data: bytes) -> CleanArticle:
    """The way back; `raw.body` stays empty. Raises msgspec.DecodeError for bytes that are no article."""
    article = _decoder.decode(data)
    return replace(article, html=join_blocks(article.blocks), text=join_lines(map(text_of, article.blocks)))
