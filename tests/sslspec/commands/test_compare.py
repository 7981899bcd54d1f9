"""`sslspec compare` as a user calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import PATIENCE

from sslspec.cli import main
from sslspec.reports.record_json import LARGEST


def sslspec(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "sslspec", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "80", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=PATIENCE)


@pytest.fixture
def said(monkeypatch, capsys):
    """Return what carries out a command in this process, and returns its exit status and what it said on stdout and stderr."""

    def carry_out(*arguments: str | Path) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["sslspec", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return carry_out


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """Return the folder that a run of one clause on the model and pyOpenSSL has left."""
    folder = tmp_path_factory.mktemp("run") / "out"
    clause = "SSL_set_session.3/reference-added"
    assert sslspec("run", "-i", "model", "-i", "pyopenssl", "--clause", clause, "-o", folder).returncode == 0
    return folder


@pytest.fixture
def changed(run, tmp_path):
    """Return what makes a record of the run in which pyOpenSSL's first row that conforms is otherwise."""

    def change(**fields: str) -> Path:
        document = json.loads((run / "record.json").read_text())
        row = next(row for row in document["rows"] if row["implementation"] == "pyopenssl" and row["verdict"] == "conforms")
        row.update(fields)
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(document))
        return path

    return change


def test_help_teaches_by_example_and_says_what_counts() -> None:
    said = sslspec("compare", "--help")
    assert said.returncode == 0
    assert "\n    sslspec compare old/libssl.so.3 new/libssl.so.3" in said.stdout
    assert "1  NEW is worse" in said.stdout
    assert "\\" not in said.stdout


def test_a_record_and_itself(run: Path, said) -> None:
    status, out, err = said("compare", run, run / "record.json", "--strict")
    assert (status, err) == (0, "")
    assert out.endswith("\nNothing has changed\n")


def test_a_regression_fails_and_its_repair_does_not(run: Path, changed, said) -> None:
    broken = changed(verdict="deviates", expected="1 more", observed="2 more", reason="expected: 1 more; observed: 2 more")
    status, out, err = said("compare", run, broken)
    assert (status, err) == (1, "")
    assert "now       deviates: expected: 1 more; observed: 2 more" in out
    assert "shown by  sslspec explain reference-added -i pyopenssl" in out
    status, out, err = said("compare", broken, run)
    assert (status, err) == (0, "")
    assert out.endswith("\nNothing is worse; of the rows, 1 fixed\n")
    assert said("compare", broken, run, "--strict")[0] == 1
    assert said("compare", run, broken, "-i", "model")[0] == 0


def test_what_is_no_longer_observed_fails(run: Path, changed, said) -> None:
    status, out, _ = said("compare", run, changed(verdict="not-observable", reason="entries: no way"))
    assert status == 1
    assert "1 can no longer be observed" in out


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_each_format_on_the_terminal_and_in_a_file(form: str, run: Path, changed, said, tmp_path: Path) -> None:
    hung = changed(verdict="hangs", reason="SSL_free() did not return")
    status, shown, err = said("compare", run, hung, "--format", form)
    assert (status, err) == (1, "")
    assert shown.startswith({"text": "sslspec: ", "markdown": "# sslspec: ", "json": "{"}[form])
    path = tmp_path / "out.txt"
    status, out, err = said("compare", run, hung, "--format", form, "-o", path)
    assert (status, err) == (1, "")
    assert out.startswith("Worse: of the rows, 1 began")
    assert out.endswith(f"{form}: {path}\n")
    assert path.read_text() == shown


def test_two_libraries_are_run_and_compared() -> None:
    said = sslspec("compare", "model", "pyopenssl", "--clause", "connections-may-share", "-n", "2")
    assert said.returncode == 1
    assert said.stdout.startswith("sslspec: model -> pyopenssl\n")
    assert "2 began to deviate, crash or hang" in said.stdout
    assert "known     by design: deviations/pyopenssl.toml, entry" in said.stdout


def test_a_record_and_a_library(run: Path) -> None:
    said = sslspec("compare", run, "pyopenssl", "--clause", "reference-added")
    assert (said.returncode, said.stdout.endswith("\nNothing has changed\n")) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["RUN", "nothing.json"], "nothing.json does not exist"),
        (["RUN", "RUN", "-i", "mine"], "OLD has no implementation 'mine'; it has model, pyopenssl"),
        (["RUN", "RUN", "-i", "=x"], "'=x' names no implementation; write NAME or OLD=NEW"),
        (["RUN", "RUN", "-i", "x="], "'x=' names no implementation"),
        (["RUN", "RUN", "--clause", "added"], "--clause is for libraries, which are run; these are records"),
        (["RUN", "RUN", "--edition", "own"], "--edition is for libraries"),
        (["RUN", "RUN", "--edition", "openssl-1.1.2"], "did you mean openssl-1.1.1?"),
        (["RUN", "RUN", "--undefined"], "--undefined is for libraries"),
        (["RUN", "RUN", "-n", "2"], "--jobs is for libraries"),
        (["RUN", "RUN", "--format", "html"], "`sslspec compare --help` shows how"),
        (["RUN"], "Missing argument 'NEW'"),
        (["RUN", "model", "--clause", "reference-aded"], "did you mean SSL_set_session.3/reference-added?"),
        (["model", "model"], "two implementations are called 'model'"),
        (["model", "pyopenssl", "-i", "model"], "--implementation is for records; these are libraries"),
        (["RUN", "modle"], "did you mean model?"),
        (["RUN", "TEXT"], "is not a shared library"),
        (["RUN", "RUN", "-o", "FOLDER"], "is not a regular file"),
        (["RUN", "RUN", "-o", "/there/is/nothing"], "/there/is/nothing cannot be written: No such file or directory"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: list[str], says: str, run: Path, said, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a text, for once\n")
    stands_for = {"RUN": str(run), "FOLDER": str(tmp_path), "TEXT": str(tmp_path / "text")}
    status, out, err = said("compare", *(stands_for.get(each, each) for each in arguments))
    (line,) = err.splitlines()
    assert (status, out) == (2, "")
    assert line.startswith("sslspec: ")
    assert says in line
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


def test_a_run_that_has_nothing_in_common_with_the_record(run: Path) -> None:
    said = sslspec("compare", run, "model", "--clause", "added")
    assert (said.returncode, said.stdout) == (2, "")
    assert "the records have no row in common" in said.stderr.splitlines()[-1]


def _damaged(run: Path) -> dict[str, bytes]:
    whole = (run / "record.json").read_text()
    another, verdict, clause, twice = (json.loads(whole) for _ in range(4))
    another["version"] = 99
    verdict["rows"][0]["verdict"] = "<script>alert(1)</script>"
    clause["rows"][0]["clauses"] = ["SSL_set_session.3/\x1b[31m"]
    twice["rows"].append(twice["rows"][0])
    made = {"is a record of version 99": another, "no valid record": verdict, "is damaged: rows[0] refers to": clause, TWICE: twice}
    return {
        "is cut off": whole[:-100].encode(),
        "is empty": b"",
        "not text in UTF-8": b"\xff\xfe{}",
        "but no record": b"{}",
        **{says: json.dumps(each).encode() for says, each in made.items()},
    }


#: A report shows both.
TWICE = "says two things"


@pytest.mark.parametrize("command", ["compare", "report"])
def test_a_record_that_is_none_is_said_in_a_line_and_nothing_is_overwritten(command: str, run: Path, said, tmp_path: Path) -> None:
    path, folder = tmp_path / "record.json", tmp_path / "out"
    folder.mkdir()
    for name in ("report.html", "out.txt"):
        (folder / name).write_text("the former one")
    out = ("-o", folder / "out.txt" if command == "compare" else folder)
    for says, content in _damaged(run).items():
        path.write_bytes(content)
        for records in [(path, run), (run, path)] if command == "compare" else [(path,)] if says != TWICE else []:
            status, shown, err = said(command, *records, *out)
            (line,) = err.splitlines()
            assert (status, shown) == (2, "")
            assert says in line
            assert line.isprintable()
            assert len(line) < 400
    assert {each.read_text() for each in folder.iterdir()} == {"the former one"}


def test_what_is_larger_than_any_record_is_not_read(run: Path, said, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)  # a hole, which takes no room on the disk
    status, _, err = said("compare", run, path)
    assert (status, err) == (2, f"sslspec: {path} is larger than any record (200 MB); name the record.json of a run\n")
