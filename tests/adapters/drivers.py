"""Adapters that misbehave in exactly one way each, to be served by a worker: `doubles("Crashes")` in the tests.

Each does so in the innermost call of `handshake`, after calls that went well, and is an honest adapter in `describe`. Nothing but
the standard library and the worker's own modules is imported, because all of this runs in the worker.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import os
import signal
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sslspec.adapters import errors
from sslspec.adapters.trace import Trace

if TYPE_CHECKING:
    from sslspec.adapters.interface import Connection, Context, Handshake, Outcome, Session
    from sslspec.adapters.model import Model
    from sslspec.adapters.native.driver import NativeDriver
    from sslspec.evidence import Event, Value


def stay() -> None:
    """Never come back from C, where Python handles no signals."""
    while True:
        ctypes.CDLL(None).pause()


def outgoing() -> int:
    """Return the descriptor that the worker answers on."""
    return next(number for number in _pipes() if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY)


def _pipes() -> list[int]:
    descriptors = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208  # the names are numbers
    return [number for number in descriptors if _is_pipe(number)]


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:  # the one that the folder was read through
        return False


class Honest:
    """Does nothing wrong."""

    def __init__(self) -> None:
        self.trace = Trace()

    def evidence(self) -> list[Event]:
        return self.trace.drain()

    def describe(self) -> dict[str, Any]:
        self.trace.observe("described", (), value=True)
        return {"version": "double 1", "family": "double", "release": "1", "files": [], "pid": os.getpid(), "environment": dict(os.environ)}

    def handshake(self, client: str, server: str, _until: str) -> tuple[bool, bool, str]:
        self.trace.call("SSL_accept", (server,), lambda: -1, int)
        self.trace.call("SSL_connect", (client,), self._connect, int)
        return True, True, ""

    def _connect(self) -> int:
        self.trace.callback("new_session", ("client1", "session1"))
        with self.trace.inside():
            self.trace.call("SSL_SESSION_free", ("session1",), self.misbehave)
        return 1

    def misbehave(self) -> None:
        pass


class Crashes(Honest):
    """Is ended by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def misbehave(self) -> None:
        os.kill(os.getpid(), self._number)
        stay()


class Reports(Honest):
    """Says something on standard error the first time, as a sanitizer does.

    ends: the exit status, or the negative signal, that it ends with each time; with 0 it goes on.
    """

    def __init__(self, said: bytes, ends: list[int]) -> None:
        super().__init__()
        self._said = said
        self._ends = iter(ends)

    def misbehave(self) -> None:
        os.write(2, self._said)
        self._said = b""
        end = next(self._ends)
        if end < 0:
            os.kill(os.getpid(), -end)
        if end > 0:
            os._exit(end)


class ReportsWhileOpening(Honest):
    """Ends before it is there, and says why."""

    def __init__(self, said: bytes) -> None:
        super().__init__()
        os.write(2, said)
        os._exit(66)


class CrashesWhileOpening(Honest):
    """Is ended by a signal before it is there."""

    def __init__(self) -> None:
        super().__init__()
        os.kill(os.getpid(), signal.SIGSEGV)


class Hangs(Honest):
    """Does not come back, and touches `mark` before."""

    def __init__(self, mark: str = "") -> None:
        super().__init__()
        self._mark = mark

    def misbehave(self) -> None:
        if self._mark:
            Path(self._mark).touch()
        stay()


class HangsInPython(Honest):
    def misbehave(self) -> None:
        while True:
            time.sleep(1)


class ClosesItsInput(Honest):
    """Answers, hears nothing more, and never ends: what a deadlock at exit looks like."""

    def misbehave(self) -> None:
        for number in set(_pipes()) - {outgoing()}:
            os.dup2(os.open(os.devnull, os.O_RDONLY), number)
        atexit.register(stay)


class ClosesItsOutput(Honest):
    """Will never answer, and never ends."""

    def misbehave(self) -> None:
        os.close(outgoing())
        stay()


class Prints(Honest):
    """Prints in the library, below the library, and in Python."""

    def misbehave(self) -> None:
        libc = ctypes.CDLL(None)
        libc.puts(b'{"id": 2, "is": "noise"}')
        libc.fflush(None)
        os.write(1, b"noise\n")
        print("noise", flush=True)  # noqa: T201


class ReadsItsInput(Honest):
    """Asks for a passphrase, say."""

    def misbehave(self) -> None:
        os.read(0, 1)


class Raises(Honest):
    """Fails in a way that nobody has foreseen."""

    def misbehave(self) -> None:
        message = "first line\nsecond line"
        raise ValueError(message)


class RaisesWhileOpening(Honest):
    def __init__(self) -> None:
        super().__init__()
        message = "nobody has foreseen it"
        raise ValueError(message)


class RaisesAnError(Honest):
    """Raises one of adapters/errors.py."""

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        super().__init__()
        self._error = getattr(errors, name)(**fields)

    def misbehave(self) -> None:
        raise self._error


class Exits(Honest):
    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status

    def misbehave(self) -> None:
        os._exit(self._status)


class ExitsInPython(Honest):
    def misbehave(self) -> None:
        sys.exit(3)


class Says(Honest):
    """Puts `line` before its answer; `then_dies` instead of it."""

    def __init__(self, line: bytes, *, then_dies: bool = False) -> None:
        super().__init__()
        self._line, self._then_dies = line, then_dies

    def misbehave(self) -> None:
        os.write(outgoing(), self._line)
        if self._then_dies:
            os._exit(0)


class NeverEndsItsLine(Honest):
    """Answers with as much as is taken."""

    def misbehave(self) -> None:
        descriptor, space = outgoing(), b"x" * (1 << 16)
        while True:
            os.write(descriptor, space)


class Dribbles(Honest):
    """Answers one byte at a time, and for ever."""

    def misbehave(self) -> None:
        descriptor = outgoing()
        while True:
            os.write(descriptor, b"x")
            time.sleep(0.01)


class IsTalkative(Honest):
    """Makes so many calls that their announcements do not fit, then crashes; without `crashes` it comes to its end."""

    def __init__(self, calls: int, *, crashes: bool) -> None:
        super().__init__()
        self._calls, self._crashes = calls, crashes

    def misbehave(self) -> None:
        for number in range(self._calls):
            self.trace.call("SSL_SESSION_up_ref", (f"session{number}",), lambda: 1, int)
        if self._crashes:
            self.trace.call("SSL_free", ("client1",), lambda: os.kill(os.getpid(), signal.SIGSEGV))


class AnswersAnObject(Honest):
    """Answers what JSON has no words for."""

    def handshake(self, client: str, server: str, until: str) -> Any:
        super().handshake(client, server, until)
        return object()


class LosesItsEvidence(Honest):
    """Cannot say what it did."""

    def handshake(self, client: str, server: str, until: str) -> tuple[bool, bool, str]:
        answer = super().handshake(client, server, until)
        self.evidence = None  # type: ignore[assignment,method-assign]
        return answer


class ScribblesOverTheAnnouncements(Honest):
    """Writes where it should not, like a library with a wild pointer, and crashes."""

    def misbehave(self) -> None:
        announced = self.trace.announce.__self__._announcements._map  # type: ignore[attr-defined]
        announced[4:40] = b"\xff" * 36
        os.kill(os.getpid(), signal.SIGSEGV)


def model_that(end: str) -> Model:
    """Return a model in a process of its own that `end` ("crashes", "hangs") in SSL_CTX_add_session when there is no session."""
    from sslspec.adapters.interface import Point, Role, Variant  # noqa: PLC0415  # the other doubles do without
    from sslspec.adapters.model import Model  # noqa: PLC0415

    class Ends(Model):
        def __init__(self) -> None:
            super().__init__("openssl-1.1.1")
            self.trace = self._trace

        def describe(self) -> dict[str, Value]:
            return super().describe() | {"family": "double"}

        # What comes as JSON comes in plain words.

        def new_context(self, role: str, variant: str) -> Context:
            return super().new_context(Role(role), Variant(variant))

        def handshake(self, client: Connection, server: Connection, until: str) -> Handshake:
            return super().handshake(client, server, Point(until))

        def add_session(self, context: Context, session: Session | None) -> Outcome:
            if session is None:
                self.trace.call("SSL_CTX_add_session", (context, session), stay if end == "hangs" else os.abort)
            return super().add_session(context, session)

    return Ends()


def native_that_miscounts(path: str, certificate: bytes, key: bytes) -> NativeDriver:
    """Return a native adapter that takes another word of a session for its reference count."""
    from sslspec.adapters.native.driver import open_native  # noqa: PLC0415  # the other doubles do without

    driver = open_native(path, certificate, key)
    # Where the protocol's version stands, or whatever comes after the count where that is the first word.
    driver._sessions._offset = 4 if driver._sessions._offset == 0 else 0
    return driver
