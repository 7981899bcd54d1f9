"""The catalogue's data, and what is said of a library before anything is downloaded."""

from __future__ import annotations

import os
import platform
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sslspec.adapters import catalogue as module
from sslspec.adapters.catalogue import Entry, Wheel, cache_folder, catalogue, folder_of, library_of, machine, why_not

HERE = "x86_64"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSLSPEC_CACHE", str(tmp_path))
    return tmp_path / "libraries"


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine be one that every entry has a wheel for."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(module, "machine", lambda: HERE)
    monkeypatch.setattr(module, "_has_glibc", lambda: True)
    monkeypatch.setattr(module, "find_spec", lambda _: object())


@pytest.fixture
def entry() -> Entry:
    return catalogue()["openssl-1.1.1k"]


def _ready(entry: Entry) -> Path:
    folder = folder_of(entry)
    folder.mkdir(parents=True)
    (folder / "libcrypto-1.so.1.1").touch()
    libssl = folder / "libssl-1.so.1.1"
    libssl.touch()
    return libssl


def test_names_family_and_version() -> None:
    assert list(catalogue()) == [f"openssl-{version}" for version in ("1.0.2q", "1.1.1g", "1.1.1k", "1.1.1l", "1.1.1w", "3.5.4", "3.5.8")]
    assert all(name == f"{entry.family}-{entry.version}" == entry.name for name, entry in catalogue().items())


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.name)
def test_a_wheel_is_pinned_and_its_tags_are_those_of_its_file(entry: Entry) -> None:
    assert "x86_64" in entry.wheels
    for name, wheel in entry.wheels.items():
        assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256)
        distribution, release, python, _, platforms = wheel.file.removesuffix(".whl").split("-")
        assert (distribution, release, python) == (entry.distribution.replace("-", "_"), entry.release, f"cp{wheel.python}")
        assert wheel.platform in platforms.split(".")
        assert wheel.platform.endswith(name)


def test_no_two_wheels_are_the_same_file() -> None:
    sums = [wheel.sha256 for entry in catalogue().values() for wheel in entry.wheels.values()]
    assert len(set(sums)) == len(sums)


def test_the_data_names_no_registry() -> None:
    text = Path(module.__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    assert not re.search(r"://|\.(org|com|io|net)\b", text)


def test_entries_are_values(entry: Entry) -> None:
    assert entry == replace(entry)
    assert hash(entry) == hash(replace(entry))


def test_the_variable_names_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder() == tmp_path / "libraries"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SSLSPEC_CACHE", "here")
    assert cache_folder() == tmp_path / "here" / "libraries"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSLSPEC_CACHE", "~/there")
    assert cache_folder() == tmp_path / "there" / "libraries"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG_CACHE_HOME is Linux's")
@pytest.mark.parametrize("value", [None, ""])
def test_without_the_variable_it_is_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    if value is None:
        monkeypatch.delenv("SSLSPEC_CACHE")
    else:
        monkeypatch.setenv("SSLSPEC_CACHE", value)
    assert cache_folder() == tmp_path / "xdg" / "sslspec" / "libraries"


@pytest.mark.usefixtures("linux")
def test_a_library_is_ready_when_its_libssl_is_there(entry: Entry) -> None:
    assert library_of(entry) is None
    libssl = _ready(entry)
    assert library_of(entry) == libssl
    assert why_not(entry) is None
    libssl.unlink()
    assert library_of(entry) is None


@pytest.mark.usefixtures("linux")
def test_another_machines_library_is_not_ready_here(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    _ready(entry)
    monkeypatch.setattr(module, "machine", lambda: "aarch64")
    assert library_of(entry) is None


@pytest.mark.usefixtures("linux")
def test_a_cache_that_is_a_file_holds_no_library(entry: Entry, cache: Path) -> None:
    cache.touch()
    assert library_of(entry) is None


@pytest.mark.usefixtures("linux")
def test_nothing_is_missing_on_a_machine_with_a_wheel_and_pip(entry: Entry) -> None:
    assert why_not(entry) is None


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("machine", lambda: "riscv64", "there are builds for x86_64, this machine is riscv64"),
        ("_has_glibc", lambda: False, "need glibc"),
        ("find_spec", lambda _: None, "-m ensurepip"),
    ],
)
def test_what_is_missing_is_said(entry: Entry, monkeypatch: pytest.MonkeyPatch, name: str, value: object, says: str) -> None:
    monkeypatch.setattr(module, name, value)
    reason = why_not(entry)
    assert reason is not None
    assert says in reason
    assert "\n" not in reason


@pytest.mark.usefixtures("linux")
def test_another_system_is_named(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert why_not(entry) == "its builds are for Linux, this is Darwin"


@pytest.mark.usefixtures("linux")
def test_a_ready_library_needs_no_pip(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    _ready(entry)
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert why_not(entry) is None


def test_both_machines_are_named() -> None:
    wheel = Wheel("39", "any", "file", "sum")
    reason = why_not(Entry("a-1", "a", "1", "a", "1", {"s390": wheel, "vax": wheel}))
    assert reason is not None
    assert "s390 and vax" in reason or "Linux" in reason


def test_a_32_bit_python_is_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert machine() == "x86_64"
    monkeypatch.setattr(sys, "maxsize", (1 << 31) - 1)
    assert machine() == "x86_64 with a 32-bit Python"


def test_a_c_library_that_does_not_say_is_not_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    def confstr(_: str) -> str:
        message = "unrecognized configuration name"
        raise ValueError(message)

    monkeypatch.setattr(os, "confstr", confstr)
    assert not module._has_glibc()
