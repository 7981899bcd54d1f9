"""What a run has found so far, on disk as it is found: lines of JSON beside the reports, gone when the record is there.

    OUT/results.jsonl           the first line says what is run, each other line is a row that was finished
    OUT/results.before.jsonl    those of a former run that was broken off, when another one has begun
    OUT/.sslspec.lock           held by the run that writes there

Whatever is killed, what was recorded can be read, and a record made of it that says that it is partial.

What can be wrong with such a file, in the order in which it is found; each is a UsageError of one line:

    it is missing or unreadable, or no results of a run; or of another version of the format
    a line other than the last is damaged, or begins another run; the last one may be cut off, and is left out and counted
    its rows don't belong to what the first line says, or one is in it twice
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from sslspec.clauses import specification
from sslspec.errors import UsageError
from sslspec.expectations import read_expectations
from sslspec.known import compare
from sslspec.record import Partial, Record, Row
from sslspec.reports import record_json
from sslspec.steps.collect import in_order, row_names
from sslspec.steps.transport import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

#: Goes up when a reader of the former version would misunderstand the lines.
VERSION = 1

FILE = record_json.RESULTS
BEFORE = "results.before.jsonl"
_LOCK = ".sslspec.lock"

#: What the first line begins with.
_MARK = f'{{"format": "{record_json.RESULTS_FORMAT}"'.encode()


class Results:
    """Writes the rows of one run to a folder; each is there when `row` returns, whatever happens then.

    lost: what the system said when a row could not be written, "" for nothing; the run goes on, and no further row is written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.lost = ""
        self.rows = 0
        self._file: BinaryIO | None = None

    def begin(self, head: Record, rows: int, expectations: Path | None) -> None:
        """Write the first line. head: the record without its rows. rows: how many there will be on each implementation.

        Raises UsageError when nothing can be written there.
        """
        first = {
            "format": record_json.RESULTS_FORMAT,
            "version": VERSION,
            "rows": rows,
            "expectations": str(expectations.resolve()) if expectations else None,
            "record": json.loads(record_json.dumps(head)),
        }
        try:
            if self.path.exists():
                self.path.replace(self.path.with_name(BEFORE))
            # Without a buffer: what is written is the system's, and outlives this process.
            self._file = self.path.open("xb", buffering=0)
            self._file.write(json.dumps(first).encode() + b"\n")
        except OSError as error:
            self.close()
            raise UsageError(f"{self.path} cannot be written: {error.strerror or error}; name another folder with --out") from error

    def row(self, packed: str) -> None:
        """Write a row that is finished, as `sslspec.steps.transport.pack` has it."""
        if self._file is None:
            return
        try:
            self._file.write(packed.encode() + b"\n")
            self.rows += 1
        except OSError as error:
            self.lost = error.strerror or str(error)
            self.close()

    def close(self) -> None:
        """End writing."""
        if self._file:
            with suppress(OSError):
                self._file.close()
        self._file = None

    def remove(self) -> None:
        """Take the file away: the record has all that it has."""
        self.close()
        self.path.unlink(missing_ok=True)


@contextmanager
def results_in(folder: Path) -> Iterator[Results]:
    """Give what writes to `folder`, which no other run may write to meanwhile; raises UsageError when one does.

    A file without rows is taken away again.
    """
    lock = folder / _LOCK
    try:
        held = FileLock(lock).acquire(timeout=0)
    except Timeout:
        raise UsageError(f"another run is writing to {folder}; wait for it, or name another folder with --out") from None
    with held:
        results = Results(folder)
        try:
            yield results
        finally:
            results.close()
            if not results.rows:
                results.path.unlink(missing_ok=True)
            lock.unlink(missing_ok=True)


def is_results(path: Path) -> bool:
    """Return whether `path` is a file that begins as results do."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MARK)) == _MARK
    except OSError:
        return False


def is_of_run(path: Path, record: Record) -> bool:
    """Return whether the record at `path` is of the same run as `record`; one that cannot be read is of another."""
    try:
        return record_json.read(path, evidence=False).started == record.started
    except UsageError:
        return False


def source_of(path: Path) -> Path:
    """Return the file that reports of `path` are made from: itself or, of a folder, the record or the results in it.

    Raises UsageError for a folder with neither, and for one with both of different runs.
    """
    if not path.is_dir() or not (path / FILE).is_file():
        return record_json.path_of(path)
    if (path / record_json.FILE).exists() and not is_of_run(path / record_json.FILE, read_results(path / FILE)):
        raise UsageError(f"{path} has a {record_json.FILE}, and {FILE} of a run that was broken off; name one of the two")
    return path / FILE


def read_results(path: Path) -> Record:
    """Return the record of what a run had found, compared with what was expected; raises UsageError as the module says."""
    first, *lines = _lines(path)
    head = _head(first, path)
    rows, dropped = _rows(lines, path)
    planned = head["rows"]
    record = record_json.loads(json.dumps(head["record"]), f"the first line of {path}")
    finished = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    whole = len(rows) == planned * len(record.implementations)
    record = replace(record, finished=finished, rows=rows, partial=None if whole else Partial(planned, dropped))
    record = _checked(record, path)
    folder = Path(head["expectations"]) if head["expectations"] else None
    ordered = replace(record, rows=in_order(record.rows, record.names()))
    return compare(ordered, read_expectations(folder, specification(), row_names()))


def _lines(path: Path) -> list[bytes]:
    try:
        size = path.stat().st_size
        if size > record_json.LARGEST:
            raise UsageError(f"{path} is larger than any run's results ({record_json.LARGEST // 1_000_000} MB)")
        return path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def _head(line: bytes, path: Path) -> dict[str, Any]:
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        raise UsageError(f"{path} has nothing that can be read: its first line is cut off, or it is no file of results") from None
    if not isinstance(head, dict) or head.get("format") != record_json.RESULTS_FORMAT:
        raise UsageError(f"{path} is no file of results of sslspec")
    if head.get("version") != VERSION:
        raise UsageError(f"{path} has results of version {str(head.get('version'))[:20]}, and this sslspec reads version {VERSION}")
    rows, expectations = head.get("rows"), head.get("expectations")
    if not isinstance(rows, int) or isinstance(rows, bool) or not isinstance(expectations, str | None) or "record" not in head:
        raise UsageError(f"{path} is damaged: its first line is none of a file of results")
    return head


def _rows(lines: list[bytes], path: Path) -> tuple[tuple[Row, ...], int]:
    """Return the rows, and how many lines were cut off: one, or none, because each ends before the next begins."""
    *whole, rest = lines or [b""]
    rows = []
    for number, line in enumerate(whole, start=2):
        if line.startswith(_MARK):
            raise UsageError(f"{path} is of more than one run: line {number} begins another")
        try:
            rows.append(unpack(line.decode()))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise UsageError(f"{path} is damaged in line {number}") from None
    return tuple(rows), int(bool(rest))


def _checked(record: Record, path: Path) -> Record:
    """Return the record as it is when it has been written and read: what is no valid record raises UsageError."""
    twice = [key for key, number in Counter((row.implementation, row.key) for row in record.rows).items() if number > 1]
    if twice:
        raise UsageError(f"{path} is damaged: the row {twice[0][1]!r:.160} of {twice[0][0]!r:.60} is in it twice")
    try:
        text = record_json.dumps(record)
    except (ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is damaged: {str(error)[:120]}") from error
    return record_json.loads(text, str(path))
