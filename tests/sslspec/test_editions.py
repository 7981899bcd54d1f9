"""How two editions differ, and what is said of ours."""

from __future__ import annotations

from dataclasses import replace

from sslspec.clauses import EDITIONS, Clause, specification
from sslspec.editions import Difference, difference, lines, of_pages
from sslspec.ledger import Entry, Ledger, ledgers
from sslspec.pages.recognise import PAGES


def entry(number: int, *states: str, leaves: tuple[str, ...] = (), said: str = "") -> Entry:
    return Entry("1:1", f"NOTES {number}", said or f"{number:016}", ("ab",), states, leaves)


def ledger(*entries: Entry) -> Ledger:
    return Ledger("SSL_page.3", "openssl-1.1.1", "page.txt", "", "POD", entries)


#: The editions of which SSL_set_session(3) alone is at hand.
WITH_ONE_PAGE = ("openssl-2001", "openbsd-2016", "openssl-1.1.0")


def of_page(page: str, edition: str) -> list[Clause]:
    return [clause for clause in specification().of_edition(edition) if clause.page == page]


OLD = ledger(entry(1, "p/a", "p/b", leaves=("p/q",)), entry(2, "p/c"))


def test_two_that_say_the_same_do_not_differ() -> None:
    moved = [replace(each, where=f"OTHER {number}") for number, each in enumerate(OLD.entries)]
    assert difference(OLD, ledger(*moved)) == Difference()


def test_what_differs() -> None:
    new = ledger(entry(1, "p/a", leaves=("p/r",)), entry(2, "p/c", said="f" * 16), entry(3, "p/d"))
    assert difference(OLD, new) == Difference(gained=("p/d",), lost=("p/b",), reworded=("p/c",), opened=("p/r",), closed=("p/q",))


def test_what_a_hole_hides_is_not_told() -> None:
    holed = ledger(replace(entry(1, "p/a", said="f" * 16), marks=("ab", "..")), entry(2, "p/c", said="e" * 16), entry(3, "p/d"))
    found = difference(OLD, holed)
    assert (found.gained, found.lost, found.reworded, found.damaged) == (("p/d",), (), ("p/c",), ("p/a", "p/b"))
    back = difference(holed, OLD)
    assert (back.gained, back.lost, back.reworded, back.damaged) == ((), ("p/d",), ("p/c",), ("p/a", "p/b"))


def test_ours_are_told_in_eighty_columns() -> None:
    said = lines()
    assert all(len(line) <= 80 for line in said)
    assert [line.split()[0] for line in said if line.startswith("  ") and line[2] != " "] == [
        *EDITIONS,
        *(edition for edition in EDITIONS if edition not in WITH_ONE_PAGE),
    ]


def test_rules_about_open_sessions_came_with_openssl_1_1_0() -> None:
    said = "\n".join(lines())
    _, since = said.split("openssl-1.1.0 (Markdown)")
    assert "since openssl-2001\n      gained: open-session-leaves-cache" in since
    assert "since openssl-1.1.0: the same clauses in the same words" in since


def test_libressl_states_what_openssl_did_before_the_rules_about_open_sessions() -> None:
    stated, left = ({clause.id for clause in of_page("SSL_set_session.3", edition)} for edition in ("libressl-3.1.0", "openssl-2001"))
    assert stated == left
    adding = "SSL_CTX_add_session.3"
    assert of_page(adding, "libressl-3.1.0") == of_page(adding, "openssl-1.1.1")


def test_all_sentences_of_every_edition_are_accounted_for() -> None:
    found = of_pages()
    assert {(each.page, each.edition) for each in found} == {(ledger.page, ledger.edition) for page in PAGES for ledger in ledgers(page)}
    assert [each for each in found if each.sentences != each.stating + sum(each.other.values())] == []
    assert all(each.since in EDITIONS for each in found if each.differs)


def test_a_rule_about_none_came_with_openssl_3_and_answers_a_question() -> None:
    said = "\n".join(lines())
    _, since = said.split("openssl-3.0 (man)", 1)
    assert "since openssl-1.1.1\n      gained: none-releases, none-removes-open\n      questions gone: set-none\n" in since
