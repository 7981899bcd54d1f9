"""What stands beside a worker on another machine. Here it is on this one, without ssh, and the libraries are doubles."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sslspec.adapters import errors, remote
from sslspec.adapters.interface import VERSION
from sslspec.adapters.worker.client import Program, WorkerClient
from sslspec.evidence import lines
from tests.doubles.processes import gone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a process with its parent and has /proc")

HANDSHAKE = ("handshake", "client1", "server1", "established")
INNERMOST = "SSL_SESSION_free(session1) inside callback new_session(client1, session1) inside SSL_connect(client1)"
#: In seconds; nothing that is waited for takes as long, on any machine.
PATIENCE = 60.0
START = "import sys; sys.path.insert(0, sys.argv[1]); from sslspec.adapters.worker.supervisor import supervise; "
START += "sys.exit(supervise(sys.argv[2], '/no/such/libssl.so', float(sys.argv[3])))"


@pytest.fixture(scope="session")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what is sent over, and nothing else."""
    folder = tmp_path_factory.mktemp("sent")
    zipfile.ZipFile(io.BytesIO(remote._archive())).extractall(folder)
    return folder


def command(sent: Path, limit: float = PATIENCE) -> tuple[str, ...]:
    code = os.pathsep.join([str(sent), str(Path(__file__).parent)])
    return (sys.executable, "-P", "-c", START, str(sent), code, str(limit))


@pytest.fixture
def supervised(sent: Path) -> Iterator[Callable[..., WorkerClient]]:
    """Return what makes a client of a supervised worker that serves a class of drivers.py."""
    made: list[WorkerClient] = []

    def serve(double: str, **settings: Any) -> WorkerClient:
        program = Program(command(sent), margin=PATIENCE, lost=255, renews=True)
        made.append(WorkerClient(program, {"driver": f"drivers:{double}", **settings}, limit=PATIENCE))
        return made[-1]

    yield serve
    for client in made:
        client.close()


def worker_of(client: WorkerClient) -> int:
    pid: int = client.ask("describe")["pid"]
    client.ask("evidence")
    return pid


def is_well(client: WorkerClient) -> bool:
    client.ask("evidence")
    return client.ask("describe")["version"] == "double 1" and lines(client.ask("evidence")) == ["    described(): yes"]


def test_a_crash_is_answered_and_another_worker_started(supervised: Callable[..., WorkerClient]) -> None:
    client = supervised("Crashes", number=signal.SIGABRT.value)
    first = worker_of(client)
    supervisor = client._process
    for _ in range(2):
        with pytest.raises(errors.LibraryCrashed) as caught:
            client.ask(*HANDSHAKE)
        assert vars(caught.value) == {"call": INNERMOST, "signal": "SIGABRT"}
        assert lines(client.ask("evidence"))[-1] == "        SSL_SESSION_free(session1) = (did not return)"
    assert gone(first)
    assert is_well(client)
    assert client._process is supervisor


def test_an_exit_is_answered_with_its_status(supervised: Callable[..., WorkerClient]) -> None:
    client = supervised("Exits", status=3)
    with pytest.raises(errors.LibraryCrashed) as caught:
        client.ask(*HANDSHAKE)
    assert vars(caught.value) == {"call": INNERMOST, "signal": "exit status 3"}
    assert is_well(client)


@pytest.mark.parametrize("double", ["Hangs", "HangsInPython"])
def test_what_takes_longer_than_its_message_allows_is_killed(supervised: Callable[..., WorkerClient], double: str) -> None:
    client = supervised(double)
    first = worker_of(client)
    client.hurry(0.3)
    with pytest.raises(errors.LibraryHung) as caught:
        client.ask(*HANDSHAKE)
    assert vars(caught.value) == {"call": INNERMOST, "seconds": 0.3}
    assert gone(first)
    assert is_well(client)
    assert client._limit == PATIENCE


def test_what_takes_longer_than_everything_may_is_killed(sent: Path) -> None:
    program = Program(command(sent, limit=0.5), margin=PATIENCE, lost=255, renews=True)
    client = WorkerClient(program, {"driver": "drivers:Hangs"}, limit=PATIENCE)
    try:
        with pytest.raises(errors.LibraryHung) as caught:
            client.ask(*HANDSHAKE)
        assert caught.value.seconds == 0.5
    finally:
        client.close()


def test_a_death_between_two_operations_is_named(supervised: Callable[..., WorkerClient]) -> None:
    client = supervised("Honest")
    os.kill(worker_of(client), signal.SIGKILL)
    with pytest.raises(errors.LibraryCrashed) as caught:
        client.ask("describe")
    assert vars(caught.value) == {"call": "describe", "signal": "SIGKILL"}
    assert is_well(client)


def test_a_death_while_opening_is_no_crash(supervised: Callable[..., WorkerClient]) -> None:
    with pytest.raises(errors.WorkerNotStarted, match=r"^the worker did not start: it ended with SIGSEGV$"):
        supervised("CrashesWhileOpening").ask("describe")


def test_announcements_that_a_library_has_destroyed_leave_the_signal(supervised: Callable[..., WorkerClient]) -> None:
    client = supervised("ScribblesOverTheAnnouncements")
    with pytest.raises(errors.LibraryCrashed) as caught:
        client.ask(*HANDSHAKE)
    assert vars(caught.value) == {"call": "handshake", "signal": "SIGSEGV"}
    assert is_well(client)


def test_a_worker_that_hangs_goes_when_the_connection_ends(sent: Path, tmp_path: Path) -> None:
    mark = tmp_path / "hanging"
    settings = {"protocol": VERSION, "driver": "drivers:Hangs", "mark": str(mark)}
    with subprocess.Popen(command(sent), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        for number, (operation, *args) in enumerate([("open", settings), HANDSHAKE]):
            process.stdin.write(json.dumps({"id": number, "operation": operation, "args": args}).encode() + b"\n")
        process.stdin.flush()
        until = time.monotonic() + PATIENCE
        while not mark.exists() and time.monotonic() < until:
            time.sleep(0.01)
        process.stdin.close()
        assert process.wait(PATIENCE) == 255


def test_a_worker_that_is_told_to_leave_makes_room_for_another_one(supervised: Callable[..., WorkerClient]) -> None:
    client = supervised("Honest")
    first, supervisor = worker_of(client), client._process
    client.leave()
    assert worker_of(client) != first
    assert gone(first)
    client.leave()
    client.leave()
    assert is_well(client)
    assert client._process is supervisor


def test_one_that_is_dead_already_is_replaced_with_its_supervisor(supervised: Callable[..., WorkerClient]) -> None:
    client = supervised("Honest")
    os.kill(worker_of(client), signal.SIGKILL)
    client.leave()
    assert is_well(client)
