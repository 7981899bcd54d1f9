"""What the ledger knows of a page: of each sentence whether it is known, changed or new, and which sentences are missing.

Sentences are known by their fingerprints, in whatever section they stand. What is left on both sides is paired by what
can be seen of it: first with holes in the place of words, then by likeness. What stands outside of the page (comments, a message, a
site's frame) is compared when the ledger knows some of it; a frame that it has never seen is counted, and not held against the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

from sslspec.errors import UsageError
from sslspec.tracing.difference import Change, difference, fits_but_for_holes, likeness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sslspec.ledger import Entry, Ledger
    from sslspec.pages import Page
    from sslspec.pages.sentences import Sentence

#: From this likeness on one sentence is another one, changed.
_CHANGED = 0.5


class Finding(StrEnum):
    """What was found out about a sentence."""

    KNOWN = "known"
    #: It is another edition's, not the one that the page was compared with.
    ELSEWHERE = "known-elsewhere"
    CHANGED = "changed"
    NEW = "new"
    MISSING = "missing"
    #: No text of the page, and part of a frame that the ledger doesn't know.
    OUTSIDE = "outside"


#: What a page that has none of it has kept to.
DRIFT = frozenset({Finding.CHANGED, Finding.NEW, Finding.MISSING})


@dataclass(frozen=True, slots=True)
class Known:
    """A sentence that the ledger knows, and the edition that says it."""

    edition: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Traced:
    """A sentence of the page, or one that is missing from it.

    sentence: None where it is missing. known: the one it is, was, or is nearest to. certain: False where a hole in the page
    hides a part of what is known; what it hides is not claimed. difference: of a changed sentence, and of a new one near to another.
    """

    finding: Finding
    sentence: Sentence | None
    known: Known | None = None
    certain: bool = True
    difference: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """A page, compared with an edition. sentences: in the order of the page; what is missing stands where it was."""

    page: Page
    ledger: Ledger
    sentences: tuple[Traced, ...]

    def count(self, finding: Finding) -> int:
        """Return of how many sentences this was found."""
        return sum(traced.finding is finding for traced in self.sentences)

    @property
    def drifted(self) -> bool:
        """Return whether the page says anything else than what is known."""
        return any(traced.finding in DRIFT for traced in self.sentences)


def trace(page: Page, ledgers: Sequence[Ledger], edition: str | None = None) -> Trace:
    """Return what `ledgers`, all of this page, know of `page`; with `edition` only what that one knows.

    Raises UsageError when the edition does not have this page.
    """
    if edition:
        ledgers = [ledger for ledger in ledgers if ledger.edition == edition]
        if not ledgers:
            raise UsageError(f"{edition} has no {page.id}; `sslspec list editions` says which pages each has")
    chosen = max(ledgers, key=lambda ledger: (_agreement(page, ledger), ledgers.index(ledger)))
    return _Comparison(page, chosen, [ledger for ledger in ledgers if ledger is not chosen]).result()


def _agreement(page: Page, ledger: Ledger) -> int:
    matcher = SequenceMatcher(None, _fingerprints(page.sentences), _fingerprints(ledger.entries), autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def _fingerprints(items: Sequence[Sentence] | Sequence[Entry]) -> list[str]:
    return [item.fingerprint for item in items]


class _Comparison:
    """A page laid beside the ledger of one edition; `pairs` is which sentence is which entry, both by their number."""

    def __init__(self, page: Page, ledger: Ledger, others: Sequence[Ledger]) -> None:
        self.page = page
        self.ledger = ledger
        self.mine = page.sentences
        self.known = ledger.entries
        # One that this edition has is not another edition's: said once more, it is new.
        here = {entry.fingerprint for entry in self.known}
        self.elsewhere = {
            entry.fingerprint: Known(other.edition, entry) for other in others for entry in other.entries if entry.fingerprint not in here
        }
        self.every = [Known(other.edition, entry) for other in (ledger, *others) for entry in other.entries]
        self.pairs: dict[int, int] = {}
        self._pair_the_same()
        self.same = dict(self.pairs)
        self.frame_is_known = any(self.known[other].outside for other in self.pairs.values())
        self._pair(lambda sentence, entry: float(fits_but_for_holes(sentence, entry)), at_least=1.0)
        self.fitting = dict(self.pairs)
        self._pair(likeness, at_least=_CHANGED)

    def _pair_the_same(self) -> None:
        matcher = SequenceMatcher(None, _fingerprints(self.mine), _fingerprints(self.known), autojunk=False)
        for block in matcher.get_matching_blocks():
            self.pairs |= {block.a + step: block.b + step for step in range(block.size)}
        # What stands in another place than it did.
        for number in self._unpaired():
            same = [other for other in self._unpaired_known() if self.known[other].fingerprint == self.mine[number].fingerprint]
            self.pairs |= {number: same[0]} if same else {}

    def _pair(self, alike: Callable[[Sentence, Entry], float], *, at_least: float) -> None:
        """Pair what is left, the likest first, and of equals those that stand where the others would have them."""
        left = self._unpaired_known()
        found = [
            (-ratio, abs(place - other), number, other)
            for number in self._unpaired()
            for place in [self._place(number)]
            for other in left
            if self._comparable(number, other) and (ratio := alike(self.mine[number], self.known[other])) >= at_least
        ]
        taken: set[int] = set()
        for _, _, number, other in sorted(found):
            if number not in self.pairs and other not in taken:
                self.pairs[number] = other
                taken.add(other)

    def _comparable(self, number: int, other: int) -> bool:
        mine, known = self.mine[number], self.known[other]
        if mine.outside or known.outside:
            return mine.section == known.section and self.frame_is_known
        return (mine.number == 0) is known.is_heading

    def _place(self, number: int) -> int:
        """Return where the known sentence would be that the one at `number` is: after the one before it."""
        return next((self.pairs[before] + number - before for before in range(number, -1, -1) if before in self.pairs), number)

    def _unpaired(self) -> list[int]:
        return [number for number in range(len(self.mine)) if number not in self.pairs]

    def _unpaired_known(self) -> list[int]:
        taken = set(self.pairs.values())
        return [other for other in range(len(self.known)) if other not in taken]

    def result(self) -> Trace:
        """Return what was found, what is missing put in after the sentence that it followed."""
        missing: dict[int, list[Traced]] = {}
        for other in self._unpaired_known():
            if self.frame_is_known or not self.known[other].outside:
                missing.setdefault(self._before(other), []).append(Traced(Finding.MISSING, None, self._entry(other)))
        found = missing.get(-1, [])
        for number, sentence in enumerate(self.mine):
            found += [self._traced(number, sentence), *missing.get(number, [])]
        return Trace(self.page, self.ledger, tuple(found))

    def _before(self, other: int) -> int:
        """Return the number of the sentence after which the known one at `other` would stand, -1 for the beginning."""
        of_known = {entry: number for number, entry in self.pairs.items()}
        return next((of_known[before] for before in range(other, -1, -1) if before in of_known), -1)

    def _entry(self, other: int) -> Known:
        return Known(self.ledger.edition, self.known[other])

    def _traced(self, number: int, sentence: Sentence) -> Traced:
        if number in self.same:
            return Traced(Finding.KNOWN, sentence, self._entry(self.same[number]))
        if sentence.fingerprint in self.elsewhere:
            return Traced(Finding.ELSEWHERE, sentence, self.elsewhere[sentence.fingerprint])
        if number in self.fitting:
            return Traced(Finding.KNOWN, sentence, self._entry(self.fitting[number]), certain=False)
        if sentence.outside and not self.frame_is_known:
            return Traced(Finding.OUTSIDE, sentence)
        if number in self.pairs:
            known = self._entry(self.pairs[number])
            return Traced(Finding.CHANGED, sentence, known, difference=difference(sentence, known.entry))
        return self._new(sentence)

    def _new(self, sentence: Sentence) -> Traced:
        nearest = _best(self.every, sentence)
        again = nearest is not None and nearest.entry.fingerprint == sentence.fingerprint
        return Traced(Finding.NEW, sentence, nearest, difference=difference(sentence, nearest.entry) if nearest and not again else ())


def _best(every: Iterable[Known], sentence: Sentence) -> Known | None:
    """Return the known sentence that is nearest, if one is near."""
    found = ((likeness(sentence, known.entry), known) for known in every if known.entry.outside is sentence.outside)
    ratio, nearest = max(found, key=lambda item: item[0], default=(0.0, None))
    return nearest if ratio else None
