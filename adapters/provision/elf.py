"""Reading the name by which the dynamic linker knows a library: DT_SONAME of an ELF file.

Numbers are those of <elf.h>. 64-bit and 32-bit files in either byte order are read.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"\x7fELF"
_WIDE, _BIG = 2, 2
PT_LOAD, PT_DYNAMIC = 1, 2
DT_NULL, DT_STRTAB, DT_SONAME = 0, 5, 14
#: e_phoff, e_phentsize and e_phnum in the header; p_type, p_offset, p_vaddr and p_filesz in an entry; an entry of the dynamic section.
_NARROW_LAYOUT = ("28xI10xHH", "IIIxxxxI", "II")
_WIDE_LAYOUT = ("32xQ14xHH", "IxxxxQQxxxxxxxxQ", "QQ")


def soname(path: Path) -> str | None:
    """Return the soname of the library at `path`; its file's name where it has none, None where the file is no whole ELF file."""
    content = path.read_bytes()
    try:
        return _soname(content) or path.name if content.startswith(_MAGIC) else None
    except (struct.error, ValueError, IndexError):
        return None


def _soname(content: bytes) -> str | None:
    order = ">" if content[5] == _BIG else "<"
    header, segment, dynamic = (order + layout for layout in (_WIDE_LAYOUT if content[4] == _WIDE else _NARROW_LAYOUT))
    start, size, count = struct.unpack_from(header, content)
    segments = [struct.unpack_from(segment, content, start + number * size) for number in range(count)]
    for kind, offset, _, length in segments:
        if kind == PT_DYNAMIC:
            entries = dict(struct.iter_unpack(dynamic, content[offset : offset + length]))
            return _text(content, segments, entries[DT_STRTAB] + entries[DT_SONAME]) if DT_SONAME in entries else None
    return None


def _text(content: bytes, segments: list[tuple[int, ...]], address: int) -> str:
    for kind, offset, start, length in segments:
        if kind == PT_LOAD and start <= address < start + length:
            begin = offset + address - start
            return content[begin : content.index(b"\0", begin)].decode()
    raise ValueError(address)
