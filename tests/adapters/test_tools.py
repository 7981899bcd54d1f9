"""What a machine lacks, and what it says of that."""

from __future__ import annotations

import pytest

from sslspec.adapters.tools import missing, remedy, words


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be nothing but make."""
    (tmp_path / "make").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("CC", "CXX"):
        monkeypatch.delenv(name, raising=False)


def test_what_is_not_on_path_is_missing() -> None:
    assert missing(["cc", "make", "cargo"]) == ["cc", "cargo"]


def test_the_compiler_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "make -m64")
    assert words("cc") == ["make", "-m64"]
    assert missing(["cc"]) == []
    monkeypatch.setenv("CC", "")
    assert words("cc") == ["cc"]
    monkeypatch.setenv("MAKE", "other")
    assert words("make") == ["make"]


@pytest.mark.parametrize("named", ["clang-99", "clang 'x"])
def test_a_compiler_of_the_users_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("CC", named)
    assert missing(["cc"]) == ["cc"]
    assert remedy(["cc"]) == f"{words('cc')[0]} (from the variable CC) missing here: `apt-get install gcc`"
