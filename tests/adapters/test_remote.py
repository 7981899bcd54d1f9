"""A library on another machine, which is this one behind a real ssh server."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sslspec.adapters import errors, remote
from sslspec.adapters.certificate import certificate
from sslspec.adapters.resolve import openers
from sslspec.adapters.worker.client import WorkerClient
from sslspec.errors import UsageError
from tests.doubles import sshd
from tests.doubles.libraries_with_headers import SYSTEM, with_headers
from tests.doubles.processes import gone

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_ssh = pytest.mark.skipif(bool(sshd.why_not()), reason=sshd.why_not())
#: There is a Python of the same version behind the connection: this one.
HERE = f"?python={sys.executable}"


#: All that is needed there beside a library and its headers; as and ld are the compiler's own.
NO_PYTHON = ("sh", "cc", "as", "ld", "dd", "env", "grep", "mkdir", "mktemp", "rm", "sed", "uname")


@pytest.fixture
def programs() -> Path | None:
    """Return the folder of all programs that are found behind the connection; None for all that there are."""
    return None


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Path | None) -> Iterator[sshd.Server]:
    with sshd.serving(tmp_path, programs) as running:
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
        monkeypatch.delenv("PYTHONPATH", raising=False)
        yield running


def client(server: sshd.Server, path: Path, options: str = HERE, limit: float = 60.0) -> WorkerClient:
    shown, key = certificate()
    place = remote.place_of(f"ssh://{server.host}{quote(str(path))}{options}")
    return WorkerClient(remote.program(place, limit), {**remote.settings(place), "certificate": shown, "key": key}, limit=limit)


def why(client: WorkerClient) -> str:
    with pytest.raises(errors.AdapterError) as caught:
        client.ask("describe")
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    return said


def check_two_crashes(far: WorkerClient) -> None:
    """Have the library there crash, and once more in the process that comes after that."""
    for _ in range(2):
        far.ask("begin")
        context = far.ask("new_context", "client", "TLS 1.2 with tickets")
        with pytest.raises(errors.LibraryCrashed) as caught:
            far.ask("add_session", context, None)
        assert (caught.value.call, caught.value.signal) == (f"SSL_CTX_add_session({context}, NULL)", "SIGSEGV")


class TestAnAddress:
    def test_has_a_host_a_path_and_perhaps_more(self) -> None:
        assert remote.place_of("ssh://h/usr/lib") == remote.Place("ssh://h", "/usr/lib")
        assert remote.place_of("ssh://h/usr?cc=gcc+-m32") == remote.Place("ssh://h", "/usr", compiler=("gcc", "-m32"))
        whole = remote.place_of("ssh://me@h:2222/a%20b/libssl.so?python=python3.12")
        assert whole == remote.Place("ssh://me@h:2222", "/a b/libssl.so", "python3.12")

    @pytest.mark.parametrize(
        "url",
        [
            *("ssh://", "ssh://h", "ssh://h/", "ssh:///usr/lib", "ssh://h:99999/x", "ssh://-oProxyCommand=x/x"),
            *(
                "ssh://h/x?pyton=3",
                "ssh://h/x?python=",
                "ssh://h/x?cc",
                "ssh://h/x?cc='",
                "ssh://h/x?cc=cc&python=p",
                "ssh://h/x%0Ay?cc=cc",
            ),
        ],
    )
    def test_that_names_no_place_is_refused_in_one_line(self, url: str) -> None:
        with pytest.raises(UsageError) as caught:
            openers([f"far={url}"], "openssl-1.1.1")
        assert str(caught.value).startswith(url)
        assert len(str(caught.value).splitlines()) == 1


def compared(far: str, near: str, folder: Path) -> dict[str, Any]:
    """Return the files of two implementations, all of whose rows are the same: some that hold, some that crash."""
    clauses = [option for name in ("reference-added", "added", "callback-frees") for option in ("--clause", name)]
    command = [sys.executable, "-P", "-m", "sslspec", "run", "-i", f"far={far}", "-i", f"near={near}", "--undefined", *clauses]
    subprocess.run([*command, "-o", folder / "out"], check=False, capture_output=True)
    record = json.loads((folder / "out" / "record.json").read_text())
    rows: dict[str, list[Any]] = {"far": [], "near": []}
    for row in record["rows"]:
        rows[row.pop("implementation")].append({key: value for key, value in row.items() if key != "seconds"})
    assert rows["far"] == rows["near"] != []
    return {identity["name"]: identity["files"] for identity in record["implementations"]}


@needs_ssh
class TestAHost:
    def test_that_nobody_has_seen_is_not_trusted(self, server: sshd.Server, system_libssl: Path) -> None:
        server.forget_the_host()
        assert why(client(server, system_libssl)) == "the worker did not start: Host key verification failed."

    def test_that_refuses_the_key_is_said(self, server: sshd.Server, system_libssl: Path) -> None:
        server.refuse_the_key()
        assert "Permission denied" in why(client(server, system_libssl))

    def test_that_is_not_there_is_asked_once(self, server: sshd.Server, system_libssl: Path) -> None:
        server.stop()
        far = client(server, system_libssl)
        assert "Connection refused" in why(far)
        (server.folder / "bin" / "ssh").unlink()  # a second attempt would now be told otherwise
        assert "Connection refused" in why(far)

    def test_without_that_python_is_said(self, server: sshd.Server, system_libssl: Path) -> None:
        said = why(client(server, system_libssl, "?python=no-such-python"))
        assert said.startswith("the worker did not start: there is no no-such-python on that machine; name another Python: ?python=COMMAND")

    def test_without_a_library_there_is_said(self, server: sshd.Server) -> None:
        assert why(client(server, Path("/no/such/libssl.so"))) == "/no/such/libssl.so does not exist"


@needs_ssh
class TestAConnection:
    def test_gives_what_the_library_gives_here(self, server: sshd.Server, system_libssl: Path, tmp_path: Path) -> None:
        files = compared(f"ssh://{server.host}{system_libssl}{HERE}", str(system_libssl), tmp_path)
        assert files["far"] == files["near"]

    def test_that_is_lost_is_an_error_and_made_again(self, server: sshd.Server, system_libssl: Path) -> None:
        far = client(server, system_libssl)
        try:
            far.ask("describe")
            server.hang_up()
            with pytest.raises(errors.AdapterBroken, match="the connection was lost: "):
                far.ask("begin")
            assert far.ask("describe")["family"] == "openssl"
        finally:
            far.close()

    def test_that_is_lost_for_good_is_the_error_of_all_that_follows(self, server: sshd.Server, system_libssl: Path) -> None:
        far = client(server, system_libssl)
        far.ask("describe")
        server.stop()
        with pytest.raises(errors.AdapterBroken):
            far.ask("begin")
        for _ in range(3):
            with pytest.raises(errors.WorkerNotStarted, match="Connection refused"):
                far.ask("begin")

    def test_outlives_a_crash_there_and_names_the_call(self, server: sshd.Server, system_libssl: Path) -> None:
        far = client(server, system_libssl)
        try:
            check_two_crashes(far)
        finally:
            far.close()

    def test_leaves_nothing_there(self, server: sshd.Server, system_libssl: Path) -> None:
        far = client(server, system_libssl)
        far.ask("describe")
        started = sshd.children_of(server.process.pid)
        assert len(started) >= 2
        assert len(left_there(server)) == 1
        far.close()
        assert all(gone(process) for process in started)
        assert left_there(server) == []

    def test_leaves_nothing_there_when_it_is_lost(self, server: sshd.Server, system_libssl: Path) -> None:
        leaves_nothing_there_when_it_is_lost(server, client(server, system_libssl))


def left_there(server: sshd.Server) -> list[Path]:
    return list((server.folder / "temporary").iterdir())


def leaves_nothing_there_when_it_is_lost(server: sshd.Server, far: WorkerClient) -> None:
    far.ask("describe")
    started = sshd.children_of(server.process.pid)
    assert len(left_there(server)) == 1
    server.lose_the_connections()
    with pytest.raises(errors.AdapterBroken, match="the connection was lost: "):
        far.ask("begin")
    assert all(gone(process) for process in started)
    assert left_there(server) == []


@pytest.fixture
def headers() -> Path:
    """Return the folder of the system's headers and libssl, or skip the test."""
    with_headers(SYSTEM)
    return Path("/usr")


@needs_ssh
class TestAMachineWithoutPython:
    @pytest.fixture
    def programs(self, tmp_path: Path) -> Path:
        there = tmp_path / "programs"
        there.mkdir()
        for name in NO_PYTHON:
            (there / name).symlink_to(shutil.which(name) or name)
        return there

    @pytest.fixture
    def far(self, server: sshd.Server, headers: Path) -> Iterator[WorkerClient]:
        made = client(server, headers, "?cc=cc")
        yield made
        made.close()

    def test_says_what_can_be_done(self, server: sshd.Server, system_libssl: Path) -> None:
        said = why(client(server, system_libssl, ""))
        assert "there is no python3 on that machine; name another Python: ?python=COMMAND, or a C compiler: " in said

    def test_gives_what_the_library_gives_here(self, server: sshd.Server, headers: Path, tmp_path: Path) -> None:
        files = compared(f"ssh://{server.host}{headers}?cc=cc", f"build:{headers}", tmp_path)
        assert files["far"] == files["near"]

    def test_says_the_hashes_of_a_static_library(self, server: sshd.Server, headers: Path, tmp_path: Path) -> None:
        archives = [path for name in ("libssl.a", "libcrypto.a") for path in (headers / "lib").glob(f"**/{name}")]
        if len(archives) != 2:
            pytest.skip("libssl-dev has brought no static libraries")
        prefix = tmp_path / "it's static"
        (prefix / "include").mkdir(parents=True)
        (prefix / "include" / "openssl").symlink_to(headers / "include" / "openssl")
        for found in [*headers.glob("include/*-linux-*/openssl")][:1]:  # of what differs from one kind of machine to another
            (prefix / "openssl").symlink_to(found)
        for archive in archives:
            (prefix / archive.name).symlink_to(archive)
        far = client(server, prefix, "?cc=cc")
        try:
            said = far.ask("describe")
        finally:
            far.close()
        assert said["files"] == [str(prefix / archive.name) for archive in archives]
        assert said["sha256"] == {str(prefix / one.name): hashlib.sha256(one.read_bytes()).hexdigest() for one in archives}

    def test_outlives_a_crash_there_and_names_the_call(self, far: WorkerClient) -> None:
        far.ask("describe")
        connection = far._process
        check_two_crashes(far)
        far.leave()
        assert far.ask("describe")["family"] == "openssl"
        assert far._process is connection

    def test_leaves_nothing_there(self, server: sshd.Server, far: WorkerClient) -> None:
        far.ask("describe")
        started = sshd.children_of(server.process.pid)
        assert len(left_there(server)) == 1
        far.close()
        assert all(gone(process) for process in started)
        assert left_there(server) == []

    def test_leaves_nothing_there_when_the_connection_is_lost(self, server: sshd.Server, far: WorkerClient) -> None:
        leaves_nothing_there_when_it_is_lost(server, far)

    def test_is_told_what_the_compiler_complains_of(self, server: sshd.Server, headers: Path, tmp_path: Path) -> None:
        compiler = tmp_path / "its cc"
        compiler.write_text("#!/bin/sh\necho 'worker.c:1: note: here' >&2\necho \"worker.c:9: error: no 'SSL_new'\" >&2\nexit 1\n")
        compiler.chmod(0o755)
        said = why(client(server, headers, f"?cc={quote(shlex.quote(str(compiler)))}"))
        assert said == "the worker did not start: the worker cannot be compiled against it: worker.c:9: error: no 'SSL_new'"

    def test_without_a_library_there_is_said(self, server: sshd.Server, tmp_path: Path) -> None:
        folder = tmp_path / 'it\'s "empty" $HOME'
        folder.mkdir()
        said = why(client(server, folder, "?cc=cc"))
        assert said.startswith(f"the worker did not start: {folder} has neither headers (include/openssl/ssl.h) nor a libssl; ")
