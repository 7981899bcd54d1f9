"""TOML as text: split into statements, so that one can be changed and every other line stays as somebody wrote it.

`tomllib` only reads, and what it returns has lost the comments.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Longer lists stand on a line for each item.
_LONG = 120


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a file, or several where a value goes on over lines.

    key: of a `key = value`; "" of a header, a comment or an empty line. read: what tomllib makes of it.
    """

    lines: tuple[str, ...]
    key: str = ""
    read: Any = None

    @property
    def header(self) -> bool:
        """Return whether it begins a table."""
        return not self.key and bool(self.read)

    @property
    def comment(self) -> bool:
        """Return whether it is nothing but a comment."""
        return self.lines[0].lstrip().startswith("#")


#: A header with what belongs to it: the comments right above it, and everything to the next header. The first has no header.
Block = tuple[Statement, ...]


def blocks(text: str) -> list[Block]:
    """Return the blocks of a valid document; joined, they are the document."""
    found: list[list[Statement]] = [[]]
    for statement in _statements(text.splitlines()):
        if statement.header:
            found.append(_comments_at_the_end(found[-1]))
        found[-1].append(statement)
    return [tuple(block) for block in found]


def joined(parts: Iterable[Sequence[Statement]]) -> str:
    """Return the text of blocks, with one empty line before each and none at the end."""
    texts = ("\n".join(line for statement in part for line in statement.lines).strip("\n") for part in parts)
    return "\n\n".join(text for text in texts if text) + "\n"


def header_of(block: Block) -> Any:
    """Return what tomllib makes of a block's header, None of a block without one."""
    return next((statement.read for statement in block if statement.header), None)


def with_value(block: Block, key: str, value: str | Sequence[str], after: str) -> Block:
    """Return a block in which `key` has another value; one that it does not have yet comes after the key `after`."""
    new = assignment(key, value)
    if any(statement.key == key for statement in block):
        return tuple(new if statement.key == key else statement for statement in block)
    return tuple(part for statement in block for part in ((statement, new) if statement.key == after else (statement,)))


def without_key(block: Block, key: str) -> Block:
    """Return a block that lacks `key`."""
    return tuple(statement for statement in block if statement.key != key)


def leftovers(block: Block) -> Block:
    """Return the comments after a block's last value that are no longer right below it: they may be about something else."""
    last = max((at for at, statement in enumerate(block) if statement.key or statement.header), default=-1)
    tail = block[last + 1 :]
    gap = next((at for at, statement in enumerate(tail) if not statement.comment), len(tail))
    return tail[gap:]


def header(text: str) -> Statement:
    """Return the statement that begins a table, from its text: `[["name"]]`."""
    return Statement((text,), "", tomllib.loads(text))


def assignment(key: str, value: str | Sequence[str]) -> Statement:
    """Return `key = value` for a text or a list of texts."""
    if isinstance(value, str):
        return Statement((f"{key} = {literal(value)}",), key)
    short = f"{key} = [{', '.join(map(literal, value))}]"
    return Statement((short,) if len(short) <= _LONG else (f"{key} = [", *(f"    {literal(item)}," for item in value), "]"), key)


def literal(text: str) -> str:
    """Return a text that can be printed as TOML, without escapes where it can be."""
    plain = "'" not in text and ("\\" in text or '"' in text)
    return f"'{text}'" if plain else json.dumps(text, ensure_ascii=False)


def _statements(lines: Sequence[str]) -> Iterable[Statement]:
    start = 0
    while start < len(lines):
        end, read = _shortest(lines, start)
        keyed = bool(read) and not lines[start].lstrip().startswith("[")
        yield Statement(tuple(lines[start:end]), next(iter(read)) if keyed else "", read)
        start = end


def _shortest(lines: Sequence[str], start: int) -> tuple[int, dict[str, Any]]:
    """Return where the statement that begins at `start` ends: with the first line that makes it valid by itself."""
    for end in range(start + 1, len(lines) + 1):
        try:
            return end, tomllib.loads("\n".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
    # Valid as a whole, so this cannot be reached by a document that was read before.
    message = f"line {start + 1} is no TOML"
    raise ValueError(message)


def _comments_at_the_end(block: list[Statement]) -> list[Statement]:
    """Take the comments that stand right above the next header away from the block before it."""
    taken: list[Statement] = []
    while block and block[-1].comment:
        taken.insert(0, block.pop())
    return taken
