"""Blocks in, sentences out: numbered within their section, each with its place, whatever the format was.

A heading is number 0 of its section. In the synopsis a declaration counts for a sentence, outside of the page a line does.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.pages.blocks import OUTSIDE, Block, Kind
from sslspec.pages.text import Text, Word
from sslspec.pages.words import STAMP, fingerprint, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SYNOPSIS = "SYNOPSIS"

#: The sections outside of the page.
OUTSIDE_SECTIONS = tuple(kind.value for kind in OUTSIDE)

_CLOSED = re.compile(r".*[.!?][)\]\"']*")
_COLON = re.compile(r".*:")
_ABBREVIATION = re.compile(r"[(\"']*(?:e\.g|i\.e|cf|vs|resp)\.", re.IGNORECASE)
_BEGINS = re.compile(r"[(\[\"'<]*(?:[A-Z]|[a-z]\w*_\w*\(|\d+-?\w*_)")
#: After a hole only an ordinary word with a capital begins a sentence: a function's name may stand anywhere.
_BEGINS_AFTER_HOLE = re.compile(r"[(\"']*(?:[A-Z][a-z']*|A)[,;:]?")
#: The label of an item, in a text that has no lists: "occur: 0 The operation failed".
_LABEL = re.compile(r"[<>]?-?\d+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a page, or what counts for one.

    section, number: where it stands; 0 is the heading itself. words: as they are compared, with holes.
    fingerprint: of these words.
    """

    section: str
    number: int
    words: tuple[Word, ...]
    fingerprint: str

    @property
    def where(self) -> str:
        """Return where it stands, "DESCRIPTION 3", as clauses refer to it."""
        return f"{self.section} {self.number}".strip()

    @property
    def has_hole(self) -> bool:
        """Return whether a part of it is lost."""
        return any(word.is_hole for word in self.words)

    @property
    def place(self) -> int:
        """Return where its first word is, as an offset in the input."""
        return next(word.place for word in self.words if not word.is_hole)

    @property
    def outside(self) -> bool:
        """Return whether it is no text of the page: a comment, or what stands around the page."""
        return self.section in OUTSIDE_SECTIONS

    @property
    def chars(self) -> tuple[str, ...]:
        """Return the words without their places."""
        return tuple(word.chars for word in self.words)


def sentences(blocks: Iterable[Block]) -> tuple[Sentence, ...]:
    """Return the sentences of `blocks`, in their order."""
    counted: Counter[str] = Counter()
    found = []
    for section, kind, words in _split(_with_labels(blocks)):
        kept = folded(words)
        if all(word.is_hole for word in kept):
            continue
        counted[section] += kind is not Kind.HEADING
        number = 0 if kind is Kind.HEADING else counted[section]
        found.append(Sentence(section, number, kept, fingerprint([word.chars for word in kept])))
    return tuple(found)


def _with_labels(blocks: Iterable[Block]) -> Iterator[Block]:
    """Return the blocks with each label put before the text of its item."""
    label: Block | None = None
    for block in blocks:
        if label and block.kind is Kind.TEXT:
            yield Block(Kind.TEXT, Text.joined([label.text, Text.put_in(" ", block.text.place), block.text]), block.section)
            label = None
            continue
        if label:
            yield label
        label = block if block.kind is Kind.LABEL else None
        if not label:
            yield block
    if label:
        yield label


def _split(blocks: Iterable[Block]) -> Iterator[tuple[str, Kind, Sequence[Word]]]:
    """Return the section, the kind and the words of each sentence."""
    section = ""
    for block in _with_whole_declarations(blocks):
        if block.kind in OUTSIDE:
            yield block.kind.value, block.kind, _whole(block.text)
            continue
        if block.kind is Kind.HEADING:
            section = _title(block)
        here = section if block.section is None else block.section
        words = block.text.words()
        pieces = [words] if block.kind is not Kind.TEXT else _declarations(words) if here == SYNOPSIS else _sentences(words)
        for piece in pieces:
            yield here, block.kind, piece


def _title(heading: Block) -> str:
    return " ".join(word.chars for word in folded(heading.text.words())).upper()


def _with_whole_declarations(blocks: Iterable[Block]) -> Iterator[Block]:
    """Return the blocks, those of a synopsis joined: some formats put the type of a function into a paragraph of its own."""
    section, parts = "", list[Text]()
    for block in blocks:
        if block.kind is Kind.TEXT and section == SYNOPSIS and block.section is None:
            parts += [block.text, Text.put_in("\n", block.text.place)]
            continue
        if parts:
            yield Block(Kind.TEXT, Text.joined(parts))
            parts = []
        section = _title(block) if block.kind is Kind.HEADING else section
        yield block
    if parts:
        yield Block(Kind.TEXT, Text.joined(parts))


def _whole(text: Text) -> tuple[Word, ...]:
    """Return the words of a line outside of the page, "$Mdocdate: May 1 2016 $" as "$Mdocdate$": it changes by itself."""
    return text.replace(STAMP, lambda match: f"${match.group(1)}$").words()


def _declarations(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Return words of the synopsis in pieces: an include, a declaration up to its semicolon, a sentence."""
    piece: list[Word] = []
    for word in words:
        piece.append(word)
        included = piece[0].chars == "#include" and len(piece) > 1
        if included or word.chars.endswith((";", ":")) or _CLOSED.fullmatch(word.chars):
            yield piece
            piece = []
    if piece:
        yield piece


def _sentences(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    start = 0
    for end in range(1, len(words)):
        if _ends(words, end):
            yield words[start:end]
            start = end
    yield words[start:]


def _ends(words: Sequence[Word], end: int) -> bool:
    """Return whether a sentence ends before the word at `end`."""
    before, after = words[end - 1], words[end]
    if after.is_hole:
        # What is lost after a sentence belongs to the next one: a label, or its beginning.
        return _is_closed(before) or bool(_COLON.fullmatch(before.chars))
    if before.is_hole:
        # Unless the hole itself began the sentence.
        lead = end == 1 or _is_closed(words[end - 2]) or bool(_COLON.fullmatch(words[end - 2].chars))
        return not lead and bool(_BEGINS_AFTER_HOLE.fullmatch(after.chars))
    following = words[end + 1].chars if end + 1 < len(words) else ""
    labelled = bool(_LABEL.fullmatch(after.chars)) and (not following or _begins(following))
    if _COLON.fullmatch(before.chars):
        return labelled
    return _is_closed(before) and (labelled or _begins(after.chars))


def _begins(chars: str) -> bool:
    # No word is so long; what is would keep the pattern busy.
    return bool(_BEGINS.match(chars[:80]))


def _is_closed(word: Word) -> bool:
    return bool(_CLOSED.fullmatch(word.chars)) and not _ABBREVIATION.fullmatch(word.chars)
