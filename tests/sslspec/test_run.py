"""One run in several processes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sslspec.record import Record
from sslspec.reports.record_json import dumps
from sslspec.run import Request, run
from tests.doubles.quiet import Quiet

#: Of two libraries; an undefined one has a process for each row, and some of its rows crash.
_CLAUSES = ("two-contexts", "open-session-leaves-cache", "order-of-eviction")
_NAMES = ("pyopenssl", "cpython", "model")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep no times of these runs."""
    monkeypatch.setenv("SSLSPEC_CACHE", str(tmp_path / "cache"))


def found(record: Record) -> dict[str, object]:
    """Return the record as it is written, without what is another time."""
    written = json.loads(dumps(replace(record, started="", finished="")))
    for row in written["rows"]:
        del row["seconds"]
    return written


@pytest.fixture(scope="module")
def in_one_process() -> dict[str, object]:
    return found(run(Request(_NAMES, clauses=_CLAUSES, undefined=True), Quiet()))


@pytest.mark.parametrize("jobs", [2, 3])
def test_what_is_found_is_the_same_in_any_number_of_processes(jobs: int, in_one_process: dict[str, object]) -> None:
    assert found(run(Request(_NAMES, clauses=_CLAUSES, undefined=True, jobs=jobs), Quiet())) == in_one_process
