"""Shared libraries of a few hundred bytes, that nothing can load and whose soname can be read."""

from __future__ import annotations

import struct

_BASE = 0x1000


def shared_library(soname: str | None = None, *, wide: bool = True, order: str = "<", content: bytes = b"") -> bytes:
    """Return an ELF file with one loaded segment and a dynamic section; `content` makes it another file."""
    header = struct.Struct(order + ("16sHHIQQQIHHHHHH" if wide else "16sHHIIIIIHHHHHH"))
    segment = struct.Struct(order + ("IIQQQQQQ" if wide else "IIIIIIII"))
    entry = struct.Struct(order + ("QQ" if wide else "II"))
    strings = b"\0" + (soname or "").encode() + b"\0" + content
    text_at = header.size + 2 * segment.size
    dynamic_at = text_at + len(strings)
    named = [(14, 1)] if soname else []
    dynamic = b"".join(entry.pack(*pair) for pair in [(1, 1), (5, _BASE + text_at), *named, (0, 0)])
    size = dynamic_at + len(dynamic)
    identity = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1])
    head = header.pack(identity, 3, 62, 1, 0, header.size, 0, 0, header.size, segment.size, 2, 0, 0, 0)
    if wide:
        table = segment.pack(1, 5, 0, _BASE, _BASE, size, size, 8) + segment.pack(
            2, 6, dynamic_at, _BASE + dynamic_at, 0, len(dynamic), len(dynamic), 8
        )
    else:
        table = segment.pack(1, 0, _BASE, _BASE, size, size, 5, 8) + segment.pack(
            2, dynamic_at, _BASE + dynamic_at, 0, len(dynamic), len(dynamic), 6, 8
        )
    return head + table + strings + dynamic
