"""`sslspec reproduce`: which program is written, and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sslspec.clauses import Clause, Kind
from sslspec.errors import UsageError
from sslspec.evidence import UNFINISHED, Event
from sslspec.record import Identity, Linking, Record, Row
from sslspec.reports.record_json import write
from sslspec.reproducing import reproducer
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

CLAUSE = "SSL_set_session.3/returns-0-or-1"
EVIDENCE = (Event("call", "SSL_CTX_new", ("TLS_client_method()",), "ctx1"), Event("call", "SSL_CTX_free", ("ctx1",), UNFINISHED))


def row(verdict: Verdict, title: str, implementation: str = "one") -> Row:
    return Row(implementation, "SSL_set_session.3/a.feature", 1, title, (), (CLAUSE,), verdict, reason="it crashed", evidence=EVIDENCE)


@pytest.fixture
def record() -> Record:
    rows = (
        row(Verdict.CRASHES, "The first"),
        row(Verdict.CRASHES, "The second [TLS 1.3]"),
        row(Verdict.CONFORMS, "The first", "two"),
        row(Verdict.CRASHES, "The first", "three"),
    )
    linking = Linking(("ssl", "crypto"))
    native = (Identity(name, "openssl", "1", linking=linking) for name in ("one", "two"))
    identities = (*native, Identity("three", "pyopenssl", "1"))
    clauses = tuple(Clause(id_, "So it is.", Kind.RULE, {"openssl-1.1.1": ()}, ()) for id_ in (CLAUSE, "SSL_set_session.3/unasked"))
    return Record("0", "", "", "openssl-1.1.1", "3", "Linux", identities, clauses, rows)


def test_the_first_row_is_taken_and_the_others_are_named(record: Record) -> None:
    made = reproducer(record, "one", "returns-0-or-1")
    assert (made.title, made.others) == ("The first", ("The second [TLS 1.3]",))
    assert "The first (one of 2" in made.text


def test_a_row_is_chosen_by_a_part_of_its_title(record: Record) -> None:
    assert reproducer(record, "one", CLAUSE, row="second [tLS").title == "The second [TLS 1.3]"


@pytest.mark.parametrize(
    ("implementation", "clause", "row", "said"),
    [
        ("one", "returns", "", "no clause is called 'returns'; known clauses: "),
        ("four", CLAUSE, "", "no implementation is called 'four'; "),
        ("two", CLAUSE, "", f"two does nothing otherwise than {CLAUSE} says (its verdict is conforms); there is nothing to reproduce"),
        ("one", "unasked", "", "(no row of the run is about it)"),
        ("one", CLAUSE, "third", "no row that does otherwise has 'third' in its title; there are: The first; The second [TLS 1.3]"),
        ("three", CLAUSE, "", "no C program can be made for three: it is no C library, or"),
    ],
)
def test_where_no_program_is_made_a_line_says_why(record: Record, implementation: str, clause: str, row: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        reproducer(record, implementation, clause, row=row)
    assert said in str(caught.value)


def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "sslspec", "reproduce", *args], capture_output=True, text=True, check=False)


def test_the_command_writes_a_program_and_says_what_else_there_is(record: Record, tmp_path: Path) -> None:
    write(record, tmp_path / "record.json")
    done = run(CLAUSE, "-i", "one", "--record", tmp_path / "record.json")
    assert (done.returncode, done.stdout) == (0, reproducer(record, "one", CLAUSE).text)
    assert done.stderr == "This is 'The first'; --row chooses another one of the clause: The second [TLS 1.3]\n"
    again = run(CLAUSE, "-i", "one", "--record", tmp_path / "record.json", "-o", tmp_path / "repro.c")
    assert (again.returncode, again.stdout) == (0, "")
    assert (tmp_path / "repro.c").read_text() == done.stdout


def test_what_cannot_be_done_is_one_line_and_leaves_what_was_there(record: Record, tmp_path: Path) -> None:
    write(record, tmp_path / "record.json")
    (tmp_path / "repro.c").write_text("the former one")
    for args in (
        [CLAUSE, "-i", "two", "--record", tmp_path / "record.json", "-o", tmp_path / "repro.c"],
        [CLAUSE, "-i", "one", "--record", tmp_path / "repro.c", "-o", tmp_path / "repro.c"],
        [CLAUSE, "-i", "one", "--record", tmp_path / "record.json", "-o", tmp_path],
        [CLAUSE, "--record", tmp_path / "record.json"],
        ["no-such-clause", "-i", "model"],
    ):
        done = run(*args)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("sslspec: ")
        assert done.stderr.count("\n") == 1
        assert (tmp_path / "repro.c").read_text() == "the former one"


def test_without_a_record_the_clause_is_run() -> None:
    done = run("reference-added", "-i", "model")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no C program can be made for model: it is no C library" in done.stderr
