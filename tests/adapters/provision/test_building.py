"""How libraries are built: what is started, with what, and what is made of the result."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from elf_files import shared_library

from sslspec.adapters.catalogue import catalogue, libraries, provenance_of, recipes
from sslspec.adapters.provision import ProvisionError, building
from sslspec.adapters.provision.building import build, collect, ready_made
from sslspec.adapters.sources import Crate, Edit, Entry


@pytest.fixture
def tree(world, source) -> Path:
    for name, content in source.items():
        (world.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (world.folder / name).write_bytes(content)
    return world.folder / "src"


def test_autotools_configures_and_makes_each_folder(world, tree, recipe_for) -> None:
    made = build(recipe_for("autotools", targets=("crypto", "ssl")), tree, world.workshop())
    assert made == [tree / "libssl.so", tree / "libcrypto.so"]
    assert [words[:3] for words in world.calls("make")] == [["-C", "crypto", "-j3"], ["-C", "ssl", "-j3"]]
    assert all("AUTOMAKE=:" in words for words in world.calls("make"))
    assert world.said == ["mine-1: configuring", "mine-1: compiling"]


def test_openssl_is_configured_for_this_machine_and_makes_its_headers_first(world, tree, recipe_for, monkeypatch) -> None:
    monkeypatch.setattr(building, "machine", lambda: "aarch64")
    build(recipe_for("openssl"), tree, world.workshop())
    assert world.calls("perl") == [["Configure", "linux-aarch64", "--an-option"]]
    assert world.calls("make") == [["-j3", "build_generated"], ["-j3", "libcrypto.so", "libssl.so"]]
    assert world.calls("cc") == []


def test_openssl_finds_out_about_other_machines(world, tree, recipe_for, monkeypatch) -> None:
    monkeypatch.setattr(building, "machine", lambda: "riscv64")
    build(recipe_for("openssl"), tree, world.workshop())
    assert world.calls("perl") == [["Configure", "--an-option"]]


def test_openssl_without_what_links_its_shared_libraries_is_linked_here(world, tree, recipe_for) -> None:
    (tree / "util" / "mkdef.pl").unlink()
    (tree / "VERSION.dat").write_text("MAJOR=4\nSHLIB_VERSION=4\n")
    build(recipe_for("openssl"), tree, world.workshop())
    assert world.calls("perl")[0][-2:] == ["no-module", "no-legacy"]
    assert world.calls("make")[-1] == ["-j3", "libcrypto.a", "libssl.a"]
    crypto, ssl = world.calls("cc")
    assert {"-shared", "-Wl,-soname,libcrypto.so.4", "libcrypto.a"} <= set(crypto)
    assert {"-shared", "-Wl,-soname,libssl.so.4", "libssl.a", "libcrypto.so"} <= set(ssl)


def test_cmake_leaves_no_path_of_the_build_in_the_libraries(world, tree, recipe_for) -> None:
    build(recipe_for("cmake"), tree, world.workshop())
    configure, compile_ = world.calls("cmake")
    assert {"-DCMAKE_SKIP_RPATH=ON", "--an-option"} <= set(configure)
    assert compile_[2:] == ["--parallel", "3", "--target", "libcrypto.so", "libssl.so"]


def test_a_source_that_is_made_by_go_needs_go(world, tree, recipe_for) -> None:
    (tree / "go.mod").touch()
    world.lacks("perl")
    with pytest.raises(ProvisionError, match=r"^mine-1: go, perl missing here: `apt-get install golang-go perl`; releases since 2024"):
        build(recipe_for("cmake"), tree, world.workshop())
    (tree / "gen").mkdir()
    build(recipe_for("cmake"), tree, world.workshop())


def test_edits_are_made_where_they_apply(world, tree, recipe_for) -> None:
    (tree / "util" / "other.pl").write_text("nothing of it")
    before = (tree / "util" / "other.pl").stat().st_mtime_ns
    build(recipe_for("cmake", edits=(Edit(("**/*.pl",), "qw/glob/", "qw/:glob/"),)), tree, world.workshop())
    assert (tree / "util" / "mkdef.pl").read_bytes() == b"use qw/:glob/;"
    assert (tree / "util" / "other.pl").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("builder", "says"),
    [
        ("autotools", "no configure: a release's archive has one, the repository has not"),
        ("openssl", "no build.info: releases before 1.1.0 are built otherwise"),
        ("cmake", "no CMakeLists.txt: is it the whole source?"),
    ],
)
def test_a_source_without_its_build_files(world, tree, recipe_for, builder: str, says: str) -> None:
    for file in tree.iterdir():
        if file.is_file():
            file.unlink()
    with pytest.raises(ProvisionError, match=f"^mine-1: the source has {re.escape(says)}"):
        build(recipe_for(builder), tree, world.workshop())


@pytest.mark.parametrize("builder", ["autotools", "openssl", "cmake"])
def test_a_build_that_leaves_no_library(world, tree, recipe_for, builder: str) -> None:
    (world.folder / "made" / "libssl.so").unlink()
    with pytest.raises(ProvisionError, match=r"the build went through and left no libssl\.so; the whole log is .*mine-1\.log$"):
        build(recipe_for(builder), tree, world.workshop())


@pytest.mark.parametrize(("builder", "program"), [("autotools", "make"), ("openssl", "perl"), ("cmake", "cmake")])
def test_a_build_that_fails_shows_its_last_lines_and_where_the_rest_is(world, crate, recipe_for, builder: str, program: str) -> None:
    world.fails(program, "".join(f"line {number}\n" for number in range(30)), status=2)
    error = world.refused(replace(crate, recipe=recipe_for(builder)))
    assert f"mine-1: {program} failed with exit status 2; the whole log is {world.cache.parent}/logs/mine-1-" in str(error)
    assert error.details == tuple(f"line {number}" for number in range(20, 30))
    (log,) = (world.cache.parent / "logs").iterdir()
    assert "line 0\n" in log.read_text()


def test_the_log_goes_when_a_build_succeeds(world, crate) -> None:
    world.fails("make", "no", status=2)
    world.fails("cmake", "no", status=2)
    world.refused(crate)
    world.program("cmake", "import glob\nfor f in glob.glob(str(home / 'made' / '*')): shutil.copy(f, '.')")
    world.provision(crate)
    assert list((world.cache.parent / "logs").iterdir()) == []


def test_libraries_stand_under_the_names_that_the_linker_looks_for(world, crate) -> None:
    libssl = world.provision(crate)
    assert sorted(path.name for path in libssl.parent.iterdir()) == ["libcrypto.so.9", "libssl.so.9", "provenance.json"]
    assert libssl.name == "libssl.so.9"


def test_headers_stand_beside_the_library_as_programs_include_them(world, recipe_for, source) -> None:
    source |= {"src/include/openssl/ssl.h": b"one", "src/include/openssl/ssl.h.in": b"no header", "src/made/openssl/options.h": b"two"}
    sha256 = world.crate("mine-sys", "1.2.4", source)
    recipe = recipe_for("cmake", headers=("include/openssl", "made/openssl", "nowhere"))
    libssl = world.provision(Entry("mine-1", "mine", "1", Crate("mine-sys", "1.2.4", sha256, "src"), recipe))
    include = libssl.parent / "include"
    found = {str(path.relative_to(include)): path.read_bytes() for path in include.rglob("*") if path.is_file()}
    assert found == {"openssl/ssl.h": b"one", "openssl/options.h": b"two"}


def test_a_library_without_headers_has_no_folder_for_them(world, crate) -> None:
    assert not (world.provision(crate).parent / "include").exists()


def test_a_result_that_is_no_library(world, crate) -> None:
    (world.folder / "made" / "libssl.so").write_bytes(b"a linker script")
    assert str(world.refused(crate)) == "libssl.so is not a shared library"


def test_a_library_may_not_choose_its_place(tmp_path: Path) -> None:
    (tmp_path / "libssl.so").write_bytes(shared_library("../libssl.so"))
    with pytest.raises(ProvisionError, match="is not a shared library"):
        collect([tmp_path / "libssl.so"], tmp_path / "out")


def test_of_a_package_only_the_libraries_themselves_are_taken(tmp_path: Path) -> None:
    for name in ("libssl.so.3", "libcrypto.so.3", "libwolfssl.so.35.3.0", "engines-3/afalg.so", "libssl3.so", "libssl.so.3.bak"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "libwolfssl.so.35").symlink_to("libwolfssl.so.35.3.0")
    assert [path.name for path in ready_made(tmp_path)] == ["libcrypto.so.3", "libssl.so.3", "libwolfssl.so.35.3.0"]


def test_wolfssl_is_in_one_piece(world, crate, recipe_for) -> None:
    world.makes("libwolfssl.so.46")
    libssl = world.provision(replace(crate, recipe=recipe_for("cmake", libraries=("libwolfssl.so",))))
    assert libssl.name == "libwolfssl.so.46"
    assert provenance_of(libssl).libssl == "libwolfssl.so.46"


def test_the_compiler_is_noted(world, crate) -> None:
    assert provenance_of(world.provision(crate)).compiler == "cc of the test 1.0"


def test_every_recipe_of_the_catalogue_has_a_builder_and_every_family_a_recipe() -> None:
    assert {recipe.builder for recipe in recipes().values()} == {"autotools", "openssl", "cmake", "cargo"}
    assert {entry.family for entry in catalogue().values()} == set(recipes())


def test_every_recipe_of_the_catalogue_names_its_headers() -> None:
    assert all(entry.recipe.headers for entry in libraries().values() if entry.recipe.builder)
