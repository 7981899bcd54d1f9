"""Makes a ledger from a page, the clauses, and what was decided before.

Which clauses a sentence states is decided in clauses.toml (`stated`); the disposition of any other one is decided in the ledger, and
carried over to the new one: by the sentence's fingerprint, and in the same document by its position, for when sentences are read otherwise.
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from sslspec.clauses import Kind
from sslspec.ledger import Disposition, Entry, Ledger
from sslspec.pages.sentences import SYNOPSIS
from sslspec.pages.words import marks, packed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sslspec.clauses import Specification
    from sslspec.pages import Page
    from sslspec.pages.sentences import Sentence

#: What a sentence of these sections is, unless it is decided otherwise.
_OF_SECTION = {
    "NAME": Disposition.NAME,
    SYNOPSIS: Disposition.PROTOTYPE,
    "SEE ALSO": Disposition.REFERENCE,
    "HISTORY": Disposition.HISTORY,
    "COPYRIGHT": Disposition.LICENCE,
}


def make(page: Page, edition: str, specification: Specification, before: Ledger | None = None) -> Ledger:
    """Return the ledger of `page` as what `edition` says, with the decisions of the ledger it had `before`.

    What nothing accounts for is left without a disposition: `sslspec.ledger.check` finds it.
    """
    decided = _decisions(before, same_document=digest(page) == before.sha256) if before else {}
    stated = _stated(page.id, edition, specification)
    entries = [_accounted(_entry(page, sentence, decided), stated) for sentence in page.sentences]
    return Ledger(page.id, edition, page.source.name.rpartition("/")[2], digest(page), page.format, tuple(entries))


def refreshed(ledger: Ledger, specification: Specification) -> Ledger:
    """Return the ledger with the clauses as they are now: what changes when only these did, and the document is not at hand."""
    stated = _stated(ledger.page, ledger.edition, specification)
    return replace(ledger, entries=tuple(_accounted(entry, stated) for entry in ledger.entries))


def digest(page: Page) -> str:
    """Return the SHA-256 of the text that a page was read from."""
    return sha256(page.source.text.encode()).hexdigest()


def lost(before: Ledger, after: Ledger) -> list[str]:
    """Return the decisions of one ledger that are not in the other: what a sentence is that is no longer there."""
    kept = {(entry.disposition, entry.why) for entry in after.entries} | {(None, "")}
    return [
        f"{entry.where}: {entry.disposition}" + (f": {entry.why}" if entry.why else "")
        for entry in before.entries
        if (entry.disposition, entry.why) not in kept
    ]


def dumps(ledger: Ledger) -> str:
    """Return the ledger as the text of its file."""
    # JSON's strings are TOML's as well.
    head = [f"{key} = {json.dumps(value)}" for key, value in (("document", ledger.document), ("sha256", ledger.sha256))]
    rows = [f"  {{ {_row(ledger, entry)} }}," for entry in ledger.entries]
    note = (
        "# Made by `make ledger`, which keeps what is decided here: `for` and `why`. The keys are explained in sslspec/ledger/__init__.py."
    )
    return "\n".join([note, "", *head, f"format = {json.dumps(ledger.format)}", "sentences = [", *rows, "]", ""])


def _row(ledger: Ledger, entry: Entry) -> str:
    values: dict[str, object] = {"at": entry.at, "in": entry.where, "is": entry.fingerprint}
    values |= {"states": [id_.removeprefix(f"{ledger.page}/") for id_ in entry.states]} if entry.states else {}
    values |= {"leaves": [id_.removeprefix(f"{ledger.page}/") for id_ in entry.leaves]} if entry.leaves else {}
    values |= {"for": entry.disposition.value} if entry.disposition else {}
    values |= {"why": entry.why} if entry.why else {}
    values["marks"] = packed(entry.marks)
    return ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())


def _entry(page: Page, sentence: Sentence, decided: Mapping[str, Entry]) -> Entry:
    at = str(page.position(sentence))
    before = decided.get(sentence.fingerprint) or decided.get(at)
    return Entry(
        at=at,
        where=sentence.where,
        fingerprint=sentence.fingerprint,
        marks=marks(sentence.chars, sentence.fingerprint),
        disposition=before.disposition if before else _by_itself(sentence),
        why=before.why if before else "",
    )


def _accounted(entry: Entry, stated: Mapping[str, list[tuple[str, Kind]]]) -> Entry:
    """Return the entry with the clauses that name it; with one that it states it needs no disposition."""
    clauses = stated.get(entry.where, [])
    states = tuple(id_ for id_, kind in clauses if kind is not Kind.QUESTION)
    leaves = tuple(id_ for id_, kind in clauses if kind is Kind.QUESTION)
    decision = (None, "") if states else (entry.disposition, entry.why)
    return replace(entry, states=states, leaves=leaves, disposition=decision[0], why=decision[1])


def _by_itself(sentence: Sentence) -> Disposition | None:
    return _OF_SECTION.get(sentence.section) if sentence.number else Disposition.HEADING


def _decisions(before: Ledger, *, same_document: bool) -> dict[str, Entry]:
    """Return what was decided, by the sentence's fingerprint and, in the same document, by its position."""
    kept = [entry for entry in before.entries if entry.disposition]
    return {entry.at: entry for entry in kept if same_document} | {entry.fingerprint: entry for entry in kept}


def _stated(page: str, edition: str, specification: Specification) -> dict[str, list[tuple[str, Kind]]]:
    """Return the clauses of `edition`, by the sentences that state them or leave them open."""
    found: dict[str, list[tuple[str, Kind]]] = {}
    for clause in specification.of_edition(edition):
        for where in clause.stated[edition] if clause.page == page else ():
            found.setdefault(where.removesuffix(" hole"), []).append((clause.id, clause.kind))
    return found
