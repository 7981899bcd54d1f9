"""Other hosts in a run, with a real ssh server on the loopback address."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sslspec import __version__, elsewhere, there
from sslspec.adapters.resolve import openers
from sslspec.adapters.system import system_library
from sslspec.clauses import DEFAULT_EDITION, features_folder
from sslspec.collected import LOST
from sslspec.errors import UsageError
from sslspec.record import Identity
from sslspec.reports.record_json import loads
from sslspec.run import Request, run
from sslspec.steps.transport import pack_identities
from tests.doubles import sshd
from tests.doubles.quiet import Quiet
from tests.sslspec.test_run import found

needs_server = pytest.mark.skipif(bool(sshd.why_not()), reason=sshd.why_not())

_CLAUSES = ("added", "open-session-leaves-cache")
_NAMES = ("model", "pyopenssl", "cpython")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sshd.Server]:
    with sshd.serving(tmp_path) as running:
        monkeypatch.setenv("PATH", f"{running.folder / 'bin'}:{os.environ['PATH']}")
        monkeypatch.setenv("SSLSPEC_CACHE", str(tmp_path / "cache"))  # no times of these runs
        yield running


def at(server: sshd.Server, python: str = sys.executable) -> str:
    address, _, port = server.host.rpartition(":")
    return f"ssh=-p {port} {address}//python={python}//chdir={server.folder}/there"


@pytest.fixture(scope="module")
def opened() -> dict[str, Identity]:
    identities = {}
    for name, opener in openers(_NAMES, DEFAULT_EDITION).items():
        implementation = opener()
        implementation.close()
        identities[name] = implementation.identity
    return identities


def spread(server: sshd.Server, *names: str, hangs_up: bool = False) -> dict[str, Any]:
    """Run here and there, and return what tests/doubles/spread.py says."""
    clauses, pid = ",".join(_CLAUSES), str(server.process.pid if hangs_up else 0)
    command = [sys.executable, "-P", "-m", "tests.doubles.spread", at(server), clauses, pid, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def refused(server: sshd.Server, asked: str, implementation: str = "model") -> str:
    """Return the last line of a run that takes that host in."""
    out = str(server.folder / "out")
    command = [sys.executable, "-P", "-m", "sslspec", "run", "-i", implementation, "--clause", "added", "--tx", asked, "-o", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.splitlines()[-1].removeprefix(f"sslspec: --tx {asked}: ")


@needs_server
class TestARun:
    def test_finds_the_same_as_here(self, server: sshd.Server) -> None:
        said = spread(server, *_NAMES)
        assert {far for far, _ in said["where"]} == {True, False}
        assert found(loads(said["record"])) == found(run(Request(_NAMES, clauses=_CLAUSES), Quiet()))

    def test_leaves_to_this_host_what_is_not_there(self, server: sshd.Server) -> None:
        library = system_library()
        if library is None:
            pytest.skip("this system has no libssl")
        (folder := server.folder / "here").mkdir()
        (folder / "libssl.so").symlink_to(library)
        # A relative path means something else there.
        said = spread(server, "model", "pyopenssl", f"mine={os.path.relpath(folder)}")
        assert {far for far, name in said["where"] if name == "mine"} == {False}
        assert True in {far for far, _ in said["where"]}
        assert said["said"] == [f"{at(server)}: mine is run here only: {os.path.relpath(folder)} does not exist"]

    def test_goes_on_here_when_the_connection_is_lost(self, server: sshd.Server) -> None:
        said = spread(server, *_NAMES, hangs_up=True)
        assert True in {far for far, _ in said["where"]}
        rows = {(row.implementation, row.key): row for row in loads(said["record"]).rows}
        here = {(row.implementation, row.key): row for row in run(Request(_NAMES, clauses=_CLAUSES), Quiet()).rows}
        assert rows.keys() == here.keys()
        # What was under way when the connection went.
        lost = {key for key, row in rows.items() if row.reason == LOST}
        assert len(lost) <= 1
        assert [key for key in rows.keys() - lost if rows[key].evidence != here[key].evidence] == []


@needs_server
class TestAHost:
    def test_that_nobody_knows(self, server: sshd.Server) -> None:
        assert refused(server, f"ssh=no.such.host.invalid//python={sys.executable}") == "no Python could be started there"

    def test_without_that_python(self, server: sshd.Server) -> None:
        assert refused(server, at(server, "/no/python")) == "no Python could be started there"

    def test_that_does_not_have_sslspec(self, server: sshd.Server) -> None:
        python = server.folder / "bare"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
        python.chmod(0o755)
        assert refused(server, at(server, str(python))) == f"sslspec is not installed for {sys.executable}"

    def test_that_has_nothing_of_what_is_run(self, server: sshd.Server) -> None:
        (server.folder / "program").write_text(
            "#!/bin/sh\nexec " + sys.executable + " -P " + str(Path("tests/doubles/program.py").resolve())
        )
        (server.folder / "program").chmod(0o755)
        relative = os.path.relpath(server.folder / "program")
        said = refused(server, at(server), f"theirs=cmd:{relative}")
        assert said == f"nothing of what is run is the same there; there is no program {relative!r} that could be run"


@pytest.mark.parametrize("asked", ["", "far", "//", "ssh=", "0*ssh=far", "2*", "x*ssh=far", "_ssh=far", "ssh=a//ssh=b", "python=python3"])
def test_what_is_no_place_for_a_process(asked: str) -> None:
    with pytest.raises(
        UsageError, match=r"^--tx .*: write ssh=HOST//python=PYTHON, with a Python there that has sslspec, or 2\*ssh=\.\.\. for two$"
    ):
        elsewhere.asked_for(asked)


@pytest.mark.parametrize(("asked", "processes"), [("ssh=far", 1), ("3*ssh=far", 3)])
def test_how_many_processes_there(asked: str, processes: int) -> None:
    assert elsewhere.asked_for(asked) == (processes, "ssh=far")


class TestWhatAHostAnswers:
    def test_in_another_version(self) -> None:
        assert there.answer("0.0", DEFAULT_EDITION, {}, "[]") == {"trouble": f"sslspec {__version__} is there, and 0.0 here"}

    def test_in_an_old_python(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "version_info", (3, 6))
        assert there.answer(__version__, DEFAULT_EDITION, {}, "[]") == {"trouble": "Python 3.11 or later is needed there, and this is 3.6"}

    def test_of_what_is_the_same_and_what_is_not(self, opened: dict[str, Identity]) -> None:
        known = [opened["pyopenssl"], replace(opened["cpython"], files=())]
        said = there.answer(__version__, DEFAULT_EDITION, {"pyopenssl": "pyopenssl", "cpython": "cpython"}, pack_identities(known))
        assert said["features"] == str(features_folder())
        assert list(said["lacking"]) == ["cpython"]

    def test_of_what_was_not_brought_in(self, opened: dict[str, Identity], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSLSPEC_CACHE", str(tmp_path))
        known = [replace(opened["pyopenssl"], name="openssl-1.1.1k")]
        said = there.answer(__version__, DEFAULT_EDITION, {"openssl-1.1.1k": "openssl-1.1.1k"}, pack_identities(known))
        assert said["lacking"] == {"openssl-1.1.1k": "openssl-1.1.1k is not there yet: `sslspec provision openssl-1.1.1k` there brings it"}


def test_only_what_python_3_6_can_read_is_sent() -> None:
    ast.parse(Path(there.__file__).read_text(), feature_version=(3, 6))
