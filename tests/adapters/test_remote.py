"""A library on another machine, which is this one behind a real ssh server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sslspec.adapters import errors, remote
from sslspec.adapters.certificate import certificate
from sslspec.adapters.resolve import openers
from sslspec.adapters.worker.client import WorkerClient
from sslspec.errors import UsageError
from tests.doubles import sshd
from tests.doubles.processes import gone

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_ssh = pytest.mark.skipif(bool(sshd.why_not()), reason=sshd.why_not())
#: There is a Python of the same version behind the connection: this one.
HERE = f"?python={sys.executable}"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sshd.Server]:
    with sshd.serving(tmp_path) as running:
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
        monkeypatch.delenv("PYTHONPATH", raising=False)
        yield running


def client(server: sshd.Server, path: Path, python: str = HERE, limit: float = 60.0) -> WorkerClient:
    shown, key = certificate()
    settings = {"driver": remote.DRIVER, "path": str(path), "certificate": shown, "key": key}
    return WorkerClient(remote.program(remote.place_of(f"ssh://{server.host}{path}{python}"), limit), settings, limit=limit)


def why(client: WorkerClient) -> str:
    with pytest.raises(errors.AdapterError) as caught:
        client.ask("describe")
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    return said


class TestAnAddress:
    def test_has_a_host_a_path_and_perhaps_more(self) -> None:
        assert remote.place_of("ssh://h/usr/lib") == remote.Place("ssh://h", "/usr/lib")
        whole = remote.place_of("ssh://me@h:2222/a%20b/libssl.so?python=python3.12")
        assert whole == remote.Place("ssh://me@h:2222", "/a b/libssl.so", "python3.12")

    @pytest.mark.parametrize(
        "url", ["ssh://", "ssh://h", "ssh://h/", "ssh:///usr/lib", "ssh://h:99999/x", "ssh://h/x?pyton=3", "ssh://-oProxyCommand=x/x"]
    )
    def test_that_names_no_place_is_refused_in_one_line(self, url: str) -> None:
        with pytest.raises(UsageError) as caught:
            openers([f"far={url}"], "openssl-1.1.1")
        assert str(caught.value).startswith(url)
        assert len(str(caught.value).splitlines()) == 1


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
        assert "no-such-python" in why(client(server, system_libssl, "?python=no-such-python"))

    def test_without_a_library_there_is_said(self, server: sshd.Server) -> None:
        assert why(client(server, Path("/no/such/libssl.so"))) == "/no/such/libssl.so does not exist"


@needs_ssh
class TestAConnection:
    def test_gives_what_the_library_gives_here(self, server: sshd.Server, system_libssl: Path, tmp_path: Path) -> None:
        far = f"far=ssh://{server.host}{system_libssl}{HERE}"
        clauses = [option for name in ("reference-added", "added", "callback-frees") for option in ("--clause", name)]
        command = [sys.executable, "-P", "-m", "sslspec", "run", "-i", far, "-i", f"near={system_libssl}", "--undefined", *clauses]
        subprocess.run([*command, "-o", tmp_path / "out"], check=False, capture_output=True)
        record = json.loads((tmp_path / "out" / "record.json").read_text())
        rows: dict[str, list[Any]] = {"far": [], "near": []}
        for row in record["rows"]:
            rows[row.pop("implementation")].append({key: value for key, value in row.items() if key != "seconds"})
        assert rows["far"] == rows["near"] != []
        files = {identity["name"]: identity["files"] for identity in record["implementations"]}
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
            for _ in range(2):
                far.ask("begin")
                context = far.ask("new_context", "client", "TLS 1.2 with tickets")
                with pytest.raises(errors.LibraryCrashed) as caught:
                    far.ask("add_session", context, None)
                assert (caught.value.call, caught.value.signal) == (f"SSL_CTX_add_session({context}, NULL)", "SIGSEGV")
        finally:
            far.close()

    def test_leaves_nothing_there(self, server: sshd.Server, system_libssl: Path) -> None:
        far = client(server, system_libssl)
        far.ask("describe")
        started = sshd.children_of(server.process.pid)
        (left,) = {Path(path) for process in started if (path := _imports_from(process))}
        assert left.is_dir()
        assert len(started) >= 2
        far.close()
        assert all(gone(process) for process in started)
        assert not left.exists()


def _imports_from(process: int) -> str:
    """Return what a process has in its PYTHONPATH."""
    variables = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    return next((value.partition(b"=")[2].decode() for value in variables if value.startswith(b"PYTHONPATH=")), "")
