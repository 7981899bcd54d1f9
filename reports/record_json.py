"""The record as JSON: what `sslspec run` leaves behind, and what every other report can be made from later.

The format has a version of its own. What a record of this version looks like is in `record.schema.json`, beside this module.
Evidence is kept once where rows share it, under the first 16 hexadecimal digits of the SHA-256 of its canonical JSON.

What can be wrong with a record that is read, in the order in which it is found; each is a UsageError of one line:

    the file is missing, unreadable, empty, or larger than any record; or it is a folder without a record
    it is what a run has left that was broken off: lines, of which `sslspec report` makes a record
    it is cut off, or no JSON
    it is JSON, but no record
    it is a record of another version of the format: of what a newer one means nothing is guessed, and an older one is made
        again by a run
    it breaks the schema: where, and how
    it is not in itself complete: a row names an implementation, a clause or evidence that the record does not have
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, fields
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sslspec import __version__
from sslspec.clauses import Clause, Kind
from sslspec.errors import UsageError
from sslspec.evidence import Event
from sslspec.expectations import KnownDeviation, Whose
from sslspec.known import Change, Compared, NotSeen, Unexpected
from sslspec.record import EditionOfPage, Identity, Invariant, NotRun, Partial, Record, Row, Wanted
from sslspec.reports.files import write_text
from sslspec.reports.words import plain
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "sslspec-record"

#: Goes up when a reader of the former version would misunderstand a record.
SCHEMA_VERSION = 2

#: The oldest version that is read as well: the later ones only have more in them.
OLDEST_VERSION = 1

#: What a record is called in the folder that a run leaves.
FILE = "record.json"

#: What a run keeps its rows in until it has a record (sslspec.results), and what the first line of that begins with.
RESULTS, RESULTS_FORMAT = "results.jsonl", "sslspec-results"

#: In bytes; a record of thirty libraries has twelve million. Reading takes ten times as much memory.
LARGEST = 200_000_000

#: Fields of a row and of a clause that are left out while they are empty: most of them are, in most rows.
_OPTIONAL = frozenset(
    {
        "reason",
        "expected",
        "observed",
        "answer",
        "invariants",
        "takes",
        "others",
        "answered_by",
        "invariant",
        "note",
        "example",
        "control",
        "known",
        "undefined",
        "wanted",
        "linking",
    }
)


def dumps(record: Record) -> str:
    """Return the record as JSON text, ASCII only and with a newline at its end."""
    evidence: dict[str, Any] = {}
    rows = [_row(row, evidence) for row in record.rows]
    document = {
        "format": FORMAT,
        "version": SCHEMA_VERSION,
        "tool": record.tool,
        "started": record.started,
        "finished": record.finished,
        "edition": record.edition,
        "python": record.python,
        "platform": record.platform,
        "implementations": [_without_empty(asdict(identity)) for identity in record.implementations],
        "not_run": [asdict(left) for left in record.not_run],
        "editions": [asdict(edition) for edition in record.editions],
        "clauses": [_without_empty(asdict(clause)) for clause in record.clauses],
        "rows": rows,
        "compared": asdict(record.compared),
        "evidence": evidence,
    } | ({"partial": asdict(record.partial)} if record.partial else {})
    # ASCII, because a path may hold bytes that are no UTF-8, which Python keeps as surrogates.
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def loads(text: str, name: str = "the record", *, evidence: bool = True) -> Record:
    """Return the record that `dumps` wrote; raises UsageError, beginning with `name`, for anything else.

    evidence: False leaves it out, unchecked; most of a record is evidence.
    """
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        message = f"{name} is cut off, or no JSON: {plain(str(error))[:120]}"
        raise UsageError(message) from error
    _check_version(data, name)
    if not evidence and isinstance(data.get("evidence"), dict):
        data["evidence"] = {key: [] for key in data["evidence"]}
    _check_schema(data, name)
    try:
        record = _record(data)
    except ValueError as error:
        message = f"{name} is damaged: {plain(str(error))[:200]}"
        raise UsageError(message) from error
    return record


def write(record: Record, path: Path) -> None:
    """Write the record to `path`, all of it or nothing; raises UsageError when it cannot be written."""
    write_text(path, dumps(record))


def read(path: Path, *, evidence: bool = True) -> Record:
    """Return the record in the file at `path`, or in the folder of a run; raises UsageError, one line, when none can be read.

    evidence: as for `loads`.
    """
    path = path_of(path)
    try:
        with path.open("rb") as file:
            # Not by its size alone: a pipe or a device has none.
            data = file.read(LARGEST + 1) if path.stat().st_size <= LARGEST else None
        if data is None or len(data) > LARGEST:
            message = f"{path} is larger than any record ({LARGEST // 1_000_000} MB); name the {FILE} of a run"
            raise UsageError(message)
        text = data.decode()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise UsageError(message) from error
    except ValueError as error:
        message = f"{path} is no record: it is not text in UTF-8"
        raise UsageError(message) from error
    if not text.strip():
        message = f"{path} is empty; run `sslspec run` again to make a record"
        raise UsageError(message)
    if text.startswith(f'{{"format": "{RESULTS_FORMAT}"'):
        message = f"{path} is of a run that was broken off; `sslspec report {path}` makes a record of it"
        raise UsageError(message)
    return loads(text, str(path), evidence=evidence)


def path_of(path: Path) -> Path:
    """Return the record's own path, of a record or of the folder that a run left; raises UsageError for any other folder."""
    if not path.is_dir():
        return path
    if not (path / FILE).is_file():
        broken_off = f"`sslspec report {path}` makes one of what a run has left there that was broken off"
        remedy = broken_off if (path / RESULTS).is_file() else "name the folder that a run left, or the record in it"
        message = f"{path} is a folder without a {FILE}; {remedy}"
        raise UsageError(message)
    return path / FILE


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the current version."""
    document: dict[str, Any] = json.loads(files("sslspec.reports").joinpath("record.schema.json").read_text(encoding="utf-8"))
    return document


def _row(row: Row, evidence: dict[str, Any]) -> dict[str, Any]:
    data = {field.name: getattr(row, field.name) for field in fields(Row) if field.name != "evidence"}
    data |= {"verdict": row.verdict.value, "example": dict(row.example), "wanted": asdict(row.wanted) if row.wanted else None}
    data["invariants"] = [_without_empty(asdict(each)) for each in row.invariants]
    if row.evidence:
        events = [event.to_json() for event in row.evidence]
        data["evidence"] = _key(events)
        evidence[data["evidence"]] = events
    return _without_empty(data)


def _key(events: list[Any]) -> str:
    canonical = json.dumps(events, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()[:16]


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value or key not in _OPTIONAL}


def _no_constant(name: str) -> float:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _check_version(data: object, name: str) -> None:
    document = data if isinstance(data, dict) else {}
    version = document.get("version") if document.get("format") == FORMAT else None
    if not isinstance(version, int) or isinstance(version, bool):
        message = f"{name} is JSON, but no record of sslspec"
        raise UsageError(message)
    if not OLDEST_VERSION <= version <= SCHEMA_VERSION:
        maker = _maker(document)
        newer = f"install {maker} or later" if maker else "install a newer sslspec"
        older = f"run `sslspec run` again to make a new one{f', or read it with {maker}' if maker else ''}"
        made = f", made by {maker}" if maker else ""
        remedy = newer if version > SCHEMA_VERSION else older
        message = f"{name} is a record of version {version}{made}, and this sslspec reads version {SCHEMA_VERSION}; {remedy}"
        raise UsageError(message)


def _maker(data: dict[str, Any]) -> str:
    """Return what a record of any version says it was made by, "" where it doesn't."""
    tool = data.get("tool")
    return f"sslspec {tool}" if isinstance(tool, str) and re.fullmatch(r"[0-9][\w.+-]{0,40}", tool, re.ASCII) else ""


def _check_schema(data: dict[str, Any], name: str) -> None:
    # Both take longer to import than a record takes to write, and most commands read none.
    import fastjsonschema  # noqa: PLC0415

    try:
        fastjsonschema.compile(schema())(data)
    except fastjsonschema.JsonSchemaValueException:
        _check_schema_slowly(data, name)


def _check_schema_slowly(data: dict[str, Any], name: str) -> None:
    """Say what is wrong where the fast check, which takes a tenth of the time, has found something: this one knows the place."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    error = next(Draft202012Validator(schema()).iter_errors(data), None)
    if error is not None:
        maker, ours = _maker(data), f"sslspec {__version__}"
        made = f"; it was made by {maker}, and this is {__version__}" if maker not in ("", ours) else ""
        message = f"{name} is no valid record: {plain(error.json_path)[:100]}: {plain(error.message)[:120]}{made}"
        raise UsageError(message)


def _record(data: dict[str, Any]) -> Record:
    """Return the record in a document that follows the schema; raises ValueError when its parts do not belong together."""
    evidence = {key: tuple(Event.from_json(event) for event in events) for key, events in data["evidence"].items()}
    names = [identity["name"] for identity in data["implementations"]]
    clauses = {clause["id"] for clause in data["clauses"]}
    entries = {entry["name"] for entry in data.get("compared", {}).get("entries", ())}
    _each_once("implementation", names)
    for number, row in enumerate(data["rows"]):
        _known(f"rows[{number}]", "implementation", [row["implementation"]], names)
        _known(f"rows[{number}]", "clause", [*row["clauses"], *(each["clause"] for each in row.get("invariants", ()))], clauses)
        _known(f"rows[{number}]", "evidence", [row["evidence"]] if "evidence" in row else [], evidence)
        _known(f"rows[{number}]", "known deviation", row.get("known", ()), entries)
    for number, clause in enumerate(data["clauses"]):
        _known(f"clauses[{number}]", "clause", clause.get("answered_by", ()), clauses)
    compared = data.get("compared", {})
    _known("compared", "clause", [each["clause"] for key in ("entries", "unexpected") for each in compared.get(key, ())], clauses)
    _known("compared", "implementation", [each["implementation"] for each in compared.get("unexpected", ())], names)
    head = {key: data[key] for key in ("tool", "started", "finished", "edition", "python", "platform")}
    return Record(
        **head,
        implementations=tuple(Identity.from_json(identity) for identity in data["implementations"]),
        clauses=tuple(_clause(clause) for clause in data["clauses"]),
        rows=tuple(_read_row(row, evidence) for row in data["rows"]),
        not_run=tuple(NotRun(**left) for left in data["not_run"]),
        compared=_compared(compared) if compared else Compared(),
        editions=tuple(_edition(edition) for edition in data.get("editions", ())),
        partial=Partial(**data["partial"]) if "partial" in data else None,
    )


def _each_once(kind: str, names: list[str]) -> None:
    if len(set(names)) != len(names):
        message = f"an {kind} is in it twice"
        raise ValueError(message)


def _known(where: str, kind: str, names: list[str], known: Any) -> None:  # any container of names
    for name in names:
        if name not in known:
            message = f"{where} refers to {kind} {name!r}, which is not in it"
            raise ValueError(message)


def _edition(data: dict[str, Any]) -> EditionOfPage:
    return EditionOfPage(**data | {"differs": {how: tuple(clauses) for how, clauses in data["differs"].items()}})


def _clause(data: dict[str, Any]) -> Clause:
    stated = {edition: tuple(where) for edition, where in data["stated"].items()}
    lists = {key: tuple(data.get(key, ())) for key in ("functions", "others", "answered_by")}
    return Clause(**data | lists | {"kind": Kind(data["kind"]), "stated": stated})


def _compared(data: dict[str, Any]) -> Compared:
    read = {
        "entries": tuple(_entry(entry) for entry in data["entries"]),
        "unexpected": tuple(Unexpected(**each | {"change": Change(each["change"])}) for each in data["unexpected"]),
        "not_seen": tuple(NotSeen(**each | {"rows": tuple(each["rows"])}) for each in data["not_seen"]),
    }
    return Compared(**data | read)


def _entry(data: dict[str, Any]) -> KnownDeviation:
    return KnownDeviation(**data | {"rows": tuple(data["rows"]), "verdict": Verdict(data["verdict"]), "whose": Whose(data["whose"])})


def _read_row(data: dict[str, Any], evidence: dict[str, tuple[Event, ...]]) -> Row:
    read = {
        "verdict": Verdict(data["verdict"]),
        "clauses": tuple(data["clauses"]),
        "known": tuple(data.get("known", ())),
        "example": tuple(data.get("example", {}).items()),
        "invariants": tuple(Invariant.from_json(invariant) for invariant in data.get("invariants", ())),
        "wanted": Wanted.from_json(data.get("wanted")),
        "evidence": evidence[data["evidence"]] if "evidence" in data else (),
        "seconds": float(data["seconds"]),
    }
    return Row(**data | read)
