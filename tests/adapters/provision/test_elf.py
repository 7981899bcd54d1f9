"""Names of libraries, read from files of our own and from real ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from elf_files import shared_library

from sslspec.adapters.provision.elf import soname


@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
@pytest.mark.parametrize("wide", [True, False], ids=["64", "32"])
def test_the_soname_is_read(tmp_path: Path, wide: bool, order: str) -> None:  # noqa: FBT001  # a parameter of the test
    (tmp_path / "a.so").write_bytes(shared_library("liba.so.3", wide=wide, order=order))
    assert soname(tmp_path / "a.so") == "liba.so.3"


def test_without_one_it_is_the_files_name(tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(shared_library())
    assert soname(tmp_path / "a.so") == "a.so"


@pytest.mark.parametrize("length", [0, 3, 10, 60, 100, 200])
def test_a_file_that_is_cut_off_has_none(tmp_path: Path, length: int) -> None:
    whole = shared_library("liba.so.3")
    assert length < len(whole)
    (tmp_path / "a.so").write_bytes(whole[:length])
    assert soname(tmp_path / "a.so") is None


def test_another_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(b"GROUP ( libc.so.6 )\n")
    assert soname(tmp_path / "a.so") is None


def test_the_systems_own(system_libssl: Path) -> None:
    assert soname(system_libssl).startswith("libssl.so")
