"""How a sentence differs from one that is known, word by word, though the known one is not here: only the marks of its words are."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from sslspec.pages.text import HOLE
from sslspec.pages.words import MARK_OF_HOLE, marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.ledger import Entry
    from sslspec.pages.sentences import Sentence

#: Below this likeness two sentences have nothing to do with each other.
LEAST_LIKENESS = 0.35
#: Fewer words than this say nothing about what is around them.
_FEWEST_VISIBLE = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of a sentence: words that are the same, or words that are there and words that are gone.

    same: words of both. added: words that the known sentence has not. gone: how many of its words are missing here; which
    they are nobody can tell from their marks. hole: whether something is lost there in the copy that is known.
    """

    same: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    gone: int = 0
    hole: bool = False


def likeness(sentence: Sentence, entry: Entry) -> float:
    """Return how much of two sentences is the same, from 0 to 1; 0 where it is less than LEAST_LIKENESS."""
    mine, known = len(sentence.words), len(entry.marks)
    if 2 * min(mine, known) < LEAST_LIKENESS * (mine + known):
        return 0.0
    matcher = _aligned(sentence, entry)
    # What the cheaper bounds rule out need not be aligned.
    return matcher.ratio() if matcher.quick_ratio() >= LEAST_LIKENESS else 0.0


def difference(sentence: Sentence, entry: Entry) -> tuple[Change, ...]:
    """Return how `sentence` differs from the one that `entry` knows."""
    return tuple(
        Change(same=sentence.chars[start:end])
        if kind == "equal"
        else _change(sentence.chars[start:end], entry.marks[known_start:known_end])
        for kind, start, end, known_start, known_end in _aligned(sentence, entry).get_opcodes()
    )


def _change(added: tuple[str, ...], gone: Sequence[str]) -> Change:
    return Change(added=added, gone=sum(mark != MARK_OF_HOLE for mark in gone), hole=MARK_OF_HOLE in gone)


def _aligned(sentence: Sentence, entry: Entry) -> SequenceMatcher[str]:
    return SequenceMatcher(None, marks(sentence.chars, entry.fingerprint), entry.marks, autojunk=False)


def fits_but_for_holes(sentence: Sentence, entry: Entry) -> bool:
    """Return whether `sentence` has holes and is the known one, which has none, as far as it can be seen.

    Not the other way round: what stands where the known copy has a hole is not known.
    """
    if entry.has_hole or not sentence.has_hole:
        return False
    return _fits(marks(sentence.chars, entry.fingerprint), entry.marks)


def _fits(holed: Sequence[str], whole: Sequence[str]) -> bool:
    """Return whether `whole` is `holed` with any words in the place of its holes."""
    holes = [-1, *(place for place, mark in enumerate(holed) if mark == MARK_OF_HOLE), len(holed)]
    pieces = [tuple(holed[start + 1 : end]) for start, end in pairwise(holes)]
    if sum(map(len, pieces)) < max(_FEWEST_VISIBLE, len(whole) // 3):
        return False
    first, *inner, last = pieces
    end = len(whole) - len(last)
    if tuple(whole[: len(first)]) != first or tuple(whole[end:]) != last:
        return False
    start = len(first)
    for piece in inner:
        found = next((at for at in range(start, end - len(piece) + 1) if tuple(whole[at : at + len(piece)]) == piece), None)
        if found is None:
            return False
        start = found + len(piece)
    return start <= end


def shown(word: str) -> str:
    """Return a word as it is shown: a hole as dots."""
    return "[...]" if word == HOLE else word
