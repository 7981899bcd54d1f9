"""Changes that say the same, in whatever rows and implementations, put together; and the command that shows one."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from sslspec.clauses import DEFAULT_EDITION
from sslspec.comparison import Outcome, Way

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sslspec.clauses import Clause
    from sslspec.comparison import Change, Comparison, Pair
    from sslspec.record import Identity, Record


@dataclass(frozen=True, slots=True)
class Group:
    """One change, in all rows and implementations that show it.

    clauses: the first of them is what it stands under. known: the known deviations that the new rows show, and whose they are.
    where: in how many rows of whom, by the new name. command: shows it, call by call.
    """

    way: Way
    clauses: tuple[Clause, ...]
    was: Outcome
    now: Outcome
    known: tuple[str, ...]
    where: Counter[str]
    titles: tuple[str, ...]
    command: str


def groups(comparison: Comparison, way: Way) -> list[Group]:
    """Return what changed in one way, in the order of the clauses."""
    clauses = {clause.id: clause for record in (comparison.new, comparison.old) for clause in record.clauses}
    rank = {id_: place for place, id_ in enumerate(clauses)}
    found: dict[object, list[tuple[Pair, Change]]] = {}
    for pair in comparison.pairs:
        for change in pair.changes:
            if change.way is way:
                found.setdefault((change.clauses, _was(change), change.now, change.known), []).append((pair, change))
    ordered = sorted(found.values(), key=lambda changes: rank[changes[0][1].clauses[0]])
    return [_group(clauses, comparison.new, changes) for changes in ordered]


def _group(clauses: Mapping[str, Clause], record: Record, changes: Sequence[tuple[Pair, Change]]) -> Group:
    pair, change = changes[0]
    return Group(
        change.way,
        tuple(clauses[id_] for id_ in change.clauses),
        _was(change),
        change.now,
        tuple(_known(record, name) for name in change.known),
        Counter(pair.new.name for pair, _ in changes),
        tuple(dict.fromkeys(change.row.title for _, change in changes)),
        command(clauses, record, change, pair.new),
    )


def _was(change: Change) -> Outcome:
    # Why something could not be seen is no news once it can.
    return Outcome(change.was.verdict) if change.way is Way.SEEN else change.was


def _known(record: Record, name: str) -> str:
    whose = next((entry.whose for entry in record.compared.entries if entry.name == name), "")
    return f"{whose}: {name}" if whose else name


def command(clauses: Iterable[str], record: Record, change: Change, identity: Identity) -> str:
    """Return the command that shows what an implementation does about a change's clause; clauses: the ids of all."""
    clause = change.clauses[0]
    name = clause.partition("/")[2]
    unique = sum(each.partition("/")[2] == name for each in clauses) == 1
    edition = ["--edition", record.edition] if record.edition != DEFAULT_EDITION else []
    undefined = ["--undefined"] if change.row.undefined else []
    return shlex.join(["sslspec", "explain", name if unique else clause, "-i", _asked_for(identity), *edition, *undefined])


def _asked_for(identity: Identity) -> str:
    """Return the NAME or NAME=PATH that a run was asked for this implementation by."""
    by_name = identity.family in ("model", "pyopenssl") or identity.name == "system"
    # Where it came from is known of what sslspec brought in, which goes by its name.
    if by_name or (identity.source and identity.name.startswith(f"{identity.family}-")):
        return identity.name
    library = next((file.path for file in identity.files if "ssl" in PurePath(file.path).name), "")
    return f"{identity.name}={library}" if library else identity.name
