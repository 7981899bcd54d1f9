"""A trace as text and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sample_pages import MAN, MDOC, PAGES_BY_FORMAT, POD, read

from sslspec import reports
from sslspec.clauses import Clause, Kind, Specification, features_folder, specification
from sslspec.errors import printable
from sslspec.ledger import Disposition, Ledger, ledgers
from sslspec.ledger.make import make
from sslspec.pages import Page, parse
from sslspec.pages.recognise import FORMATS, PAGES
from sslspec.pages.source import Source
from sslspec.scenarios import counted
from sslspec.tracing import as_json, rendered
from sslspec.tracing.difference import Change
from sslspec.tracing.match import Finding, Trace, trace
from sslspec.tracing.show import _difference, cut, text_of

UNDECIDED = Disposition.EXPLANATION
EDITION = "openssl-1.1.1"
RULE, DUTY, QUESTION = "SSL_set_session.3/reference-added", "SSL_set_session.3/one-context", "SSL_set_session.3/set-none"
STATED = {
    RULE: Clause(RULE, "", Kind.RULE, {EDITION: ("DESCRIPTION 1", "DESCRIPTION 2")}, ()),
    DUTY: Clause(DUTY, "", Kind.OBLIGATION, {EDITION: ("DESCRIPTION 2",)}, ()),
    QUESTION: Clause(QUESTION, "", Kind.QUESTION, {EDITION: ("DESCRIPTION 1",)}, ()),
}
SCENARIOS = {RULE: 5, QUESTION: 3}
SCHEMA = json.loads((Path(reports.__file__).parent / "trace.schema.json").read_text(encoding="utf-8"))


def ledger(text: str = POD) -> Ledger:
    made = make(read(text), EDITION, Specification(STATED))
    entries = [each if each.states or each.disposition else replace(each, disposition=UNDECIDED) for each in made.entries]
    return replace(made, entries=tuple(entries))


def shown(text: str, known: Ledger | None = None) -> str:
    said = text_of(trace(read(text), [known or ledger()]), SCENARIOS)
    assert all(len(line) <= 80 for line in said.splitlines())
    return said


class TestText:
    def test_a_known_page(self) -> None:
        said = shown(POD)
        assert said.startswith("page:\nSSL_set_session.3 (POD), compared with openssl-1.1.1\n\n      5:8 = NAME\n")
        assert "\n     17:1 = SSL_set_session() lends session to ssl, see SSL_new(3).\n             reference-added (5)\n" in said
        assert "\n             leaves open: set-none (3)\n" in said
        assert "\n             reference-added (5), one-context (an obligation of the caller)\n" in said
        assert "\n             a declaration: the C compiler checks it\n" in said
        assert "\n17 sentences: 17 known\n2 state 2 clauses; scenarios check 1 of these (how many: in brackets)\n" in said

    def test_a_changed_sentence(self) -> None:
        said = shown(POD.replace("Nothing\nis", "Nothing\nwhatever was"))
        assert ' ~ Nothing whatever was "copied".\n             changed from DESCRIPTION 2 (at 17:66 there) of openssl-1.1.1\n' in said
        assert '\n             Nothing [-1 word-] {+whatever was+} "copied".\n             which states reference-added (5)' in said

    def test_new_and_missing_sentences(self) -> None:
        said = shown(POD.replace("Two paragraphs, e.g. This one, are one too many!", "Quux frobs zorks."))
        assert " + Quux frobs zorks.\n             new; nothing that is known is near to it\n" in said
        assert " - (not in this page)\n             missing: DESCRIPTION 4 (at 20:1 there) of openssl-1.1.1\n" in said
        assert "\n17 sentences: 16 known, 1 new, 1 missing\n" in said

    def test_a_missing_heading(self) -> None:
        assert "missing: the heading SEE ALSO of openssl-1.1.1" in shown(POD.replace("=head1 SEE ALSO", ""))

    def test_what_is_near_to_a_new_sentence(self) -> None:
        said = shown(POD.replace("Nothing\nis", "Nothing\nat all is E<quot>copiedE<quot>. Nothing\nis"))
        assert 'new; near to DESCRIPTION 2 of openssl-1.1.1:\n             Nothing {+at all+} is "copied".' in said

    def test_a_frame_is_said_in_a_line(self) -> None:
        site = ledger("A site.\nIts frame.\n\n" + POD)
        assert "1:1 = 2 lines, to line 2: gives a reason" in shown("A site.\nIts frame.\n\n" + POD, site)
        said = shown(MAN)
        assert " . 2 lines, to line 11: not known, and not of the page\n" in said
        assert "\n19 sentences: 17 known, 2 outside\n" in said

    def test_a_hole_is_marked(self) -> None:
        lines = [f"{number} {line}\n" for number, line in enumerate(MDOC.splitlines(), 1)]
        damaged = "".join(line for line in lines if not line.startswith("15 "))
        said = shown(damaged)
        assert " = SSL_set_session() lends [...] to ssl, see SSL_new(3).\n             if it is whole: reference-added (5)\n" in said
        assert "\n             with a hole: what it hides is not claimed\n" in said

    def test_a_long_difference_is_shown_around_its_changes(self) -> None:
        long = POD.replace("Nothing", " ".join(f"word{number}" for number in range(40)) + " Nothing")
        said = " ".join(shown(long.replace("word20", "other"), ledger(long)).split())
        assert "... word16 word17 word18 word19 [-1 word-] {+other+} word21 word22 word23 word24 ..." in said

    def test_a_change_that_the_marks_do_not_tell(self) -> None:
        # Once in 1024 times.
        assert _difference((Change(same=("a", "b")),)) == "(in a word that its mark cannot tell from the one before)"

    @pytest.mark.parametrize("text", PAGES_BY_FORMAT.values(), ids=PAGES_BY_FORMAT)
    def test_control_characters_are_written_as_escapes(self, text: str) -> None:
        evil = "\x1b]0;x\x07\x1b[2J\x9b2J\u202e\x08\x0c"
        said = shown(text.replace("It went wrong", f"It {evil} went wrong"))
        assert printable(said.replace("\n", "")) == said.replace("\n", "")

    @given(st.text())
    def test_nothing_unprintable_is_shown(self, text: str) -> None:
        assert printable(text).isprintable()

    def test_a_long_line_is_cut(self) -> None:
        assert cut("a" * 9, 9) == "a" * 9
        assert cut("a" * 10, 9) == "a" * 6 + "..."

    def test_what_a_terminal_has_no_letters_for_is_an_escape(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", open(sys.stdout.fileno(), "w", encoding="ascii", closefd=False))  # noqa: SIM115  # a file by its number
        found = trace(read(POD.replace("It went well", "It w\u00e9nt well")), ledgers("SSL_set_session.3"))
        assert "It w\\xe9nt well." in rendered([found], "text")


def whole() -> list[Trace]:
    texts = [
        POD,
        POD.replace("Nothing\nis", "Nothing\nat all is E<quot>copiedE<quot>. Nothing\nis").replace("It went well", "All is well"),
        POD.replace("Two paragraphs, e.g. This one, are one too many!", "Quux frobs zorks.\x1b"),
        MAN,
    ]
    return [trace(read(text), [ledger()]) for text in texts]


class TestJson:
    def test_the_schema_is_one(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)

    def test_the_schema_knows_every_format_that_is_read(self) -> None:
        assert SCHEMA["$defs"]["page"]["properties"]["format"]["enum"] == [each.name for each in FORMATS]

    def test_a_document_follows_its_schema(self) -> None:
        document = json.loads(as_json.dumps(whole(), SCENARIOS))
        assert list(Draft202012Validator(SCHEMA).iter_errors(document)) == []
        findings = {sentence["finding"] for page in document["pages"] for sentence in page["sentences"]}
        assert findings == {finding.value for finding in Finding} - {Finding.ELSEWHERE.value}

    @pytest.mark.parametrize("ledger", [each for page in PAGES for each in ledgers(page)], ids=lambda each: f"{each.page}-{each.edition}")
    def test_every_collected_document_follows_it(self, ledger: Ledger, page_of: Callable[[Ledger], Page]) -> None:
        found = trace(page_of(ledger), ledgers(ledger.page))
        document = json.loads(as_json.dumps([found], counted(features_folder())))
        assert list(Draft202012Validator(SCHEMA).iter_errors(document)) == []
        (page,) = document["pages"]
        assert page["counts"]["known"] == len(page["sentences"]) == len(ledger.entries)
        assert {clause["id"] for sentence in page["sentences"] for clause in sentence["states"]} == {
            clause.id
            for clause in specification().of_edition(ledger.edition)
            if clause.page == ledger.page and clause.kind is not Kind.QUESTION
        }

    def test_what_it_says_of_a_sentence(self) -> None:
        page = json.loads(as_json.dumps(whole(), SCENARIOS))["pages"][0]
        sentence = next(each for each in page["sentences"] if (each["section"], each["number"]) == ("DESCRIPTION", 1))
        assert sentence == {
            "finding": "known",
            "line": 17,
            "column": 1,
            "section": "DESCRIPTION",
            "number": 1,
            "text": "SSL_set_session() lends session to ssl, see SSL_new(3).",
            "fingerprint": sentence["fingerprint"],
            "hole": False,
            "known": {"edition": EDITION, "where": "DESCRIPTION 1", "at": "17:1", "fingerprint": sentence["fingerprint"]},
            "certain": True,
            "states": [{"id": RULE, "kind": "rule", "scenarios": 5}],
            "leaves": [{"id": QUESTION, "kind": "question", "scenarios": 3}],
        }

    def test_a_new_sentence_claims_nothing(self) -> None:
        page = json.loads(as_json.dumps(whole(), SCENARIOS))["pages"][1]
        new = next(each for each in page["sentences"] if each["finding"] == "new")
        assert new["known"]["where"] == "DESCRIPTION 2"
        assert {"added": ["at", "all"], "gone": 0, "hole": False} in new["difference"]
        assert "states" not in new

    def test_its_escapes_are_those_of_json(self) -> None:
        found = trace(parse(Source("a\x1b", POD.replace("It went well", "It \x1b[2J w\u00e9nt well"))), [ledger()])
        assert as_json.dumps([found], SCENARIOS).isascii()
        assert "\x1b" not in as_json.dumps([found], SCENARIOS)
