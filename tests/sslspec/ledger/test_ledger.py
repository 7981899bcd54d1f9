"""Reading a ledger, and what is said of one that is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sslspec.errors import UsageError
from sslspec.ledger import Disposition, ledgers, read_ledger
from sslspec.pages.recognise import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WHOLE = """
document = "page.txt"
sha256 = "00"
format = "POD"
sentences = [
  { at = "1:1", in = "(before the page) 1", is = "0000000000000001", for = "frame", marks = "12" },
  { at = "3:9", in = "NAME 0", is = "0000000000000002", for = "heading", marks = "ab" },
  { at = "4:1", in = "NAME 1", is = "0000000000000003", states = ["added"], leaves = ["asked"], marks = "ab..cd" },
  { at = "5:1", in = "2", is = "0000000000000004", for = "lost", why = "It is lost.", marks = ".." },
]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Return what writes the ledger of a page, and returns its file."""

    def write_ledger(text: str) -> Path:
        path = tmp_path / "SSL_page.3" / "ledger" / "openssl-1.1.1.toml"
        path.parent.mkdir(parents=True)
        path.write_text(text)
        return path

    return write_ledger


def test_a_ledger(write: Callable[[str], Path]) -> None:
    ledger = read_ledger(write(WHOLE))
    assert (ledger.page, ledger.edition, ledger.document, ledger.format) == ("SSL_page.3", "openssl-1.1.1", "page.txt", "POD")
    frame, heading, stating, lost = ledger.entries
    assert (frame.section, frame.outside, frame.is_heading, frame.reason) == ("(before the page)", True, False, Disposition.FRAME.reason)
    assert (heading.section, heading.outside, heading.is_heading) == ("NAME", False, True)
    assert (stating.states, stating.leaves, stating.disposition) == (("SSL_page.3/added",), ("SSL_page.3/asked",), None)
    assert (stating.at, stating.where, stating.marks, stating.has_hole, stating.reason) == (
        "4:1",
        "NAME 1",
        ("ab", "..", "cd"),
        True,
        "",
    )
    assert (lost.section, lost.disposition, lost.reason) == ("", Disposition.LOST, "It is lost.")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('document = "page.txt"', "", "key 'document' is missing"),
        ('format = "POD"', "format = 3", "'format' must be a string"),
        ('format = "POD"', 'format = "POD"\nstray = 1', "unknown key 'stray'"),
        ('at = "4:1", ', "", "sentence 3: key 'at' is missing"),
        ('is = "0000000000000003"', 'is = "3"', "sentence 3: 'is' must be 16 hexadecimal digits"),
        ('states = ["added"]', 'states = "added"', "sentence 3: clauses must be a list of strings"),
        ('leaves = ["asked"]', "leaves = [3]", "sentence 3: clauses must be a list of strings"),
        ('for = "heading"', 'for = "fun"', "sentence 2: 'fun' is not a valid Disposition"),
        ('why = "It is lost."', 'because = "It is lost."', "sentence 4: unknown key 'because'"),
        ('marks = "ab"', 'marks = "abc"', "sentence 2: 'abc' is not made of marks of 2 digits"),
        ('document = "page.txt"', "document", "Expected '=' after a key in a key/value pair (at line 2, column 9)"),
    ],
)
def test_a_ledger_that_is_broken(write: Callable[[str], Path], old: str, new: str, says: str) -> None:
    assert WHOLE.count(old) == 1
    path = write(WHOLE.replace(old, new))
    with pytest.raises(UsageError) as caught:
        read_ledger(path)
    assert str(caught.value) == f"{path}: {says}"


def test_a_ledger_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        read_ledger(tmp_path / "SSL_page.3" / "ledger" / "openssl-1.1.1.toml")


@pytest.mark.parametrize("disposition", Disposition)
def test_a_disposition_has_a_reason(disposition: Disposition) -> None:
    assert disposition.reason


def test_our_own() -> None:
    assert {page: [ledger.edition for ledger in ledgers(page)] for page in PAGES} == {
        "SSL_set_session.3": [
            "openssl-2001",
            "openbsd-2016",
            "openssl-1.1.0",
            "openssl-1.1.1",
            "libressl-3.1.0",
            "openssl-3.0",
            "boringssl-2026",
            "aws-lc-5.12",
        ],
        "SSL_CTX_add_session.3": ["openssl-1.1.1", "libressl-3.1.0", "openssl-3.0", "boringssl-2026", "aws-lc-5.12"],
    }
