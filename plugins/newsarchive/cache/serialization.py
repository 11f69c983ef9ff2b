"""Values as bytes and back, for the cache and for worker processes.

The format is JSON, by msgspec, which reads and writes the frozen types of the stages directly. Unlike pickle, it runs
no code of what it reads, and a value of another type is an error. Users do not see it: the ledger and the catalogue
have formats of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

Value = TypeVar("Value")

_encoder = msgspec.json.Encoder()


def to_bytes(value: object) -> bytes:
    """Return a value as one line of JSON. Equal values give equal bytes."""
    return _encoder.encode(value)


def to_lines(values: Sequence[object]) -> bytes:
    """Return values as JSON Lines, each ending in a newline."""
    return _encoder.encode_lines(values)


def from_bytes(data: bytes, kind: type[Value]) -> Value:
    """Return the value of type `kind` that `to_bytes` was given.

    Raises msgspec.MsgspecError for bytes that are not JSON, or of another type, and RecursionError.
    """
    value: Value = _decoder(cast(Any, kind)).decode(data)
    return value


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)
