"""The files of known deviations and kept answers, as texts: what of them changes when a run is accepted.

A line that nothing has to be changed in stays as somebody wrote it. New entries come at the end; answers stand in the order of the
features, and below each row a line for each range of releases.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sslspec.accept import accepted
from sslspec.errors import UsageError
from sslspec.expectations import ANSWERS, ANY, DEVIATIONS, ENTRY
from sslspec.reports.files import write_texts
from sslspec.toml_text import assignment, blocks, header, header_of, joined, leftovers, literal, with_value, without_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sslspec.accept import Accepted
    from sslspec.expectations import Expectations, KnownDeviation
    from sslspec.record import Record
    from sslspec.releases import Range
    from sslspec.toml_text import Block, Statement

#: What a new file begins with; CONTRIBUTING.md explains both kinds.
_HEADS = {
    DEVIATIONS: "# What {family} is known to do otherwise than the pages say. CONTRIBUTING.md says how an entry is written.",
    ANSWERS: "# What {family} does where the pages are silent; written by `sslspec run --accept`.",
}

_TO_BE_FILLED = ("whose", "why", "since", "link")


def keep(record: Record, expectations: Expectations) -> list[str]:
    """Write into the files what a run found, and return in words what was written and what has to be done by hand.

    record: compared with just these expectations. Raises UsageError when a file cannot be written; then all are as they were.
    """
    families = accepted(record, expectations)
    texts = changed_texts(families, expectations)
    write_texts(texts)
    added = sum(len(family.added) for family in families)
    said = [f"written: {path}" for path in texts]
    said += [f"{added} new {'entry' if added == 1 else 'entries'}: fill in {', '.join(_TO_BE_FILLED)}"] if added else []
    return [*said, *(f"not written: {line}" for family in families for line in family.left)] or ["nothing to accept: all is as expected"]


@contextmanager
def folders_in(folder: Path) -> Iterator[None]:
    """Make the folders of the files, for a run that will write them; what it does not come to is taken away again.

    Raises UsageError when nothing could be written there, before a long run.
    """
    made = [path for path in (folder, folder / DEVIATIONS, folder / ANSWERS) if not path.exists()]
    try:
        _make_folders(folder)
        yield
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir()
        raise


def _make_folders(folder: Path) -> None:
    for part in (DEVIATIONS, ANSWERS):
        probe = folder / part / ".sslspec-can-write"
        try:
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            message = f"{probe.parent} cannot be written: {error.strerror}; name a folder of your own with --expectations"
            raise UsageError(message) from error


def changed_texts(families: Sequence[Accepted], expectations: Expectations) -> dict[Path, str]:
    """Return the texts of the files that change; raises UsageError for one that cannot be read."""
    writer = _Writer(expectations)
    texts = {}
    for family in families:
        for kind, text_of in ((DEVIATIONS, writer.deviations), (ANSWERS, writer.answers)):
            path = expectations.folder / kind / f"{family.family}.toml"
            former = _read(path)
            text = text_of(family, former or _HEADS[kind].format(family=family.family) + "\n")
            if text is not None and text != former:
                texts[path] = text
    return texts


class _Writer:
    """Knows how rows are named in the files."""

    def __init__(self, expectations: Expectations) -> None:
        self._former = expectations
        self._names = {row.key: row for row in expectations.rows}
        self._order = {row.key: place for place, row in enumerate(expectations.rows)}

    def deviations(self, family: Accepted, text: str) -> str | None:
        """Return the file of known deviations with what has become of its entries; None when nothing has."""
        former = [entry for entry in self._former.deviations if entry.family == family.family]
        if family.entries == former and not family.added:
            return None
        head, *old = blocks(text)
        parts: list[Sequence[Statement]] = [head]
        for block, before, now in zip(old, former, family.entries, strict=True):
            parts.append(self._changed(block, before, now) if now else leftovers(block))
        return joined([*parts, *map(self._new, family.added)])

    def answers(self, family: Accepted, text: str) -> str | None:
        """Return the file of answers with those that are kept now; None when none has changed."""
        former = self._former.answers.get(family.family, {})
        if {key: list(kept) for key, kept in former.items()} == family.answers:
            return None
        head, *old = blocks(text)
        by_row = {self._row_of(block): block for block in old}
        for cell, kept in family.answers.items():
            if kept != list(former.get(cell, ())):
                by_row[cell] = self._table(cell, kept, by_row.get(cell, ()))
        return joined([head, *(by_row[cell] for cell in sorted(by_row, key=lambda cell: (self._order[cell[1]], cell)))])

    def _changed(self, block: Block, before: KnownDeviation, now: KnownDeviation) -> Block:
        if now.versions != before.versions:
            block = with_value(block, "versions", now.versions, after="clause") if now.versions else without_key(block, "versions")
        if now.rows != before.rows:
            block = with_value(block, "rows", [self._called(row, now.clause) for row in now.rows], after="clause")
        return block

    def _new(self, entry: KnownDeviation) -> list[Statement]:
        values: dict[str, str | list[str]] = {"clause": entry.clause}
        if entry.versions:
            values["versions"] = entry.versions
        if entry.rows:
            values["rows"] = [self._called(row, entry.clause) for row in entry.rows]
        values |= {"verdict": entry.verdict.value, "reason": entry.reason}
        # An entry that goes on in another range keeps its words; a new one has none, and "undecided" would look like a decision.
        words = {key: str(getattr(entry, key)) for key in _TO_BE_FILLED}
        values |= words if entry.why else dict.fromkeys(_TO_BE_FILLED, "")
        return [header(f"[[{ENTRY}]]"), *(assignment(key, value) for key, value in values.items())]

    def _table(self, cell: tuple[str, str], kept: Sequence[tuple[Range, str]], former: Block) -> Block:
        comments = [statement for statement in former if statement.comment]
        clause, key = cell
        head = header(f"[{literal(clause)}.{literal(self._called(key, clause))}]")
        return (*comments, head, *(assignment(literal(range_.text or ANY), answer) for range_, answer in kept))

    def _row_of(self, block: Block) -> tuple[str, str]:
        ((clause, of_clause),) = header_of(block).items()
        ((name, _),) = of_clause.items()
        return clause, next(row.key for row in self._former.rows_of(clause) if name in (row.title, row.key))

    def _called(self, key: str, clause: str) -> str:
        """Return the shortest name of a row that is enough in an entry about `clause`."""
        title = self._names[key].title
        return key if sum(row.title == title for row in self._former.rows_of(clause)) > 1 else title


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise UsageError(message) from error
