"""Bodies as they were before a server packed them."""

import zlib
from collections.abc import Callable

import brotli
from backports import zstd

LARGEST = 20_000_000
"""Bytes of a body; the same limit as DOWNLOAD_MAXSIZE. More is a bomb."""


class PackedBody(Exception):  # noqa: N818 - it names what is left: a body that stays packed
    """A body that can't be unpacked; the message says why."""


def unpack(body: bytes, encodings: str | None) -> bytes:
    """The body without its Content-Encoding, as the header gives it. Raises PackedBody."""
    names = [name.strip().lower() for name in (encodings or "").split(",")]
    for name in reversed([name for name in names if name not in {"", "identity"}]):
        body = _unpack_one(body, name)
    return body


def _unpack_one(body: bytes, name: str) -> bytes:
    if name not in _UNPACKERS:
        raise PackedBody(f"packed as {name!r}, which nobody here can read")
    try:
        unpacked = _UNPACKERS[name](body)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise PackedBody(f"broken {name}: {error}") from None
    if len(unpacked) > LARGEST:
        raise PackedBody(f"more than {LARGEST:,} bytes when unpacked")
    return unpacked


def _gzip(body: bytes) -> bytes:
    return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(body, LARGEST + 1)


def _deflate(body: bytes) -> bytes:
    """With or without its header: servers disagree on what deflate means."""
    try:
        return zlib.decompressobj().decompress(body, LARGEST + 1)
    except zlib.error:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, LARGEST + 1)


def _brotli(body: bytes) -> bytes:
    return bytes(brotli.Decompressor().process(body, output_buffer_limit=LARGEST + 1))


def _zstd(body: bytes) -> bytes:
    return bytes(zstd.ZstdDecompressor().decompress(body, LARGEST + 1))


_UNPACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
