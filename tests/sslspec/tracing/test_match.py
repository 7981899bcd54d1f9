"""What is found out about a page of our own, compared with ledgers made of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_pages import FLATTENED, MAN, MDOC, PAGES_BY_FORMAT, POD, read

from sslspec.clauses import Specification
from sslspec.errors import UsageError
from sslspec.ledger import Ledger
from sslspec.ledger.make import make
from sslspec.pages.errors import PageNotRead
from sslspec.tracing.as_json import dumps
from sslspec.tracing.match import Finding, Trace, Traced, trace
from sslspec.tracing.show import text_of

NEW, OLD = "openssl-1.1.1", "openssl-1.1.0"


def ledger(text: str, edition: str = NEW) -> Ledger:
    return make(read(text), edition, Specification())


def traced(text: str, *others: Ledger, edition: str | None = None) -> Trace:
    return trace(read(text), [*others, ledger(POD)], edition)


def findings(found: Trace, *, but: tuple[Finding, ...] = (Finding.KNOWN,)) -> list[tuple[Finding, str]]:
    return [(each.finding, where(each)) for each in found.sentences if each.finding not in but]


def where(each: Traced) -> str:
    if each.sentence:
        return each.sentence.where
    assert each.known
    return each.known.entry.where


@pytest.mark.parametrize("text", [*PAGES_BY_FORMAT.values(), FLATTENED], ids=[*PAGES_BY_FORMAT, "flattened"])
def test_a_page_is_known_in_every_format(text: str) -> None:
    found = traced(text)
    assert findings(found, but=(Finding.KNOWN, Finding.OUTSIDE)) == []
    assert not found.drifted


def test_a_changed_sentence_says_what_changed() -> None:
    found = traced(POD.replace("Nothing\nis", "Nothing\nwhatever was"))
    ((finding, place),) = findings(found)
    assert (finding, place) == (Finding.CHANGED, "DESCRIPTION 2")
    (changed,) = (each for each in found.sentences if each.finding is Finding.CHANGED)
    first, middle, last = changed.difference
    assert (first.same, middle.added, middle.gone, last.same) == (("Nothing",), ("whatever", "was"), 1, ('"copied".',))
    assert found.drifted


def test_a_new_sentence_and_one_that_is_missing() -> None:
    found = traced(POD.replace("Two paragraphs, e.g. This one, are one too many!", "Quux frobs zorks."))
    # Nothing of the one is in the other: the old one is missing, in front of what is new.
    assert sorted(findings(found)) == [(Finding.MISSING, "DESCRIPTION 4"), (Finding.NEW, "DESCRIPTION 4")]


def test_what_is_missing_stands_where_it_was() -> None:
    found = traced(POD.replace("Look elsewhere.", ""))
    places = [where(each) for each in found.sentences]
    number = places.index("RETURN VALUES 3")
    assert found.sentences[number].finding is Finding.MISSING
    assert places[number - 1 : number + 2] == ["RETURN VALUES 2", "RETURN VALUES 3", "RETURN VALUES 3"]


def test_what_is_missing_at_the_beginning() -> None:
    found = traced(POD.replace("=head1 NAME\n\nSSL_set_session - lend a session to a connection\n", ""))
    assert [(each.finding, where(each)) for each in found.sentences[:2]] == [(Finding.MISSING, "NAME 0"), (Finding.MISSING, "NAME 1")]


def test_a_new_sentence_names_the_nearest() -> None:
    found = traced(POD.replace("Nothing\nis", "Nothing\nat all is E<quot>copiedE<quot>. Nothing\nis"))
    (new,) = (each for each in found.sentences if each.finding is Finding.NEW)
    assert new.known
    assert new.known.entry.where == "DESCRIPTION 2"
    assert [change.added for change in new.difference if change.added] == [("at", "all")]


def test_a_sentence_that_moved_is_known() -> None:
    moved = POD.replace("Look elsewhere.", "").replace("Two paragraphs", "Look elsewhere.\n\nTwo paragraphs")
    assert findings(traced(moved)) == []


def test_a_sentence_that_is_said_once_more_is_new() -> None:
    found = traced(POD.replace("It went well.", "It went well.\n\nLook elsewhere."), ledger(POD, OLD))
    assert findings(found) == [(Finding.NEW, "RETURN VALUES 5")]
    (again,) = (each for each in found.sentences if each.finding is Finding.NEW)
    assert again.known
    assert (again.known.entry.where, again.difference) == ("RETURN VALUES 3", ())
    assert "new; it says RETURN VALUES 3 of openssl-1.1.1 once more" in text_of(found, {})


def test_the_nearest_edition_is_taken_and_the_others_are_known() -> None:
    older = ledger(POD.replace("It went well.", "All is well.").replace("Nothing\nis", "Nothing much\nis"), OLD)
    found = traced(POD.replace("It went well.", "All is well."), older)
    assert found.ledger.edition == NEW
    assert findings(found) == [(Finding.ELSEWHERE, "RETURN VALUES 4")]
    assert not found.drifted


def test_of_two_editions_that_say_the_same_the_later_one_is_taken() -> None:
    assert traced(POD, ledger(POD, OLD)).ledger.edition == NEW


def test_with_an_edition_only_that_one_is_known() -> None:
    older = ledger(POD.replace("It went well.", "All is well."), OLD)
    found = traced(POD, older, edition=OLD)
    assert found.ledger.edition == OLD
    assert findings(found) == [(Finding.CHANGED, "RETURN VALUES 4")]


def test_an_edition_without_this_page() -> None:
    with pytest.raises(UsageError, match=r"^openssl-2001 has no SSL_set_session\.3; "):
        traced(POD, edition="openssl-2001")


class TestHoles:
    LINES = "".join(f"{number} {line}\n" for number, line in enumerate(MDOC.splitlines(), 1))

    def damaged(self, *lost: int) -> str:
        return "".join(line for number, line in enumerate(self.LINES.splitlines(keepends=True), 1) if number not in lost)

    def test_what_can_be_seen_of_a_sentence_is_known_but_not_for_certain(self) -> None:
        # Of "... lends session to ssl, see SSL_new(3)." the line with `.Fa session`.
        found = trace(read(self.damaged(15)), [ledger(POD)])
        assert not found.drifted
        (unsure,) = (each for each in found.sentences if not each.certain)
        assert (where(unsure), unsure.finding) == ("DESCRIPTION 1", Finding.KNOWN)

    def test_what_stands_where_the_known_copy_has_a_hole_is_not_known(self) -> None:
        found = trace(read(POD), [ledger(self.damaged(15))])
        (filled,) = (each for each in found.sentences if each.finding is not Finding.KNOWN)
        assert (where(filled), filled.finding) == ("DESCRIPTION 1", Finding.CHANGED)
        assert [(change.added, change.gone) for change in filled.difference if change.hole] == [(("session",), 0)]

    def test_a_whole_sentence_of_another_edition_is_better(self) -> None:
        found = trace(read(MDOC), [ledger(POD, OLD), ledger(self.damaged(15))])
        assert found.ledger.edition == NEW
        assert findings(found) == [(Finding.ELSEWHERE, "DESCRIPTION 1")]

    def test_a_sentence_that_is_all_hole_is_nothing(self) -> None:
        found = trace(read(self.damaged(13, 14, 15, 16, 17, 18)), [ledger(POD)])
        assert [each.finding for each in found.sentences if where(each) == "DESCRIPTION 1"][-1] is not Finding.KNOWN


class TestFrames:
    """What stands outside of the page."""

    def test_one_that_is_not_known_is_not_held_against_it(self) -> None:
        found = traced("A message about it.\n\n" + POD)
        assert findings(found) == [(Finding.OUTSIDE, "(before the page) 1")]
        assert not found.drifted

    def test_in_one_that_is_known_a_change_is_found(self) -> None:
        site = "A site.\nVisitors : 5\nMore of it\n\n"
        found = trace(read(site.replace("5", "6") + POD), [ledger(site + POD)])
        assert findings(found) == [(Finding.CHANGED, "(before the page) 2")]
        assert found.drifted

    def test_it_need_not_be_there(self) -> None:
        assert findings(trace(read(POD), [ledger("A site.\n\n" + POD)])) == []

    def test_a_date_that_changes_by_itself_is_no_change(self) -> None:
        assert findings(trace(read(MDOC.replace("May 1 2020", "June 2 2021")), [ledger(MDOC)])) == []

    def test_a_preamble_is_not_of_the_page(self) -> None:
        assert {finding for finding, _ in findings(traced(MAN))} == {Finding.OUTSIDE}


def test_any_damage_to_a_page_is_traced_or_refused() -> None:
    known = [ledger(POD), ledger(MDOC, OLD)]

    @given(st.sampled_from([*PAGES_BY_FORMAT.values(), FLATTENED]), st.data())
    def damage(text: str, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 4))):
            start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
            text = text[:start] + data.draw(st.sampled_from(["", "x", "\n", " Quux. ", "\n.\n", "<", "\\"])) + text[min(end, start + 60) :]
        try:
            found = trace(read(text), known)
        except PageNotRead as error:
            said = [str(error)]
        else:
            said = text_of(found, {}).splitlines()
            assert [each.sentence for each in found.sentences if each.sentence] == list(found.page.sentences)
            assert json.loads(dumps([found], {}))
        assert all(len(line) <= 80 for line in said) or len(said) == 1

    damage()
