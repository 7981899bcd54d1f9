"""The command line, as a user calls it: one line for what is wrong, and the exit status that says what came out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from processes import PATIENCE

from sslspec.reports.record_json import read
from sslspec.verdicts import Verdict
from tests.doubles import program as double

COMMANDS = ("run", "report", "list", "provision", "explain", "doctor", "check-adapter")
PROGRAM = Path(double.__file__)


def sslspec(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "sslspec", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "80", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=PATIENCE)


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
        (["run", "--clause", "two-contexts"], "add --undefined to run it"),
        (["run", "-n", "0"], "`sslspec run --help` shows how"),
        (["explain", "nonsense"], "`sslspec list clauses` names them all"),
        (["doctor", "-i", "modle"], "did you mean model?"),
        (["report", "/there/is/nothing.json"], "cannot be read: No such file"),
        (["report", "/"], "is a folder without a record.json"),
        (["report", "record.json", "--format", "htlm"], "did you mean html?"),
        (["run", "-i", "mine=cmd:"], "write a program"),
        (["run", "-i", "mine=cmd:'"], "No closing quotation"),
        (["run", "-i", "mine=cmd:no-such-program"], "there is no program 'no-such-program'"),
        (["check-adapter", "no-such-program"], "there is no program 'no-such-program'"),
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
    assert (said.returncode, line.startswith(f"sslspec: nothing could be run: mine: {tmp_path / 'libssl.so'} is ")) == (2, True)


def test_what_cannot_be_opened_leaves_the_others_their_run(tmp_path: Path) -> None:
    (tmp_path / "libssl.so").write_text("a text, for once\n")
    said = sslspec("run", "-i", f"mine={tmp_path}", "-i", "model", "--clause", "added", "-o", tmp_path / "out")
    (line,) = [line for line in said.stderr.splitlines() if line.startswith("sslspec: ")]
    assert (said.returncode, line.startswith(f"sslspec: mine was not run: {tmp_path / 'libssl.so'} is ")) == (2, True)
    assert f"sslspec doctor -i mine={tmp_path}" in line
    assert {row.verdict for row in read(tmp_path / "out" / "record.json").rows} == {Verdict.CONFORMS}


@pytest.mark.parametrize(
    ("fault", "verdicts", "status"),
    [("", {Verdict.CONFORMS}, 0), ("dies", {Verdict.CRASHES}, 1), ("prints noise", {Verdict.ERROR}, 2), ("wrong type", {Verdict.ERROR}, 2)],
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_program_on_the_protocol_is_an_implementation(fault: str, verdicts: set[Verdict], status: int, jobs: str, tmp_path: Path) -> None:
    theirs = f"theirs=cmd:{sys.executable} {PROGRAM} '{fault}'"
    said = sslspec("run", "-i", theirs, "-i", "model", "--clause", "store-suppressed", "-n", jobs, "-o", tmp_path / "out")
    record = read(tmp_path / "out" / "record.json")
    assert {row.verdict for row in record.rows if row.implementation == "model" and row.verdict is not Verdict.NOT_APPLICABLE} == {
        Verdict.CONFORMS
    }
    assert {row.verdict for row in record.rows if row.implementation == "theirs"} == verdicts
    assert said.returncode == status


def test_the_author_of_a_program_is_told_what_is_wrong() -> None:
    well, ill = (sslspec("check-adapter", sys.executable, PROGRAM, fault) for fault in ("", "wrong type"))
    assert (well.returncode, well.stderr) == (0, "")
    assert "Nothing is wrong." in well.stdout
    assert ill.returncode == 1
    assert "\n          > set_cache " in ill.stdout


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
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["badges", "junit.xml", "record.json", "report.html", "report.md"]


def test_reports_are_made_again_from_a_record(tmp_path: Path) -> None:
    assert sslspec("run", "-i", "model", "--clause", "added", "-o", tmp_path / "out").returncode == 0
    record, before = tmp_path / "out" / "record.json", (tmp_path / "out" / "report.html").read_text()
    (tmp_path / "out" / "report.html").unlink()
    said = sslspec("report", record)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[-1] == f"open this page in a browser: {tmp_path / 'out' / 'report.html'}"
    assert (tmp_path / "out" / "report.html").read_text() == before
    said = sslspec("report", record, "--format", "json", "--out", tmp_path / "again")
    assert [path.name for path in (tmp_path / "again").iterdir()] == ["record.json"]
    assert (tmp_path / "again" / "record.json").read_text() == record.read_text()


@pytest.mark.parametrize("damage", ["cut off", "another version", "foreign"])
def test_a_record_that_cannot_be_read_is_refused_in_one_line(damage: str, tmp_path: Path) -> None:
    texts = {
        "cut off": '{"format": "sslspec-record", "vers',
        "another version": '{"format": "sslspec-record", "version": 99}',
        "foreign": '{"format": "something else"}',
    }
    (tmp_path / "record.json").write_text(texts[damage])
    (tmp_path / "report.html").write_text("the former one")
    said = sslspec("report", tmp_path / "record.json")
    (line,) = said.stderr.splitlines()
    assert (said.returncode, said.stdout) == (2, "")
    assert line.startswith(f"sslspec: {tmp_path / 'record.json'} is ")
    assert (tmp_path / "report.html").read_text() == "the former one"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_is_held_to_the_documentation_of_its_own(jobs: str, tmp_path: Path) -> None:
    clauses = ["--clause", "set-none", "--clause", "none-releases"]
    said = sslspec("run", "-i", "model", "-i", "pyopenssl", "--edition", "own", *clauses, "-n", jobs, "-o", tmp_path)
    assert said.returncode == 0, said.stderr
    record = read(tmp_path / "record.json")
    assert {identity.name: identity.edition for identity in record.implementations} == {
        "model": "openssl-1.1.1",
        "pyopenssl": "openssl-3.0",
    }
    asked = {row.clauses for row in record.rows if row.implementation == "pyopenssl" and row.verdict is not Verdict.NOT_APPLICABLE}
    assert asked == {("SSL_set_session.3/none-releases",)}


ADDED = ("run", "-i", "model", "--clause", "added")


def test_a_run_ends_with_the_page(tmp_path: Path) -> None:
    said = sslspec(*ADDED, "-o", tmp_path)
    assert said.stdout.splitlines()[-1] == f"open this page in a browser: {tmp_path / 'report.html'}"


def test_a_quiet_run_says_what_to_act_on_and_where_the_reports_are(tmp_path: Path) -> None:
    said = sslspec(*ADDED, "--quiet", "-o", tmp_path)
    lines = [line for line in said.stdout.splitlines() if line]
    assert (said.returncode, said.stderr) == (0, "")
    assert [line.partition(":")[0] for line in lines] == [
        *("No new deviation, crash or hang", "json", "junit", "markdown", "badge", "open this page in a browser")
    ]


def test_json_is_the_record_and_nothing_else(tmp_path: Path) -> None:
    said = sslspec(*ADDED, "--json", "-o", tmp_path)
    assert said.returncode == 0
    assert said.stdout == (tmp_path / "record.json").read_text()


def test_a_run_whose_reports_cannot_be_written_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "report.md").mkdir()
    said = sslspec(*ADDED, "-o", tmp_path)
    assert said.returncode == 2
    assert "No new deviation, crash or hang" in said.stdout
    assert said.stderr.splitlines()[-1] == f"sslspec: {tmp_path / 'report.md'} is not a regular file; name another one"
    assert {path.name for path in tmp_path.iterdir()} - {"badges", "results.jsonl"} == {"report.md"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("options", [[], ["--quiet"], ["--json"]], ids=["summary", "quiet", "json"])
def test_output_that_cannot_be_written_is_one_line(options: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "sslspec", *ADDED, *options, "-o", str(tmp_path)]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        said = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE)
    assert said.returncode == 2
    assert said.stderr.splitlines()[-1] == "sslspec: the output cannot be written: No space left on device"
    assert read(tmp_path / "record.json")


def test_explain_with_an_implementation_shows_each_call() -> None:
    said = sslspec("explain", "added", "-i", "model")
    assert said.returncode == 0
    assert "SSL_CTX_add_session(ctx1, session1) = 1" in said.stdout


def test_explain_does_not_do_what_is_undefined_unless_it_is_asked_for() -> None:
    said = sslspec("explain", "null-session", "-i", "model")
    assert said.returncode == 2
    assert "None is added  (with --undefined)" in said.stdout
    (line,) = said.stderr.splitlines()
    assert line.endswith("add --undefined to run it")
    assert sslspec("explain", "null-session", "-i", "model", "--undefined").returncode == 0


@pytest.mark.parametrize(("options", "verdict"), [([], "disabled"), (["--undefined"], "not-implemented")])
def test_what_is_undefined_is_named_whether_it_is_run_or_not(options: list[str], verdict: str, tmp_path: Path) -> None:
    clauses = [option for name in ("added", "null-session") for option in ("--clause", name)] if options else []
    said = sslspec("run", "-i", "pyopenssl", *clauses, *options, "-o", tmp_path / "out")
    assert said.returncode in (0, 1)
    rows = json.loads((tmp_path / "out" / "record.json").read_text())["rows"]
    assert {row["verdict"] for row in rows if row["clauses"] == ["SSL_CTX_add_session.3/null-session"]} == {verdict}


def test_a_library_that_could_not_be_had_was_not_tested(tmp_path: Path) -> None:
    nowhere = tmp_path / "no folder"
    nowhere.write_text("a file in its place")
    said = sslspec("run", "-i", "model", "-i", "openssl-1.1.1k", "--clause", "added", "-o", tmp_path / "out", SSLSPEC_CACHE=str(nowhere))
    assert said.returncode == 2
    assert said.stderr.splitlines()[-1].startswith("sslspec: openssl-1.1.1k was not run: ")
    assert (tmp_path / "out" / "record.json").exists()


def test_list_names_what_can_be_run() -> None:
    said = sslspec("list")
    assert said.returncode == 0
    names = ("model", "pyopenssl", "system", "openssl-1.1.1k", "NAME+asan", "NAME+tsan", "openssl-2001", "reference-added")
    assert all(name in said.stdout for name in names)


def test_doctor_shows_what_was_proven() -> None:
    said = sslspec("doctor", "-i", "model")
    assert said.returncode == 0
    assert "yes reference-count: SSL_get1_session and SSL_SESSION_free moved the count" in said.stdout


#: One clause, and a library that is always there: the first deviates from the page in two rows on pyOpenSSL, and is known to.
CLAUSE = "SSL_set_session.3/connections-may-share"
KNOWN = ("run", "-i", "pyopenssl", "--clause", CLAUSE)


def _own(folder: Path) -> Path:
    """Return a file of known deviations of the user's own, which nobody has written yet."""
    path = folder / "own" / "deviations" / "pyopenssl.toml"
    path.parent.mkdir(parents=True)
    return path


def test_what_is_known_does_not_fail_a_run(tmp_path: Path) -> None:
    said = sslspec(*KNOWN, "-o", tmp_path / "out")
    assert (said.returncode, said.stderr.splitlines()[1:]) == (0, [])
    assert "No new deviation, crash or hang; 1 known" in said.stdout


def test_what_is_new_fails_a_run_until_it_is_accepted(tmp_path: Path) -> None:
    path = _own(tmp_path)
    own = ("--expectations", tmp_path / "own", "-o", tmp_path / "out")
    assert sslspec(*KNOWN, *own).returncode == 1
    accepted = sslspec(*KNOWN, *own, "--accept")
    assert accepted.returncode == 0
    assert f"written: {path}\n1 new entry: fill in whose, why, since, link\n" in accepted.stdout
    again = sslspec(*KNOWN, *own)
    assert again.returncode == 0
    assert "whose     undecided" in again.stdout


def test_what_is_no_longer_as_known_fails_a_run_and_names_the_entry(tmp_path: Path) -> None:
    path = _own(tmp_path)
    row = "At the same time [TLS 1.3 stateless]"
    path.write_text(f'[[deviation]]\nclause = "{CLAUSE}"\nrows = ["{row}"]\nverdict = "deviates"\nreason = ".*"\n')
    said = sslspec(*KNOWN, "--expectations", tmp_path / "own", "-o", tmp_path / "out")
    assert said.returncode == 1
    assert "NO LONGER AS KNOWN: pyopenssl" in said.stdout
    assert "pyopenssl.toml, entry 1" in " ".join(said.stdout.split())


@pytest.mark.parametrize("command", [KNOWN, ("explain", CLAUSE)], ids=["run", "explain"])
def test_a_wrong_entry_is_said_before_anything_runs(command: tuple[str, ...], tmp_path: Path) -> None:
    path = _own(tmp_path)
    path.write_text('[[deviation]]\nclause = "SSL_set_session.3/refernce-added"\nrows = ["x"]\nverdict = "deviates"\nreason = "."\n')
    says = "no clause is called 'SSL_set_session.3/refernce-added'; did you mean SSL_set_session.3/reference-added?"
    said = sslspec(*command, "--expectations", tmp_path / "own", *(["-o", tmp_path / "out"] if command is KNOWN else []))
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == f"sslspec: {path}: entry 1: {says}\n"
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("a file in its place")
    said = sslspec(*KNOWN, "--accept", "--expectations", tmp_path / "own", "-o", tmp_path / "out")
    (line,) = said.stderr.splitlines()
    assert (said.returncode, "cannot be written: Not a directory" in line) == (2, True)
    assert (tmp_path / "own").read_text() == "a file in its place"


def test_explain_says_which_edition_answers_a_question_and_what_a_rule_answers() -> None:
    question, rule = "SSL_set_session.3/set-none", "SSL_set_session.3/none-releases"
    assert f"  openssl-3.0 answers it: {rule}\n" in sslspec("explain", question).stdout
    assert f"  It answers what other editions leave open: {question}\n" in sslspec("explain", rule).stdout


def test_explain_says_who_is_known_to_do_otherwise() -> None:
    said = sslspec("explain", "no-part-on-server")
    assert said.returncode == 0
    assert re.search(r"openssl >=1\.1\.1,\S+: deviates; whose: library", said.stdout)
    assert "https://github.com/openssl/openssl/pull/27584" in said.stdout
    assert "Known deviations" not in sslspec("explain", "offered-in-handshake").stdout


def _pytest(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rxX", "--pyargs", "sslspec.features", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


def test_plain_pytest_expects_what_is_known() -> None:
    said = _pytest("--sslspec", "pyopenssl", "--sslspec-clause", CLAUSE, "-k", "one_after_the_other")
    assert said.returncode == 0
    assert "XFAIL" in said.stdout
    assert "deviates: by design: " in said.stdout
    assert "2 xfailed" in said.stdout


def test_plain_pytest_says_which_file_is_wrong(tmp_path: Path) -> None:
    path = _own(tmp_path)
    path.write_text("[[deviation]")
    said = _pytest("--sslspec", "model", "--sslspec-expectations", tmp_path / "own")
    (line,) = filter(None, said.stderr.splitlines())
    assert said.returncode == pytest.ExitCode.USAGE_ERROR
    assert line.startswith(f"ERROR: {path}: ")
