"""The worker and its client: whatever a library does to its process, the client names it and goes on."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import PATIENCE, gone, is_gone, wait_for

from sslspec.adapters import errors
from sslspec.adapters.interface import OPERATIONS
from sslspec.adapters.worker import announce, patience
from sslspec.adapters.worker.client import Program, WorkerClient, python_worker
from sslspec.adapters.worker.server import Worker, serve
from sslspec.evidence import UNFINISHED, Event, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a process with its parent and has /proc")
pytestmark = linux

HANDSHAKE = ("handshake", "client1", "server1", "established")
INNERMOST = "SSL_SESSION_free(session1) inside callback new_session(client1, session1) inside SSL_connect(client1)"
UP_TO_THERE = [
    "    SSL_accept(server1) = -1",
    f"    SSL_connect(client1) = {UNFINISHED}",
    "    callback new_session(client1, session1)",
    f"        SSL_SESSION_free(session1) = {UNFINISHED}",
]
WHOLE = [
    "    SSL_accept(server1) = -1",
    "    SSL_connect(client1) = 1",
    "    callback new_session(client1, session1)",
    "        SSL_SESSION_free(session1)",
]


def pid_of(client: WorkerClient) -> int:
    """Return the worker's process id, and leave no evidence of having asked."""
    pid: int = client.ask("describe")["pid"]
    client.ask("evidence")
    return pid


def impatient(client: WorkerClient) -> WorkerClient:
    """Return `client`, started with patience, with little of it from now on: no test waits for what will never come."""
    client.ask("describe")
    client.ask("evidence")
    client.hurry(0.3)
    return client


def test_what_decides_how_memory_behaves_stays_outside(doubles: Callable[..., WorkerClient], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MALLOC_PERTURB_", "GLIBC_TUNABLES", "OPENSSL_CONF"):
        monkeypatch.setenv(name, "165")
    monkeypatch.setenv("LD_PRELOAD", "")
    around = doubles("Honest").ask("describe")["environment"]
    assert not {"MALLOC_PERTURB_", "GLIBC_TUNABLES", "OPENSSL_CONF"} & set(around)
    assert {"PATH", "LD_PRELOAD"} <= set(around)


def is_well(client: WorkerClient) -> bool:
    """Return whether a worker, a fresh one where the last has died, does what it should."""
    client.ask("evidence")
    return client.ask("describe")["version"] == "double 1" and lines(client.ask("evidence")) == ["    described(): yes"]


def open_descriptors() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


class TestAnHonestAdapter:
    def test_is_started_when_it_is_first_asked_and_once(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Honest")
        assert client.ask("evidence") == []
        assert client._process is None
        assert pid_of(client) == pid_of(client)

    def test_is_asked_and_its_evidence_kept_until_it_is_fetched(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Honest")
        assert client.ask(*HANDSHAKE) == [True, True, ""]
        client.ask("describe")
        assert lines(client.ask("evidence")) == [*WHOLE, "    described(): yes"]
        assert client.ask("evidence") == []

    def test_ends_when_it_is_closed_and_starts_again_when_it_is_asked(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Honest")
        first = pid_of(client)
        client.close()
        assert is_gone(first)
        client.close()
        assert pid_of(client) != first

    def test_is_opened_again_with_the_same_settings(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Says", line=b"\x00\xff", then_dies=True)
        for _ in range(2):
            with pytest.raises(errors.LibraryCrashed):
                client.ask(*HANDSHAKE)


class TestDeath:
    @pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGKILL"])
    def test_by_a_signal_names_the_innermost_call(self, doubles: Callable[..., WorkerClient], name: str) -> None:
        client = doubles("Crashes", number=signal.Signals[name].value)
        pid = pid_of(client)
        with pytest.raises(errors.LibraryCrashed) as caught:
            client.ask(*HANDSHAKE)
        assert vars(caught.value) == {"call": INNERMOST, "signal": name}
        assert lines(client.ask("evidence")) == UP_TO_THERE
        assert is_gone(pid)
        assert is_well(client)

    def test_by_a_signal_without_a_name(self, doubles: Callable[..., WorkerClient]) -> None:
        number = signal.SIGRTMIN + 3
        with pytest.raises(errors.LibraryCrashed) as caught:
            doubles("Crashes", number=number).ask(*HANDSHAKE)
        assert caught.value.signal == f"signal {number}"

    def test_by_its_own_alarm_is_a_hang(self, doubles: Callable[..., WorkerClient]) -> None:
        """It sees to its own end; a client that is kept from running comes too late to do it."""
        client = doubles("Crashes", number=signal.SIGALRM.value)
        with pytest.raises(errors.LibraryHung) as caught:
            client.ask(*HANDSHAKE)
        assert vars(caught.value) == {"call": INNERMOST, "seconds": PATIENCE}
        assert is_well(client)

    def test_by_exit_names_the_status(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Exits", status=3)
        with pytest.raises(errors.LibraryCrashed) as caught:
            client.ask(*HANDSHAKE)
        assert vars(caught.value) == {"call": INNERMOST, "signal": "exit status 3"}
        assert lines(client.ask("evidence")) == UP_TO_THERE
        assert is_well(client)

    def test_by_exit_in_python_is_the_same(self, doubles: Callable[..., WorkerClient]) -> None:
        with pytest.raises(errors.LibraryCrashed) as caught:
            doubles("ExitsInPython").ask(*HANDSHAKE)
        assert vars(caught.value) == {"call": INNERMOST, "signal": "exit status 3"}

    def test_in_the_middle_of_an_answer(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Says", line=b'{"id": 2, "is', then_dies=True)
        with pytest.raises(errors.LibraryCrashed, match="exit status 0"):
            client.ask(*HANDSHAKE)
        assert is_well(client)

    def test_of_an_idle_worker_is_not_blamed_on_a_call_of_before(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Honest")
        client.ask(*HANDSHAKE)
        assert client._process is not None
        client._process.kill()
        client._process.wait()
        with pytest.raises(errors.LibraryCrashed) as caught:
            client.ask("describe")
        assert vars(caught.value) == {"call": "describe", "signal": "SIGKILL"}
        assert lines(client.ask("evidence")) == WHOLE
        assert is_well(client)

    def test_with_the_announcements_destroyed_still_is_a_crash(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("ScribblesOverTheAnnouncements")
        with pytest.raises(errors.LibraryCrashed, match="SIGSEGV"):
            client.ask(*HANDSHAKE)
        assert is_well(client)


class TestDeathByASanitizer:
    REPORT = b"""
WARNING: ThreadSanitizer: data race (pid=1)
  Write of size 4 at 0x55 by main thread:
    #0 count /src/race.c:4 (race+0x11d7)

SUMMARY: ThreadSanitizer: data race /src/race.c:4 in count
"""
    #: What a library may print besides: no text, lines without an end, more than anybody wants to read.
    NOISE = b"\xff\x00\xc3" + b"x" * 1_000_000 + b"\n\x1b[31mSUMMARY: \xfe\n"

    @pytest.mark.parametrize("end", [66, -signal.SIGABRT])
    def test_is_named_by_its_report_which_is_evidence(self, doubles: Callable[..., WorkerClient], end: int) -> None:
        client = doubles("Reports", said=self.NOISE + self.REPORT + b"==================\n", ends=[end])
        with pytest.raises(errors.LibraryCrashed) as caught:
            client.ask(*HANDSHAKE)
        assert vars(caught.value) == {"call": INNERMOST, "signal": "ThreadSanitizer: data race"}
        observed = "    ThreadSanitizer(write of size 4 by main thread): count (race.c:4)"
        assert lines(client.ask("evidence")) == [*UP_TO_THERE, observed]
        assert is_well(client)

    @pytest.mark.parametrize("said", [NOISE, REPORT.rpartition(b"SUMMARY")[0], REPORT + NOISE])
    def test_that_cannot_be_understood_is_an_exit(self, doubles: Callable[..., WorkerClient], said: bytes) -> None:
        """There is no report, its end is missing, or so much comes after it that it is not found."""
        client = doubles("Reports", said=said, ends=[66])
        with pytest.raises(errors.LibraryCrashed, match="exit status 66"):
            client.ask(*HANDSHAKE)
        assert lines(client.ask("evidence")) == UP_TO_THERE

    def test_is_not_what_an_earlier_operation_survived(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Reports", said=self.REPORT, ends=[0, 3])
        assert client.ask(*HANDSHAKE) == [True, True, ""]
        with pytest.raises(errors.LibraryCrashed, match="exit status 3"):
            client.ask(*HANDSHAKE)

    def test_is_not_what_a_signal_of_the_librarys_own_is(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Reports", said=self.REPORT, ends=[-signal.SIGSEGV])
        with pytest.raises(errors.LibraryCrashed, match="SIGSEGV"):
            client.ask(*HANDSHAKE)
        assert lines(client.ask("evidence")) == UP_TO_THERE

    @pytest.mark.parametrize(
        ("said", "says"),
        [
            (REPORT + b"==================\n", "the worker did not start: ThreadSanitizer: data race"),
            (b"FATAL: ThreadSanitizer: unexpected memory mapping 0x61-0x62\n", "write `setarch -R` before the command"),
        ],
    )
    def test_at_the_start_says_what_to_do(self, doubles: Callable[..., WorkerClient], said: bytes, says: str) -> None:
        with pytest.raises(errors.WorkerNotStarted) as caught:
            doubles("ReportsWhileOpening", said=said).ask("describe")
        assert says in str(caught.value)


class TestHanging:
    @pytest.mark.parametrize("double", ["Hangs", "HangsInPython"])
    def test_ends_at_the_limit_and_names_the_innermost_call(self, doubles: Callable[..., WorkerClient], double: str) -> None:
        client = impatient(doubles(double))
        pid = pid_of(client)
        with pytest.raises(errors.LibraryHung) as caught:
            client.ask(*HANDSHAKE)
        assert vars(caught.value) == {"call": INNERMOST, "seconds": 0.3}
        assert lines(client.ask("evidence")) == UP_TO_THERE
        assert is_gone(pid)
        assert is_well(client)

    def test_is_not_what_a_busy_machine_makes_of_it(self, doubles: Callable[..., WorkerClient], monkeypatch: pytest.MonkeyPatch) -> None:
        """A worker that would run and is not let is waited for; this one is never let, and then seen to sleep."""
        client = impatient(doubles("Hangs"))
        seen = iter("RDS")
        monkeypatch.setattr(patience, "_state", lambda _: next(seen))
        with pytest.raises(errors.LibraryHung):
            client.ask(*HANDSHAKE)
        assert list(seen) == []

    def test_after_it_has_closed_its_input(self, doubles: Callable[..., WorkerClient]) -> None:
        client = impatient(doubles("ClosesItsInput"))
        pid = pid_of(client)
        assert client.ask(*HANDSHAKE) == [True, True, ""]
        client.ask("evidence")
        with pytest.raises(errors.LibraryHung) as caught:
            client.ask("describe")
        assert caught.value.call == "describe"
        assert client.ask("evidence") == []
        assert is_gone(pid)
        assert is_well(client)

    def test_after_it_has_closed_its_output(self, doubles: Callable[..., WorkerClient]) -> None:
        client = impatient(doubles("ClosesItsOutput"))
        pid = pid_of(client)
        with pytest.raises(errors.LibraryHung) as caught:
            client.ask(*HANDSHAKE)
        assert caught.value.call == INNERMOST
        assert is_gone(pid)
        assert is_well(client)

    def test_in_an_answer_that_comes_byte_by_byte(self, doubles: Callable[..., WorkerClient]) -> None:
        client = impatient(doubles("Dribbles"))
        with pytest.raises(errors.LibraryHung) as caught:
            client.ask(*HANDSHAKE)
        assert caught.value.call == INNERMOST
        assert is_well(client)

    def test_a_worker_that_does_not_go_is_ended(self, doubles: Callable[..., WorkerClient], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sslspec.adapters.worker.client._FAREWELL", 0.1)
        client = doubles("ClosesItsInput")
        pid = pid_of(client)
        client.ask(*HANDSHAKE)
        client.close()
        assert is_gone(pid)

    def test_is_waited_for_as_long_as_ever_in_the_next_process(self, doubles: Callable[..., WorkerClient]) -> None:
        client = impatient(doubles("Hangs"))
        assert client._limit < PATIENCE
        client.close()
        assert is_well(client)
        assert client._limit == PATIENCE


class TestAnswersThatAreNone:
    @pytest.mark.parametrize(
        "line",
        [
            b"hello\n",
            b"\n",
            b"\xff\xfe\n",
            b"null\n",
            b"[]\n",
            b'"id"\n',
            b"{}\n",
            b'{"id": 3}\n',
            b'{"id": 3, "is": 1, "events": 1}\n',
            b'{"id": 3, "is": 1, "events": [1]}\n',
            b'{"id": 3, "is": 1, "events": [{}]}\n',
            b'{"id": 3, "is": 1, "events": [{"call": 1}]}\n',
            b"[" * 20_000 + b"\n",
        ],
    )
    def test_are_the_adapters_fault(self, doubles: Callable[..., WorkerClient], line: bytes) -> None:
        client = doubles("Says", line=line)
        pid = pid_of(client)
        with pytest.raises(errors.AdapterBroken, match="no answer of the protocol to handshake"):
            client.ask(*HANDSHAKE)
        assert is_gone(pid)

    @pytest.mark.parametrize(
        "line",
        [
            b'{"id": 3, "error": "NotObservable", "with": {"capability": "marked"}, "events": []}\n',
            b'{"id": 3, "error": "NotObservable", "with": 1, "events": []}\n',
            b'{"id": 3, "error": "NotObservable", "events": []}\n',
            b'{"id": 3, "error": "NeverHeardOf", "with": {"why": "x"}, "events": []}\n',
            b'{"id": 3, "error": "dataclass", "with": {"eq": true}, "events": []}\n',
            b'{"id": 3, "error": 1, "with": {}, "events": []}\n',
        ],
    )
    def test_errors_that_cannot_be_read_are_the_adapters_fault(self, doubles: Callable[..., WorkerClient], line: bytes) -> None:
        client = doubles("Says", line=line)
        pid_of(client)
        with pytest.raises(errors.AdapterBroken, match="cannot be read"):
            client.ask(*HANDSHAKE)

    def test_to_another_message(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Says", line=b'{"id": 999, "is": 1, "events": []}\n')
        with pytest.raises(errors.AdapterBroken, match="an answer to message 999 came for message 2"):
            client.ask(*HANDSHAKE)
        assert is_well(client)

    def test_without_an_end(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("NeverEndsItsLine")
        pid = pid_of(client)
        with pytest.raises(errors.AdapterBroken, match="an answer to handshake that does not end"):
            client.ask(*HANDSHAKE)
        assert is_gone(pid)
        assert is_well(client)

    @pytest.mark.parametrize(("double", "says"), [("AnswersAnObject", "not JSON serializable"), ("LosesItsEvidence", "not callable")])
    def test_that_cannot_be_written_are_not_the_librarys_fault(self, doubles: Callable[..., WorkerClient], double: str, says: str) -> None:
        with pytest.raises(errors.AdapterBroken, match=says):
            doubles(double).ask(*HANDSHAKE)


class TestNoise:
    def test_of_the_library_stays_out_of_the_answers(self, doubles: Callable[..., WorkerClient], capfd: pytest.CaptureFixture[str]) -> None:
        client = doubles("Prints")
        pid = pid_of(client)
        assert client.ask(*HANDSHAKE) == [True, True, ""]
        assert lines(client.ask("evidence")) == WHOLE
        assert pid_of(client) == pid
        assert capfd.readouterr() == ("", "")

    def test_a_library_that_reads_takes_no_message(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("ReadsItsInput")
        assert client.ask(*HANDSHAKE) == [True, True, ""]
        assert is_well(client)


class TestErrors:
    @pytest.mark.parametrize(
        "error",
        [
            errors.WorkerNotStarted("because"),
            errors.LibraryNotLoaded("because"),
            errors.NotImplementedThere("SSL_CTX_add_session", "a double"),
            errors.NotObservable("marked", "because"),
            errors.ProtocolNotSpoken("TLS 1.3", "because"),
            errors.LibraryCrashed("SSL_free(client1)", "SIGSEGV"),
            errors.LibraryHung("SSL_free(client1)", 1.5),
            errors.AdapterBroken("because, \u00e4 and\nanother line"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_arrive_as_they_were_raised(self, doubles: Callable[..., WorkerClient], error: errors.AdapterError) -> None:
        client = doubles("RaisesAnError", name=type(error).__name__, fields=vars(error))
        pid = pid_of(client)
        with pytest.raises(type(error)) as caught:
            client.ask(*HANDSHAKE)
        assert vars(caught.value) == vars(error)
        assert str(caught.value) == str(error)
        assert (pid_of(client) == pid) != isinstance(error, errors.LibraryCrashed | errors.LibraryHung)

    def test_that_nobody_has_foreseen_say_where(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Raises")
        pid = pid_of(client)
        with pytest.raises(errors.AdapterBroken, match=r"(?s)drivers\.py.*ValueError: first line\nsecond line"):
            client.ask(*HANDSHAKE)
        assert len(client.ask("evidence")) == len(UP_TO_THERE)
        assert pid_of(client) == pid

    def test_an_operation_that_there_is_not(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Honest")
        for operation in ("misbehave", "__init__", "trace"):
            with pytest.raises(errors.AdapterBroken, match=f"no operation is called '{operation}'"):
                client.ask(operation)
        assert is_well(client)

    def test_an_operation_that_the_adapter_lacks_or_takes_otherwise(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Honest")
        for message in (("new_context", "client"), ("describe", "too", "much")):
            with pytest.raises(errors.AdapterBroken):
                client.ask(*message)
        assert is_well(client)


class TestStart:
    def test_a_driver_that_cannot_be_imported(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("NoSuchClass")
        with pytest.raises(errors.WorkerNotStarted) as caught:
            client.ask("describe")
        assert str(caught.value).splitlines() == [
            "the worker did not start: the driver drivers:NoSuchClass cannot be imported: module 'drivers' has no attribute 'NoSuchClass'"
        ]

    @pytest.mark.parametrize("driver", ["no_such_module:there", "no.such:there", "", "drivers", ":Honest", "drivers:"])
    def test_a_driver_that_is_none(self, doubles: Callable[..., WorkerClient], driver: str) -> None:
        client = doubles("Honest")
        client._settings = {"driver": driver}
        with pytest.raises(errors.WorkerNotStarted, match="cannot be imported") as caught:
            client.ask("describe")
        assert len(str(caught.value).splitlines()) == 1

    def test_a_driver_that_fails_while_opening(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("RaisesWhileOpening")
        for _ in range(2):
            with pytest.raises(errors.AdapterBroken, match="ValueError: nobody has foreseen it"):
                client.ask("describe")
            assert client._process is None

    def test_may_take_its_time_where_that_is_known(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("Honest", limit=0.5)
        slowly = ("sh", "-c", 'sleep 1; exec "$@"', "sh", *client._program.command)
        client._program = replace(client._program, command=slowly, start=PATIENCE)
        client._start()
        assert client._opened

    def test_a_driver_that_crashes_while_opening(self, doubles: Callable[..., WorkerClient]) -> None:
        with pytest.raises(errors.WorkerNotStarted, match=r"^the worker did not start: it ended with SIGSEGV$"):
            doubles("CrashesWhileOpening").ask("describe")

    @pytest.mark.parametrize("python", ["/no/such/python", "/dev/null", ""])
    def test_a_python_that_cannot_be_run(self, doubles: Callable[..., WorkerClient], python: str) -> None:
        client = doubles("Honest")
        before = open_descriptors()
        program, client._program = client._program, Program((python,), announces=True)
        with pytest.raises(errors.WorkerNotStarted) as caught:
            client.ask("describe")
        client._program = program
        assert len(str(caught.value).splitlines()) == 1
        del caught
        assert open_descriptors() == before
        assert is_well(client)

    @pytest.mark.parametrize(
        ("script", "says"), [("exit 7", "exit status 7"), ("echo >&2 one; echo >&2 two", "two"), ("kill -9 $$", "SIGKILL")]
    )
    def test_a_python_that_ends_at_once(
        self, doubles: Callable[..., WorkerClient], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, says: str
    ) -> None:
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(python))
        with pytest.raises(errors.WorkerNotStarted, match=f"{says}$"):
            doubles("Honest").ask("describe")

    def test_the_librarys_folder_is_where_it_looks_first(
        self, doubles: Callable[..., WorkerClient], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LD_LIBRARY_PATH", "/elsewhere")
        client = doubles("Honest")
        client._program = python_worker("/the/folder")
        pid = pid_of(client)
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert b"LD_LIBRARY_PATH=/the/folder:/elsewhere" in environment


class TestAnnouncements:
    def test_more_than_fit_do_not_disturb_the_operation(self, doubles: Callable[..., WorkerClient]) -> None:
        client = doubles("IsTalkative", calls=30_000, crashes=False)
        assert client.ask(*HANDSHAKE) == [True, True, ""]
        assert len(client.ask("evidence")) == 30_000 + len(WHOLE)

    @pytest.mark.parametrize(("calls", "around"), [(2_000, INNERMOST.removeprefix("SSL_SESSION_free(session1)")), (30_000, "")])
    def test_more_than_fit_still_name_the_call_that_crashed(self, doubles: Callable[..., WorkerClient], calls: int, around: str) -> None:
        client = doubles("IsTalkative", calls=calls, crashes=True)
        with pytest.raises(errors.LibraryCrashed) as caught:
            client.ask(*HANDSHAKE)
        assert caught.value.call == f"SSL_free(client1){around}"
        evidence = lines(client.ask("evidence"))
        assert evidence[-1] == f"        SSL_free(client1) = {UNFINISHED}"
        assert evidence[-2] == f"        SSL_SESSION_up_ref(session{calls - 1}) = 1"

    def test_are_read_up_to_where_they_make_sense(self, tmp_path: Path) -> None:
        with (tmp_path / "announced").open("w+b") as file:
            file.truncate(announce.SIZE)
            assert announce.read(file) == []
            announced = announce.Announcements(file.fileno())
            announced.write(0, Event("call", "one"))
            announced.write(1, Event("call", "two"))
            announced._map[announced._end - 8 : announced._end] = b"\xff" * 8
            assert announce.read(file) == [Event("call", "one")]
            announced._map[:4] = b"\xff" * 4
            assert announce.read(file) == [Event("call", "one")]

    def test_the_last_of_a_position_counts(self, tmp_path: Path) -> None:
        with (tmp_path / "announced").open("w+b") as file:
            file.truncate(announce.SIZE)
            announced = announce.Announcements(file.fileno())
            announced.write(0, Event("call", "SSL_new", (), UNFINISHED))
            announced.write(1, Event("callback", "new_session"))
            announced.write(0, Event("call", "SSL_new", (), "client1"))
            assert announce.read(file) == [Event("call", "SSL_new", (), "client1"), Event("callback", "new_session")]
            announced.forget()
            assert announce.read(file) == []

    def test_a_single_one_that_does_not_fit_is_left_out(self, tmp_path: Path) -> None:
        with (tmp_path / "announced").open("w+b") as file:
            file.truncate(announce.SIZE)
            announced = announce.Announcements(file.fileno())
            announced.write(0, Event("call", "x" * announce.SIZE))
            announced.write(1, Event("call", "y"))
            assert announce.read(file) == [Event("call", "y")]


class TestNothingIsLeft:
    def test_after_fifty_crashes(self, doubles: Callable[..., WorkerClient], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        client = doubles("Crashes", number=signal.SIGABRT.value)
        with pytest.raises(errors.LibraryCrashed):
            client.ask(*HANDSHAKE)
        before = open_descriptors()
        for _ in range(50):
            with pytest.raises(errors.LibraryCrashed):
                client.ask(*HANDSHAKE)
        assert open_descriptors() == before
        assert list(tmp_path.iterdir()) == []


#: Does what its input says, and answers each line with the worker's process id. It hears Ctrl-C and goes on.
CLIENT = """
import signal, sys
from sslspec.adapters.worker.client import WorkerClient, python_worker
signal.signal(signal.SIGINT, lambda *_: None)
client = WorkerClient(python_worker(), {"driver": "drivers:Hangs", "mark": sys.argv[1]}, limit=600)
for line in sys.stdin:
    if line == "hang\\n":
        client.ask("handshake", "client1", "server1", "established")
    if line == "close\\n":
        client.close()
    print("closed" if line == "close\\n" else client.ask("describe")["pid"], flush=True)
"""


class TestTheClientsEnd:
    @pytest.fixture
    def client(self, doubles: Callable[..., WorkerClient], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
        del doubles  # only for its PYTHONPATH
        command = [sys.executable, "-c", CLIENT, str(tmp_path / "mark")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
            yield process
            process.kill()

    @staticmethod
    def tell(client: subprocess.Popen[str], word: str) -> str:
        assert client.stdin is not None
        assert client.stdout is not None
        print(word, file=client.stdin, flush=True)
        return client.stdout.readline().strip()

    def test_by_kill_is_the_workers(self, client: subprocess.Popen[str]) -> None:
        worker = int(self.tell(client, "start"))
        assert not is_gone(worker)
        client.kill()
        assert gone(worker)

    def test_by_kill_is_the_workers_even_if_that_hangs_in_c(self, client: subprocess.Popen[str], tmp_path: Path) -> None:
        worker = int(self.tell(client, "start"))
        assert client.stdin is not None
        print("hang", file=client.stdin, flush=True)
        assert wait_for((tmp_path / "mark").exists)
        assert not is_gone(worker)
        client.kill()
        assert gone(worker)

    def test_is_not_hastened_by_ctrl_c(self, client: subprocess.Popen[str]) -> None:
        worker = self.tell(client, "start")
        os.killpg(client.pid, signal.SIGINT)
        assert self.tell(client, "start") == worker
        assert self.tell(client, "close") == "closed"
        assert is_gone(int(worker))


class TestTheServer:
    """The protocol as it is, without a client."""

    @staticmethod
    def said(*messages: dict[str, Any]) -> list[dict[str, Any]]:
        incoming = io.BytesIO(b"".join(json.dumps(message).encode() + b"\n" for message in messages))
        outgoing = io.BytesIO()
        serve(incoming, outgoing, None)
        return [json.loads(line) for line in outgoing.getvalue().splitlines()]

    def test_an_answer_has_its_messages_id_and_the_events(self) -> None:
        opened, described = self.said(
            {"id": 7, "operation": "open", "args": [{"driver": "sslspec.adapters.model:Model", "edition": "openssl-1.1.1"}]},
            {"id": 9, "operation": "new_context", "args": ["client", "TLS 1.2 with tickets"]},
        )
        assert opened == {"id": 7, "is": {"protocol": 1}, "events": []}
        assert described["id"] == 9
        assert described["is"] == "ctx1"
        assert [event["call"] for event in described["events"]] == ["SSL_CTX_new"]

    def test_the_first_message_must_open(self) -> None:
        (answer,) = self.said({"id": 1, "operation": "describe", "args": []})
        assert answer == {"id": 1, "error": "AdapterBroken", "with": {"reason": "the first message must be 'open'"}, "events": []}

    @pytest.mark.parametrize("message", [{}, {"operation": "describe"}, {"args": []}])
    def test_a_message_that_lacks_something_is_answered(self, message: dict[str, Any]) -> None:
        (answer,) = self.said({"id": 1, **message})
        assert (answer["id"], answer["error"]) == (1, "AdapterBroken")

    def test_every_operation_of_the_interface_is_known(self) -> None:
        worker = Worker(None)
        worker._adapter = object()  # type: ignore[assignment]
        for operation in OPERATIONS:
            with pytest.raises((AttributeError, TypeError)):
                worker._carry_out(operation, [])
