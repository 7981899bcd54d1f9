"""The command that makes the ledgers: on a copy of the features, with and without the documents."""

from __future__ import annotations

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from sslspec import ledger as ledger_module
from sslspec.clauses import features_folder
from sslspec.errors import UsageError
from sslspec.ledger import ledgers


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the command as a module, and the features it writes to: a copy in `tmp_path / "features"`."""
    spec = spec_from_file_location("make_ledger", Path(__file__).parents[3] / ".ci" / "ledger.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    copy = tmp_path / "features"
    shutil.copytree(features_folder(), copy)
    monkeypatch.setattr(module, "features_folder", lambda: copy)
    monkeypatch.setattr(ledger_module, "features_folder", lambda: copy)
    return module


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.glob("*/ledger/*.toml")}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_documents_make_what_is_there(command: ModuleType, tmp_path: Path, manpages: Path) -> None:
    assert command.main([str(manpages)]) == 0
    assert texts(tmp_path / "features") == texts(features_folder())


def test_without_documents_clauses_are_put_right(command: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(tmp_path / "features" / "SSL_set_session.3" / "ledger" / "openssl-2001.toml", 'states = ["no-part-on-server"]', "states = []")
    command.main([str(tmp_path)])
    assert texts(tmp_path / "features") == texts(features_folder())
    assert "002_897f3b7b1960d730.txt is not there: only the clauses" in capsys.readouterr().err


def test_what_is_left_to_decide_is_said(command: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "features" / "SSL_set_session.3" / "ledger" / "openbsd-2016.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace(', for = "introduction"', "").replace(', why = "Introduces the two values, which are lost."', ""), encoding="utf-8"
    )
    assert command.main([str(tmp_path)]) == 1
    assert "SSL_set_session.3 openbsd-2016 9: nothing accounts for it" in capsys.readouterr().err


def test_no_decision_is_lost_and_nothing_written_then(command: ModuleType, tmp_path: Path, manpages: Path) -> None:
    document = tmp_path / "documents"
    shutil.copytree(manpages, document)
    openbsd = next(ledger for ledger in ledgers("SSL_set_session.3") if ledger.edition == "openbsd-2016")
    page = document / openbsd.document
    page.chmod(0o644)
    # The sentence that is decided to be an introduction.
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    page.write_text("".join(lines[:56] + lines[57:]), encoding="utf-8")
    with pytest.raises(UsageError, match="openbsd-2016: decisions would be lost, take them out first: 9: introduction: "):
        command.main([str(document)])
    assert texts(tmp_path / "features") == texts(features_folder())


def test_a_document_is_added(command: ModuleType, tmp_path: Path, manpages: Path) -> None:
    folder = tmp_path / "features" / "SSL_set_session.3" / "ledger"
    before = texts(tmp_path / "features")
    shutil.rmtree(folder)
    for ledger in ledgers("SSL_set_session.3"):
        pytest.fail(f"{ledger.edition} is still there")
    command.main(["--edition", "openssl-1.1.0", str(manpages / "003_757713105f3bc1d3.txt")])
    # Everything in it goes without saying.
    assert (folder / "openssl-1.1.0.toml").read_text(encoding="utf-8") == before["SSL_set_session.3/ledger/openssl-1.1.0.toml"]


@pytest.mark.parametrize("arguments", [[], ["--edition", "openssl-1.1.0"], ["a", "b"]])
def test_a_call_that_makes_no_sense(command: ModuleType, arguments: list[str]) -> None:
    with pytest.raises(UsageError, match="give a folder of documents"):
        command.main(arguments)
