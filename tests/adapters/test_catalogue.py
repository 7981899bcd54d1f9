"""The catalogue's data, and what is said of a library before anything is downloaded."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from sslspec.adapters import catalogue as module
from sslspec.adapters import tools
from sslspec.adapters.catalogue import (
    cache_folder,
    catalogue,
    families,
    find,
    folder_of,
    folder_of_program,
    is_reserved,
    library_of,
    machine,
    others,
    provenance_of,
    recipes,
    size_of,
    sum_of_program,
    tools_of,
    why_not,
)
from sslspec.adapters.provenance import LOCKED, PINNED, Provenance, write
from sslspec.adapters.sources import Crate, Debian, Entry, Own, Recipe, Wheel, Wheels

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
    recipe = (entry.recipe.name, entry.recipe.version)
    sha256 = entry.source.wheels[HERE].sha256 if isinstance(entry.source, Wheels) else "0"
    write(Provenance(entry.name, entry.family, entry.version, str(entry.source), sha256, PINNED, *recipe, "", libssl.name), folder)
    return libssl


WHEELS = [(entry, entry.source) for entry in catalogue().values() if isinstance(entry.source, Wheels)]
LIBRARIES = {name: entry for name, entry in catalogue().items() if not isinstance(entry.source, Own)}
PROGRAMS = [(entry, entry.source) for entry in catalogue().values() if isinstance(entry.source, Own)]
CRATES = [(entry, entry.source) for entry in catalogue().values() if isinstance(entry.source, Crate)]


def test_six_families_are_there() -> None:
    assert families() == ["openssl", "libressl", "boringssl", "aws-lc", "tongsuo", "wolfssl"]


def test_names_say_family_and_version() -> None:
    for name, entry in LIBRARIES.items():
        assert entry.name == name
        assert name.startswith(f"{entry.family}-")
        if entry.family != "boringssl" and not isinstance(entry.source, Debian):
            assert name == f"{entry.family}-{entry.version}"


def test_versions_can_be_compared() -> None:
    versions = [entry.version for entry in catalogue().values() if not isinstance(entry.source, Debian) or entry.version]
    assert all(re.fullmatch(r"\d+(\.\d+)+[a-z]?", version) for version in versions)
    assert not [name for name, entry in catalogue().items() if not entry.version and not isinstance(entry.source, Debian)]


@pytest.mark.parametrize(("entry", "source"), WHEELS, ids=lambda value: getattr(value, "name", ""))
def test_a_wheel_is_pinned_and_its_tags_are_those_of_its_file(entry: Entry, source: Wheels) -> None:
    assert "x86_64" in source.wheels, entry
    for name, wheel in source.wheels.items():
        assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256)
        distribution, release, python, _, platforms = wheel.file.removesuffix(".whl").split("-")
        assert (distribution, release, python) == (source.distribution.replace("-", "_"), source.release, f"cp{wheel.python}")
        assert wheel.platform in platforms.split(".")
        assert wheel.platform.endswith(name)


@pytest.mark.parametrize(("entry", "source"), CRATES, ids=lambda value: getattr(value, "name", ""))
def test_a_crate_is_pinned_and_has_a_recipe_of_its_family(entry: Entry, source: Crate) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", str(source.sha256))
    assert entry.recipe == recipes()[entry.family]
    if "+" in str(source.version):
        assert str(source.version).partition("+")[2] == entry.version


@pytest.mark.parametrize(("entry", "source"), PROGRAMS, ids=lambda value: getattr(value, "name", ""))
def test_a_program_is_here_and_made_with_what_the_catalogue_says(entry: Entry, source: Own) -> None:
    locked = tomllib.loads((folder_of_program(source) / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    assert entry.version in {package["version"] for package in locked if package["name"] == "openssl"}
    assert all("checksum" in package for package in locked if package["name"] not in entry.recipe.libraries)
    assert entry.recipe.libraries[0] in {package["name"] for package in locked}


def test_a_program_whose_source_has_changed_is_not_ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry, source = PROGRAMS[0]
    folder = folder_of(entry)
    folder.mkdir(parents=True)
    (folder / "program").touch()
    recipe = (entry.recipe.name, entry.recipe.version)
    write(Provenance(entry.name, entry.family, "1", "", sum_of_program(source), LOCKED, *recipe, "", "program"), folder)
    assert library_of(entry) == folder / "program"
    changed = tmp_path / "changed"
    shutil.copytree(folder_of_program(source), changed, ignore=shutil.ignore_patterns("target"))
    monkeypatch.setattr(module, "folder_of_program", lambda _: changed)
    sum_of_program.cache_clear()
    assert library_of(entry) == folder / "program"
    with (changed / "src" / "main.rs").open("a") as file:
        file.write("//")
    sum_of_program.cache_clear()
    assert library_of(entry) is None
    sum_of_program.cache_clear()


def test_no_two_libraries_are_the_same_file() -> None:
    sums = [wheel.sha256 for _, source in WHEELS for wheel in source.wheels.values()] + [source.sha256 for _, source in CRATES]
    assert len(set(sums)) == len(sums)


@pytest.mark.parametrize("recipe", recipes().values(), ids=lambda recipe: recipe.name)
def test_a_recipe_names_programs_that_can_be_had(recipe: Recipe) -> None:
    assert set(recipe.tools) <= set(tools._PACKAGES)
    assert recipe.version >= 1
    assert recipe.libraries[0].endswith("ssl.so") or recipe.builder == "cargo"


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
def test_what_was_made_of_another_file_than_is_pinned_is_not_ready(entry: Entry) -> None:
    _ready(entry)
    assert isinstance(entry.source, Wheels)
    assert library_of(replace(entry, source=replace(entry.source, wheels={HERE: replace(entry.source.wheels[HERE], sha256="1")}))) is None
    crate = replace(entry, source=Crate("a", "1", entry.source.wheels[HERE].sha256, ""))
    assert library_of(crate) is not None
    assert library_of(replace(crate, source=Crate("a", "1", "1", ""))) is None


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
    reason = why_not(Entry("a-1", "a", "1", Wheels("a", "1", {"s390": wheel, "vax": wheel})))
    assert reason is not None
    assert "s390 and vax" in reason or "Linux" in reason


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize(
    ("name", "missing", "says"),
    [
        ("libressl-3.1.0", ["cc", "make"], "cc, make missing here: `apt-get install gcc make`"),
        ("aws-lc-5.12.0", ["cargo", "cmake"], "cargo, cmake missing here: `apt-get install cmake`; cargo 1.82 or later comes with rustup"),
        ("openssl-debian", ["apt-get"], "apt-get missing here: apt-get is there on Debian and what descends from it only"),
        ("openssl-3.2.1", ["perl"], "perl missing here: `apt-get install perl`"),
    ],
)
def test_missing_programs_are_named_with_what_brings_them(
    name: str, missing: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = find(name)
    assert entry is not None
    assert set(missing) <= set(tools_of(entry))
    monkeypatch.setattr(tools.shutil, "which", lambda program: None if program in missing else f"/bin/{program}")
    assert str(why_not(entry)).startswith(says)
    monkeypatch.setattr(tools.shutil, "which", lambda program: f"/bin/{program}")
    assert why_not(entry) is None


@pytest.mark.usefixtures("linux")
def test_a_release_of_openssl_that_is_here_is_listed(cache: Path) -> None:
    entry = find("openssl-3.2.1")
    assert entry is not None
    assert others() == []
    libssl = _ready(entry)
    assert others() == [entry]
    assert library_of(entry) == libssl
    shutil.copytree(libssl.parent, cache / f"copy-{machine()}")
    assert others() == [entry]


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize(("suffix", "option"), [("+asan", "-fsanitize=address"), ("+tsan", "-fsanitize=thread")])
def test_what_is_built_can_be_built_with_a_sanitizer(cache: Path, suffix: str, option: str) -> None:
    name = f"openssl-3.2.1{suffix}"
    plain, entry = find("openssl-3.2.1"), find(name)
    assert plain is not None
    assert entry is not None
    assert (entry.name, entry.version, entry.source, entry.is_sanitized) == (name, "3.2.1", plain.source, True)
    assert option in entry.recipe.options
    assert entry.recipe.name == f"openssl{suffix}"
    assert not plain.is_sanitized
    assert others() == []
    libssl = _ready(entry)
    assert library_of(entry) == libssl
    assert library_of(plain) is None
    assert others() == [entry]
    assert libssl.parent.parent == cache
    assert is_reserved(f"mine{suffix}")


def test_every_recipe_knows_where_the_sanitizer_stands() -> None:
    for recipe in recipes().values():
        assert bool(recipe.sanitized) == bool(recipe.headers)
        assert not recipe.sanitized or "-fsanitize={sanitizer}" in " ".join(recipe.sanitized)


@pytest.mark.parametrize(
    "name", ["openssl-1.1.1k+asan", "openssl-debian+tsan", "nothing+asan", "libressl-3.1.0+asan+asan", "libressl-3.1.0+asan+tsan", "+tsan"]
)
def test_what_comes_ready_made_cannot(name: str) -> None:
    assert find(name) is None


def test_a_name_that_nothing_has() -> None:
    assert find("openssl-1.1") is None
    assert find("libressl-9.9.9") is None
    assert not is_reserved("libressl-9.9.9")
    assert is_reserved("openssl-9.9.9")


@pytest.mark.usefixtures("linux")
def test_where_a_library_came_from(entry: Entry, tmp_path: Path) -> None:
    libssl = _ready(entry)
    known = provenance_of(libssl)
    assert known is not None
    assert (known.name, known.source) == (entry.name, "wheel psycopg2-binary 2.9.1")
    assert provenance_of(libssl.with_name("libcrypto-1.so.1.1")) is None
    assert provenance_of(tmp_path / "libssl.so") is None
    assert size_of(entry) > 100


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
