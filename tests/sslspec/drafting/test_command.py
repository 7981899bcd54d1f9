"""`sslspec draft` as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import PATIENCE


def sslspec(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "sslspec", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"}, check=False, timeout=PATIENCE)


def test_help_teaches_by_example() -> None:
    said = sslspec("draft", "--help")
    assert (said.returncode, "\\" in said.stdout) == (0, False)
    assert "\n    sslspec draft " in said.stdout


def test_both_formats_or_one() -> None:
    pod, mdoc, both = (sslspec("draft", "no-part-on-server", *more) for more in (["--format", "pod"], ["--format", "mdoc"], []))
    assert (both.returncode, both.stderr) == (0, "")
    assert both.stdout == f"{pod.stdout}\n{mdoc.stdout}"
    assert "=for comment Below HISTORY:" in pod.stdout
    assert "fails." in mdoc.stdout


def test_nothing_to_draft() -> None:
    said = sslspec("draft", "reference-given-back")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("nothing to draft: SSL_set_session.3/reference-given-back allows one reading")


def test_nothing_to_draft_of_what_others_leave_open() -> None:
    said = sslspec("draft", "none-releases").stdout.splitlines()
    assert said[1:] == ["what libraries do where it is left open: sslspec draft SSL_set_session.3/set-none"]


def test_expectations_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "deviations").mkdir()
    text = '[[deviation]]\nclause = "SSL_set_session.3/returns-0-or-1"\nverdict = "deviates"\nreason = "it did"\nversions = ">=2"\n'
    (tmp_path / "deviations" / "mine.toml").write_text(text)
    said = sslspec("draft", "SSL_set_session.3/returns-0-or-1", "--format", "mdoc", "--expectations", tmp_path)
    assert said.stdout.splitlines()[-1] == "It was seen otherwise in mine 2 and later."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["reference-aded"], "did you mean SSL_set_session.3/reference-added?"),
        (["returns-0-or-1"], "several clauses are called 'returns-0-or-1': SSL_set_session.3/returns-0-or-1, SSL_CTX_add"),
        (
            ["added", "--edition", "openssl-2001"],
            "openssl-2001 has no sentence that states SSL_CTX_add_session.3/added; editions that have one:",
        ),
        (
            ["set-none", "--edition", "openssl-3.0"],
            "openssl-3.0 answers SSL_set_session.3/set-none: `sslspec draft` SSL_set_session.3/none-releases or ",
        ),
        (["set-none", "--edition", ""], "no edition is called ''"),
        (["set-none", "--edition", "own"], "no edition is called 'own'"),
        (["set-none", "--expectations", "/there/is/nothing"], "/there/is/nothing has neither deviations/ nor answers/"),
        (["set-none", "--format", "html"], "`sslspec draft --help` shows how"),
        ([], "`sslspec draft --help` shows how"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(arguments: list[str], says: str) -> None:
    said = sslspec("draft", *arguments)
    (line,) = said.stderr.splitlines()
    assert (said.returncode, said.stdout) == (2, "")
    assert line.startswith("sslspec: ")
    assert says in line
