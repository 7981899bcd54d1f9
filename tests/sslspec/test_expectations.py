"""The files of known deviations and kept answers: what they may say, and what the suite's own must say."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from expected import ALWAYS, ASKED, ROWS, RULE, SPECIFICATION, identity, key

from sslspec.clauses import features_folder, specification
from sslspec.errors import UsageError
from sslspec.expectations import ANSWERS, DEVIATIONS, ENTRY, FAMILIES, Expectations, Whose, read_expectations
from sslspec.releases import Range
from sslspec.steps.collect import row_names
from sslspec.toml_text import literal
from sslspec.verdicts import Verdict

FULL = {"clause": RULE, "rows": ["one"], "verdict": "deviates", "reason": "it did"}


def written(folder: Path, text: str, kind: str = DEVIATIONS, name: str = "double.toml") -> Path:
    (folder / kind).mkdir(exist_ok=True)
    path = folder / kind / name
    path.write_text(text)
    return path


def text_of(**values: Any) -> str:
    shown = {name: value if isinstance(value, list) else literal(value) for name, value in values.items()}
    return "\n".join([f"[[{ENTRY}]]", *(f"{name} = {value}" for name, value in shown.items())])


def read(folder: Path | None) -> Expectations:
    return read_expectations(folder, SPECIFICATION, ROWS)


def complaint(folder: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_entry_says_what_it_says(tmp_path: Path) -> None:
    more = {"versions": ">=1.1.1,<3.0", "whose": "by design", "why": "Because.", "since": "1.1.1", "link": "https://example.org/1"}
    written(tmp_path, text_of(**FULL, **more))
    (entry,) = read(tmp_path).deviations
    assert (entry.name, entry.family, entry.clause) == ("deviations/double.toml, entry 1", "double", RULE)
    assert (entry.verdict, entry.rows, entry.whose) == (Verdict.DEVIATES, (key("one"),), Whose.BY_DESIGN)
    assert {name: getattr(entry, name) for name in more} == more


def test_what_accept_writes_can_be_used_at_once(tmp_path: Path) -> None:
    written(tmp_path, text_of(**FULL, whose="", why="", since="", link=""))
    (entry,) = read(tmp_path).deviations
    assert (entry.whose, entry.why, entry.versions) == (Whose.UNDECIDED, "", "")


def test_an_invariant_may_break_in_any_row_or_in_those_that_are_named(tmp_path: Path) -> None:
    anywhere = text_of(clause=ALWAYS, verdict="deviates", reason=".*")
    written(tmp_path, anywhere + "\n" + anywhere + "\n" + f'rows = ["two", "{key("one", "other.feature")}"]')
    first, second = read(tmp_path).deviations
    assert (first.rows, second.rows) == ((), (key("two"), key("one", "other.feature")))


def test_answers_are_kept_by_clause_row_and_range(tmp_path: Path) -> None:
    written(tmp_path, f'["{ASKED}"."asks"]\n"==1.1.1k" = "yes"\n">=3.0" = "no"\n"*" = "both"\n', ANSWERS)
    expected = read(tmp_path)
    assert expected.answers == {"double": {(ASKED, key("asks")): ((Range("==1.1.1k"), "yes"), (Range(">=3.0"), "no"), (Range(), "both"))}}
    given = {name: expected.answer(identity(name), ASKED, key("asks")) for name in ("1.1.1k", "3.5.0", "1.0.2q", "")}
    assert given == {"1.1.1k": "yes", "3.5.0": "no", "1.0.2q": "both", "": "both"}
    assert expected.answer(identity("1.1.1k", "another"), ASKED, key("asks")) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"clause": "SSL_page.3/rul"}, "did you mean SSL_page.3/rule?"),
        ({"rows": ["on"]}, "did you mean one?"),
        ({"rows": ["asks"]}, "no row is called 'asks'"),
        ({"rows": []}, "rows is missing"),
        ({"rows": "one"}, "rows must be a list of titles"),
        ({"rows": [1]}, "rows must be a list of titles"),
        ({"verdict": "deviate"}, "did you mean deviates?"),
        ({"verdict": "conforms"}, "no verdict is called 'conforms'"),
        ({"verdict": ""}, "key 'verdict' is missing"),
        ({"reason": "it (did"}, "reason is no regular expression"),
        ({"reason": ""}, "key 'reason' is missing"),
        ({"versions": ">=1.1.1 <3.0"}, "is no range of releases"),
        ({"versions": ">=latest"}, "'latest' is no release"),
        ({"whose": "libary"}, "did you mean library?"),
        ({"version": ">=1.1.1"}, "did you mean versions?"),
        ({"links": ["https://example.org"]}, "did you mean link?"),
        ({"why": ["Because."]}, "why must be a text"),
        ({"clause": ALWAYS}, f"several rows are called 'one'; write '{key('one')}'"),
    ],
    ids=str,
)
def test_what_names_nothing_is_refused_with_file_and_entry(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    path = written(tmp_path, text_of(**FULL) + "\n" + text_of(**FULL | change))
    message = complaint(tmp_path)
    assert message.startswith(f"{path}: entry 2: ")
    assert says in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('["SSL_page.3/askd"."asks"]', "did you mean SSL_page.3/asked?"),
        (f'["{ASKED}"."ask"]', "did you mean asks?"),
        (f'["{ASKED}"."asks"]\n"1.1.1k" = "yes"', "is no range of releases"),
        (f'["{ASKED}"."asks"]\n"==1.1.1k" = 1', "must be a text"),
        (f'["{ASKED}"]\nasks = "yes"', "a table was expected here"),
        (f'"{ASKED}" = "yes"', "a table was expected here"),
        (f'["{RULE}"."one"]\n"==1.1.1k" = "yes"', "the clause is no question"),
    ],
)
def test_an_answer_that_names_nothing_is_refused_with_file_and_place(text: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, text, ANSWERS)
    message = complaint(tmp_path)
    assert message.startswith(f"{path}: ")
    assert says in message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[[deviation]", "Expected"),
        (b"\xff\xfe", "decode"),
        (b"a = " + b"[" * 100_000, ""),
        (b"[[deviations]]\nclause = 1", "'deviations' is out of place"),
        (b"deviation = 1", "'deviation' is out of place"),
        (b"deviation = [1]", "entry 1: a table was expected here"),
    ],
    ids=["cut off", "no text", "deep", "heading", "no list", "no table"],
)
def test_a_file_that_is_none_is_named(content: bytes, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_bytes(content)
    message = complaint(tmp_path)
    assert message.startswith(str(path))
    assert says in message


@pytest.mark.parametrize("kind", [DEVIATIONS, ANSWERS])
@pytest.mark.parametrize(("name", "says"), [("model.toml", "the model is held to the page"), ("OpenSSL.toml", "did you mean openssl?")])
def test_a_file_for_no_family_is_refused(kind: str, name: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, "", kind, name)
    assert complaint(tmp_path).startswith(f"{path}: ")
    assert says in complaint(tmp_path)


def test_a_folder_without_any_files_is_a_mistake_and_an_empty_one_of_ours_is_not(tmp_path: Path) -> None:
    assert "has neither deviations/ nor answers/" in complaint(tmp_path)
    assert "has neither deviations/ nor answers/" in complaint(tmp_path / "missing")
    (tmp_path / ANSWERS).mkdir()
    assert (read(tmp_path).deviations, read(tmp_path).label) == ((), str(tmp_path))


def test_a_file_that_is_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / DEVIATIONS / "double.toml").mkdir(parents=True)
    assert complaint(tmp_path) == f"{tmp_path / DEVIATIONS / 'double.toml'}: Is a directory"


class TestTheSuitesOwn:
    ENTRIES = tuple(
        (path.name, number, entry)
        for path in sorted((features_folder() / DEVIATIONS).glob("*.toml"))
        for number, entry in enumerate(tomllib.loads(path.read_text())[ENTRY], 1)
    )

    def test_can_be_read(self) -> None:
        expected = read_expectations(None, specification(), row_names())
        assert len(expected.deviations) == len(self.ENTRIES) > 0
        assert expected.label == "features"
        assert {entry.family for entry in expected.deviations} | set(expected.answers) <= set(FAMILIES)

    @pytest.mark.parametrize(("file", "number", "entry"), ENTRIES)
    def test_entries_are_filled_in(self, file: str, number: int, entry: dict[str, Any]) -> None:
        assert unfilled(entry) == [], f"{file}, entry {number}"

    def test_what_accept_leaves_empty_is_noticed(self) -> None:
        assert unfilled({**FULL, "whose": "", "why": "", "since": "", "link": ""}) == ["whose", "why", "since", "link"]
        assert unfilled({"whose": "page", "why": "Because.", "since": "1.0", "link": "http://example.org"}) == ["link"]


def unfilled(entry: dict[str, Any]) -> list[str]:
    """Return what a maintainer of that library would miss in an entry."""
    empty = [name for name in ("whose", "why", "since", "link") if not entry.get(name)]
    return empty or ([] if entry["link"].startswith("https://") else ["link"])
