"""What the plugin makes of undefined rows, on a library in a worker of its own."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from processes import PATIENCE

from sslspec.adapters.implementation import Implementation, identify
from sslspec.adapters.resolve import open_native
from sslspec.adapters.system import system_library
from sslspec.adapters.worker.client import WorkerClient, python_worker
from sslspec.clauses import features_folder, specification
from sslspec.evidence import UNFINISHED, lines
from sslspec.run import Request, run_rows
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sslspec.record import Row

# In the order in which they are run.
ADDED = "SSL_CTX_add_session.3/added"
NULL = "SSL_CTX_add_session.3/null-session"
IN_CALLBACK = "SSL_CTX_add_session.3/call-inside-callback"
FREES = "SSL_CTX_add_session.3/callback-frees"
SUCCEEDS = "SSL_set_session.3/succeeds-with-1"
#: One of its scenarios is undefined, the other is not.
PARTLY = "SSL_set_session.3/is-set-session-open"


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Implementation]]:
    """Return what makes an implementation that ends in some way when a session is added that is none."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "adapters"), prepend=os.pathsep)
    made: list[WorkerClient] = []

    def make(end: str) -> Implementation:
        made.append(client := WorkerClient(python_worker(), {"driver": "drivers:model_that", "end": end}, limit=PATIENCE))
        return identify("double", client.ask, client.close, client.hurry)

    yield make
    for client in made:
        client.close()


def _rows(implementation: Implementation, *clauses: str, undefined: bool, finished: Callable[[Row], None] = lambda _: None) -> list[Row]:
    wanted = [specification().clauses[id_] for id_ in clauses]
    collected = run_rows(Request(undefined=undefined), wanted, [implementation], Mock(row=finished))
    assert collected.trouble == []
    return collected.rows


def test_they_are_named_and_not_run_unless_asked_for(library: Callable[[str], Implementation]) -> None:
    rows = _rows(library("crashes"), PARTLY, undefined=False)
    assert [row.verdict for row in rows] == [Verdict.ANSWERED, Verdict.DISABLED]
    assert rows[1].evidence == ()
    assert "--undefined" in rows[1].reason


@pytest.mark.parametrize(
    ("end", "answer"),
    [
        ("crashes", "the process ends with SIGABRT in SSL_CTX_add_session(ctx1, NULL)"),
        ("hangs", "SSL_CTX_add_session(ctx1, NULL) does not come back"),
    ],
)
def test_a_crash_or_a_hang_is_an_answer(
    library: Callable[[str], Implementation], monkeypatch: pytest.MonkeyPatch, end: str, answer: str
) -> None:
    monkeypatch.setattr("sslspec.steps.rows._SOON", 0.3)
    added, removed = _rows(library(end), NULL, undefined=True)
    assert (added.verdict, added.answer, added.reason) == (Verdict.ANSWERED, answer, "")
    assert f"    SSL_CTX_add_session(ctx1, NULL) = {UNFINISHED}" in lines(added.evidence)
    assert (removed.verdict, removed.answer) == (Verdict.ANSWERED, "the call returns 0; the cache holds as many entries as before")


def test_each_has_a_process_of_its_own(library: Callable[[str], Implementation], monkeypatch: pytest.MonkeyPatch) -> None:
    processes: list[list[Row]] = []
    start = WorkerClient._start

    def counted(client: WorkerClient) -> None:
        processes.append([])
        start(client)

    def finished(row: Row) -> None:
        processes[-1].append(row)

    monkeypatch.setattr(WorkerClient, "_start", counted)
    rows = _rows(library("crashes"), ADDED, NULL, SUCCEEDS, undefined=True, finished=finished)
    assert [{clause for row in process for clause in row.clauses} for process in processes] == [{ADDED}, {NULL}, {NULL}, {SUCCEEDS}]
    assert [len(process) for process in processes[1:3]] == [1, 1]
    assert {row.verdict for row in rows} == {Verdict.CONFORMS, Verdict.ANSWERED}


def test_two_runs_give_the_same_answers_and_the_same_evidence() -> None:
    path = system_library()
    if path is None:
        pytest.skip("this system has no libssl")
    implementation = open_native("system", path)
    try:
        runs = [_rows(implementation, IN_CALLBACK, FREES, undefined=True) for _ in range(2)]
    finally:
        implementation.close()
    first, second = ([(row.key, row.verdict, row.reason, row.answer, row.evidence) for row in rows] for rows in runs)
    assert first == second
    assert {row.verdict for row in runs[0]} == {Verdict.ANSWERED}
    # A crash would be an answer too; what is looked for is the callback's own call.
    assert re.match(r"the call inside the callback returns \d+; the callback hears of the session; |the process ends", runs[0][0].answer)


def test_a_clause_of_nothing_else_has_to_be_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    options = ["-p", "pytest_bdd.plugin", "-p", "sslspec.steps.plugin", "--disable-plugin-autoload", "-c", os.devnull, "--noconftest"]
    code = pytest.main([*options, "-p", "no:cacheprovider", "--sslspec", "model", "--sslspec-clause", NULL, str(features_folder())])
    assert code is pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {NULL} " in (said := capfd.readouterr().err)
    assert "add --sslspec-undefined to run it" in said
