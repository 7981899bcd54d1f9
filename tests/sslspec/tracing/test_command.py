"""`sslspec trace` as a user calls it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from processes import PATIENCE
from sample_pages import POD

from sslspec.ledger import ledgers
from sslspec.pages.recognise import PAGES

if TYPE_CHECKING:
    from pathlib import Path

OURS = [ledger for page in PAGES for ledger in ledgers(page)]


def sslspec(*arguments: str | Path, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-P", "-m", "sslspec", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, input=given, env={**os.environ, **environment}, check=False, timeout=PATIENCE)


@pytest.mark.parametrize("command", ["trace", "editions"])
def test_help_teaches_by_example(command: str) -> None:
    said = sslspec(command, "--help")
    assert said.returncode == 0
    assert f"\n    sslspec {command}" in said.stdout.decode()
    assert "\\" not in said.stdout.decode()


def test_editions_are_shown() -> None:
    said = sslspec("editions")
    assert (said.returncode, said.stderr) == (0, b"")
    assert b"gained: open-session-leaves-cache" in said.stdout


@pytest.mark.parametrize("ledger", OURS, ids=lambda ledger: f"{ledger.page}-{ledger.edition}")
def test_the_document_of_a_ledger_is_known(ledger, document_of) -> None:
    said = sslspec("trace", "--check", document_of(ledger))
    assert (said.returncode, said.stderr) == (0, b"")
    assert f"compared with {ledger.edition}" in said.stdout.decode()
    assert f"\n{len(ledger.entries)} sentences: {len(ledger.entries)} known\n" in said.stdout.decode()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a page of ours, which no edition knows."""
    path = tmp_path / "page.pod"
    path.write_text(POD)
    return path


def test_only_a_check_fails(page: Path) -> None:
    assert sslspec("trace", page).returncode == 0
    assert sslspec("trace", "--check", page).returncode == 1


def test_it_reads_standard_input_compressed_or_not(page: Path) -> None:
    from_file = sslspec("trace", page).stdout
    for given in (POD.encode(), gzip.compress(POD.encode())):
        assert sslspec("trace", "-", given=given).stdout == from_file.replace(bytes(page), b"-", 1)


def test_several_pages_make_one_document(page: Path) -> None:
    said = sslspec("trace", "--format", "json", page, page)
    assert [each["file"] for each in json.loads(said.stdout)["pages"]] == [str(page)] * 2


def test_an_edition_can_be_chosen(page: Path) -> None:
    said = sslspec("trace", "--edition", "openssl-2001", page)
    assert b"compared with openssl-2001" in said.stdout


def test_an_odd_encoding_is_warned_of_and_read(page: Path) -> None:
    page.write_bytes(POD.encode().replace(b"It went well", b"It w\xe9nt well"))
    said = sslspec("trace", page, PYTHONIOENCODING="utf-8")
    assert said.returncode == 0
    assert said.stderr.decode() == f"sslspec: {page}: 34:5: not UTF-8; the page was read as Latin-1\n"
    assert "It w\u00e9nt well." in said.stdout.decode()


def test_a_terminal_without_its_letters_gets_escapes(page: Path) -> None:
    page.write_text(POD.replace("It went well", "It w\u00e9nt well"), encoding="utf-8")
    said = sslspec("trace", page, PYTHONIOENCODING="ascii")
    assert (said.returncode, b"It w\\xe9nt well." in said.stdout) == (0, True)


def test_control_characters_never_come_through(page: Path) -> None:
    page.write_text(POD.replace("It went well", "It \x1b[2J\x9b2J \x07went\u202e well"), encoding="utf-8")
    for form in ("text", "json"):
        said = sslspec("trace", "--format", form, page, PYTHONIOENCODING="utf-8").stdout.decode()
        assert said.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"\x7fELF\0", "it is binary"),
        (b"Dear all\n", "it is no man page in a format that is known"),
        (POD.replace("SSL_set_session", "SSL_free").encode(), "it is the page of 'SSL_free'; known are SSL_set_session(3) and"),
        (POD.replace("B<session>", "B<session").encode(), "17:25: B< is never closed"),
        (gzip.compress(b" " * 10_000_000), "it expands to more than 256 KB"),
        (gzip.compress(POD.encode())[:-9], "it is compressed and cut off"),
        (b" " * 1_000_000, "it is bigger than 256 KB"),
    ],
    ids=range(8),
)
def test_what_cannot_be_read_is_said_in_a_line(page: Path, content: bytes, says: str) -> None:
    page.write_bytes(content)
    for name, given in ((page, b""), ("-", content)):
        said = sslspec("trace", "--check", name, given=given)
        (line,) = said.stderr.decode().splitlines()
        assert (said.returncode, said.stdout) == (2, b"")
        assert line.startswith(f"sslspec: {'standard input' if name == '-' else page}: {says}")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/there/is/nothing"], "/there/is/nothing: No such file or directory"),
        (["/"], "/: Is a directory"),
        (["--edition", "openssl-1.1.2", "-"], "did you mean openssl-1.1."),
        (["--edition", "", "-"], "no edition is called ''"),
        (["--edition", "openssl-2001", "-"], "openssl-2001 has no SSL_CTX_add_session.3"),
        (["--format", "xml", "-"], "`sslspec trace --help` shows how"),
        ([], "`sslspec trace --help` shows how"),
    ],
)
def test_what_is_wrong_with_the_call_is_said_in_a_line(arguments: list[str], says: str) -> None:
    given = POD.replace("SSL_set_session", "SSL_CTX_add_session").encode()
    said = sslspec("trace", *arguments, given=given)
    (line,) = said.stderr.decode().splitlines()
    assert (said.returncode, said.stdout) == (2, b"")
    assert says in line


def test_a_name_reaches_the_terminal_without_its_control_characters(tmp_path: Path) -> None:
    said = sslspec("trace", tmp_path / "a\x1b[2J\u202e").stderr.decode()
    assert said == f"sslspec: {tmp_path}/a\\x1b[2J\\u202e: No such file or directory\n"


def test_a_header_that_has_lost_a_function_has_drifted(tmp_path: Path) -> None:
    path = tmp_path / "ssl.h"
    path.write_text("// It lends.\nOPENSSL_EXPORT int SSL_set_session(SSL *ssl, SSL_SESSION *session);\n")
    said = sslspec("trace", "--check", "--edition", "boringssl-2026", path)
    lost = said.stdout.decode().partition("SSL_CTX_add_session.3 (C header), compared with boringssl-2026")[2]
    assert said.returncode == 1
    assert "\n0 sentences: 9 missing\n" in lost
    document = json.loads(sslspec("trace", "--format", "json", "--edition", "boringssl-2026", path).stdout)
    assert [(page["page"], page["counts"]["missing"]) for page in document["pages"]][1] == ("SSL_CTX_add_session.3", 9)


def test_nothing_that_it_does_without_is_imported() -> None:
    code = "import sys; from sslspec.tracing import traced; traced(['-']); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-P", "-c", code], input=POD.encode(), capture_output=True, check=True, timeout=PATIENCE)
    assert {"markdown_it", "pytest", "pytest_bdd", "rich", "jsonschema"}.isdisjoint(said.stdout.decode().split())
