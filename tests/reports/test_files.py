from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sslspec.errors import UsageError
from sslspec.reports.files import check_can_write, make_folder, write_text, write_texts


def test_it_takes_the_place_of_what_was_there(tmp_path):
    path = tmp_path / "report.md"
    path.write_text("old and longer")
    write_text(path, "new é")
    assert path.read_text(encoding="utf-8") == "new é"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_keeps_pointing_where_it_points(tmp_path):
    there, link = tmp_path / "there.md", tmp_path / "link.md"
    link.symlink_to(there)
    write_text(link, "text")
    assert link.is_symlink()
    assert there.read_text() == "text"


def test_the_umask_says_who_may_read_it(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "report.md", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report.md").stat().st_mode) == 0o640


@pytest.mark.parametrize("where", ["missing/report.md", "file/report.md", "x" * 300, "circle/report.md"])
def test_where_nothing_can_be_written_it_says_so(tmp_path, where):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "circle").symlink_to("circle")
    for refused in (lambda path: write_text(path, "text"), check_can_write):
        with pytest.raises(UsageError, match=r"cannot be written: .*nothing was changed"):
            refused(tmp_path / where)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["circle", "file"]


@pytest.mark.skipif(not Path("/dev/null").is_char_device(), reason="there is no device to refuse")
def test_a_device_is_not_replaced():
    with pytest.raises(UsageError, match="not a regular file"):
        write_text(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()


def test_to_find_out_whether_it_can_be_written_changes_nothing(tmp_path):
    path = tmp_path / "report.md"
    check_can_write(path)
    assert not list(tmp_path.iterdir())
    path.write_text("the former one")
    check_can_write(path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["the former one"]


def test_a_folder_is_not_replaced(tmp_path):
    with pytest.raises(UsageError, match="not a regular file"):
        check_can_write(tmp_path)
    with pytest.raises(UsageError, match="not a regular file"):
        write_text(tmp_path, "text")


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_breaks_off_leaves_nothing_behind(tmp_path, monkeypatch, failure):
    path = tmp_path / "report.md"
    path.write_text("the former one")

    def fail(_file):
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((UsageError, KeyboardInterrupt)):
        write_text(path, "text")
    assert path.read_text() == "the former one"
    assert list(tmp_path.iterdir()) == [path]


def test_of_several_files_all_are_written_or_none(tmp_path):
    (tmp_path / "one").write_text("the former one")
    (tmp_path / "two").mkdir()
    with pytest.raises(UsageError, match="two is not a regular file"):
        write_texts({tmp_path / "one": "new", tmp_path / "two": "new"})
    assert (tmp_path / "one").read_text() == "the former one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    write_texts({tmp_path / "one": "new", tmp_path / "three": "too"})
    assert [(tmp_path / name).read_text() for name in ("one", "three")] == ["new", "too"]


def test_a_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    assert not list((tmp_path / "a" / "b").iterdir())


@pytest.mark.parametrize(("name", "says"), [("file", "is not a folder"), ("file/below", "cannot be made: Not a directory")])
def test_what_can_be_no_folder_is_said_with_what_to_do(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "file").write_text("the former one")
    with pytest.raises(UsageError, match=rf"{name} {says}; name another one with --out"):
        make_folder(tmp_path / name)
    assert (tmp_path / "file").read_text() == "the former one"


def test_a_folder_that_cannot_be_written_to_is_said_before_anything_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "a name of our own")

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(UsageError) as caught:
        make_folder(tmp_path)
    assert str(caught.value) == f"{tmp_path} cannot be written to: Permission denied; name another one with --out"
