"""One run of the specification: opening the implementations, running the scenarios with pytest, and making the record.

Nothing is printed here but through `Progress`, and nothing written but through `Journal` (and the times, a hint for the next run).
"""

from __future__ import annotations

import os
import platform
import shlex
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sslspec import __version__
from sslspec.adapters.catalogue import find, library_of
from sslspec.adapters.errors import AdapterError
from sslspec.adapters.provision import ProvisionError, provision
from sslspec.adapters.resolve import openers
from sslspec.clauses import DEFAULT_EDITION, OWN, Clause, Kind, features_folder, specification
from sslspec.collected import LOST, Collected, Journal, Progress
from sslspec.editions import of_pages
from sslspec.elsewhere import FEATURES, asked_for, look
from sslspec.errors import UsageError
from sslspec.expectations import Expectations, read_expectations
from sslspec.known import compare
from sslspec.own import held_to
from sslspec.record import Identity, NotRun, Record, Row
from sslspec.steps.collect import check_defined, clauses_of, in_order, read_feature, row_names, rows_of_features
from sslspec.steps.plugin import Implementations
from sslspec.steps.rows import Run, place_of
from sslspec.times import keep_times, read_times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from pytest_bdd.parser import ScenarioTemplate

    from sslspec.adapters.implementation import Implementation


@dataclass(frozen=True)
class Request:
    """What a user wants to be run.

    implementations: as for `-i`; none means the default ones. edition: one for all, or OWN. clauses: names; none means all.
    jobs: processes. undefined: also what the pages forbid or do not speak of. expectations: a folder of known deviations and kept
    answers; None for those of the suite. elsewhere: processes on other hosts, as for `--tx`.
    """

    implementations: Sequence[str] = ()
    edition: str = DEFAULT_EDITION
    clauses: Sequence[str] = ()
    jobs: int = 1
    undefined: bool = False
    expectations: Path | None = None
    elsewhere: Sequence[str] = ()


def run(request: Request, progress: Progress, journal: Journal | None = None) -> Record:
    """Run the specification and return the record. journal: hears of each row as soon as it is finished.

    Raises UsageError when it cannot be run at all: an unknown name, a library that was asked for and cannot be loaded, a
    feature that cannot be read, a host that cannot be asked. A library that has to be brought in and cannot be is left out and
    named in the record.
    """
    started = _now()
    clauses = check(request)
    check_features()
    expectations = expectations_of(request)
    with _opened(request, progress) as (implementations, not_run):
        if not implementations:
            raise UsageError("nothing could be run: " + "; ".join(f"{left.implementation}: {left.reason}" for left in not_run))
        head = _head(request, started, implementations, not_run)
        if journal:
            journal.begin(head, len(asked_rows(clauses)), request.expectations)
        collected = run_rows(request, clauses, implementations, progress, journal)
    if collected.trouble:
        raise UsageError(f"the run broke off: {collected.trouble[0]}")
    if not clauses:
        keep_times(collected.rows)
    return compare(replace(head, finished=_now(), rows=in_order(collected.rows, head.names())), expectations)


def _head(request: Request, started: str, implementations: Sequence[Implementation], not_run: Sequence[NotRun]) -> Record:
    """Return the record as it is before the first row."""
    return Record(
        tool=__version__,
        started=started,
        finished=started,
        edition=request.edition,
        python=platform.python_version(),
        platform=platform.platform(),
        implementations=tuple(_held(implementation.identity, request.edition) for implementation in implementations),
        clauses=tuple(specification().clauses.values()),
        rows=(),
        not_run=tuple(not_run),
        editions=of_pages(),
    )


def asked_rows(clauses: Sequence[Clause]) -> list[tuple[ScenarioTemplate, dict[str, str]]]:
    """Return the rows of each implementation as the features have them, of all clauses or of some."""
    wanted = {clause.id for clause in clauses}
    return [(template, line) for _, template, line in rows_of_features() if not wanted or wanted & set(clauses_of(template))]


def expectations_of(request: Request) -> Expectations:
    """Return what is expected of the implementations; raises UsageError for a file that is wrong."""
    return read_expectations(request.expectations, specification(), row_names())


def check(request: Request) -> list[Clause]:
    """Return the clauses that are asked for; raises UsageError for a name that nothing has, and for what could never run."""
    openers(request.implementations, request.edition)
    for asked in request.elsewhere:
        asked_for(asked)
    clauses = [specification().clause(name) for name in request.clauses]
    for clause in clauses:
        if clause.kind is Kind.OBLIGATION:
            raise UsageError(f"{clause.id} tells the application what to do, not the library: there is nothing to run")
        if request.edition not in (OWN, *clause.stated):
            raise UsageError(f"{request.edition} does not state {clause.id}; editions that do: {', '.join(clause.stated)}")
        if not request.undefined:
            check_defined(clause, "--undefined")
    return clauses


def check_features() -> list[Path]:
    """Read all features, and return their files; raises UsageError for the first that cannot be read."""
    paths = sorted(features_folder().glob("*/*.feature"))
    for path in paths:
        read_feature(path)
    return paths


@contextmanager
def _opened(request: Request, progress: Progress) -> Iterator[tuple[list[Implementation], list[NotRun]]]:
    """Open what was asked for, in as many threads as there are jobs (each waits for a worker), and close it in the end."""
    opening: dict[str, Future[Implementation]] = {}
    ready: list[Implementation] = []
    not_run: list[NotRun] = []
    wanted = openers(request.implementations, request.edition)
    try:
        with _threads(request.jobs) as threads:
            for name, opener in wanted.items():
                try:
                    if name in request.implementations:  # and not with a path of the user's own
                        _bring_in(name, progress)
                except ProvisionError as error:
                    not_run.append(_not_brought_in(name, error))
                else:
                    opening[name] = threads.submit(opener)
            for name, opened in opening.items():
                progress.probe(name)
                try:
                    ready.append(opened.result())
                except ProvisionError as error:
                    not_run.append(_not_brought_in(name, error))
                except AdapterError as error:
                    asked = next((one for one in request.implementations if one.partition("=")[0] == name), name)
                    not_run.append(NotRun(name, str(error), f"sslspec doctor -i {shlex.quote(asked)} says more"))
        yield ready, not_run
    finally:
        for opened in opening.values():
            if not opened.cancelled() and not opened.exception():
                opened.result().close()


@contextmanager
def _threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads, and begin nothing new in them after an error or Ctrl-C."""
    with ThreadPoolExecutor(number) as threads:
        try:
            yield threads
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise


def _not_brought_in(name: str, error: ProvisionError) -> NotRun:
    return NotRun(name, str(error).removeprefix(f"{name}: "), f"mend that, then: sslspec run -i {name}")


def _bring_in(name: str, progress: Progress) -> None:
    entry = find(name)
    if entry and library_of(entry) is None:
        provision(entry, progress.say)


def run_rows(
    request: Request, clauses: Sequence[Clause], ready: Sequence[Implementation], progress: Progress, journal: Journal | None = None
) -> Collected:
    """Run the scenarios on implementations that are open, in `request.jobs` processes (which open them again by their names).

    A row whose process was ended from outside is an error, and the others are run by another process. Raises KeyboardInterrupt after
    Ctrl-C.
    """
    shared = Implementations({implementation.name: partial(_itself, implementation) for implementation in ready})
    parallel = request.jobs > 1 or bool(request.elsewhere)
    identities = [implementation.identity for implementation in ready]
    names = [identity.name for identity in identities]
    collected = Collected(None if parallel else shared, progress, journal, identities=identities, times=read_times() if parallel else {})
    requested = {name: asked for asked in request.implementations or names if (name := asked.partition("=")[0]) in names}
    collected.hosts = [look(asked, requested, request.edition, identities) for asked in request.elsewhere]
    for host in collected.hosts:
        for name, why in host.lacking.items():
            progress.say(f"{host.name}: {name} is run here only: {why}")
    # Nothing in them is a path: pytest-xdist would take it for one of the files that it has to bring to another host.
    arguments = [
        *("-p", "pytest_bdd.plugin", "-p", "sslspec.steps.plugin", "--disable-plugin-autoload"),
        # They go through everything that was collected, ten times over, when a process ends; and what they find, nobody would see.
        *("-p", "no:unraisableexception", "-p", "no:threadexception"),
        # The user's own pytest settings are for his own tests.
        *(f"--config-file={os.devnull}", f"--rootdir=${FEATURES}", "-p", "no:cacheprovider", "--noconftest"),
        *("--sslspec-edition", request.edition),
        *(("--sslspec-undefined",) if request.undefined else ()),
        # The other processes open them again; in this one they are open.
        *(argument for asked in requested.values() if parallel for argument in ("--sslspec", asked)),
        *(argument for clause in clauses for argument in ("--sslspec-clause", clause.id)),
        *(("-p", "xdist", "--tx", f"{request.jobs}*popen", "--dist", "loadscope") if parallel else ()),
        *(argument for number, host in enumerate(collected.hosts) for argument in ("--tx", host.spec(number))),
        *("--pyargs", "sslspec.features"),
    ]
    with _environment():
        code = pytest.main(arguments, plugins=[collected])
    if code == pytest.ExitCode.INTERRUPTED and not collected.trouble:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not collected.trouble:
        collected.trouble.append(f"pytest ended with {code!r}")
    missing = list(_missing(request, clauses, ready, collected.rows)) if collected.crashed and not collected.trouble else []
    if len(missing) <= len(collected.crashed):  # more are missing when pytest-xdist gave up starting processes
        collected.lose(missing)
    if len(collected.rows) != collected.expected and not collected.trouble:
        collected.trouble.append(f"{collected.expected} rows were to be run and {len(collected.rows)} were")
    return collected


def _missing(request: Request, clauses: Sequence[Clause], ready: Sequence[Implementation], rows: Sequence[Row]) -> Iterator[Row]:
    """Go through the rows that were asked for and are not among `rows`, as errors."""
    there = {(row.implementation, row.key) for row in rows}
    for implementation in ready:
        edition = held_to(request.edition, implementation.identity)
        for template, line in asked_rows(clauses):
            row = Run(place_of(template, line), implementation, edition).lost(LOST)
            if (row.implementation, row.key) not in there:
                yield row


@contextmanager
def _environment() -> Iterator[None]:
    """Say where the features are, and keep away what would reach every pytest of this user, here and in the processes that are started."""
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", FEATURES) if name in os.environ}
    os.environ[FEATURES] = str(features_folder())
    try:
        yield
    finally:
        del os.environ[FEATURES]
        os.environ.update(kept)


def _held(identity: Identity, edition: str) -> Identity:
    return replace(identity, edition=held_to(edition, identity))


def _itself(implementation: Implementation) -> Implementation:
    return implementation


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
