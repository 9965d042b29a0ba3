"""A reference as a file: portable, versioned, and refused in words if a single byte of it is wrong.

Layout: 10 bytes of magic, then, little-endian, u16 format, u64 length of the body and u64 of what it unpacks to, 32
bytes SHA-256 of the body, the body. The body is zstd over the reference's own MessagePack: data only, nothing in it is
ever run.
"""

from __future__ import annotations

import hashlib
import struct

import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.reference.reference import Reference

SUFFIX = ".wkprofile"
MAGIC = b"WKPROFILE\n"
FORMAT = 1
_HEAD = struct.Struct("<10sHQQ32s")
_MOST = 1 << 34


def to_file(reference: Reference) -> bytes:
    """The file: the same bytes for the same reference."""
    plain = reference.to_bytes()
    body: bytes = pa.compress(plain, codec="zstd", asbytes=True)
    return _HEAD.pack(MAGIC, FORMAT, len(body), len(plain), hashlib.sha256(body).digest()) + body


def reference_from(data: bytes, name: str = "This file") -> Reference:
    """The reference that `to_file` wrote. Raises BadInput that says what is wrong with the file called `name`."""
    if data[: len(MAGIC)] != MAGIC[: len(data)] or not data:
        raise BadInput(f"{name} is not a Watchkeeper profile.", hint="`watchkeeper profile build` makes one.")
    if len(data) < _HEAD.size:
        raise _truncated(name, len(data), _HEAD.size)
    _, version, length, plain_length, digest = _HEAD.unpack_from(data)
    if version != FORMAT:
        raise BadInput(
            f"{name} is a profile of format {version}; this version reads format {FORMAT}.",
            hint="Read it with the version of Watchkeeper that made it, or build it again.",
        )
    body = data[_HEAD.size :]
    if len(body) < length:
        raise _truncated(name, len(data), _HEAD.size + length)
    if len(body) > length or hashlib.sha256(body).digest() != digest or plain_length > _MOST:
        raise _damaged(name, "its checksum does not match")
    return Reference.from_bytes(_unpacked(body, plain_length, name))


def _unpacked(body: bytes, length: int, name: str) -> bytes:
    """What `body` unpacks to; the checksum does not cover the `length` that the head says of it."""
    try:
        plain: bytes = pa.decompress(body, decompressed_size=length, codec="zstd", asbytes=True)
    except (OSError, MemoryError):
        plain = b""
    if len(plain) != length or not plain:
        raise _damaged(name, "it does not unpack to the length that it names")
    return plain


def _damaged(name: str, why: str) -> BadInput:
    return BadInput(f"{name} is damaged: {why}.", hint="Copy it again, or build it again.")


def _truncated(name: str, size: int, wanted: int) -> BadInput:
    return BadInput(
        f"{name} is truncated: {size:,} bytes of {wanted:,} are there.", hint="Copy it again, or build it again."
    )
