"""Markdown for a pull request's comment or a step's summary.

Everything from outside is escaped: it can be no table, no HTML, no link, no mention of a user and no reference to an issue.
"""

from __future__ import annotations

import re
from html import escape as escape_html
from itertools import groupby
from typing import TYPE_CHECKING

from sslspec.clauses import EDITIONS, OWN
from sslspec.evidence import lines
from sslspec.record import Results
from sslspec.reports import editions, words
from sslspec.reports.words import SHORT, plain
from sslspec.verdicts import FAILED, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sslspec.expectations import KnownDeviation
    from sslspec.record import Record

#: A comment of GitHub's takes 65,536 characters, a step's summary sixteen times as many.
LIMIT = 65_000

#: What is left out of a report that would be longer, the first of them first, and where it can be looked up.
_OPTIONAL = (_CALLS, _SAID_OF_EDITIONS, _WHY_KNOWN, _ANSWERS, _WHY_UNSEEN) = (
    "what was done and seen, call by call",
    "editions",
    "what is known, in detail",
    "answers",
    "rows that ran to no verdict",
)
_WHERE = "the rest is in report.html and record.json"

_SPECIAL = re.compile(r"[&<>|\\`*_~\[\]#$]")
# Before these a backslash means something else in a table than outside of one; an entity means the same.
_AS_ENTITY = "&<>|\\"
# An entity would not stop GitHub from finding a user or an issue; a space of no width after the sign does.
_REFERENCES = re.compile(r"(@|#|://|www\.|GH-)")
# Nothing that could end the link, or mean anything but itself in it.
_ADDRESS = re.compile(r"https://[\w.~/?#=&%+-]+", re.ASCII)
_ZERO_WIDTH = "&#8203;"

_LOUD = FAILED | {Verdict.ERROR}


def render(record: Record) -> str:
    """Return the report in GitHub's Markdown, at most LIMIT characters: what _OPTIONAL names is left out, one by one, to keep to it."""
    found = words.findings(record, record.edition)
    # Here the top is what is seen first, and errors must be.
    top = [*_head(record), *_errors(record), *_identities(record), *_matrix(record)]
    lines: list[str] = []
    for number in range(len(_OPTIONAL) + 1):
        left_out = _OPTIONAL[:number]
        lines = [*top, *_rest(record, found, left_out), *_shortened(left_out)]
        if _length(lines) <= LIMIT:
            break
    return fitted(lines, _WHERE)


def fitted(lines: Sequence[str], where: str) -> str:
    """Return the lines as a text of at most LIMIT characters.

    When some had to be left out its last line says how many, and where they are, in the words of `where`.
    """
    kept = list(lines)
    # Room for the line that says so.
    room = LIMIT if _length(kept) <= LIMIT else LIMIT - len(where) - 60
    length = _length(kept)
    while length > room:
        length -= len(kept.pop()) + 1
    cut = len(lines) - len(kept)
    return "\n".join([*kept, *(["", f"*Cut off here, {cut} lines before the end: {where}.*"] if cut else [])]) + "\n"


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _rest(record: Record, found: Sequence[words.Finding], left_out: Sequence[str]) -> Iterator[str]:
    yield from _findings(record, found, evidence=_CALLS not in left_out)
    yield from _changed(record)
    yield from _known(record, found, in_short=_WHY_KNOWN in left_out)
    yield from _answers(record) if _ANSWERS not in left_out else ()
    yield from _not_run(record)
    yield from _unseen(record) if _WHY_UNSEEN not in left_out else ()
    yield from _editions(record) if _SAID_OF_EDITIONS not in left_out else ()


def _shortened(left_out: Sequence[str]) -> list[str]:
    return ["", f"*Left out, to fit a comment: {'; '.join(left_out)}. {_WHERE[0].upper()}{_WHERE[1:]}.*"] if left_out else []


def escape(text: str) -> str:
    """Return `text` as Markdown that shows it as it stands, in one line, also in a table's cell."""
    parts = _REFERENCES.split(plain(text))
    return "".join(_escaped(part) + (_ZERO_WIDTH if _REFERENCES.fullmatch(part) else "") for part in parts)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};" if match[0] in _AS_ENTITY else f"\\{match[0]}", text)


def _head(record: Record) -> Iterator[str]:
    yield f"# sslspec: {escape(words.headline(words.findings(record, record.edition), record))}"
    yield ""
    held_to = f"the edition {record.edition}" if record.edition != OWN else words.held_to(OWN)
    yield f"Held to {escape(held_to)}, {escape(record.started)}, sslspec {escape(record.tool)}."
    if record.partial:
        yield ""
        yield f"**{escape(words.partial(record))}**"


def _identities(record: Record) -> Iterator[str]:
    rows = [
        [identity.name, identity.family, identity.version, " ".join(f"{file.path} ({file.sha256[:16]})" for file in identity.files)]
        for identity in record.implementations
    ]
    yield from _section("Implementations")
    yield from _table(["name", "family", "version", "files (SHA-256)"], rows)


def _matrix(record: Record) -> Iterator[str]:
    results, names = Results(record), record.names()
    above = [", ".join(words.heads(record, name, record.edition)) for name in names]
    clauses = words.shown_clauses(results, record.edition)
    yield from _section("Clauses")
    for page, of_page in words.by_page(clauses).items():
        cells = [[words.cell(clause, results.of(name, clause.id)) for name in names] for clause in of_page]
        body = [[words.short_name(clause), clause.kind.value, *row] for clause, row in zip(of_page, cells, strict=True)]
        yield from _table([page, "kind", *above], body)
        yield ""
    columns = [words.totals(results, name, record.edition) for name in names]
    labels = [label for label in (columns[0] if columns else ()) if any(column[label] for column in columns)]
    yield from _table(["clauses", *above], [[label, *(str(column[label]) for column in columns)] for label in labels])
    yield ""
    by_edition = words.kept_by_edition(results, names)
    yield from _table([words.KEPT, *above], [[edition, *numbers] for edition, numbers in by_edition.items()])
    yield ""
    for line in (*words.legend(record), *words.left_out(results, record.edition)):
        yield f"- {escape(line)}"


def _findings(record: Record, found: Sequence[words.Finding], *, evidence: bool) -> Iterator[str]:
    yield from _section(words.headline(found, record))
    for clause, group in groupby(words.new(found), lambda finding: finding.clause):
        yield f"### {escape(clause.id)}"
        yield ""
        yield from _pairs(words.statement(clause))
        for finding in group:
            yield ""
            yield f"**{SHORT[finding.verdict]}**: {escape(words.by_whom(finding))}"
            yield ""
            yield from _pairs(words.details(finding))
            if evidence:
                yield from _evidence(finding)
        yield ""


def _changed(record: Record) -> Iterator[str]:
    for each in words.changed(record):
        yield f"### {escape(each.clause.id)}"
        yield ""
        yield f"**{each.change.upper()}**: {escape(each.implementation)}"
        yield ""
        yield from _pairs(words.changed_details(each))
        yield ""


def _known(record: Record, found: Sequence[words.Finding], *, in_short: bool) -> Iterator[str]:
    entries = words.known(found)
    if entries:
        yield from _section(f"{len(entries)} known, and why ({record.compared.folder})")
    for entry, findings in entries:
        yield from _known_in_short(entry, findings) if in_short else _known_in_full(entry, findings)
    missed = words.not_seen(record)
    notes = [": ".join(filter(None, (missed[0][0], ", ".join(text for _, text in missed[1:]))))] if missed else []
    for note in filter(None, [*notes, words.not_compared(record)]):
        yield f"- {escape(note)}"


def _known_in_full(entry: KnownDeviation, findings: Sequence[words.Finding]) -> Iterator[str]:
    yield f"### {escape(entry.clause)}"
    yield ""
    for finding in findings:
        yield f"{finding.verdict}: {escape(words.by_whom(finding))}"
        yield ""
        yield from _pairs(words.details(finding))
        yield from (f"- {escape(label)}: {_link(text)}" for label, text in words.explained(entry))
        yield ""


def _known_in_short(entry: KnownDeviation, findings: Sequence[words.Finding]) -> Iterator[str]:
    who = dict.fromkeys(name for finding in findings for name in finding.where)
    said = [str(entry.whose), *([_link(entry.link)] if entry.link else [])]
    yield f"- {escape(entry.clause)}: {entry.verdict}: {escape(', '.join(who))} ({', '.join(said)})"


def _evidence(finding: words.Finding) -> Iterator[str]:
    first = finding.rows[0]
    # HTML, because no fence can be sure not to stand in the text; a blank line would end it, and there is none in evidence.
    calls = "\n".join(escape_html(" " * (len(line) - len(line.lstrip())) + plain(line)) for line in lines(first.evidence))
    yield ""
    yield f"<details><summary>What was done and seen on {escape(first.implementation)}</summary>"
    yield ""
    yield f"<pre>{calls}</pre>"
    yield ""
    yield "</details>"


def _answers(record: Record) -> Iterator[str]:
    found = words.answers(record, record.edition)
    if found:
        yield from _section("Answers to what the pages leave open")
    for clause, group in groupby(found, lambda answers: answers.clause):
        yield f"**{escape(clause.id)}**: {escape(clause.says)}"
        yield ""
        for answers in group:
            yield f"- {escape(answers.scenario)}"
            yield from (f"  - {escape(who)}: {escape(answer)}" for answer, who in answers.answers)
        yield ""


def _not_run(record: Record) -> Iterator[str]:
    if record.not_run:
        yield from _section("Not run")
        rows = [[left.implementation, left.reason, left.remedy] for left in record.not_run]
        yield from _table(["implementation", "why", "what to do"], rows)


def _unseen(record: Record) -> Iterator[str]:
    groups = words.unseen(record)
    if groups:
        yield from _section("Rows that ran to no verdict")
        rows = [[str(each.where.total()), each.verdict.value, each.reason, ", ".join(each.where)] for each in groups]
        yield from _table(["rows", "verdict", "why", "where"], rows)


def _editions(record: Record) -> Iterator[str]:
    if not record.editions:
        return
    yield from _section("Editions")
    rows = []
    for each in editions.sentences(Results(record)):
        rest = ", ".join(f"{number} {why}" for why, number in each.rest.items())
        rows.append([each.edition.edition, each.edition.page, *map(str, (each.edition.sentences, each.checkable, each.checked)), rest])
    yield from _table(["edition", "page", "sentences", "checkable", "checked here", "not checkable"], rows)
    yield ""
    for edition in record.editions:
        if said := editions.differences(edition):
            yield f"- {escape(edition.page)}, {escape(edition.edition)}, {escape(said)}"
    yield ""
    yield "How many sentences of each edition state a clause, or leave a question open:"
    yield ""
    yield from _table(["clause", *EDITIONS], [[id_, *numbers] for id_, numbers in editions.stated(record)])


def _errors(record: Record) -> Iterator[str]:
    failed = words.errors(record)
    if failed:
        yield from _section(f"ERROR: the suite itself failed in {words.rows(len(failed))}")
        rows = [[row.implementation, f"{row.title} ({row.feature}:{row.line})", row.reason] for row in failed]
        yield from _table(["implementation", "row", "why"], rows)


def _section(title: str) -> list[str]:
    return ["", f"## {escape(title)}", ""]


def _link(text: str) -> str:
    """Return a text that is shown as it stands, and where it is nothing but a plain address as a link that can be opened."""
    return f"<{text}>" if _ADDRESS.fullmatch(text) else escape(text)


def _pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"- {escape(label)}: {escape(text)}" for label, text in pairs)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head), shown=False)
    yield from map(_row, rows)


def _row(cells: Sequence[str], *, shown: bool = True) -> str:
    return "| " + " | ".join(_cell(cell) if shown else cell for cell in cells) + " |"


def _cell(text: str) -> str:
    loud = text.endswith(f" {words.CHANGED}") or any(text == SHORT[verdict] for verdict in _LOUD)
    return f"**{escape(text)}**" if loud else escape(text)
