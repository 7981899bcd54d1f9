"""The command line, as a user calls it: one line for what is wrong, and the exit status that says what came out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("run", "list", "explain", "doctor")


def sslspec(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "sslspec", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "80", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=300)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_teaches_by_example(command: str) -> None:
    said = sslspec(*filter(None, [command]), "--help")
    assert said.returncode == 0
    assert "\n    sslspec " in said.stdout
    assert "\\" not in said.stdout


def test_without_a_command_it_helps() -> None:
    said = sslspec()
    assert (said.returncode, said.stderr) == (2, "")
    assert "Examples:" in said.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "-i", "modle"], "did you mean model?"),
        (["run", "-i", "model", "-i", "model"], "two implementations are called 'model'"),
        (["run", "-i", "mine="], "names no library"),
        (["run", "-i", "mine=/there/is/nothing.so"], "does not exist"),
        (["run", "--edition", "openssl-1.1.2"], "did you mean openssl-1.1.1?"),
        (["run", "--clause", "reference-aded"], "did you mean SSL_set_session.3/reference-added?"),
        (["run", "--clause", "one-context"], "there is nothing to run"),
        (["run", "--clause", "added", "--edition", "openssl-2001"], "openssl-2001 does not state SSL_CTX_add_session.3/added"),
        (["run", "-n", "0"], "`sslspec run --help` shows how"),
        (["explain", "nonsense"], "`sslspec list clauses` names them all"),
        (["doctor", "-i", "modle"], "did you mean model?"),
        (["bogus"], "`sslspec --help` shows how"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    out = ["-o", tmp_path / "out"] if arguments[0] == "run" else []
    said = sslspec(*arguments, *out)
    assert said.returncode == 2
    (line,) = said.stderr.splitlines()
    assert line.startswith("sslspec: ")
    assert says in line
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"a text, for once\n"], ids=["empty", "text"])
def test_a_file_that_is_no_library(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "libssl.so").write_bytes(content)
    said = sslspec("run", "-i", f"mine={tmp_path}", "-o", tmp_path / "out")
    (line,) = said.stderr.splitlines()
    assert (said.returncode, line.startswith(f"sslspec: mine: {tmp_path / 'libssl.so'} is ")) == (2, True)


def test_an_output_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("the former one")
    said = sslspec("run", "-i", "model", "-o", tmp_path / "out")
    assert said.returncode == 2
    assert said.stderr == f"sslspec: {tmp_path / 'out'} is not a folder; name another one with --out\n"
    assert (tmp_path / "out").read_text() == "the former one"


@pytest.mark.parametrize("name", ["PYTEST_ADDOPTS", "PYTEST_PLUGINS"])
def test_the_users_own_pytest_settings_do_not_reach_it(name: str, tmp_path: Path) -> None:
    said = sslspec("run", "-i", "model", "--clause", "reference-added", "-o", tmp_path, **{name: "-k nothing"})
    assert said.returncode == 0
    assert "8 rows" in said.stdout


def test_a_run_leaves_record_and_reports(tmp_path: Path) -> None:
    said = sslspec("run", "-i", "model", "--clause", "added", "-o", tmp_path / "out")
    assert said.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["junit.xml", "record.json", "report.md"]


def test_explain_with_an_implementation_shows_each_call() -> None:
    said = sslspec("explain", "added", "-i", "model")
    assert said.returncode == 0
    assert "SSL_CTX_add_session(ctx1, session1) = 1" in said.stdout


def test_a_library_that_could_not_be_had_was_not_tested(tmp_path: Path) -> None:
    nowhere = tmp_path / "no folder"
    nowhere.write_text("a file in its place")
    said = sslspec("run", "-i", "model", "-i", "openssl-1.1.1k", "--clause", "added", "-o", tmp_path / "out", SSLSPEC_CACHE=str(nowhere))
    assert said.returncode == 2
    assert said.stderr.splitlines()[-1] == "sslspec: not tested: openssl-1.1.1k; the report says why"
    assert (tmp_path / "out" / "record.json").exists()


def test_list_names_what_can_be_run() -> None:
    said = sslspec("list")
    assert said.returncode == 0
    assert all(name in said.stdout for name in ("model", "pyopenssl", "system", "openssl-1.1.1k", "openssl-2001", "reference-added"))


def test_doctor_shows_what_was_proven() -> None:
    said = sslspec("doctor", "-i", "model")
    assert said.returncode == 0
    assert "yes reference-count: SSL_get1_session and SSL_SESSION_free moved the count" in said.stdout
