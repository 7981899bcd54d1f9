"""What comes out of pytest while the scenarios run: rows, progress, and what went wrong outside of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import execnet
import pytest

from sslspec.elsewhere import host_of
from sslspec.schedule import ByImplementation
from sslspec.steps.plugin import IMPLEMENTATIONS, OPENED, Implementations
from sslspec.steps.transport import pack, pack_identities, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

    from sslspec.elsewhere import Host
    from sslspec.record import Identity, Record, Row

#: Why a row is an error whose process did not live to tell.
LOST = "the process that ran it was ended from outside, killed by somebody or for want of memory; run it again"


class Journal(Protocol):
    """Keeps what is found while a run goes on."""

    def begin(self, head: Record, rows: int, expectations: Path | None) -> None:
        """Hear what is run: the record without its rows, how many there will be on each implementation, and what they are held against."""
        ...

    def row(self, packed: str) -> None:
        """Hear of a row that is finished, as `sslspec.steps.transport.pack` has it."""
        ...


class Progress(Protocol):
    """Hears how a run goes on; the command line shows it."""

    def say(self, text: str) -> None:
        """Hear of something that takes its time: a download."""
        ...

    def probe(self, name: str) -> None:
        """Hear that it is being found out what can be observed on an implementation."""
        ...

    def begin(self, rows: int, names: Sequence[str]) -> None:
        """Hear how many rows there will be, as many of each of the implementations that are called `names`."""
        ...

    def row(self, row: Row) -> None:
        """Hear of a row that is finished."""
        ...


@dataclass
class Collected:
    """What pytest found: a plugin that keeps the rows, and what went wrong outside of them.

    identities: of what is run. crashed: the items whose process ended under them. times: as `sslspec.times` has them. hosts: others that
    take part.
    """

    implementations: Implementations | None
    progress: Progress
    journal: Journal | None = None
    rows: list[Row] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    expected: int = 0
    identities: Sequence[Identity] = ()
    crashed: set[str] = field(default_factory=set)
    times: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    hosts: Sequence[Host] = ()

    def lose(self, rows: Iterable[Row]) -> None:
        """Keep the rows of items whose process ended under them."""
        for row in rows:
            self._keep(row, pack(row))

    # pytest calls each of these by its name.

    @pytest.hookimpl(trylast=True)  # the terminal reporter registers itself in the same hook
    def pytest_configure(self, config: pytest.Config) -> None:
        """Bring the implementations, and keep pytest from printing."""
        if self.implementations:
            config.stash[IMPLEMENTATIONS] = self.implementations
        # What the terminal shows is the progress's business.
        config.pluginmanager.unregister(config.pluginmanager.getplugin("terminalreporter"))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell how many rows there will be, in this process."""
        self._expect(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Tell how many rows there will be, in the others."""
        # Each process collects the same.
        if not self.expected:
            self._expect(len(ids))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            self.trouble.append(str(report.longrepr).strip().splitlines()[-1])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a row that is finished, here or in another process."""
        packed: str | None = getattr(report, "sslspec_row", None)
        if packed:
            self._keep(unpack(packed), packed)
        elif report.failed and report.nodeid not in self.crashed:
            self.trouble.append(f"{report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}")

    def pytest_internalerror(self, excrepr: object) -> bool:
        """Keep the failure of pytest itself."""
        self.trouble.append(str(excrepr).strip().splitlines()[-1])
        return True  # or pytest would print a traceback of its own

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Tell another process what was opened here, so that it need not be probed again."""
        node.workerinput[OPENED] = pack_identities(self.identities)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Producer) -> ByImplementation:
        """Give the work to the processes in our own way."""
        return ByImplementation(config, log, self._names(), self.times, [host.lacking for host in self.hosts])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: WorkerController, error: object) -> None:
        """Let a process here take the place of one whose host was lost; pytest-xdist is about to start what the specification says."""
        if error and host_of(node) is not None:
            node.gateway.spec = execnet.XSpec("popen")

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """Keep which item was under way in a process that ended."""
        self.crashed.add(crashitem)

    def _names(self) -> list[str]:
        return [identity.name for identity in self.identities]

    def _keep(self, row: Row, packed: str) -> None:
        self.rows.append(row)
        if self.journal:
            self.journal.row(packed)
        self.progress.row(row)

    def _expect(self, rows: int) -> None:
        self.expected = rows
        self.progress.begin(rows, self._names())
