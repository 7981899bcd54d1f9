"""What is written into the files when a run is accepted, and that nothing else of them is touched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from expected import ALWAYS, ASKED, PATTERN, ROWS, SPECIFICATION, answers, fails, key, record, row

from sslspec.errors import UsageError
from sslspec.expectation_files import folders_in, keep
from sslspec.expectations import Expectations, read_expectations
from sslspec.known import compare
from sslspec.record import Invariant
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from sslspec.record import Row

NEW = f"""\
[[deviation]]
clause = "SSL_page.3/rule"
versions = "==1.1.1k"
rows = ["one"]
verdict = "deviates"
reason = '{PATTERN}'
whose = ""
why = ""
since = ""
link = ""
"""

WRITTEN = f"""\
# What a maintainer has to say first.

# About the first.
[[deviation]]
clause = "SSL_page.3/rule" # the one
rows = [
    "one", # this
    "two",
]
verdict = "deviates"
reason = '{PATTERN}'
whose = "page"
why = \"\"\"
In words.
[[deviation]]\"\"\"
link = "https://example.org/1"

# About none.

# About the second.
[[deviation]]
clause = "SSL_page.3/rule"
versions = ">=3.0,<3.5"
rows = ["three"]
verdict = "hangs"
reason = "it did"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with folders_in(tmp_path):
        return tmp_path


def expected(folder: Path) -> Expectations:
    return read_expectations(folder, SPECIFICATION, ROWS)


def accept(folder: Path, *rows: Row) -> list[str]:
    """Accept a run; whatever was accepted is expected from then on."""
    said = keep(compare(record(*rows), expected(folder)), expected(folder))
    if not any(line.startswith("not written") for line in said):
        assert compare(record(*rows), expected(folder)).compared.unexpected == ()
    return said


def deviations(folder: Path) -> Path:
    return folder / "deviations" / "double.toml"


def kept_answers(folder: Path) -> Path:
    return folder / "answers" / "double.toml"


def test_a_new_file_begins_with_what_it_is(folder: Path) -> None:
    said = accept(folder, fails("1.1.1k"))
    head, _, rest = deviations(folder).read_text().partition("\n\n")
    assert head.startswith("# What double is known to do otherwise")
    assert rest == NEW
    assert said == [f"written: {deviations(folder)}", "1 new entry: fill in whose, why, since, link"]
    assert not kept_answers(folder).exists()


def test_new_entries_come_at_the_end(folder: Path) -> None:
    deviations(folder).write_text(WRITTEN)
    accept(
        folder, row("3.0.0", "three", Verdict.HANGS, reason="it did"), fails("1.1.1k"), row("1.1.1k", "three", Verdict.CRASHES, reason="x")
    )
    text = deviations(folder).read_text()
    assert text.startswith(WRITTEN + "\n[[deviation]]\n")
    assert 'verdict = "crashes"' in text.removeprefix(WRITTEN)


def test_what_is_as_expected_changes_no_file(folder: Path) -> None:
    deviations(folder).write_text(WRITTEN)
    before = deviations(folder).stat()
    assert accept(folder, fails("1.1.1k"), fails("1.1.1k", "two")) == ["nothing to accept: all is as expected"]
    assert deviations(folder).stat().st_ino == before.st_ino


def test_a_range_that_becomes_shorter_leaves_every_word(folder: Path) -> None:
    deviations(folder).write_text(WRITTEN)
    accept(folder, row("1.1.1k"), row("1.1.1k", "two"))
    clause = 'clause = "SSL_page.3/rule" # the one\n'
    assert deviations(folder).read_text() == WRITTEN.replace(clause, clause + 'versions = "!=1.1.1k"\n')


def test_a_range_that_becomes_longer_leaves_every_word(folder: Path) -> None:
    deviations(folder).write_text(WRITTEN)
    accept(folder, row("3.6.0", "three", Verdict.HANGS, reason="it did"))
    assert deviations(folder).read_text() == WRITTEN.replace('">=3.0,<3.5"', '">=3.0,<=3.6.0"')


def test_a_range_that_is_for_all_again_is_left_out(folder: Path) -> None:
    deviations(folder).write_text(WRITTEN.replace('">=3.0,<3.5"', '"!=3.6.0"'))
    accept(folder, row("3.6.0", "three", Verdict.HANGS, reason="it did"))
    assert deviations(folder).read_text() == WRITTEN.replace('versions = ">=3.0,<3.5"\n', "")


def test_rows_that_go_on_alone_take_the_words_along(folder: Path) -> None:
    deviations(folder).write_text(WRITTEN)
    accept(folder, row("1.1.1k"), fails("1.1.1k", "two"))
    added = deviations(folder).read_text().rpartition("[[deviation]]\n")[2]
    assert 'versions = "==1.1.1k"\nrows = ["two"]\n' in added
    assert 'whose = "page"\nwhy = "In words.\\n[[deviation]]"\n' in added


def test_rows_that_no_longer_fail_leave_an_entry_about_one_release(folder: Path) -> None:
    clause = 'clause = "SSL_page.3/rule" # the one\nversions = "==1.1.1k"\n'
    before = WRITTEN.replace('clause = "SSL_page.3/rule" # the one\n', clause)
    deviations(folder).write_text(before)
    accept(folder, row("1.1.1k"), fails("1.1.1k", "two"))
    assert deviations(folder).read_text() == before.replace('[\n    "one", # this\n    "two",\n]', '["two"]')


def test_an_entry_that_is_dropped_takes_its_own_comment_along_and_no_other(folder: Path) -> None:
    deviations(folder).write_text(WRITTEN.replace('" # the one\n', '"\nversions = "==1.1.1k"\n'))
    accept(folder, row("1.1.1k"), row("1.1.1k", "two"))
    head, second = "# What a maintainer has to say first.\n\n", WRITTEN[WRITTEN.index("# About none.") :]
    assert deviations(folder).read_text() == head + second


def test_a_row_whose_title_is_not_enough_is_written_by_its_key(folder: Path) -> None:
    text = f'[[deviation]]\nclause = "SSL_page.3/always"\nrows = ["{key("one")}", "two"]\nverdict = "deviates"\nreason = ".*"\n'
    deviations(folder).write_text(text)
    accept(folder, row("1.1.1k", "two", invariants=(Invariant(ALWAYS, 1),)), row("1.1.1k", invariants=(Invariant(ALWAYS, 1, "it broke"),)))
    assert f'rows = ["{key("one")}"]' in deviations(folder).read_text()


class TestAnswers:
    TABLE = f'["{ASKED}"."asks"]\n'

    def test_are_written_with_their_ranges(self, folder: Path) -> None:
        accept(folder, answers("1.0.2q", "no"), answers("1.1.1k", 'yes, "indeed"'), answers("3.0.0", 'yes, "indeed"'))
        head, _, table = kept_answers(folder).read_text().partition("\n\n")
        assert head.startswith("# What double does where the pages are silent")
        assert table == self.TABLE + '"==1.0.2q" = "no"\n">=1.1.1k,<=3.0.0" = \'yes, "indeed"\'\n'

    def test_of_a_library_without_a_number_are_for_all(self, folder: Path) -> None:
        accept(folder, answers("?mine", "no"))
        assert kept_answers(folder).read_text().endswith(self.TABLE + '"*" = "no"\n')

    def test_that_changed_are_changed_and_comments_stay(self, folder: Path) -> None:
        kept_answers(folder).write_text(f'# First.\n\n# Why?\n{self.TABLE}# Then.\n"==1.1.1k" = "yes"\n')
        accept(folder, answers("1.1.1k", "no"))
        assert kept_answers(folder).read_text() == f'# First.\n\n# Why?\n# Then.\n{self.TABLE}"==1.1.1k" = "no"\n'

    def test_by_a_library_that_answers_in_two_ways_are_said(self, folder: Path) -> None:
        said = accept(folder, answers("1.1.1k", "yes"), answers("1.1.1k?mine", "no"))
        assert said == [f"not written: 1.1.1k, 1.1.1k?mine answers in two ways to {ASKED}, 'asks': not kept"]
        assert not kept_answers(folder).exists()


class TestFolders:
    def test_are_made(self, tmp_path: Path) -> None:
        with folders_in(tmp_path / "new" / "one"):
            pass
        assert sorted(path.name for path in (tmp_path / "new" / "one").iterdir()) == ["answers", "deviations"]

    def test_are_taken_away_again_with_a_run_that_came_to_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "answers").mkdir()
        for folder, left in ((tmp_path / "new", []), (tmp_path, ["answers"])):
            with pytest.raises(KeyboardInterrupt), folders_in(folder):
                raise KeyboardInterrupt
            assert sorted(path.name for path in folder.glob("*")) == left
        assert not (tmp_path / "new").exists()

    def test_that_cannot_be_made_are_named(self, tmp_path: Path) -> None:
        (tmp_path / "deviations").write_text("a file in its place")
        with pytest.raises(UsageError, match=r"cannot be written: .*; name a folder of your own with --expectations"):
            folders_in(tmp_path).__enter__()
        assert (tmp_path / "deviations").read_text() == "a file in its place"

    def test_that_cannot_be_written_are_named(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # The administrator, whom tests may run as, can write everywhere but where the system itself refuses.
        monkeypatch.setattr(type(folder), "touch", _refused)
        with pytest.raises(UsageError, match=r"deviations cannot be written: Read-only file system; name a folder"):
            folders_in(folder).__enter__()


def _refused(path: Path) -> None:
    raise OSError(30, os.strerror(30), str(path))


def test_a_file_that_cannot_be_written_leaves_all_as_they_were(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deviations(folder).write_text(WRITTEN)
    monkeypatch.setattr(type(folder), "replace", lambda path, _target: _refused(path))
    with pytest.raises(UsageError, match="nothing was changed"):
        accept(folder, row("1.1.1k"), answers("1.1.1k", "yes"))
    assert deviations(folder).read_text() == WRITTEN
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["double.toml"]
