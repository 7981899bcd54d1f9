"""An adapter of an installed package, as its author is told to offer it: an entry point in a dist-info folder on the path."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sslspec.adapters.checking import check
from sslspec.adapters.errors import WorkerNotStarted
from sslspec.adapters.resolve import foreign, known_names, openers, packages

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
from sslspec.adapters.cpython.driver import CPythonDriver


class Theirs(CPythonDriver):
    def describe(self):
        return {**super().describe(), "family": "theirs"}


def open_theirs(*, certificate, key):
    return Theirs(certificate, key)
"""
ENTRY_POINTS = """
[sslspec.adapters]
theirs = their_adapter:open_theirs [and an extra]
gone = their_adapter:open_nothing
model = their_adapter:open_theirs
"""


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a package installed that offers adapters."""
    (tmp_path / "their_adapter.py").write_text(MODULE)
    information = tmp_path / "their_adapter-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: their-adapter\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    # For the worker, and for whatever else is started.
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)


def test_its_names_are_known() -> None:
    assert packages()["theirs"] == "their_adapter:open_theirs"
    assert {"theirs", "gone"} <= set(known_names())


def test_it_is_opened_by_its_name() -> None:
    opened = openers(["theirs"], "openssl-1.1.1")["theirs"]()
    opened.close()
    assert (opened.name, opened.identity.family) == ("theirs", "theirs")


def test_it_can_be_checked() -> None:
    assert [finding for finding in check(*foreign(["theirs"])) if finding.wrong and finding.seen] == []


def test_what_is_not_there_is_said_in_a_line() -> None:
    with pytest.raises(WorkerNotStarted) as caught:
        openers(["gone"], "openssl-1.1.1")["gone"]()
    said = str(caught.value)
    assert said.startswith("the worker did not start: the driver their_adapter:open_nothing cannot be imported: ")
    assert "\n" not in said


def test_a_name_of_ours_stays_ours() -> None:
    assert openers(["model"], "openssl-1.1.1")["model"]().identity.family == "model"


def test_its_author_can_check_it_and_run_it(tmp_path: Path) -> None:
    checked = subprocess.run([sys.executable, "-P", "-m", "sslspec", "check-adapter", "theirs"], capture_output=True, text=True, check=True)
    assert "Nothing is wrong" in checked.stdout
    run = ["run", "-i", "theirs", "--clause", "offered-in-handshake", "--out", str(tmp_path / "out")]
    ran = subprocess.run([sys.executable, "-P", "-m", "sslspec", *run], capture_output=True, text=True, check=True)
    assert "offered-in-handshake  ok" in ran.stdout
