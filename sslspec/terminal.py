"""What a run shows while it goes on: a line with a bar on a terminal, a line now and then where there is none; and how it is ended."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from sslspec.run import Request, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.progress import TaskID

    from sslspec.collected import Journal
    from sslspec.record import Record, Row


def console(*, stderr: bool = False) -> Console:
    """Return a console that never takes what a library says for markup."""
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)


@contextmanager
def ends_in_order() -> Iterator[None]:
    """Let SIGTERM end what is done here as Ctrl-C does: what was begun is cleaned up, a line says it, and the exit status is 143."""
    ended = False

    def end(*_: object) -> None:
        nonlocal ended
        ended = True
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # cleaning up is not to be broken off
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        if not ended:
            raise
        click.echo("sslspec: ended by SIGTERM", err=True)
        sys.exit(128 + signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


class _Bars:
    """Progress on a terminal: of the whole, and below it of each implementation that has begun and is not finished."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._whole = progress.add_task("", total=None, clause="")
        self._rows = 0
        self._bars: dict[str, TaskID] = {}

    def say(self, text: str) -> None:
        self._progress.update(self._whole, clause=text)

    def probe(self, name: str) -> None:
        self.say(f"{name}: finding out what can be observed")

    def begin(self, rows: int, names: Sequence[str]) -> None:
        self._rows = rows // max(len(names), 1)
        self._progress.update(self._whole, total=rows, description="all", clause="")

    def row(self, row: Row) -> None:
        self._progress.advance(self._whole)
        bar = self._bars.get(row.implementation)
        if bar is None:
            bar = self._bars[row.implementation] = self._progress.add_task(row.implementation, total=self._rows, clause="")
        self._progress.update(bar, advance=1, clause=row.clauses[0].partition("/")[2])
        self._progress.update(bar, visible=not self._progress.tasks[self._progress.task_ids.index(bar)].finished)


class _Lines:
    """Progress in a log: what is done, in few lines."""

    def say(self, text: str) -> None:
        click.echo(text, err=True)

    def probe(self, name: str) -> None:
        """Say nothing: it is done in a moment."""

    def begin(self, rows: int, names: Sequence[str]) -> None:
        self.say(f"{rows} rows on {len(names)} implementations" if len(names) > 1 else f"{rows} rows")

    def row(self, row: Row) -> None:
        """Say nothing: a thousand lines help nobody."""


class _Nothing(_Lines):
    """No progress at all."""

    def say(self, text: str) -> None:
        """Say nothing."""


@ends_in_order()
def run_with_progress(request: Request, *, quiet: bool = False, journal: Journal | None = None) -> Record:
    """Run the specification and show on stderr how it goes on, unless that is not wanted. journal: as for `run`."""
    screen = console(stderr=True)
    if quiet or not screen.is_terminal:
        return run(request, _Nothing() if quiet else _Lines(), journal)
    with Progress(*_columns(), console=screen, transient=True, expand=True, refresh_per_second=5) as progress:
        return run(request, _Bars(progress), journal)


def _columns() -> tuple[ProgressColumn, ...]:
    """Return what is shown of an implementation; a clause's name takes what room is left, and no line is ever broken."""
    return (
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        MofNCompleteColumn(),
        BarColumn(12),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[clause]}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
    )


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Give what shows on stderr, with the time so far, the step that it is told: in one line that lives, or in lines of a log."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        begun = time.monotonic()
        yield lambda text: click.echo(f"[{time.monotonic() - begun:4.0f} s] {text}", err=True)
        return
    text = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1))
    with Progress(SpinnerColumn(), TimeElapsedColumn(), text, console=screen, transient=True, expand=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda text: bar.update(task, description=text)
