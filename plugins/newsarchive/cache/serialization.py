"""The nouns of the stages as bytes and back: how they are kept between builds, and sent between processes.

JSON by msgspec, which writes and reads frozen values directly: nothing that is read can run anything (pickle could),
and a value of another form is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

Value = TypeVar("Value")

_encoder = msgspec.json.Encoder()


def to_bytes(value: object) -> bytes:
    """A frozen value as bytes; equal values give equal bytes."""
    return _encoder.encode(value)


def to_lines(values: Sequence[object]) -> bytes:
    """Frozen values as bytes, each on a line of its own."""
    return _encoder.encode_lines(values)


def from_bytes(data: bytes, kind: type[Value]) -> Value:
    """The way back. Raises msgspec.DecodeError for bytes that are no `kind`."""
    value: Value = _decoder(cast(Any, kind)).decode(data)
    return value


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)
