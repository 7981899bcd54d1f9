"""`sslspec run --accept`: what a run found becomes what is expected, as far as the run proves it.

Known deviations
    new         an entry for each clause, verdict and reason, over all rows and over releases of one run that follow each other; an
                entry that says the same of other releases is widened instead, unless a release in between did otherwise
    no longer   the release is taken out of the entry's range; where some of its rows still fail, these go on in an entry of their own
                with the same words. An entry with nothing left is dropped
Answers
    given       the range of the nearest release with the same answer is widened to this one
    changed     this release is taken out of the former answer's range

Nothing else of a file is touched: not the words of an entry, not a comment. What cannot be written truthfully (two builds of one
release that differ, a change on a library whose release is unknown) is said and left to be written by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sslspec.expectations import DEVIATIONS, Expectations, KnownDeviation, answer_of, one_line
from sslspec.known import Change, Failure, failures, judge, questions
from sslspec.releases import Range, comparable, in_order, over, release_of
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sslspec.record import Record, Row

#: A family whose name could not be a file's.
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")

#: What differs between two rows that fail for one reason: the numbers that objects are counted by.
_OBJECT = re.compile(r"\b(client|server|session|ctx)\d+\b")
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")


@dataclass
class Accepted:
    """What is to be expected of a family from now on.

    entries: for each former entry what has become of it (None: dropped). added: new ones. answers: by clause and row.
    left: what has to be written by hand, and why.
    """

    family: str
    entries: list[KnownDeviation | None]
    added: list[KnownDeviation]
    answers: dict[tuple[str, str], list[tuple[Range, str]]]
    left: list[str] = field(default_factory=list)


def accepted(record: Record, expectations: Expectations) -> list[Accepted]:
    """Return what the run makes of the expectations of each of its families; the model is held to the page, and is none of them."""
    families = dict.fromkeys(identity.family for identity in record.implementations if identity.family != "model")
    return [_Family(record, expectations, family).accept() for family in families]


def pattern_of(reason: str) -> str:
    """Return the regular expression for a reason and for those that differ only in the numbers of objects."""
    shown = "".join(char if char.isprintable() else "\0" for char in " ".join(reason.split()))
    escaped = _SPECIAL.sub(lambda match: f"\\{match[0]}", shown).replace("\0", ".")
    return _OBJECT.sub(lambda match: f"{match[1]}\\d+", escaped)


@dataclass(frozen=True)
class _Cause:
    """What the failures have in common that become one entry."""

    clause: str
    verdict: Verdict
    pattern: str
    anywhere: bool


class _Family:
    """The rows of a run that are about one family, by release."""

    def __init__(self, record: Record, expectations: Expectations, family: str) -> None:
        self._record = record
        self._family = family
        self._releases = {identity.name: release_of(identity) for identity in record.implementations if identity.family == family}
        self._rows: dict[str, list[Row]] = {release: [] for release in in_order(set(self._releases.values()))}
        for row in record.rows:
            if row.implementation in self._releases:
                self._rows[self._releases[row.implementation]].append(row)
        former = [entry for entry in expectations.deviations if entry.family == family]
        answers = {key: list(kept) for key, kept in expectations.answers.get(family, {}).items()}
        self._result = Accepted(family, list(former), [], answers)

    def accept(self) -> Accepted:
        """Return what is to be expected from now on."""
        if not _NAME.fullmatch(self._family):
            self._result.left.append(f"{self._family!r} cannot be the name of a file, so nothing is kept of that family")
            return self._result
        for at, entry in enumerate(self._result.entries):
            if entry and (gone := self._gone(entry)):
                self._result.entries[at] = self._without(entry, gone)
        for cause, by_release in self._new().items():
            self._add(cause, by_release)
        self._keep_answers()
        return self._result

    # What no longer happens

    def _gone(self, entry: KnownDeviation) -> dict[str, set[str]]:
        """Return release -> rows in which an entry is no longer true; "" is the row of an entry for any row."""
        found: dict[str, set[str]] = {}
        for each in self._record.compared.unexpected:
            if each.change is Change.NO_LONGER and each.entry == entry.name and each.implementation in self._releases:
                found.setdefault(self._releases[each.implementation], set()).add(each.row)
        for release in list(found):
            still = {row.key for row in self._rows[release] if judge(row, [entry]).known}
            if not release or still & found[release] or (still and not entry.rows):
                why = "two builds of it differ" if release else "its number is unknown"
                self._result.left.append(f"{entry.name} is no longer true of {self._called(release)}, but {why}: change it by hand")
                del found[release]
        return found

    def _without(self, entry: KnownDeviation, gone: dict[str, set[str]]) -> KnownDeviation | None:
        kept_in_part: dict[tuple[str, ...], list[str]] = {}
        range_: Range | None = Range(entry.versions)
        for release, rows in gone.items():
            kept = tuple(row for row in entry.rows if row not in rows)
            if kept:
                kept_in_part.setdefault(kept, []).append(release)
            range_ = range_.without(release) if range_ else None
        parts = [part for kept, releases in kept_in_part.items() for part in self._parts(entry, kept, releases)]
        left = [replace(entry, versions=range_.text)] if range_ else []
        # Where nothing is left of its range, the entry itself goes on with the rows that still fail.
        first, *more = [*left, *parts, None]
        self._result.added += filter(None, more)
        return first

    def _parts(self, entry: KnownDeviation, kept: tuple[str, ...], releases: list[str]) -> list[KnownDeviation]:
        """Return what goes on of an entry with some of its rows: one for all the releases unless a release in between shows otherwise."""
        whole = replace(entry, versions=over(releases).text, rows=kept)
        return [whole] if self._holds(whole) else [replace(whole, versions=over([release]).text) for release in releases]

    # What is new

    def _new(self) -> dict[_Cause, dict[str, set[str]]]:
        """Return cause -> release -> rows, for all failures that no entry is true of."""
        found: dict[_Cause, dict[str, set[str]]] = {}
        for release, rows in self._rows.items():
            about = [entry for entry in self._entries() if release in Range(entry.versions)]
            for row in rows:
                known = [entry for entry in about if judge(row, [entry]).known]
                for failure in failures(row):
                    if not any(_explains(entry, failure) for entry in known):
                        cause = _Cause(failure.clauses[0], failure.verdict, pattern_of(failure.reason), failure.invariant)
                        found.setdefault(cause, {}).setdefault(release, set()).add(row.key)
        return found

    def _add(self, cause: _Cause, by_release: dict[str, set[str]]) -> None:
        current: KnownDeviation | None = None
        for release, rows in by_release.items():
            if self._widen(cause, release, rows):
                continue
            alone = self._entry(cause, [release], rows)
            if not self._holds(alone):
                others = "another build of it does not" if release else "its number is unknown and others of the family do not"
                self._result.left.append(f"{cause.clause} {cause.verdict} on {self._called(release)}, but {others}: enter it by hand")
                continue
            # Rows that one release alone could run are part of one cause all the same, unless the other shows otherwise.
            longer = current and self._entry(cause, [*Range(current.versions).ends(), release], rows | set(current.rows))
            if longer and release and self._holds(longer):
                self._result.added[-1] = current = longer
            else:
                self._result.added.append(alone)
                current = alone if release else None

    def _widen(self, cause: _Cause, release: str, rows: set[str]) -> bool:
        """Make an entry that says the same of other releases reach this one; return whether there is one that can."""
        for at, entry in enumerate(self._result.entries):
            if not entry or (entry.clause, entry.verdict) != (cause.clause, cause.verdict):
                continue
            wider = Range(entry.versions).reaching(release)
            if wider and self._holds(widened := replace(entry, versions=wider.text)) and self._shown(widened, release, rows):
                self._result.entries[at] = widened
                return True
        return False

    def _entry(self, cause: _Cause, releases: Iterable[str], rows: set[str]) -> KnownDeviation:
        keys = [row.key for of_release in self._rows.values() for row in of_release if row.key in rows]
        name = f"{DEVIATIONS}/{self._family}.toml, a new entry"
        named = () if cause.anywhere else tuple(dict.fromkeys(keys))
        return KnownDeviation(name, self._family, cause.clause, cause.verdict, cause.pattern, named, over(set(releases)).text)

    def _holds(self, entry: KnownDeviation) -> bool:
        """Return whether no row of this run, of no release in the entry's range, does otherwise."""
        rows = [row for release, rows in self._rows.items() if release in Range(entry.versions) for row in rows]
        return not any(each.change is Change.NO_LONGER for row in rows for each in judge(row, [entry]).unexpected)

    def _shown(self, entry: KnownDeviation, release: str, rows: set[str]) -> bool:
        return all(judge(row, [entry]).known for row in self._rows[release] if row.key in rows)

    def _entries(self) -> list[KnownDeviation]:
        return [*filter(None, self._result.entries), *self._result.added]

    # Answers

    def _keep_answers(self) -> None:
        for release, rows in self._rows.items():
            given: dict[tuple[str, str], set[str]] = {}
            for row in rows:
                for clause in questions(row, self._record):
                    given.setdefault((clause, row.key), set()).add(one_line(row.answer))
            for (clause, key), answers in given.items():
                if len(answers) == 1:
                    self._result.answers[clause, key] = with_answer(self._result.answers.get((clause, key), []), release, *answers)
                else:
                    title = key.partition("::")[2]
                    self._result.left.append(f"{self._called(release)} answers in two ways to {clause}, {title!r}: not kept")

    def _called(self, release: str) -> str:
        return ", ".join(name for name, of_it in self._releases.items() if of_it == release)


def _explains(entry: KnownDeviation, failure: Failure) -> bool:
    return entry.clause in failure.clauses and entry.fits(failure.verdict, failure.reason)


def with_answer(kept: Sequence[tuple[Range, str]], release: str, answer: str) -> list[tuple[Range, str]]:
    """Return the answers to a question with that of one release among them, oldest releases first."""
    if not release:
        return [(Range(), answer), *(pair for pair in kept if pair[0].text)]
    if answer_of(release, [pair for pair in kept if pair[0].text]) == answer:
        return list(kept)
    # What is kept for all releases is only what one without a number answered, and may change with that one.
    general = [pair for pair in kept if not pair[0].text]
    ranged = [(part, given) for range_, given in kept if range_.text for part in _parts(range_, release)]
    below = [pair for pair in ranged if _ends_by(pair[0], release)]
    above = [pair for pair in ranged if pair not in below]
    return [*general, *_grown(below, release, answer, above)]


def _parts(range_: Range, release: str) -> list[Range]:
    return range_.around(release) if release in range_ else [range_]


def _ends_by(range_: Range, release: str) -> bool:
    _, high = range_.ends()
    return bool(high) and comparable(high) <= comparable(release)


def _grown(below: list[tuple[Range, str]], release: str, answer: str, above: list[tuple[Range, str]]) -> list[tuple[Range, str]]:
    """Return the answers with one more between those of older and of newer releases, joined to its neighbours where it is theirs."""
    range_ = over([release])
    if below and below[-1][1] == answer:
        range_ = below.pop()[0].joined(range_)
    if above and above[0][1] == answer:
        range_ = range_.joined(above.pop(0)[0])
    return [*below, (range_, answer), *above]
