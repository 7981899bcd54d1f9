from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sslspec.errors import UsageError
from sslspec.record import Record
from sslspec.reports import record_json, write_all
from sslspec.results import BEFORE, FILE, Results, is_results, read_results, results_in, source_of
from sslspec.run import Request, run
from sslspec.steps.transport import pack
from tests.doubles.quiet import Quiet
from tests.sslspec.test_cli import sslspec

CLAUSE = "reference-added"


@pytest.fixture(scope="module")
def whole() -> Record:
    return run(Request(["model"], clauses=[CLAUSE]), Quiet())


def head_of(record: Record) -> Record:
    return replace(record, rows=(), compared=type(record.compared)())


def left(folder: Path, record: Record, rows: int, tail: bytes = b"") -> Path:
    """Leave in `folder` what a run has recorded that was broken off after some rows."""
    results = Results(folder)
    results.begin(head_of(record), len(record.rows), None)
    for row in record.rows[:rows]:
        results.row(pack(replace(row, known=())))
    results.close()
    with results.path.open("ab") as file:
        file.write(tail)
    return results.path


def test_what_was_recorded_is_read_as_a_partial_record(whole: Record, tmp_path: Path) -> None:
    record = read_results(left(tmp_path, whole, 3))
    assert record.rows == whole.rows[:3]
    assert record.partial
    assert (record.partial.rows, record.partial.dropped) == (len(whole.rows), 0)
    assert record.incomplete() == {"model": 3}
    assert record.compared.folder == whole.compared.folder


def test_rows_are_in_the_order_of_the_features_whatever_order_they_came_in(whole: Record, tmp_path: Path) -> None:
    assert read_results(left(tmp_path, replace(whole, rows=whole.rows[::-1]), 4)).rows == whole.rows[-4:]


def test_what_has_all_rows_is_whole(whole: Record, tmp_path: Path) -> None:
    record = read_results(left(tmp_path, whole, len(whole.rows)))
    assert record.partial is None
    assert replace(record, finished=whole.finished) == whole


def test_a_line_that_was_cut_off_is_left_out_and_counted(whole: Record, tmp_path: Path) -> None:
    record = read_results(left(tmp_path, whole, 3, pack(whole.rows[3]).encode()[:-40]))
    assert len(record.rows) == 3
    assert record.partial
    assert record.partial.dropped == 1


def test_each_line_is_on_disk_when_the_row_is_finished(whole: Record, tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.begin(head_of(whole), len(whole.rows), None)
    for number, row in enumerate(whole.rows, start=1):
        results.row(pack(row))
        assert results.path.read_bytes().count(b"\n") == number + 1
    results.close()


def other_run(path: Path) -> None:
    path.write_bytes(path.read_bytes() + path.read_bytes())


def changed(number: int, **fields: Any) -> Callable[[Path], None]:
    """Return what puts other values into a line."""

    def change(path: Path) -> None:
        lines = path.read_bytes().splitlines()
        lines[number] = json.dumps(json.loads(lines[number]) | fields).encode()
        path.write_bytes(b"\n".join(lines) + b"\n")

    return change


def twice(path: Path) -> None:
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines()[-1] + b"\n")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.write_bytes(b""), "first line is cut off"),
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "first line is cut off"),
        (lambda path: path.write_bytes(b"[]\n"), "no file of results"),
        (lambda path: path.write_bytes(b'{"format": "sslspec-record"}\n'), "no file of results"),
        (lambda path: path.write_bytes(b"\xff\xfe\n"), "first line is cut off"),
        (lambda path: path.unlink(), "cannot be read"),
        (changed(0, version=2), "results of version 2, and this sslspec reads version 1"),
        (changed(0, rows="x"), "damaged: its first line"),
        (changed(0, expectations=1), "damaged: its first line"),
        (changed(0, record={}), "the first line of"),
        (changed(0, expectations="/there/is/nothing"), "/there/is/nothing"),
        (other_run, "more than one run: line 5 begins another"),
        (twice, "is in it twice"),
        (changed(2, implementation="another"), "refers to implementation 'another'"),
        (changed(2, clauses=["SSL_set_session.3/none-such"]), "refers to clause"),
        (changed(2, verdict="splendid"), "damaged in line 3"),
        (changed(2, seconds="long"), "no valid record"),
        (changed(2, surprise=1), "damaged in line 3"),
        (changed(2, evidence=7), "damaged in line 3"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\xff\n"), "damaged in line 5"),
        (lambda path: path.write_bytes(path.read_bytes() + b"{}\n"), "damaged in line 5"),
        (lambda path: path.write_bytes(path.read_bytes() + b"[" * 100_000 + b"\n"), "damaged in line 5"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(damage: Callable[[Path], object], says: str, whole: Record, tmp_path: Path) -> None:
    path = left(tmp_path, whole, 3)
    damage(path)
    with pytest.raises(UsageError) as caught:
        read_results(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_former_run_left_is_kept_once_more(whole: Record, tmp_path: Path) -> None:
    left(tmp_path, whole, 2)
    left(tmp_path, whole, 3)
    assert len(read_results(tmp_path / BEFORE).rows) == 2
    assert len(read_results(tmp_path / FILE).rows) == 3


def test_a_full_disk_ends_the_recording_and_not_the_run(whole: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with results_in(tmp_path) as results:
        results.begin(head_of(whole), len(whole.rows), None)
        results.row(pack(whole.rows[0]))

        class Full:
            def write(self, _data: bytes) -> None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            def close(self) -> None: ...

        results.close()
        monkeypatch.setattr(results, "_file", Full())
        results.row(pack(whole.rows[1]))
        results.row(pack(whole.rows[2]))
    assert (results.rows, results.lost) == (1, "No space left on device")
    assert len(read_results(results.path).rows) == 1


def test_a_second_run_into_a_folder_is_refused_and_the_first_goes_on(whole: Record, tmp_path: Path) -> None:
    with results_in(tmp_path) as results:
        results.begin(head_of(whole), len(whole.rows), None)
        said = sslspec("run", "-i", "model", "--clause", CLAUSE, "-o", tmp_path)
        assert said.returncode == 2
        assert said.stderr.splitlines() == [
            f"sslspec: another run is writing to {tmp_path}; wait for it, or name another folder with --out"
        ]
        results.row(pack(whole.rows[0]))
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_nothing_is_left_of_a_run_that_found_nothing(whole: Record, tmp_path: Path) -> None:
    with results_in(tmp_path) as results:
        results.begin(head_of(whole), len(whole.rows), None)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_both_of_one_run_is_reported_from_the_results(whole: Record, tmp_path: Path) -> None:
    path = left(tmp_path, whole, 3)
    assert source_of(tmp_path) == path
    write_all(read_results(path), tmp_path, ["json"])
    assert source_of(tmp_path) == path
    write_all(replace(whole, started="2001-01-01T00:00:00+00:00"), tmp_path, ["json"])
    with pytest.raises(UsageError, match="name one of the two"):
        source_of(tmp_path)


def test_only_results_are_taken_for_some(whole: Record, tmp_path: Path) -> None:
    write_all(whole, tmp_path, ["json"])
    assert not is_results(tmp_path / "record.json")
    assert not is_results(tmp_path)
    assert is_results(left(tmp_path, whole, 1))


def test_every_report_of_what_is_left_says_that_it_is_partial(whole: Record, tmp_path: Path) -> None:
    left(tmp_path, whole, 3)
    said = sslspec("report", tmp_path)
    number = len(whole.rows)
    sentence = f"Partial: the run was broken off, and this has 3 of {number} rows. Not finished: model (3 of {number} rows)."
    assert (said.returncode, said.stderr) == (0, f"sslspec: {sentence}\n")
    assert json.loads((tmp_path / "record.json").read_text())["partial"] == {"rows": number, "dropped": 0}
    for file in ("report.html", "junit.xml"):
        assert sentence in (tmp_path / file).read_text()
    assert "**Partial: the run was broken off" in (tmp_path / "report.md").read_text()
    badge = json.loads((tmp_path / "badges" / "model.json").read_text())
    assert (badge["message"].partition(",")[0], badge["isError"]) == ("not finished", True)
    assert '<error type="error"' in (tmp_path / "junit.xml").read_text()
    said = sslspec("report", tmp_path / "record.json", "--format", "markdown", "-o", tmp_path / "again")
    assert said.stderr == f"sslspec: {sentence}\n"


def test_the_record_of_another_run_is_not_lost_to_what_is_left_of_one(whole: Record, tmp_path: Path) -> None:
    path = left(tmp_path, whole, 3)
    write_all(replace(whole, started="2001-01-01T00:00:00+00:00"), tmp_path, ["json"])
    before = (tmp_path / "record.json").read_bytes()
    said = sslspec("report", path)
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    assert "is of another run, and would be replaced" in said.stderr
    assert (tmp_path / "record.json").read_bytes() == before
    assert sslspec("report", path, "-o", tmp_path / "elsewhere").returncode == 0


def test_who_needs_a_record_is_told_how_to_make_one(whole: Record, tmp_path: Path) -> None:
    path = left(tmp_path, whole, 3)
    with pytest.raises(UsageError, match=r"results.jsonl is of a run that was broken off; `sslspec report .*results.jsonl` makes a record"):
        record_json.read(path)
    with pytest.raises(UsageError, match=r"a folder without a record.json; `sslspec report .*` makes one"):
        record_json.read(tmp_path)


def test_no_history_is_made_of_what_is_partial(whole: Record, tmp_path: Path) -> None:
    write_all(read_results(left(tmp_path, whole, 3)), tmp_path, ["json"])
    said = sslspec("history", "--all", "--record", tmp_path / "record.json")
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    assert "a run that was broken off; a history needs a whole one" in said.stderr
