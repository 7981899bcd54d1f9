"""`sslspec history` as a user calls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from processes import PATIENCE, wait_for
from releases import record

from sslspec.clauses import specification
from sslspec.record import Identity
from sslspec.reports.record_json import write

CLAUSE = specification().clause("open-session-leaves-cache")
OK, BAD = "conforms", "deviates: it holds as many entries as before"


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-P", "-m", "sslspec", "history", *map(str, arguments)]


def sslspec(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run(command(*arguments), capture_output=True, text=True, env=env, check=False, timeout=PATIENCE)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return the record of a run of three releases and the model, of one clause."""
    made = record({"1.0.2q": {"It": BAD}, "1.1.0f": {"It": OK}, "3.0.0": {"It": OK}}, clause=CLAUSE)
    made = replace(made, implementations=(Identity("model", "model", ""), *made.implementations))
    write(made, tmp_path / "record.json")
    return tmp_path / "record.json"


def test_help_teaches_by_example() -> None:
    said = sslspec("--help")
    assert said.returncode == 0
    assert "\n    sslspec history " in said.stdout
    assert "\\" not in said.stdout


def test_a_record_is_a_history(kept: Path) -> None:
    said = sslspec("open-session-leaves-cache", "--record", kept)
    assert (said.returncode, said.stderr) == (0, "")
    assert "\n  1.0.2q           DEVIATES\n  1.1.0f .. 3.0.0  ok\n" in said.stdout
    assert "openssl: 3 releases were run" in said.stdout
    assert "model" not in said.stdout


def test_all_of_a_record_is_a_table(kept: Path) -> None:
    said = sslspec("--all", "--record", kept, "--family", "openssl")
    assert (said.returncode, said.stderr) == (0, "")
    assert "    open-session-leaves-cache  1.0.2q           DEVIATES\n" in said.stdout


def test_json_for_programs(kept: Path) -> None:
    said = sslspec("--all", "--record", kept, "--format", "json")
    assert (said.returncode, said.stderr) == (0, "")
    (found,) = json.loads(said.stdout)["histories"]
    assert [(each["first"], each["last"]) for each in found["clauses"][0]["spans"]] == [
        ("openssl-1.0.2q", "openssl-1.0.2q"),
        ("openssl-1.1.0f", "openssl-3.0.0"),
    ]


def test_an_error_of_the_suite_is_no_history(kept: Path) -> None:
    write(record({"1.0.2q": {"It": "error: KeyError"}, "1.1.0f": {"It": OK}}, clause=CLAUSE), kept)
    said = sslspec("open-session-leaves-cache", "--record", kept)
    assert (said.returncode, "ERROR" in said.stdout) == (2, True)


def test_a_terminal_without_its_letters_gets_escapes(kept: Path) -> None:
    write(record({"1.0.2q": {"It": "deviates: w\u00e9ll"}, "1.1.0f": {"It": OK}}, clause=CLAUSE), kept)
    said = sslspec("open-session-leaves-cache", "--record", kept, PYTHONIOENCODING="ascii")
    assert (said.returncode, "w\\xe9ll" in said.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name a clause, or give --all; `sslspec list clauses` names them"),
        (["reference-added", "--all"], "name a clause, or give --all"),
        (["reference-aded"], "did you mean SSL_set_session.3/reference-added?"),
        (["one-context"], "tells the application what to do, not the library: there is nothing to run"),
        (["reference-added", "--family", "opensll"], "did you mean openssl?"),
        (
            ["reference-added", "--family", "openssl"],
            "no release of openssl is ready here; `sslspec provision openssl-1.0.2q` brings one in",
        ),
        (["reference-added"], "no library of the catalogue is ready here"),
        (["reference-added", "-i", "mine=/nowhere"], "-i adds to the history of one family: name it with --family"),
        (["reference-added", "--family", "openssl", "-i", "mine=/nowhere"], "/nowhere does not exist"),
        (["reference-added", "--family", "openssl", "-i", "opnssl-1.1.1k"], "did you mean openssl-1.1.1k?"),
        (["reference-added", "--branches"], "--branches says which releases are brought in; it needs --provision"),
        (["reference-added", "--edition", "openssl-1.1.2"], "did you mean openssl-1.1.1?"),
        (["added", "--edition", "openssl-2001", "--family", "openssl", "-i", "openssl-1.1.1k"], "openssl-2001 does not state"),
        (["two-contexts", "--family", "openssl", "-i", "openssl-1.1.1k"], "add --undefined to run it"),
        (["reference-added", "-n", "0"], "`sslspec history --help` shows how"),
        (["reference-added", "--format", "xml"], "`sslspec history --help` shows how"),
        (["reference-added", "--record", "{kept}"], "has no row of SSL_set_session.3/reference-added for a library of known release"),
        (["--all", "--record", "{kept}", "--family", "libressl"], "has no libressl; it has openssl"),
        (["--all", "--record", "{kept}", "--provision"], "a record is taken as it is; beside --record only"),
        (["--all", "--record", "{kept}", "-i", "system"], "a record is taken as it is; beside --record only"),
        (["--all", "--record", "{kept}", "--undefined"], "a record is taken as it is; beside --record only"),
        (["--all", "--record", "{kept}.not"], "cannot be read: No such file"),
        (["--all", "--record", "/"], "is a folder without a record.json"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_one_line(arguments: list[str], says: str, kept: Path, tmp_path: Path) -> None:
    given = [argument.format(kept=kept) for argument in arguments]
    said = sslspec(*given, SSLSPEC_CACHE=str(tmp_path / "cache"))
    assert (said.returncode, said.stdout) == (2, "")
    (line,) = said.stderr.splitlines()
    assert line.startswith("sslspec: ")
    assert says in line


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "sslspec-record", "version": 99}'])
def test_what_is_no_record_is_said_in_one_line(content: str, kept: Path) -> None:
    kept.write_text(content)
    said = sslspec("--all", "--record", kept)
    (line,) = said.stderr.splitlines()
    assert (said.returncode, said.stdout, line.startswith(f"sslspec: {kept} ")) == (2, "", True)


def test_a_record_without_a_library_of_known_release(kept: Path) -> None:
    made = record({"1.0.2q": {"It": BAD}}, clause=CLAUSE)
    write(replace(made, implementations=(Identity("openssl-1.0.2q", "openssl", "mine"),)), kept)
    said = sslspec("--all", "--record", kept)
    assert (said.returncode, said.stdout) == (2, "")
    assert "has no clause for a library of known release" in said.stderr


def test_two_implementations_of_a_family_are_run(tmp_path: Path) -> None:
    from sslspec.adapters.system import system_library  # noqa: PLC0415  # only here is it needed

    library = system_library()
    if library is None:
        pytest.skip("this system has no libssl")
    families = ["openssl", "-i", f"mine={library}", "-i", f"other={library}"]
    said = sslspec("reference-added", "--family", *families, SSLSPEC_CACHE=str(tmp_path / "cache"))
    if "not openssl" in said.stderr:
        pytest.skip("this system's libssl is no OpenSSL")
    assert said.returncode == 0
    assert "openssl: 2 releases were run" in said.stdout
    assert "(mine) .. " in said.stdout


def test_ctrl_c_is_said_in_one_line(tmp_path: Path) -> None:
    slow = tmp_path / "bin"
    slow.mkdir()
    began = tmp_path / "began"
    (slow / "cargo").write_text(f"#!/bin/sh\ntouch {began}\nexec sleep 3600\n")
    (slow / "cargo").chmod(0o755)
    env = {**os.environ, "PATH": f"{slow}:/usr/bin:/bin", "SSLSPEC_CACHE": str(tmp_path / "cache")}
    # A shell's background job ignores Ctrl-C, and so would all that it starts, this test's process too.
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from sslspec.cli import main; main()"
    arguments = [sys.executable, "-P", "-c", heeds, "history", "reference-added", "--family", "openssl", "--provision"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=tmp_path) as process:
        try:
            wait_for(lambda: process.poll() is not None or began.exists())
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, stdout, stderr.strip()) == (130, "", "sslspec: interrupted")
