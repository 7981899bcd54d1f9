"""What libraries do where a page leaves a question open: on what they agree, what the one does whose page it is, and who does otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.drafting.libraries import CARRIERS, Who, add, names, observed, who, without_objects
from sslspec.expectations import one_line
from sslspec.releases import Range

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sslspec.clauses import Clause
    from sslspec.expectations import Expectations

#: Made out of another family's library: where these two do the same, that is no agreement.
_KIN = {"tongsuo": "openssl", "aws-lc": "boringssl"}

#: Stands for a deviation whose reason does not tell what was seen.
_UNTOLD = "something is done that cannot be told in a few words"

_CALLBACK = re.compile(r"\bcallback remove_session\([^()]*\)")
_WHEN = re.compile(r"\b(when [^;:]*):")
#: Nothing to build on, whoever does it.
_ENDS = re.compile(r"the process ends with|does not come back|is destroyed while")

#: What is done in a situation -> who does it.
_Does = dict[str, Who]


@dataclass(frozen=True, slots=True)
class Answers:
    """What libraries do where a question is left open, a text for each situation.

    agreed: on what libraries of several descents agree. own: of all else, what those do whose page it is. others: the other families
    that do otherwise than any of these, in words. varies: whether releases of these do different things.
    """

    agreed: tuple[str, ...]
    own: tuple[str, ...]
    others: str
    varies: bool


def answers(clause: Clause, expectations: Expectations, owners: Collection[str]) -> Answers:
    """Return what libraries do in the situations of a question; owners: the families whose page it is."""
    found = [(title, does) for title, does in _situations(clause, expectations) if does]
    agreed = [(title, does) for title, does in found if _agree(does)]
    left = [(title, does, own) for title, does in found if not _agree(does) and (own := _of(does, owners))]
    differ = {family for _, does, own in left for answer, families in does.items() if answer not in own for family in families}
    return Answers(
        agreed=tuple(_item(label, does, releases=False) for label, does in _together(agreed)),
        own=tuple(_item(label, own) for label, own in _together([(title, own) for title, _, own in left])),
        others=names(differ),
        varies=any(len(own) > 1 for _, _, own in left),
    )


def _situations(clause: Clause, expectations: Expectations) -> Iterator[tuple[str, _Does]]:
    """Go through the rows of a question: the title of each, and who does what."""
    for row in expectations.rows_of(clause.id):
        does: _Does = {}
        for family, kept in expectations.answers.items():
            for releases, answer in kept.get((clause.id, row.key), ()) if family not in CARRIERS else ():
                add(does.setdefault(_plain(answer), {}), family, releases)
        for entry in expectations.deviations:
            if entry.clause == clause.id and row.key in entry.rows and entry.family not in CARRIERS:
                add(does.setdefault(observed(entry.reason) or _UNTOLD, {}), entry.family, Range(entry.versions))
        yield row.title, does


def _plain(answer: str) -> str:
    """Return an answer as a page would say it."""
    return without_objects(_CALLBACK.sub("the callback", _WHEN.sub(r"\1,", one_line(answer))))


def _agree(does: _Does) -> bool:
    """Return whether libraries of several descents do the same, and it is something to build on."""
    return len(does) == 1 and all(
        len({_KIN.get(family, family) for family in families}) > 1 and not _ENDS.search(answer) for answer, families in does.items()
    )


def _of(does: _Does, owners: Collection[str]) -> _Does:
    own = {answer: {family: ranges for family, ranges in families.items() if family in owners} for answer, families in does.items()}
    return {answer: families for answer, families in own.items() if families}


def _together(situations: Iterable[tuple[str, _Does]]) -> Iterator[tuple[str, _Does]]:
    """Go through labels and what is done there: the lines of an outline in which the same do the same are under one label."""
    outlines: dict[str, list[tuple[str, _Does]]] = {}
    for title, does in situations:
        name, _, values = title.removesuffix("]").partition(" [")
        outlines.setdefault(name, []).append((values, does))
    for name, lines in outlines.items():
        left = lines
        while left:
            does = left[0][1]
            alike = [values for values, other in left if other == does]
            left = [line for line in left if line[1] != does]
            alone = len(alike) == len(lines) > 1 or not alike[0]
            yield name if alone else f"{name} ({'; '.join(alike)})", does


def _item(label: str, does: _Does, *, releases: bool = True) -> str:
    """Return what is done in a situation; where all do the same, it need not be said in which releases."""
    told = [f"in {who(families) if releases else names(families)}, {answer}." for answer, families in does.items()]
    return " ".join([f"{label}: {told[0]}", *(f"{text[0].upper()}{text[1:]}" for text in told[1:])])
