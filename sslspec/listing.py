"""What `list` and `explain` say, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sslspec.clauses import EDITIONS, Clause, Kind, specification
from sslspec.evidence import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_bdd.parser import ScenarioTemplate

    from sslspec.adapters.sources import Entry
    from sslspec.expectations import KnownDeviation
    from sslspec.record import Record, Row


def implementations() -> list[str]:
    """Return what can be run here, what each takes on the disk or how it is had, and what is missing for the others."""
    from sslspec.adapters import catalogue as known  # noqa: PLC0415  # click alone suffices for --help
    from sslspec.adapters.provision import size_of_leftovers  # noqa: PLC0415
    from sslspec.adapters.resolve import packages  # noqa: PLC0415
    from sslspec.adapters.sanitizers import SANITIZERS  # noqa: PLC0415
    from sslspec.adapters.system import system_library  # noqa: PLC0415

    system = system_library()
    entries = [*known.catalogue().values(), *known.others()]
    table = {
        "model": "ready: what the pages say, in Python",
        "pyopenssl": "ready: pyOpenSSL and the OpenSSL it carries",
        "cpython": "ready: this Python's ssl module and the library under it",
        "system": f"ready: {system}" if system else "this system has no libssl; name one: -i system=PATH",
        **{entry.name: _state(entry) for entry in entries},
        **{name: f"ready: an installed package's adapter, {driver}" for name, driver in packages().items()},
        "openssl-X.Y.Z": "any other release from 1.1.0f on that the crate openssl-src has; checked by the registry's index only",
        **{f"NAME{each.suffix}": f"any of these that are built, with {each.name}" for each in SANITIZERS},
    }
    used = [f"  Libraries take {size(sum(map(known.size_of, entries)))} in {known.cache_folder()}"]
    left = size_of_leftovers()
    if left:
        remedy = "`sslspec provision --remove --all` removes that with the libraries"
        used.append(f"  Builds that failed, were ended or are under way take {size(left)} more; {remedy}")
    return ["Implementations", *_columns(table), *used]


def size(number: int) -> str:
    """Return a number of bytes in words, "9.7 MB"."""
    return f"{number / 1e6:.1f} MB"


def _state(entry: Entry) -> str:
    from sslspec.adapters import catalogue as known  # noqa: PLC0415  # as above
    from sslspec.adapters.provenance import LOCKED, PINNED, UNCHECKED  # noqa: PLC0415

    libssl = known.library_of(entry)
    came = known.provenance_of(libssl) if libssl else None
    if came:
        how = {PINNED: "", LOCKED: "", UNCHECKED: f" ({UNCHECKED})"}.get(came.checked, f" (checked by: {came.checked})")
        return f"ready, {size(known.size_of(entry))}: {came.source}{how}"
    missing = known.why_not(entry)
    if missing:
        return f"cannot be brought in: {missing}"
    effort = f"built in about {entry.recipe.seconds} s" if entry.recipe.seconds else "downloaded"
    return f"{effort} when it is first used: {entry.source}"


def editions() -> list[str]:
    """Return the editions, and how many clauses of which kind each has."""
    table = {}
    for edition in EDITIONS:
        clauses = specification().of_edition(edition)
        counts = [(kind, sum(clause.kind is kind for clause in clauses)) for kind in Kind]
        pages = " and ".join(sorted({clause.page for clause in clauses}, reverse=True))
        table[edition] = f"{pages}: " + ", ".join(f"{count} {kind}{'s' * (count != 1)}" for kind, count in counts)
    return ["Editions", *_columns(table)]


def clauses() -> list[str]:
    """Return all clauses by page, each with its kind and what it says."""
    text = ["Clauses"]
    page = ""
    for clause in specification().clauses.values():
        if clause.page != page:
            page = clause.page
            text.append(f"  {page}")
        text.append(f"    {clause.id.partition('/')[2]} ({clause.kind})")
        text.append(f"        {clause.says}")
    return text


def scenarios() -> list[str]:
    """Return all scenarios by file, each with how many rows it has and its clauses."""
    text = ["Scenarios"]
    for feature, template, ids in _scenarios():
        if f"  {feature}" not in text:
            text.append(f"  {feature}")
        rows = sum(len(examples.examples) for examples in template.examples) or 1
        text.append(f"    {template.name} ({rows} row{'s' * (rows != 1)})  {' '.join(ids)}{_on_request(template)}")
    return text


def explained(clause: Clause) -> list[str]:
    """Return what a clause says, where it is stated, and which scenarios check it."""
    stated = "is left open in" if clause.kind is Kind.QUESTION else "is stated in"
    text = [f"{clause.id} ({clause.kind})", f"  {clause.says}"]
    if clause.kind is Kind.READING:
        text += [f"  reading taken: {clause.takes}", *(f"  another one:   {other}" for other in clause.others)]
    if clause.invariant:
        text.append("  It is checked on every call of a run, beside its own scenarios.")
    if clause.note:
        text.append(f"  Note: {clause.note}")
    text.append(f"  It is about {', '.join(clause.functions)} and {stated}")
    text += [f"    {edition}: {', '.join(where)}" for edition, where in clause.stated.items()]
    text += [f"  {', '.join(specification().clauses[id_].stated)} answers it: {id_}" for id_ in clause.answered_by]
    text += [f"  It answers what other editions leave open: {question.id}" for question in specification().answered_by(clause)]
    checks = [
        f"    {feature}:{template.line_number}  {template.name}{_on_request(template)}"
        for feature, template, ids in _scenarios()
        if clause.id in ids
    ]
    none = "    none: it tells the application what to do, not the library" if clause.kind is Kind.OBLIGATION else "    none"
    return [*text, "  Scenarios", *(checks or [none])]


def known(clause: Clause, entries: Iterable[KnownDeviation]) -> list[str]:
    """Return which libraries are known to do otherwise than a clause says, by the entries about it."""
    text: list[str] = []
    for entry in (entry for entry in entries if entry.clause == clause.id):
        text.append(f"    {entry.family} {entry.versions or '(all releases)'}: {entry.verdict}; whose: {entry.whose}")
        text += [f"      {line}" for line in (entry.why, entry.since and f"since {entry.since}", entry.link) if line]
    return ["  Known deviations", *text] if text else []


def observed(record: Record) -> list[str]:
    """Return what a run saw, row by row and call by call."""
    return [line for row in record.rows for line in _row(row)]


def _row(row: Row) -> list[str]:
    said = [f"  answer: {row.answer}"] if row.answer else []
    if row.expected:
        said += [f"  expected: {row.expected}", f"  observed: {row.observed}"]
    elif row.reason:
        said.append(f"  {row.reason}")
    broken = [f"  {invariant.clause}: {invariant.broken}" for invariant in row.invariants if invariant.broken]
    return ["", f"{row.implementation}: {row.verdict}: {row.title}", *said, *broken, *(f"  {line}" for line in lines(row.evidence))]


def _on_request(template: ScenarioTemplate) -> str:
    from sslspec.steps.collect import is_undefined  # noqa: PLC0415

    return "  (with --undefined)" if is_undefined(template) else ""


def _scenarios() -> Iterator[tuple[str, ScenarioTemplate, tuple[str, ...]]]:
    from sslspec.run import check_features  # noqa: PLC0415  # reading Gherkin takes longer than all else here
    from sslspec.steps.collect import clauses_of, read_feature  # noqa: PLC0415

    for path in check_features():
        for template in read_feature(path).scenarios.values():
            yield f"{path.parent.name}/{path.name}", template, clauses_of(template)


def _columns(table: dict[str, str]) -> list[str]:
    width = max(map(len, table))
    return [f"  {name:{width}}  {text}" for name, text in table.items()]
