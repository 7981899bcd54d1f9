from __future__ import annotations

import subprocess
import sys

import pytest

from sslspec.errors import UsageError
from sslspec.reports import FORMATS, format_of, write_all
from sslspec.reports.record_json import read


def test_all_formats_are_written(full, tmp_path):
    paths = write_all(full, tmp_path / "new" / "folder")
    assert {name: path.name for name, path in paths.items()} == {name: each.file for name, each in FORMATS.items()}
    assert read(paths["json"]) == full
    assert paths["junit"].read_text().startswith("<?xml")
    assert paths["markdown"].read_text().startswith("# sslspec")
    assert sorted(path.name for path in paths["badge"].iterdir()) == ["one.json", "one.svg", "two.json", "two.svg"]


def test_only_those_asked_for_are_written(full, tmp_path):
    write_all(full, tmp_path, ["junit"])
    assert [path.name for path in tmp_path.iterdir()] == ["junit.xml"]


def test_an_unknown_format_is_named_before_anything_is_written(full, tmp_path):
    with pytest.raises(UsageError, match="did you mean junit"):
        write_all(full, tmp_path, ["json", "juint"])
    assert not list(tmp_path.iterdir())
    with pytest.raises(UsageError):
        format_of("juint")


def test_a_folder_that_cannot_be_made_is_named(full, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="cannot be made"):
        write_all(full, tmp_path / "file" / "folder")


def test_the_folder_of_a_format_that_cannot_be_made_is_named_and_nothing_is_written(full, tmp_path):
    (tmp_path / "badges").write_text("in the way")
    with pytest.raises(UsageError, match="badges cannot be made"):
        write_all(full, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["badges"]


def test_a_report_that_cannot_be_written_leaves_the_others_as_they_were(full, tmp_path):
    (tmp_path / "junit.xml").mkdir()
    (tmp_path / "record.json").write_text("the former one")
    with pytest.raises(UsageError, match=r"junit\.xml"):
        write_all(full, tmp_path)
    assert (tmp_path / "record.json").read_text() == "the former one"


def test_what_is_slow_to_import_waits_until_it_is_needed():
    slow = {"fastjsonschema", "jsonschema", "rich", "xml"}
    code = f"import sys, sslspec.reports, sslspec.reports.record_json; print({slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # our own code
    assert done.stdout == "set()\n"
