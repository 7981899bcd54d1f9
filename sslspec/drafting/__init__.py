"""Drafting: what a page could say of a clause, so that its sentence is true of libraries and allows one reading only.

A draft is made of our own words and of what libraries are known to do, never of a page's sentences:

    rule        nothing, where no library is known to do otherwise; else who does, below the section for such things
    reading     a sentence that allows the reading taken and no other, beside the one that allows several; and who does otherwise
    obligation  the caller's duty in clear words: a library has nothing to keep there
    question    that it is left open, on what all libraries agree all the same, what the one whose page it is does, and who does otherwise

`wording` knows how a clause would be said, `libraries` what libraries do, `pod` and `mdoc` how it is written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from sslspec.clauses import DEFAULT_EDITION, EDITIONS, Kind, specification
from sslspec.drafting.answers import answers
from sslspec.drafting.libraries import CARRIERS, names, otherwise
from sslspec.drafting.wording import wording
from sslspec.errors import UsageError
from sslspec.own import owners
from sslspec.releases import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sslspec.clauses import Clause
    from sslspec.expectations import Expectations, KnownDeviation

#: The formats that a draft can be written in, each a module here with a function `written`.
FORMATS = ("pod", "mdoc")

#: Where pages say what libraries do, and what older releases did. How a format calls them is its own business.
CAVEATS, HISTORY = "CAVEATS", "HISTORY"


@dataclass(frozen=True, slots=True)
class Passage:
    """Something to be put in at one place of a page.

    below: the section, and perhaps the sentence there after which it belongs. text: a paragraph. items: of a list after it.
    """

    below: str
    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be said of a clause. about: what it is and where an edition says it. passages: none where there is nothing to draft."""

    about: str
    passages: tuple[Passage, ...]


def edition_for(clause: Clause, edition: str | None = None) -> str:
    """Return the edition to draft for: `edition`, or the usual one, or the newest that states the clause.

    Raises UsageError when `edition` neither states the clause nor leaves it open: there is no sentence to draft for.
    """
    if edition is None:
        return DEFAULT_EDITION if DEFAULT_EDITION in clause.stated else max(clause.stated, key=EDITIONS.index)
    answers = [id_ for id_ in clause.answered_by if edition in specification().clauses[id_].stated]
    if answers:
        raise UsageError(f"{edition} answers {clause.id}: `sslspec draft` {' or '.join(answers)}")
    if edition not in clause.stated:
        does = "leaves open" if clause.kind is Kind.QUESTION else "states"
        raise UsageError(f"{edition} has no sentence that {does} {clause.id}; editions that have one: {', '.join(clause.stated)}")
    return edition


def drafted(clause: Clause, edition: str, expectations: Expectations) -> Draft:
    """Return what the page of `edition`, which states the clause, could say of it."""
    known = [entry for entry in expectations.deviations if entry.clause == clause.id]
    match clause.kind:
        case Kind.QUESTION:
            passages = [Passage(CAVEATS, wording(clause)), *_answers(clause, edition, expectations)]
        case Kind.RULE:
            passages = list(_otherwise(clause, edition, known))
        case _:
            passages = [Passage(_beside(clause, edition), wording(clause)), *_otherwise(clause, edition, known)]
    return Draft(_about(clause, edition), tuple(passages))


def written(draft: Draft, form: str) -> str:
    """Return a draft in one of FORMATS, with comments in that format that say what it is about and where each passage belongs."""
    return cast("Callable[[Draft], str]", import_module(f"{__name__}.{form}").written)(draft)


def _about(clause: Clause, edition: str) -> str:
    kind = f"{'an' if clause.kind is Kind.OBLIGATION else 'a'} {clause.kind}"
    does = "leaves open" if clause.kind is Kind.QUESTION else "states"
    return f"{clause.id}, {kind} that {edition} {does} in {', '.join(place.removesuffix(' hole') for place in clause.stated[edition])}"


def _beside(clause: Clause, edition: str) -> str:
    section, _, number = clause.stated[edition][-1].removesuffix(" hole").rpartition(" ")
    return f"{section or 'the text'}, after sentence {number}"


def _otherwise(clause: Clause, edition: str, known: Sequence[KnownDeviation]) -> Iterator[Passage]:
    """Go through what is to be said of libraries that do otherwise: those that the page is of, where they do no longer, and all others."""
    past = [entry for entry in known if entry.family in _owners(edition) and Range(entry.versions).ends()[1]]
    others = [entry for entry in known if entry not in past]
    for below, entries in ((CAVEATS, others), (HISTORY, past)):
        if said := otherwise(entries):
            yield Passage(below, " ".join([wording(clause), *said]))


def _answers(clause: Clause, edition: str, expectations: Expectations) -> Iterator[Passage]:
    found = answers(clause, expectations, _owners(edition))
    if found.agreed:
        yield Passage(CAVEATS, "All libraries that were tried agree on this much:", found.agreed)
    if found.own:
        yield Passage(CAVEATS, f"In {names(_owners(edition))} it happens to be so:", found.own)
    if found.others:
        yield Passage(CAVEATS, f"Portable applications cannot rely on it: in {found.others} it is otherwise.")
    elif found.varies:
        yield Passage(CAVEATS, "Applications cannot rely on it: it has changed from release to release.")


def _owners(edition: str) -> list[str]:
    """Return the families whose page it is."""
    return [family for family, editions in owners().items() if edition in editions and family not in CARRIERS]
