from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from sslspec.clauses import Kind
from sslspec.expectations import KnownDeviation, Whose
from sslspec.known import Change, Compared, Unexpected
from sslspec.record import Identity, NotRun, Partial
from sslspec.reports.terminal import summary, to_act_on
from sslspec.reports.words import SHORT
from sslspec.verdicts import Verdict


def shown(record, width=80, **options):
    console = Console(file=io.StringIO(), width=width, **options)
    summary(record, console, edition=record.edition)
    return console.file.getvalue()


@pytest.fixture
def four(make):
    """Return a record with long names and every verdict, on four implementations."""
    names = ["openssl-1.1.1k", "libressl-3.1.0", "boringssl-2026-08", "pyopenssl"]
    clauses = [make.clause(f"reference-of-verdict-{verdict}"[:30]) for verdict in Verdict]
    rows = [
        make.row(verdict, clause.id.partition("/")[2], name) for name in names for verdict, clause in zip(Verdict, clauses, strict=True)
    ]
    rows += [make.row(Verdict.NOT_OBSERVABLE, "reference-of-verdict-conforms"[:30], name) for name in names]
    return make.record(rows, clauses)


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_no_line_is_longer_than_the_screen_nor_ends_in_blanks(full, four, width):
    for record in (full, four):
        for line in shown(record, width).splitlines():
            assert len(line) <= width
            assert line == line.rstrip()


@pytest.mark.parametrize("width", [80, 200])
def test_no_verdict_is_broken_into_lines(four, width):
    lines = shown(four, width).splitlines()
    names = four.names()
    for verdict in Verdict:
        word = "ok 1/2" if verdict is Verdict.CONFORMS else SHORT[verdict]
        clause = f"reference-of-verdict-{verdict}"[:15]
        cells = [line.count(word) for line in lines if word in line and clause in line]
        assert sum(cells) >= len(names)


def test_four_implementations_stand_side_by_side_on_80_columns(four):
    header = [line for line in shown(four).splitlines() if line.startswith("clause")]
    assert len(header) == 1


@pytest.fixture
def many(make):
    """Return a record with every verdict on two dozen implementations of two families, what deviates known, what crashes new."""
    identities = tuple(Identity(f"{family}-{number}", family, "1.0") for family in ("openssl", "libressl") for number in range(12))
    clauses = [make.clause(str(verdict)) for verdict in Verdict] + [make.clause("asked", Kind.QUESTION)]
    known, about = "deviations/d.toml, entry 1", {"expected": "this", "observed": "that", "reason": "that"}
    entry = KnownDeviation(known, "openssl", f"{make.page}/deviates", Verdict.DEVIATES, ".*", (), "", Whose.PAGE, "It is vague.")
    rows = []
    for name in (identity.name for identity in identities):
        rows += [make.row(verdict, str(verdict), name) for verdict in Verdict if verdict is not Verdict.DEVIATES]
        rows += [make.row(Verdict.DEVIATES, "deviates", name, known=(known,), **about)]
        rows += [make.row(Verdict.ANSWERED, "asked", name, answer=name[0])]
    crashes = [row for row in rows if row.verdict is Verdict.CRASHES]
    new = tuple(Unexpected(Change.NEW, row.implementation, row.clauses[0], row.key, "", "", "crashes") for row in crashes)
    return make.record(rows, clauses, implementations=identities, compared=Compared("features", (entry,), new))


def test_many_implementations_are_signs_in_one_table(many):
    text = shown(many)
    assert "\nclause             abcdefghijkl mnopqrstuvwx\n" in text
    for verdict, sign in {"conforms": ".", "deviates": "d", "crashes": "C", "not-observable": "o", "disabled": "x"}.items():
        assert f"\n  {verdict:15}  {sign * 12} {sign * 12}\n" in text
    assert "  a openssl-0  1.0" in text
    assert "| d deviates |" in " ".join(text.split())
    line = next(line for line in text.splitlines() if line.startswith("x libressl-11 "))
    assert line.split()[2:6] == ["1/4", "1", "1", "1"]


def test_many_implementations_are_told_of_in_short(many):
    text = shown(many)
    assert "It is vague." not in text
    assert re.search(r"\npage\n  SSL_set_session.3/deviates\n    deviates: openssl-0, ", text)
    assert re.search(r"\n  asked +2\n", text)
    assert "It is vague." in shown(many, 400)


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, 200])
def test_signs_keep_to_the_screen_whatever_its_width(many, width):
    for line in shown(many, width).splitlines():
        assert len(line) <= width
        assert line == line.rstrip()


def test_quiet_shows_only_what_has_to_be_acted_on(judged):
    file = io.StringIO()
    to_act_on(judged, Console(file=file, width=80))
    text = file.getvalue()
    assert text.startswith("\n2 new findings")
    assert all(part in text for part in ("DEVIATES: one", "NO LONGER AS KNOWN: one", "ANSWER CHANGED: one"))
    assert not any(part in text for part in ("clause ", "It forgets.", "Answers to"))


def test_wide_screens_show_what_a_clause_says(full):
    assert "What a-rule says." in shown(full, 200).partition("Answers to")[0]
    assert "What a-rule says." not in shown(full, 70).partition("Answers to")[0]


def test_the_kind_of_a_clause_is_told_without_colour(full):
    text = shown(full)
    assert "\n  a-rule" in text
    assert "\n~ a-reading" in text
    assert "\n? a-question" in text
    assert "a-duty" in text


def test_the_order_is_from_the_whole_to_what_has_to_be_acted_on(full):
    text = shown(full)
    order = ["\nclause", "checked", "Answers to", "Not run", "row not-observable", "4 findings", "ERROR: the suite"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert text.startswith("sslspec 0.1.0: 2 implementations held to openssl-1.1.1")


def test_a_finding_says_everything_needed_to_judge_it(full):
    findings = shown(full).partition("4 findings")[2]
    for part in (
        "SSL_set_session.3/a-reading",
        "It counts once.",
        "It counts twice.",
        "1 more",
        "2 more",
        "It is so",
        "DEVIATES: one, two",
    ):
        assert part in findings
    assert findings.count("a-reading") == 2  # the id and the sentence: one entry for both implementations


def test_what_is_run_on_request_is_counted_and_says_how(make):
    reason = "run it with --undefined"
    rows = [make.row(), *(make.row(Verdict.DISABLED, "a-question", reason=reason) for _ in range(2))]
    text = shown(make.record(rows, [make.clause(), make.clause("a-question", Kind.QUESTION)]))
    assert "\n2 rows disabled\n  2  run it with --undefined (one)\n" in text
    assert re.search(r"\? a-question +disabled", text)


def test_what_was_not_run_says_what_to_do(full):
    text = shown(full)
    assert "three: cc is missing" in text
    assert "what to do: install a C compiler" in text


def test_nothing_from_outside_is_interpreted(make):
    evil = make.hostile
    row = make.row(Verdict.DEVIATES, expected=evil, observed=evil, reason=evil, scenario=evil, implementation=evil)
    error = make.row(Verdict.ERROR, "a-question", reason=evil, implementation=evil)
    clauses = [make.clause(says=evil), make.clause("a-question", Kind.QUESTION, says=evil)]
    unseen = make.row(Verdict.NOT_OBSERVABLE, reason=evil, implementation=evil)
    answer = make.row(Verdict.ANSWERED, "a-question", answer=evil, scenario=evil, implementation=evil)
    record = make.record([row, error, unseen, answer], clauses, implementations=(Identity(evil, evil, evil),))
    record = replace(record, not_run=(NotRun(evil, evil, evil),))
    for width in (80, 200):
        text = shown(record, width)
        assert not {"\x1b", "\x07", "\u202e", "\udc80"} & set(text)
        assert "[bold]b[/bold]" in text
        assert r"\x1b[31mred" in text
    # With colours there are escape sequences, but none that came from outside.
    coloured = shown(record, force_terminal=True, color_system="standard")
    assert "\x1b[31mred" not in coloured
    assert not {"\x07", "\u202e", "\udc80"} & set(coloured)


def test_a_console_that_knows_only_ascii_is_enough(make):
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    record = make.record([make.row(Verdict.DEVIATES, observed="größer")], [make.clause(says="Größe")])
    summary(record, Console(file=file, width=200))
    file.flush()
    assert rb"gr\xf6\xdfer" in file.buffer.getvalue()


def test_a_run_without_anything_to_show_says_so(make):
    text = shown(make.record([]))
    assert "No clause was checked." in text
    assert "No deviation, crash or hang" in text


def test_without_an_edition_the_record_s_own_is_shown(full):
    console = Console(file=io.StringIO(), width=80)
    summary(full, console)
    assert console.file.getvalue() == shown(full)


def test_what_is_known_stands_apart_and_what_is_new_at_the_end(judged):
    text = shown(judged)
    order = [
        "\nclause",
        "3 known: what these libraries do otherwise, and why (features)",
        "deviates: one",
        "whose     library",
        "why       It forgets.",
        "crashes: one",
        "1 row of known deviations could not be seen",
        "2 answers were not compared",
        "2 new findings: 2 on a rule; 2 no longer as known; 1 answer changed; 3 known",
        "DEVIATES: one",
        "NO LONGER AS KNOWN: one",
        "change    features/deviations/d.toml, entry 4",
        "ANSWER CHANGED: one",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_signs_of_known_and_changed_are_explained(judged):
    table = shown(judged).partition("Answers to")[0]
    for part in ("crashes", "DEVIATES", "ok 1/2 !", "answered !", "in capitals: new", "!: no longer as known"):
        assert part in table


def test_known_new_and_changed_differ_in_colour(judged):
    coloured = shown(judged, force_terminal=True, color_system="standard")
    assert "\x1b[33mcrashes" in coloured
    assert "\x1b[1;31mDEVIATES" in coloured
    assert "\x1b[1;31manswered !" in coloured


def test_each_is_held_to_its_own(own):
    assert shown(own).startswith("sslspec 0.1.0: 2 implementations held to the documentation of their own, 4 rows\n")


def test_sentences_of_the_editions_are_numbers(full):
    lines = shown(full).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("sentences of"))
    assert [line.split() for line in lines[start : start + 4]] == [
        ["sentences", "of", "all", "checkable", "checked", "here"],
        ["SSL_set_session.3"],
        ["openssl-2001", "9", "2", "2"],
        ["openssl-1.1.1", "8", "1", "1"],
    ]


def test_without_editions_there_are_no_sentences(full):
    assert "sentences of" not in shown(replace(full, editions=()))


def test_a_partial_record_says_so_last(make):
    partial = make.record([make.row()], names=["one", "two"], partial=Partial(1))
    file = io.StringIO()
    to_act_on(partial, Console(file=file, width=80))
    for text in (shown(partial), file.getvalue()):
        said = " ".join(text.split())
        assert said.endswith("Partial: the run was broken off, and this has 1 of 2 rows. Not finished: two (0 of 1 row).")
