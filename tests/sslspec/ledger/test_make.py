"""Making a ledger: from a page and the clauses, with all that was decided before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sample_pages import MDOC, POD, read

from sslspec.clauses import Clause, Kind, Specification, specification
from sslspec.ledger import Disposition, Ledger, ledgers, read_ledger
from sslspec.ledger.make import digest, dumps, lost, make, refreshed
from sslspec.pages.recognise import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sslspec.pages import Page

EDITION = "openssl-1.1.1"
ID = "SSL_set_session.3/lent"


def clause(name: str, kind: Kind, *stated: str) -> Clause:
    return Clause(f"SSL_set_session.3/{name}", "", kind, {EDITION: stated}, ())


SPECIFICATION = Specification(
    {
        each.id: each
        for each in (
            clause("lent", Kind.RULE, "DESCRIPTION 1", "DESCRIPTION 2"),
            clause("asked", Kind.QUESTION, "DESCRIPTION 2", "DESCRIPTION 3"),
            Clause("SSL_other.3/other", "", Kind.RULE, {EDITION: ("DESCRIPTION 4",)}, ()),
        )
    }
)
OURS = [ledger for page in PAGES for ledger in ledgers(page)]


def made(text: str = POD, before: Ledger | None = None) -> Ledger:
    return make(read(text), EDITION, SPECIFICATION, before)


def decided(ledger: Ledger, **of: tuple[Disposition, str]) -> Ledger:
    """Return the ledger with dispositions for sentences of DESCRIPTION, "s3" for its third."""
    places = {f"DESCRIPTION {name[1:]}": decision for name, decision in of.items()}
    entries = [
        replace(entry, disposition=places[entry.where][0], why=places[entry.where][1]) if entry.where in places else entry
        for entry in ledger.entries
    ]
    return replace(ledger, entries=tuple(entries))


def of(ledger: Ledger) -> dict[str, tuple]:
    return {entry.where: (entry.states, entry.leaves, entry.disposition) for entry in ledger.entries}


def test_clauses_are_named_where_they_are_stated_and_the_rest_is_left_to_decide() -> None:
    entries = of(made())
    assert entries["DESCRIPTION 1"] == ((ID,), (), None)
    assert entries["DESCRIPTION 2"] == ((ID,), ("SSL_set_session.3/asked",), None)
    assert entries["DESCRIPTION 3"] == ((), ("SSL_set_session.3/asked",), None)
    assert entries["DESCRIPTION 4"] == ((), (), None)


def test_what_a_section_says_by_itself() -> None:
    entries = of(made())
    assert [entries[where][2] for where in ("NOTES 0", "NAME 1", "SYNOPSIS 2", "SEE ALSO 1") if where in entries] == [
        Disposition.NAME,
        Disposition.PROTOTYPE,
        Disposition.REFERENCE,
    ]
    assert {entry[2] for where, entry in entries.items() if where.endswith(" 0")} == {Disposition.HEADING}


def test_decisions_stay_with_their_sentence_wherever_it_goes() -> None:
    before = decided(made(), s3=(Disposition.EXAMPLE, "It shows."), s4=(Disposition.EXPLANATION, ""))
    moved = POD.replace("=head1 RETURN", "Another one before it.\n\nAnd one.\n\n=head1 RETURN").replace("Two para", "New.\n\nTwo para")
    after = made(moved, before)
    kept = {entry.where: (entry.disposition, entry.why) for entry in after.entries if entry.section == "DESCRIPTION"}
    assert kept["DESCRIPTION 3"] == (Disposition.EXAMPLE, "It shows.")
    assert kept["DESCRIPTION 5"] == (Disposition.EXPLANATION, "")
    assert lost(before, after) == []


def test_decisions_stay_when_only_the_reading_changes() -> None:
    # As when words are folded in another way: the document is the same, all fingerprints are new.
    before = decided(made(), s3=(Disposition.EXAMPLE, "It shows."))
    otherwise = replace(before, entries=tuple(replace(entry, fingerprint=entry.fingerprint[::-1]) for entry in before.entries))
    assert made(POD, otherwise) == before


def test_a_decision_whose_sentence_is_gone_is_named() -> None:
    before = decided(made(), s4=(Disposition.EXAMPLE, "It shows."))
    gone = POD.replace("Two paragraphs, e.g. This one, are one too many!", "Another one, in its place.")
    assert lost(before, made(gone, before)) == ["DESCRIPTION 4: example: It shows."]


def test_clauses_that_changed_are_named_without_the_document() -> None:
    before = decided(make(read(POD), EDITION, Specification()), s1=(Disposition.EXAMPLE, "It shows."), s4=(Disposition.EXAMPLE, ""))
    after = refreshed(before, SPECIFICATION)
    assert after == decided(made(), s4=(Disposition.EXAMPLE, ""))
    assert refreshed(after, SPECIFICATION) == after


def test_a_decision_is_dropped_when_a_clause_is_found_to_be_stated() -> None:
    before = decided(made(), s1=(Disposition.EXAMPLE, "It shows."))
    assert of(made(POD, before))["DESCRIPTION 1"] == ((ID,), (), None)


@pytest.mark.parametrize("text", [POD, MDOC])
def test_a_ledger_is_read_as_it_was_written(text: str, tmp_path: Path) -> None:
    ledger = decided(made(text), s3=(Disposition.EXAMPLE, 'It "shows".'), s4=(Disposition.LOST, ""))
    path = tmp_path / "SSL_set_session.3" / "ledger" / f"{EDITION}.toml"
    path.parent.mkdir(parents=True)
    path.write_text(dumps(ledger), encoding="utf-8")
    assert read_ledger(path) == ledger


@pytest.mark.parametrize("ledger", OURS, ids=lambda ledger: f"{ledger.page}-{ledger.edition}")
class TestOurOwn:
    def test_is_what_its_document_says(self, ledger: Ledger, page_of: Callable[[Ledger], Page]) -> None:
        page = page_of(ledger)
        assert digest(page) == ledger.sha256
        # `make ledger` writes what is different here.
        assert make(page, ledger.edition, specification(), ledger) == ledger

    def test_holds_no_sentence(self, ledger: Ledger, page_of: Callable[[Ledger], Page]) -> None:
        page = page_of(ledger)
        written = dumps(ledger)
        for sentence in page.sentences:
            runs = zip(sentence.chars, sentence.chars[1:], sentence.chars[2:], strict=False)
            assert [run for run in runs if " ".join(run) in written] == []
