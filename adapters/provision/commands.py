"""Starting programs: those that fetch, whose words are read, and those that build, whose words go into a log.

Each runs under guard.py, so that it ends with us, and in a process group that is ended when we stop waiting for it: Ctrl-C and a time
limit leave no compiler behind.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import IO, TYPE_CHECKING, Any

from sslspec.adapters import tools
from sslspec.adapters.provision.errors import ProvisionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

#: Seconds for a compiler to say what it is.
_COMPILER_LIMIT = 20.0
#: Of a failed build, so many lines are shown.
_SHOWN = 10
#: All that a build sees of the user's environment: CFLAGS, MAKEFLAGS, CPATH and their like have broken builds, or changed what is tested.
KEPT = (
    *("PATH", "HOME", "USER", "LOGNAME", "CC", "CXX", "CCACHE_DIR", "CCACHE_CONFIGPATH", "SOURCE_DATE_EPOCH"),
    *("CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"),
)
_GUARD = Path(__file__).with_name("guard.py")


@dataclass(frozen=True, slots=True)
class Done:
    """What a program said before it ended."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where and how one library is made.

    name: the library's. folder: where everything happens. log: takes what the build says. jobs: how many compilers at once. say: is
    told each step.
    """

    name: str
    folder: Path
    log: Path
    jobs: int
    say: Callable[[str], None]

    def step(self, what: str) -> None:
        """Say what is done next."""
        self.say(f"{self.name}: {what}")

    def build(self, command: Sequence[str], cwd: Path) -> None:
        """Run one command of a build; raises ProvisionError with its last lines when it fails, OSError when the disk is full."""
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("ab") as log:
            log.write(f"\n$ {' '.join(command)}\n".encode())
            log.flush()
            start = log.tell()
            with _started(command, cwd, self._environment(), stdout=log, stderr=subprocess.STDOUT) as process:
                status = self._wait(process)
        if status:
            raise self._failed(command, status, start)

    def _wait(self, process: Popen[bytes]) -> int:
        try:
            return process.wait()
        except KeyboardInterrupt:  # it has not failed: nobody will look for the reason
            self.log.unlink(missing_ok=True)
            raise

    def _failed(self, command: Sequence[str], status: int, start: int) -> ProvisionError:
        said = self.log.read_bytes()[start:].decode("utf-8", "replace")
        raise_if_full(said)
        lines = [line.rstrip() for line in said.splitlines() if line.strip()]
        program = os.path.basename(command[0])  # noqa: PTH119  # a word, no path
        message = f"{self.name}: {program} failed with exit status {status}; the whole log is {self.log}"
        return ProvisionError(message, lines[-_SHOWN:])

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {**kept, "LC_ALL": "C", "TMPDIR": str(self.folder)}


def ask(command: Sequence[str], cwd: Path, environment: Mapping[str, str], limit: float) -> Done | None:
    """Run `command` and return what it said, or None when it did not end within `limit` seconds.

    Raises OSError when the disk is full.
    """
    with _started(command, cwd, environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            stdout, stderr = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return None
    done = Done(process.returncode, stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace"))
    raise_if_full(done.stderr)
    return done


def compiler() -> str:
    """Return what the C compiler calls itself, in a line, or nothing where it does not tell."""
    done = ask([*tools.words("cc"), "--version"], Path("/"), os.environ, _COMPILER_LIMIT)
    return next(iter(done.stdout.splitlines()), "") if done else ""


@contextmanager
def _started(command: Sequence[str], cwd: Path, environment: Mapping[str, str], **streams: IO[bytes] | int) -> Iterator[Popen[bytes]]:
    with _pipe() as reading:
        guarded = [sys.executable, "-I", str(_GUARD), str(reading), *command]
        settings: dict[str, Any] = {"cwd": cwd, "env": environment, "pass_fds": (reading,), **streams}
        try:
            process = Popen(guarded, stdin=subprocess.DEVNULL, start_new_session=True, **settings)  # noqa: S603  # our own words
        except OSError as error:
            raise ProvisionError(f"{sys.executable} does not start: {error.strerror}") from error
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _pipe() -> Iterator[int]:
    """Give the reading end of a pipe whose other end is closed when this ends, or this process does."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)


def raise_if_full(said: str) -> None:
    """Raise the OSError for a full disk when that is what a program complains of."""
    if os.strerror(errno.ENOSPC) in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
