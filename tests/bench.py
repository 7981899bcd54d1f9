"""How long things take, as ratios taken in one run. Nothing is asserted: read it beside the last one, on a quiet machine.

Run by `make bench`. Times are wall times in seconds, the least of a few.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sslspec.adapters.certificate import certificate
from sslspec.adapters.errors import LibraryNotLoaded
from sslspec.adapters.implementation import adapter_over, ask_directly, identify
from sslspec.adapters.interface import Point, Role, Variant
from sslspec.adapters.model import Model
from sslspec.adapters.native.driver import open_native
from sslspec.adapters.resolve import known_names, openers, ready_names
from sslspec.adapters.resolve import open_native as open_worker
from sslspec.adapters.system import system_library
from sslspec.adapters.worker.client import WorkerClient, python_worker
from sslspec.clauses import DEFAULT_EDITION
from sslspec.comparison import compare
from sslspec.errors import UsageError
from sslspec.known import Compared
from sslspec.reports.comparison import render as as_text
from sslspec.reports.html import render
from sslspec.reports.record_json import read, write
from sslspec.run import Request, run, run_rows
from tests.doubles import sshd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sslspec.adapters.implementation import Implementation

_ROUNDS = 3
#: The collected pages, where they are at hand.
_DOCUMENTS = Path(os.environ.get("SSLSPEC_MANPAGES") or Path(__file__).parents[2] / "shared" / "manpages")


class Quiet:
    """Progress that nobody wants to see."""

    def say(self, text: str) -> None: ...
    def probe(self, name: str) -> None: ...
    def begin(self, rows: int, names: Sequence[str]) -> None: ...
    def row(self, row: object) -> None: ...


def main() -> None:
    library = system_library()
    if library is None:
        sys.exit("bench needs a system libssl")
    _worker_against_in_process(library)
    _worker_in_c()
    _over_ssh(library)
    _whole_specification()
    _every_library()
    _rows_growing_tenfold()
    _page()
    _comparison()
    _commands()
    _start_of_a_worker(library)
    _memory_of_a_worker(library)


def _worker_against_in_process(library: Path) -> None:
    shown, key = certificate()
    inside = identify("system", ask_directly(open_native(str(library), shown, key)))
    outside = openers(["system"], DEFAULT_EDITION)["system"]()
    one, two = _least(lambda: _rows([inside])), _least(lambda: _rows([outside]))
    outside.close()
    print(f"the specification on one library: in process {one:.2f}, through the worker {two:.2f}, ratio {two / one:.2f}")


def _worker_in_c() -> None:
    """On the system's library, where its headers are there."""
    try:
        in_c = openers(["in_c=build:/usr"], DEFAULT_EDITION)["in_c"]()
    except (UsageError, LibraryNotLoaded) as error:
        print(f"the worker in C: {error}")
        return
    in_python = openers(["system"], DEFAULT_EDITION)["system"]()
    one, two = _least(lambda: _rows([in_python])), _least(lambda: _rows([in_c]))
    for implementation in (in_python, in_c):
        implementation.close()
    print(f"the specification on one library: by the worker in Python {one:.2f}, in C {two:.2f}, ratio {two / one:.2f}")


def _over_ssh(library: Path) -> None:
    """By turns, with an ssh server on the loopback address: what is shared with other work is shared alike."""
    if sshd.why_not():
        print(f"over ssh: {sshd.why_not()}")
        return
    with TemporaryDirectory() as folder, sshd.serving(Path(folder)) as server, ExitStack() as opened:
        os.environ["PATH"] = os.pathsep.join((str(Path(folder, "bin")), os.environ["PATH"]))
        far = f"far=ssh://{server.host}{library}?python={sys.executable}"
        ready = [opener() for opener in openers([f"near={library}", far], DEFAULT_EDITION).values()]
        for implementation in ready:
            opened.callback(implementation.close)
        times = [[_timed(lambda one=one: _rows([one]))[0] for one in ready] for _ in range(_ROUNDS)]
    one, two = (min(column) for column in zip(*times, strict=True))
    print(f"the specification on one library: here {one:.2f}, over ssh {two:.2f}, ratio {two / one:.2f}")


def _whole_specification() -> None:
    wanted = [name for name in ("model", "pyopenssl", "openssl-1.1.1k", "system") if name in known_names()]
    ready = [opener() for opener in openers(wanted, DEFAULT_EDITION).values()]
    one = _least(lambda: _rows(ready))
    two = _least(lambda: _rows(ready, jobs=2))
    for implementation in ready:
        implementation.close()
    print(f"the specification on {', '.join(wanted)}: one process {one:.2f}, two {two:.2f}, ratio {two / one:.2f}")


def _every_library() -> None:
    """Everything that is ready here, once: it takes too long for more."""
    with ExitStack() as opened:
        ready = [opener() for opener in openers(ready_names(), DEFAULT_EDITION).values()]
        for implementation in ready:
            opened.callback(implementation.close)
        half, _ = _timed(lambda: _rows(ready[::2]))
        one, rows = _timed(lambda: _rows(ready))
        two, _ = _timed(lambda: _rows(ready, jobs=2))
    each = f"each of {len(ready[::2])} took {half / len(ready[::2]):.2f}, each of {len(ready)} {one / len(ready):.2f}"
    print(f"everything that is ready, {rows} rows: one process {one:.1f}, two {two:.1f}, ratio {two / one:.2f}; {each}")


def _rows_growing_tenfold() -> None:
    models = [identify(f"model{number}", ask_directly(Model(DEFAULT_EDITION))) for number in range(10)]
    few, rows = _timed(lambda: _rows(models[:1]))
    many, tenfold = _timed(lambda: _rows(models))
    ratio = (many / tenfold) / (few / rows)
    print(f"ms per row: {1000 * few / rows:.2f} with {rows} rows, {1000 * many / tenfold:.2f} with {tenfold}, ratio {ratio:.2f}")


def _page() -> None:
    wanted = [name for name in ("model", "pyopenssl", "openssl-1.1.1k", "system") if name in known_names()]
    record = run(Request(wanted, jobs=2), Quiet())
    size = len(render(record)) / 1e6
    print(f"the HTML page of {len(wanted)} libraries: {_least(lambda: render(record)):.2f}, {size:.2f} MB")


def _comparison() -> None:
    """Of one library's rows under twenty names, because what they are does not matter here."""
    one = run(Request(["system"]), Quiet())
    names = [f"copy{number}" for number in range(20)]
    identities = tuple(replace(one.implementations[0], name=name) for name in names)
    rows = tuple(replace(row, implementation=name, known=()) for name in names for row in one.rows)
    record = replace(one, implementations=identities, rows=rows, compared=Compared())
    with TemporaryDirectory() as folder:
        path = Path(folder, "record.json")
        write(record, path)
        reading, size = _least(lambda: read(path, evidence=False)), path.stat().st_size / 1e6
    comparing = _least(lambda: as_text(compare(record, record), "text"))
    print(f"records of {len(names)} libraries, {len(rows)} rows each: compared in {comparing:.2f}, each read ({size:.1f} MB) {reading:.2f}")


def _commands() -> None:
    for arguments in (["--help"], ["list"], *(["trace", str(path)] for path in sorted(_DOCUMENTS.glob("*_*.txt")))):
        spent = _least(
            lambda arguments=arguments: subprocess.run([sys.executable, "-m", "sslspec", *arguments], check=True, capture_output=True)
        )
        print(f"sslspec {' '.join(arguments)}: {spent:.2f}")


def _start_of_a_worker(library: Path) -> None:
    shown, key = certificate()

    def start() -> None:
        settings = {"driver": "sslspec.adapters.native.driver:open_native", "path": str(library), "certificate": shown, "key": key}
        client = WorkerClient(python_worker(str(library.parent)), settings)
        client.ask("describe")
        client.close()

    print(f"start and end of a worker: {_least(start):.3f}")


def _memory_of_a_worker(library: Path) -> None:
    """The rows that are counted are those of the adapter: a handshake, a session set on a second connection, everything freed."""
    client = open_worker("system", library)
    adapter = adapter_over(client.ask)

    def rows(number: int) -> int:
        for _ in range(number):
            adapter.begin()
            contexts = adapter.new_context(Role.CLIENT, Variant.TLS12_ID), adapter.new_context(Role.SERVER, Variant.TLS12_ID)
            ends = adapter.new_connection(contexts[0]), adapter.new_connection(contexts[1])
            adapter.handshake(*ends, Point.ESTABLISHED)
            adapter.set_session(adapter.new_connection(contexts[0]), adapter.get_session(ends[0]))
            adapter.end()
            adapter.evidence()
        return _resident()

    before = rows(200)
    print(f"memory of a worker after 200 rows {before / 2**20:.1f} MB, after 10,000 more {rows(10_000) / 2**20:.1f} MB")
    client.close()


def _resident() -> int:
    """Return the resident memory of our only child, in bytes."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    pages = [int(Path(f"/proc/{child}/statm").read_text(encoding="ascii").split()[1]) for child in children]
    return max(pages) * resource.getpagesize()


def _rows(ready: list[Implementation], jobs: int = 1) -> int:
    request = Request([implementation.name for implementation in ready], jobs=jobs)
    return len(run_rows(request, [], ready, Quiet()).rows)


def _least(work: Callable[[], object]) -> float:
    return min(_timed(work)[0] for _ in range(_ROUNDS))


def _timed(work: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    main()
