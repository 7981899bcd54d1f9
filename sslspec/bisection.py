"""Running what a history needs: what is ready, and then what has to be brought in to find where something changed.

Releases that are ready are run all together; a few seconds each. Of the others those are brought in, one after the other, that
`history.wanted` names, until every change lies between neighbours or nothing is left that could be had. One that cannot be brought in
is told and passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sslspec.adapters.catalogue import catalogue, families, find, library_of, others, why_not
from sslspec.adapters.provision import ProvisionError, openssl_releases
from sslspec.clauses import DEFAULT_EDITION, Kind, specification
from sslspec.errors import UsageError, unknown
from sslspec.history import History, Release, history, wanted
from sslspec.own import owners
from sslspec.record import Results
from sslspec.run import Request, check
from sslspec.steps.collect import check_defined

if TYPE_CHECKING:
    from sslspec.adapters.sources import Entry
    from sslspec.clauses import Clause
    from sslspec.record import Record

#: Carries out a request, as `terminal.run_with_progress` does.
Run = Callable[[Request], "Record"]

#: Is told in a line what could not be done.
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user wants to know.

    clause: None for all. families: none means those of which something is ready. names: implementations beside those, as for `-i`.
    edition: None for the usual one or, where that does not state a clause, one that does. provision: whether releases may be brought
    in. branches: whether the ends of each branch are to be run, not only those of the family.
    """

    clause: Clause | None = None
    families: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    edition: str | None = None
    undefined: bool = False
    jobs: int = 1
    provision: bool = False
    branches: bool = False


def histories(asked: Asked, run: Run, tell: Tell) -> list[History]:
    """Return what was asked for, family by family; raises UsageError where there is nothing to run, or nothing could be."""
    for family in asked.families:
        if family not in families():
            raise unknown("family", family, families())
    if asked.names and len(asked.families) != 1:
        raise UsageError("-i adds to the history of one family: name it with --family")
    chosen = asked.families or [family for family in families() if _ready(family)]
    if not chosen:
        raise UsageError("no library of the catalogue is ready here; `sslspec provision --all` brings them in, or one by its name")
    return [_Search(asked, family, run, tell).found() for family in chosen]


class _Search:
    """The history of one family, as far as it is known."""

    def __init__(self, asked: Asked, family: str, run: Run, tell: Tell) -> None:
        self._asked, self._family, self._carry_out, self._tell = asked, family, run, tell
        self._clauses = _by_edition(asked, family)
        self._others: dict[str, Release] = {}
        self._runs: list[Results] = []

    def found(self) -> History:
        names = [name for name in _ready(self._family) if name not in self._given()] + list(self._asked.names)
        self._check(names)
        if self._asked.provision:
            self._others = {other.name: other for other in _others(self._family, self._tell)}
        if not names and not self._others:
            raise UsageError(_nothing_ready(self._family, self._asked))
        if names:
            self._run(names)
            self._check_family()
        return self._searched()

    def _searched(self) -> History:
        while True:
            found = history(self._family, [each for group in self._clauses.values() for each in group], self._runs, self._others.values())
            following = wanted(found.lines, branches=self._asked.branches) if self._asked.provision else None
            if following is None:
                return self._complete(found)
            try:
                self._run([following.name])
            except UsageError as error:
                self._pass_over(following, str(error).removeprefix(f"nothing could be run: {following.name}: "))
            else:
                # Where it has no place on the line in spite of what its name says, it is not to be run for ever.
                self._others.pop(following.name, None)

    def _complete(self, found: History) -> History:
        if not found.run and not found.unordered:
            troubles = [f"{other.name}: {other.trouble}" for other in self._others.values() if other.trouble]
            raise UsageError("nothing could be run: " + "; ".join(troubles or [_nothing_ready(self._family, self._asked)]))
        return found

    def _run(self, names: Sequence[str]) -> None:
        for edition, clauses in self._clauses.items():
            ids = [clause.id for clause in clauses]
            record = self._carry_out(Request(tuple(names), edition, ids, self._asked.jobs, self._asked.undefined))
            self._runs.append(Results(record))
            for left in record.not_run:
                entry = find(left.implementation)
                self._pass_over(Release(left.implementation, entry.version if entry else ""), left.reason)

    def _pass_over(self, release: Release, trouble: str) -> None:
        known = self._others.get(release.name)
        if known is None or not known.trouble:
            self._tell(f"{release.name}: {trouble}")
        if release.release:  # otherwise it has no place on the line
            self._others[release.name] = replace(release, trouble=trouble)

    def _check(self, names: Sequence[str]) -> None:
        """Find out before the first run, which may take minutes, that another could not be."""
        for edition, clauses in self._clauses.items():
            check(Request(tuple(names) or ("model",), edition, [clause.id for clause in clauses], undefined=self._asked.undefined))

    def _check_family(self) -> None:
        given = self._given()
        for identity in self._runs[0].record.implementations:
            if identity.name in given and identity.family != self._family:
                raise UsageError(f"{identity.name} is {identity.family}, not {self._family}; leave it out, or name the other --family")

    def _given(self) -> set[str]:
        return {name.partition("=")[0] for name in self._asked.names}


def _by_edition(asked: Asked, family: str) -> dict[str, list[Clause]]:
    """Return edition -> the clauses that are run when it is held to; every clause has one, so that a release says one thing of it."""
    groups: dict[str, list[Clause]] = {}
    for clause in [asked.clause] if asked.clause else _all(asked, family):
        groups.setdefault(asked.edition or _edition(clause, family) or list(clause.stated)[-1], []).append(clause)
    return groups


def _all(asked: Asked, family: str) -> list[Clause]:
    """Return the clauses that something can be run of, and that a page of the family's line or the usual one states."""
    clauses = [clause for clause in specification().clauses.values() if clause.kind is not Kind.OBLIGATION]
    stated = [clause for clause in clauses if (asked.edition in clause.stated if asked.edition else _edition(clause, family))]
    return [clause for clause in stated if asked.undefined or _is_defined(clause)]


def _is_defined(clause: Clause) -> bool:
    try:
        check_defined(clause, "--undefined")
    except UsageError:
        return False
    return True


def _edition(clause: Clause, family: str) -> str:
    """Return the usual edition if it states `clause`, else the latest of the family's own that does, else ""."""
    own = [edition for edition in reversed(owners().get(family, {})) if edition in clause.stated]
    return DEFAULT_EDITION if DEFAULT_EDITION in clause.stated else next(iter(own), "")


def _ready(family: str) -> list[str]:
    return [entry.name for entry in (*catalogue().values(), *others()) if entry.family == family and library_of(entry)]


def _others(family: str, tell: Tell) -> list[Release]:
    """Return the releases that are not ready, with what this machine lacks for them."""
    entries: dict[str, Entry] = {entry.name: entry for entry in catalogue().values() if entry.family == family and entry.version}
    if family == "openssl":
        try:
            offered = [find(f"openssl-{release}") for release in openssl_releases(_ignore)]
        except ProvisionError as error:
            tell(str(error))
            offered = []
        entries = {entry.name: entry for entry in offered if entry} | entries
    return [Release(entry.name, entry.version, why_not(entry) or "") for entry in entries.values() if library_of(entry) is None]


def _ignore(_step: str) -> None:
    """Asking a registry is done in a moment."""


def _nothing_ready(family: str, asked: Asked) -> str:
    offered = next((entry.name for entry in catalogue().values() if entry.family == family), family)
    also = "" if asked.provision else ", or add --provision"
    return f"no release of {family} is ready here; `sslspec provision {offered}` brings one in{also}"
