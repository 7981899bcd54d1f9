"""The tables of clauses: what is in them, and what is said of one that is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sslspec import clauses as module
from sslspec.clauses import EDITIONS, Kind, check_edition, features_folder, read_specification, specification
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WHOLE = """
[added]
says = "It is added."
kind = "rule"
functions = ["SSL_CTX_add_session"]
[added.stated]
"openssl-1.1.1" = ["DESCRIPTION 1", "DESCRIPTION 2"]
openbsd-2016 = []

[unclear]
says = "It may mean this."
kind = "reading"
functions = []
takes = "this"
others = ["that"]
invariant = true
note = "a note"
[unclear.stated]
openssl-2001 = ["RETURN VALUES 1"]

[open]
says = "Is it?"
kind = "question"
functions = []
answered_by = ["added"]
[open.stated]
openssl-2001 = ["RETURN VALUES 1"]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return what writes a table of a page, and returns the folder of all pages."""

    def write_table(text: str | bytes, page: str = "SSL_page.3") -> Path:
        folder = tmp_path / page
        folder.mkdir()
        (folder / "clauses.toml").write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    return write_table


class TestReading:
    def test_a_table(self, write: Callable[..., Path]) -> None:
        read = read_specification(write(WHOLE))
        added, unclear, left_open = read.clauses.values()
        assert list(read.clauses) == ["SSL_page.3/added", "SSL_page.3/unclear", "SSL_page.3/open"]
        assert (added.id, added.page, added.says, added.kind) == ("SSL_page.3/added", "SSL_page.3", "It is added.", Kind.RULE)
        assert added.stated == {"openssl-1.1.1": ("DESCRIPTION 1", "DESCRIPTION 2"), "openbsd-2016": ()}
        assert added.functions == ("SSL_CTX_add_session",)
        assert (added.takes, added.others, added.invariant, added.note) == ("", (), False, "")
        assert (unclear.kind, unclear.takes, unclear.others) == (Kind.READING, "this", ("that",))
        assert (unclear.invariant, unclear.note) == (True, "a note")
        assert (left_open.answered_by, unclear.answered_by) == ((added.id,), ())
        assert (read.answered_by(added), read.answered_by(unclear)) == ([left_open], [])

    def test_no_table_at_all(self, tmp_path: Path) -> None:
        assert read_specification(tmp_path).clauses == {}

    def test_set_session_comes_first_and_the_others_by_name(self, write: Callable[..., Path]) -> None:
        for page in ("SSL_z.3", "SSL_set_session.3", "SSL_CTX_a.3"):
            folder = write(WHOLE, page)
        pages = dict.fromkeys(clause.page for clause in read_specification(folder).clauses.values())
        assert list(pages) == ["SSL_set_session.3", "SSL_CTX_a.3", "SSL_z.3"]

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ('says = "It is added."', "", "clause added: key 'says' is missing"),
            ('kind = "rule"', "", "clause added: key 'kind' is missing"),
            ('functions = ["SSL_CTX_add_session"]', "", "clause added: key 'functions' is missing"),
            ("[added.stated]", "[added.states]", "clause added: unknown key 'states'"),
            ('kind = "rule"', 'kind = "law"', "clause added: 'law' is not a valid Kind"),
            ('kind = "rule"', 'kind = "rule"\nsees = "x"', "clause added: unknown key 'sees'"),
            ('"openssl-1.1.1" =', '"openssl-9" =', "clause added: unknown edition 'openssl-9'"),
            ('"openssl-1.1.1" = [', "openssl-1.1.1 = [", "clause added: unknown edition 'openssl-1'"),
            ("openbsd-2016 = []", "openbsd-2016 = 3", "clause added: openbsd-2016 must be a list of strings"),
            ("openbsd-2016 = []", 'openbsd-2016 = "NOTES 1"', "clause added: openbsd-2016 must be a list of strings"),
            (
                'functions = ["SSL_CTX_add_session"]',
                'functions = "SSL_CTX_add_session"',
                "clause added: functions must be a list of strings",
            ),
            ("[unclear]", "stray = 3\n[unclear]", "clause added: unknown edition 'stray'"),
        ],
    )
    def test_a_clause_that_is_broken(self, write: Callable[..., Path], old: str, new: str, says: str) -> None:
        assert WHOLE.count(old) == 1
        folder = write(WHOLE.replace(old, new))
        with pytest.raises(UsageError) as caught:
            read_specification(folder)
        assert str(caught.value) == f"{folder / 'SSL_page.3' / 'clauses.toml'}: {says}"

    @pytest.mark.parametrize("text", ["[added", "= 3", b"\xff\xfe", "[added]\n[added]\n", 'says = "x\n'])
    def test_what_is_no_toml(self, write: Callable[..., Path], text: str | bytes) -> None:
        folder = write(text)
        with pytest.raises(UsageError) as caught:
            read_specification(folder)
        assert str(caught.value).startswith(f"{folder / 'SSL_page.3' / 'clauses.toml'}: ")
        assert len(str(caught.value).splitlines()) == 1

    def test_what_cannot_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "SSL_page.3" / "clauses.toml").mkdir(parents=True)
        with pytest.raises(UsageError, match=r"clauses\.toml: .*Is a directory"):
            read_specification(tmp_path)

    @pytest.mark.parametrize("value", ["3", '"text"', "[1]"])
    def test_a_key_where_a_clause_should_be(self, write: Callable[..., Path], value: str) -> None:
        with pytest.raises(UsageError, match=r"clauses\.toml: clause added: "):
            read_specification(write(f"added = {value}\n"))


class TestNames:
    def test_of_clauses_may_be_short_where_one_page_has_them(self, write: Callable[..., Path]) -> None:
        read = read_specification(write(WHOLE))
        assert read.clause("SSL_page.3/added") is read.clause("added")

    def test_of_clauses_that_two_pages_have_must_be_whole(self, write: Callable[..., Path]) -> None:
        write(WHOLE, "SSL_other.3")
        read = read_specification(write(WHOLE))
        assert read.clause("SSL_page.3/added").page == "SSL_page.3"
        with pytest.raises(UsageError, match=r"^several clauses are called 'added': SSL_other\.3/added, SSL_page\.3/added$"):
            read.clause("added")

    def test_of_clauses_that_there_are_not(self, write: Callable[..., Path]) -> None:
        read = read_specification(write(WHOLE))
        with pytest.raises(UsageError, match=r"^no clause is called 'SSL_page.3/aded'; did you mean SSL_page.3/added\?$"):
            read.clause("SSL_page.3/aded")
        for name in ("", "SSL_page.3", "dded"):
            with pytest.raises(UsageError):
                read.clause(name)

    def test_of_editions(self) -> None:
        assert [check_edition(edition) for edition in EDITIONS] == list(EDITIONS)
        with pytest.raises(UsageError, match=r"^no edition is called 'openssl-1\.1\.2'; did you mean openssl-1\.1\."):
            check_edition("openssl-1.1.2")

    def test_of_an_editions_clauses(self, write: Callable[..., Path]) -> None:
        read = read_specification(write(WHOLE))
        found = {edition: [clause.id for clause in read.of_edition(edition)] for edition in EDITIONS}
        assert found == {
            **{edition: [] for edition in EDITIONS},
            "openssl-2001": ["SSL_page.3/unclear", "SSL_page.3/open"],
            "openbsd-2016": ["SSL_page.3/added"],
            "openssl-1.1.1": ["SSL_page.3/added"],
        }


class TestOurOwn:
    """The tables that are installed."""

    def test_are_read_once(self) -> None:
        assert specification() is specification()

    def test_hold_clauses_of_every_kind(self) -> None:
        assert {clause.kind for clause in specification().clauses.values()} == set(Kind)

    @pytest.mark.parametrize("clause", specification().clauses.values(), ids=specification().clauses)
    def test_say_what_and_where_in_full(self, clause: module.Clause) -> None:
        assert clause.says[0].isupper()
        assert clause.says.endswith("?" if clause.kind is Kind.QUESTION else ".")
        assert clause.stated
        assert all(sentence.rpartition(" ")[0] or sentence[0].isdigit() for where in clause.stated.values() for sentence in where)
        assert all(len(sentence) > 1 or sentence.isdigit() for where in clause.stated.values() for sentence in where)
        assert all(function.startswith("SSL_") for function in clause.functions)

    @pytest.mark.parametrize("clause", specification().clauses.values(), ids=specification().clauses)
    def test_name_the_other_readings_of_a_reading_and_of_nothing_else(self, clause: module.Clause) -> None:
        is_reading = clause.kind is Kind.READING
        assert bool(clause.takes) == is_reading
        assert bool(clause.others) == is_reading

    def test_only_old_editions_lack_a_page(self) -> None:
        for edition in EDITIONS:
            pages = {clause.page for clause in specification().of_edition(edition)}
            assert "SSL_set_session.3" in pages
            assert ("SSL_CTX_add_session.3" in pages) == (edition not in ("openssl-2001", "openbsd-2016", "openssl-1.1.0"))

    def test_are_where_the_features_are(self) -> None:
        folders = {path.parent.name for path in features_folder().glob("*/*.feature")}
        assert {clause.page for clause in specification().clauses.values()} == folders

    def test_are_missed_when_they_are_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "find_spec", lambda _: None)
        with pytest.raises(UsageError, match=r"^the features are not installed; install sslspec again$"):
            features_folder()
