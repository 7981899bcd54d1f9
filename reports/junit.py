"""JUnit XML, as Jenkins, GitLab and GitHub's actions read it: a suite for each implementation, a case for each row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sslspec.evidence import lines
from sslspec.known import Change
from sslspec.reports.words import explained, failures, known_failures, partial, statement
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sslspec.clauses import Clause
    from sslspec.expectations import KnownDeviation
    from sslspec.known import Unexpected
    from sslspec.record import Identity, Record, Row

#: What XML 1.0 has no way to write, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SKIPPED = (Verdict.NOT_IMPLEMENTED, Verdict.NOT_OBSERVABLE, Verdict.NOT_APPLICABLE, Verdict.DISABLED)


def render(record: Record) -> str:
    """Return the record as JUnit XML; what could not be run at all is a suite with one skipped case."""
    clauses = {clause.id: clause for clause in record.clauses}
    about = _Expected(record, known_failures(record))
    root = ET.Element("testsuites", name="sslspec")
    for identity in record.implementations:
        suite = ET.SubElement(root, "testsuite", name=_allowed(identity.name), timestamp=_allowed(record.started))
        _add_properties(suite, identity, record)
        for row in record.rows:
            if row.implementation == identity.name:
                _add_case(suite, row, about, clauses)
        for each in about.changed(identity.name, ""):
            case = ET.SubElement(suite, "testcase", classname=_allowed(identity.name), name=_allowed(f"known: {each.clause}"), time="0")
            _add_outcome(case, "failure", each.change, _changed(each, record), "")
        if identity.name in record.incomplete():
            case = ET.SubElement(suite, "testcase", classname=_allowed(identity.name), name="all rows were run", time="0")
            _add_outcome(case, "error", Verdict.ERROR, partial(record), "")
    for left in record.not_run:
        suite = ET.SubElement(root, "testsuite", name=_allowed(left.implementation), timestamp=_allowed(record.started))
        case = ET.SubElement(suite, "testcase", classname=_allowed(left.implementation), name="the implementation can be run", time="0")
        ET.SubElement(case, "skipped", message=_allowed(f"not run: {left.reason}; what to do: {left.remedy}"))
    for suite in root:
        _count(suite, [suite])
    _count(root, list(root))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_properties(suite: ET.Element, identity: Identity, record: Record) -> None:
    properties = ET.SubElement(suite, "properties")
    values = {
        "sslspec": record.tool,
        "edition": record.held_to(identity.name),
        "family": identity.family,
        "version": identity.version,
        "release": identity.release,
        "source": identity.source,
        "python": record.python,
        "platform": record.platform,
        **{f"sha256 of {file.path}": file.sha256 for file in identity.files},
        **{f"observable: {proof.capability}": f"{'yes' if proof.proven else 'no'}: {proof.reason}" for proof in identity.proofs},
    }
    for name, value in values.items():
        ET.SubElement(properties, "property", name=_allowed(name), value=_allowed(value))


@dataclass(frozen=True)
class _Expected:
    """What of a record was expected; known: see words.known_failures."""

    record: Record
    known: Mapping[tuple[str, str, str], KnownDeviation]

    def changed(self, implementation: str, row: str) -> list[Unexpected]:
        """Return what is no longer as known in a row."""
        return [
            each
            for each in self.record.compared.unexpected
            if each.change is not Change.NEW and (each.implementation, each.row) == (implementation, row)
        ]

    def entry(self, row: Row, clause: str) -> KnownDeviation | None:
        """Return the entry that describes what a row holds against its implementation."""
        return self.known.get((row.implementation, row.key, clause))


def _add_case(suite: ET.Element, row: Row, about: _Expected, clauses: Mapping[str, Clause]) -> None:
    # GitLab and some actions know a case by class and name alone, so the same row of two implementations needs two classes.
    name = f"{row.implementation}/{row.feature}"
    case = ET.SubElement(suite, "testcase", classname=_allowed(name), name=_allowed(row.title), time=f"{row.seconds:.6f}")
    failed = failures(row)
    new = [each for each in failed if about.entry(row, each[0]) is None]
    changed = about.changed(row.implementation, row.key)
    # A case may have only one outcome: what the suite did wrong goes before what the library did, that before what was not seen.
    if row.verdict is Verdict.ERROR:
        _add_outcome(case, "error", row.verdict, row.reason, _body(row, clauses))
    elif new:
        _, verdict, expected, observed = new[0]
        message = row.reason or (f"expected: {expected}; observed: {observed}" if expected else observed)
        _add_outcome(case, "failure", verdict, message, _body(row, clauses))
    elif changed:
        _add_outcome(case, "failure", changed[0].change, _changed(changed[0], about.record), _body(row, clauses))
    elif entry := about.entry(row, failed[0][0]) if failed else None:
        # As pytest writes a test that was expected to fail.
        said = "; ".join(f"{label}: {text}" for label, text in explained(entry))
        ET.SubElement(case, "skipped", type="pytest.xfail", message=_allowed(f"known: {entry.verdict}: {said}"))
    elif row.verdict in _SKIPPED:
        ET.SubElement(case, "skipped", message=_allowed(f"{row.verdict.value}: {row.reason}"))
    elif row.answer:
        ET.SubElement(case, "system-out").text = _allowed(f"answer: {row.answer}")


def _changed(each: Unexpected, record: Record) -> str:
    return f"known: {each.expected}; observed: {each.observed}; change: {record.compared.folder}/{each.entry}"


def _add_outcome(case: ET.Element, tag: str, kind: Verdict | Change, message: str, body: str) -> None:
    outcome = ET.SubElement(case, tag, type=kind.value, message=_allowed(f"{kind.value}: {message}"))
    outcome.text = _allowed(body)


def _body(row: Row, clauses: Mapping[str, Clause]) -> str:
    held = failures(row) or [(clause, row.verdict, row.expected, row.observed or row.reason) for clause in row.clauses]
    parts: list[str] = []
    for clause, verdict, expected, observed in held:
        pairs = [
            ("clause", clause),
            *statement(clauses[clause]),
            ("verdict", verdict.value),
            ("expected", expected),
            ("observed", observed),
        ]
        parts += [*(f"{label}: {text}" for label, text in pairs if text), ""]
    parts += [f"scenario: {row.feature}:{row.line}", "", "what was done and seen:", *lines(row.evidence)]
    return "\n".join(["", *parts, ""])


def _count(element: ET.Element, suites: Iterable[ET.Element]) -> None:
    """Write the numbers that a suite, or all of them, begin with."""
    cases = [case for suite in suites for case in suite.iter("testcase")]
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.6f}")


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("", text)
