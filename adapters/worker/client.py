"""The client of a worker: starts it, asks it, and turns its death into an error that names the call under way.

The protocol is in adapters/PROTOCOL.md. What our own worker in Python has beyond it is the file of announce.py.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, NoReturn

from sslspec.adapters import errors
from sslspec.adapters.interface import VERSION
from sslspec.adapters.worker import announce
from sslspec.adapters.worker.patience import Deadline, watch
from sslspec.adapters.worker.processes import LEAVE, how_it_ended, surroundings
from sslspec.adapters.worker.report import Report, read_report, why_not_started
from sslspec.evidence import Event, under_way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CHUNK = 1 << 16
#: An answer longer than this is not one (a handshake's is below 10 kB).
_LONGEST = 1 << 24
#: Of what a worker says on standard error during one operation, as many of the last bytes are read (a sanitizer's report is below 20 kB).
_HEARD = 1 << 18
#: How long a worker that is asked to go may take before it is killed, in seconds.
_FAREWELL = 2.0

#: The errors that an answer may name.
_ERRORS = {kind.__name__: kind for kind in errors.AdapterError.__subclasses__()}


@dataclass(frozen=True, slots=True)
class Program:
    """What is started as a worker.

    command: the file and its arguments. folder: a library's own, which comes first when it looks for its libcrypto. announces:
    whether it takes the descriptor of a file for announcements as its last argument. preamble: what it reads before the first message.
    start: seconds beyond the limit of an operation that it may need until it has heard the first message. margin: seconds beyond it in
    which it may say itself what did not come back. lost: the exit status that tells of a connection, and not of a library; any other is
    passed on from there, where that of a signal is 128 higher. renews: whether it starts another worker after one that has crashed or
    hung, or was told to leave, which is opened like the first.
    """

    command: tuple[str, ...]
    folder: str = ""
    announces: bool = False
    preamble: bytes = b""
    start: float = 0.0
    margin: float = 0.0
    lost: int | None = None
    renews: bool = False


def python_worker(folder: str = "") -> Program:
    """Return our own worker (server.py), with the library's folder."""
    return Program((sys.executable, "-P", "-m", "sslspec.adapters.worker"), folder, announces=True)


class WorkerClient:
    """A worker process that is started when it is needed, and again after it has died.

    settings: what `open` is told; bytes are allowed. limit: seconds for one operation. inspect: called with each message and its
    answer, returns what is wrong with the answer, "" for nothing.
    """

    def __init__(
        self,
        program: Program,
        settings: Mapping[str, Any],
        *,
        limit: float = 10.0,
        inspect: Callable[[Mapping[str, Any], Mapping[str, Any]], str] = lambda _message, _answer: "",
    ) -> None:
        self._program = program
        self._settings = {key + "_base64" * isinstance(value, bytes): _plain(value) for key, value in settings.items()}
        self._limit = self._whole_limit = limit
        self._inspect = inspect
        self._process: subprocess.Popen[bytes] | None = None
        self._opened = False
        self._said: IO[bytes] | None = None
        self._said_before = 0
        self._announced: IO[bytes] | None = None
        self._buffer = bytearray()
        self._next = 0
        self._events: list[Event] = []
        self._so_far: list[Event] = []
        self._gone: errors.AdapterError | None = None

    def ask(self, operation: str, *args: Any) -> Any:  # JSON
        """Carry out one operation of the interface and return its plain answer.

        Raises what adapters/errors.py lists. The first operation, and the first after a crash, starts the worker.
        """
        if operation == "evidence":
            events, self._events = self._events, []
            return events
        if self._gone:
            raise self._gone
        if self._process is None:
            self._start()
        elif not self._opened:
            self._open()
        return self._exchange(operation, args)

    def hurry(self, limit: float) -> None:
        """Give the operations of this process only `limit` seconds each; the next process has the whole time again."""
        self._limit = limit

    def close(self) -> None:
        """End the worker, if there is one."""
        self.dismiss()

    def leave(self) -> None:
        """Let the next operation find a fresh process; what stands before a worker may stay, and starts another one."""
        if not self._program.renews:
            self.close()
        if not self._opened:  # the one that is there has done nothing yet
            return
        try:
            self._exchange(LEAVE, ())
        except errors.AdapterError:  # the next operation makes a new connection, or says why it cannot
            self.close()
        self._opened = False

    def dismiss(self) -> bool:
        """End the worker; return whether it went by itself when its input ended, also when there was none."""
        process, self._process = self._process, None
        if process is None:
            return True
        with suppress(OSError, ValueError):
            process.stdin.close()  # type: ignore[union-attr]
        try:
            return _goes(process, _FAREWELL)
        finally:
            process.kill()
            process.wait()
            self._release(process)

    def _start(self) -> None:
        try:
            self._said = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
            self._announced = tempfile.TemporaryFile()  # noqa: SIM115
            os.truncate(self._announced.fileno(), announce.SIZE)
            passed = (self._announced.fileno(),) if self._program.announces else ()
            self._process = subprocess.Popen(  # noqa: S603  # our own worker, or what the user has named
                [*self._program.command, *map(str, passed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env=surroundings(self._program.folder),
                pass_fds=passed,
            )
        except (OSError, ValueError) as error:
            self._close_files()
            raise errors.WorkerNotStarted(str(error)) from error
        self._buffer.clear()
        try:
            if self._program.preamble:
                self._send(self._process.stdin, self._program.preamble, "open")  # type: ignore[arg-type]  # it is a pipe
            self._open()
        except errors.WorkerNotStarted as error:
            # A host that cannot be reached is not asked again for every row.
            self._gone = error if self._program.lost is not None else None
            raise

    def _open(self) -> None:
        self._limit = self._whole_limit
        try:
            opened = self._exchange("open", ({**self._settings, "protocol": VERSION, "limit": int(self._limit)},))
            if not isinstance(opened, dict) or opened.get("protocol") != VERSION:
                raise errors.WorkerNotStarted(f"it answers {opened!r:.80} where {{'protocol': {VERSION}}} is the protocol spoken here")
        except errors.AdapterError:
            self.close()
            raise
        self._opened = True

    def _exchange(self, operation: str, args: tuple[Any, ...]) -> Any:
        self._next += 1
        limited = {} if self._limit == self._whole_limit else {"limit": self._limit}
        line = json.dumps({"id": self._next, "operation": operation, "args": args, **limited}).encode() + b"\n"
        process = self._process
        assert process is not None and process.stdin is not None  # noqa: S101, PT018  # ask() started it
        self._so_far.clear()
        self._said_before = self._said_so_far()
        try:
            self._send(process.stdin, line, operation)
            answer = self._answer(operation, args)
        except errors.AdapterError:
            raise
        except BaseException:
            # Ctrl-C, or another's time limit: the answer that is still to come would be taken for the next one's.
            self._kill()
            raise
        return self._result(answer)

    def _send(self, pipe: IO[bytes], line: bytes, operation: str) -> None:
        try:
            pipe.write(line)
            pipe.flush()
        except OSError:
            self._died(operation)

    def _answer(self, operation: str, args: tuple[Any, ...]) -> dict[str, Any]:
        started = self._program.start if operation == "open" else 0.0
        limit = self._limit + self._program.margin + started
        deadline = Deadline(self._process.pid, limit)  # type: ignore[union-attr]  # ask() started it
        while True:
            line = self._line(operation, deadline)
            try:
                answer = json.loads(line)
                if answer["id"] != self._next:
                    message = f"an answer to message {answer['id']} came for message {self._next}"
                    raise ValueError(message)  # noqa: TRY301  # all of them are garbage to the caller
                if "so_far" in answer:
                    self._so_far = [Event.from_json(event) for event in answer["so_far"]]
                    continue
                self._events += [Event.from_json(event) for event in answer["events"]]
                if wrong := self._inspect({"id": self._next, "operation": operation, "args": list(args)}, answer):
                    raise ValueError(wrong)  # noqa: TRY301  # as above
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                self._kill()
                reason = f"no answer of the protocol to {operation} ({error}): {line[:80]!r}"
                raise errors.AdapterBroken(reason) from error
            return answer  # type: ignore[no-any-return]

    def _result(self, answer: dict[str, Any]) -> Any:
        if "error" not in answer:
            return answer.get("is")
        try:
            error = _ERRORS[answer["error"]](**answer["with"])
        except (KeyError, TypeError):
            error = errors.AdapterBroken(f"an error of the protocol that cannot be read: {answer!r:.200}")
        if isinstance(error, errors.LibraryCrashed) and error.signal == signal.SIGABRT.name and (report := self._reported()):
            error = errors.LibraryCrashed(error.call, report.fault)
        if isinstance(error, (errors.LibraryCrashed, errors.LibraryHung)):
            self._opened = False
            if not self._program.renews:
                self._kill()  # a program that tells of its library's end has nothing left to say
        raise error

    def _line(self, operation: str, deadline: Deadline) -> bytes:
        """Return the next line of the worker's output; raises when it dies, hangs or does not end its line."""
        process = self._process
        assert process is not None and process.stdout is not None  # noqa: S101, PT018
        searched = 0
        if self._program.lost is None:
            watch(process.stdout.fileno())
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            # Late is not too late: it may be this process that was kept from running. What has come is read.
            if not select.select([process.stdout], [], [], deadline.left())[0]:
                if deadline.is_over():
                    self._hung(operation)
                continue
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                self._died(operation)
            self._buffer += chunk
            if len(self._buffer) > _LONGEST:
                self._kill()
                raise errors.AdapterBroken(f"an answer to {operation} that does not end")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _died(self, operation: str) -> NoReturn:
        process = self._process
        assert process is not None  # noqa: S101
        if not _goes(process, self._limit):  # it has closed its end, and stays
            self._hung(operation)
        status = process.returncode
        call, said = self._last_call(operation), self._last_words()
        how = how_it_ended(status, told=self._program.lost is not None)
        # A sanitizer ends the process itself; any other signal is the library's own work.
        report = self._reported() if how == signal.SIGABRT.name or how.startswith("exit status") else None
        self._forget()
        if status == self._program.lost and operation != "open":
            raise errors.AdapterBroken(f"the connection was lost: {said or how}")
        if operation == "open":
            raise errors.WorkerNotStarted(said or f"it ended with {how}")
        if how == "SIGALRM":  # it has seen to its own end, while this process was kept from running
            raise errors.LibraryHung(call, self._limit)
        raise errors.LibraryCrashed(call, report.fault if report else how)

    def _hung(self, operation: str) -> NoReturn:
        self._process.kill()  # type: ignore[union-attr]
        self._process.wait()  # type: ignore[union-attr]
        call = self._last_call(operation)
        self._forget()
        raise errors.LibraryHung(call, self._limit)

    def _last_call(self, operation: str) -> str:
        """Return the call that never returned, and keep what the operation had done before it."""
        assert self._announced is not None  # noqa: S101
        events = announce.read(self._announced) or self._so_far
        self._events += events
        return under_way(events) or operation

    def _last_words(self) -> str:
        return why_not_started(self._heard(0))

    def _reported(self) -> Report | None:
        """Return what a sanitizer has reported during the operation under way, and keep its observations."""
        report = read_report(self._heard(self._said_before))
        self._events += report.observations if report else ()
        return report

    def _said_so_far(self) -> int:
        assert self._said is not None  # noqa: S101
        return os.fstat(self._said.fileno()).st_size

    def _heard(self, start: int) -> str:
        """Return what the worker has said on standard error from `start` on, but no more than the last of it."""
        assert self._said is not None  # noqa: S101
        end = self._said_so_far()
        # Not where the file stands: the worker, which may be there, writes at the same place.
        return os.pread(self._said.fileno(), max(0, min(end - start, _HEARD)), max(start, end - _HEARD)).decode(errors="replace")

    def _kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        self._forget()

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process:
            self._release(process)

    def _release(self, process: subprocess.Popen[bytes]) -> None:
        self._opened = False
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        self._close_files()

    def _close_files(self) -> None:
        for file in (self._said, self._announced):
            if file:
                file.close()


def _goes(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Return whether a process ends by itself within so many seconds of its own."""
    deadline = Deadline(process.pid, seconds)
    while True:
        try:
            process.wait(deadline.left())
        except subprocess.TimeoutExpired:
            if deadline.is_over():
                return False
        else:
            return True


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
