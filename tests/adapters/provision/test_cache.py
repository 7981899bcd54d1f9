"""The cache folder, and what older and broken versions of it hold."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sslspec.adapters.catalogue import find, folder_of, library_of, machine, others, provenance_of, size_of
from sslspec.adapters.provenance import FILE
from sslspec.adapters.provision import ProvisionError, provision_archive, remove, remove_leftovers, size_of_leftovers
from sslspec.adapters.provision.cache import log_of, work_folder
from sslspec.adapters.sources import Archive, Crate


def test_the_second_call_asks_nobody(world, crate) -> None:
    first = world.provision(crate)
    world.lacks("cargo", "cmake", "cc")
    world.said.clear()
    assert world.provision(crate) == first
    assert world.said == []


@pytest.mark.parametrize(
    "content",
    ["", "no JSON", "[]", "{}", "7", '{"layout": 1}', '{"layout": 0}', None, "\xff"],
    ids=["empty", "text", "list", "object", "number", "fields", "layout", "absent", "bytes"],
)
def test_a_folder_whose_provenance_cannot_be_read_is_made_again(world, crate, content: str | None) -> None:
    folder = world.provision(crate).parent
    if content is None:
        (folder / FILE).unlink()
    else:
        (folder / FILE).write_bytes(content.encode("latin-1"))
    (folder / "left by an older version").touch()
    assert library_of(crate) is None
    assert others() == []
    assert provenance_of(folder / "libssl.so.9") is None
    world.provision(crate)
    assert sorted(path.name for path in folder.iterdir()) == ["libcrypto.so.9", "libssl.so.9", FILE]
    assert world.left() == [folder.name]


@pytest.mark.parametrize(
    ("key", "value"),
    [("layout", 2), ("name", 1), ("libssl", None), ("recipe_version", "1"), ("libssl", "../libssl.so.9"), ("name", "other"), ("new", "")],
)
def test_a_provenance_of_another_version_is_not_taken(world, crate, key: str, value: object) -> None:
    file = world.provision(crate).parent / FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    assert library_of(crate) is None


def test_what_an_older_recipe_made_is_made_again(world, crate) -> None:
    libssl = world.provision(crate)
    newer = replace(crate, recipe=replace(crate.recipe, version=2))
    assert library_of(newer) is None
    assert world.provision(newer) == libssl
    assert provenance_of(libssl).recipe_version == 2


def test_what_was_there_stays_when_its_successor_cannot_be_made(world, crate) -> None:
    libssl = world.provision(crate)
    world.fails("cmake", "no")
    with pytest.raises(ProvisionError, match="failed with exit status 1"):
        world.provision(replace(crate, recipe=replace(crate.recipe, version=2)))
    assert provenance_of(libssl) is not None
    assert world.left() == [libssl.parent.name]


def test_a_disk_that_is_full_in_the_end(world, crate, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert "cannot be written: No space left on device" in str(world.refused(crate))


def test_leftovers_of_this_library_are_removed_and_others_are_not(world, crate) -> None:
    world.cache.mkdir(parents=True)
    names = {name: world.cache / name for name in (f".work-{folder_of(crate).name}-abcd", ".work-other-1-x86_64-abcd", ".incoming-abcd")}
    for path in names.values():
        path.mkdir()
    libssl = world.provision(crate)
    assert world.left() == [".work-other-1-x86_64-abcd", libssl.parent.name]


def test_removing_says_what_it_frees_and_takes_the_log_along(world, crate) -> None:
    assert remove(crate) is None
    world.provision(crate)
    log = world.cache.parent / "logs" / f"{folder_of(crate).name}.log"
    log.write_text("of an earlier failure")
    size = size_of(crate)
    assert size > 500
    assert remove(crate) == size
    assert (world.left(), log.exists(), size_of(crate)) == ([], False, 0)


def leave(world) -> list[Path]:
    """Leave what killed and failed builds leave, of 1000 bytes each, and return it; put beside it what is not theirs."""
    logs = world.cache.parent / "logs"
    names = [f".work-mine-1-{machine()}-ab_1/x/y.o", f".work-mine-1-{machine()}-cd_2/y.o", ".incoming-abcd/y.o"]
    files = [*(world.cache / name for name in names), logs / f"mine-2-{machine()}.log"]
    # Of another machine that shares this home, and what nobody knows.
    for file in (*files, world.cache / ".work-mine-1-vax-ab_1" / "x", world.cache / ".work-mine" / "x", logs / "notes"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * 1000)
    (world.cache / f".mine-1-{machine()}.lock").touch()
    return files


class TestLeftovers:
    def test_are_counted_and_removed(self, world, crate) -> None:
        library = world.provision(replace(crate, name="mine-3")).parent
        files = leave(world)
        assert size_of_leftovers() == 4000
        assert remove_leftovers(world.said.append) == 4000
        assert [file for file in files if file.exists()] == []
        assert sorted(path.name for path in world.cache.iterdir()) == [".work-mine", ".work-mine-1-vax-ab_1", library.name]
        assert [path.name for path in (world.cache.parent / "logs").iterdir()] == ["notes"]
        assert (size_of_leftovers(), remove_leftovers(world.said.append)) == (0, 0)

    def test_are_the_programs_that_were_compiled_too(self, world) -> None:
        programs = [world.cache.parent / "workers" / f"1a2b-3c4d-{name}" for name in (machine(), "vax")]
        programs[0].parent.mkdir(parents=True)
        for program in programs:
            program.write_bytes(b"x" * 1000)
        assert size_of_leftovers() == 0
        assert remove_leftovers(world.said.append) == 1000
        assert [program.exists() for program in programs] == [False, True]

    def test_of_what_another_is_building_are_not_touched(self, world) -> None:
        folder = world.cache / f"mine-1-{machine()}"
        with work_folder(folder, world.said.append) as work:
            (work / "x.o").write_bytes(b"x" * 70)
            log_of(folder).parent.mkdir()
            log_of(folder).touch()
            assert (size_of_leftovers(), remove_leftovers(world.said.append)) == (70, 0)
            assert world.said == [f"mine-1-{machine()}: left alone, another sslspec is at work on it"]
            assert (work / "x.o").is_file()
            assert log_of(folder).is_file()
            assert (world.cache / f".mine-1-{machine()}.lock").exists()

    def test_there_are_none_where_there_is_no_cache(self, world) -> None:
        assert (size_of_leftovers(), remove_leftovers(world.said.append)) == (0, 0)
        assert not world.cache.parent.exists()

    def test_that_cannot_be_removed_are_told(self, world, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        files = leave(world)
        monkeypatch.setattr(shutil, "rmtree", refuse)
        with pytest.raises(ProvisionError, match=r"cannot be written: Permission denied; mend that"):
            remove_leftovers(world.said.append)
        assert files[0].exists()


class TestArchives:
    @pytest.fixture
    def archive(self, world, source):
        members = {f"a/{name.removeprefix('src/')}": content for name, content in source.items()}
        version = b'#define LIBWOLFSSL_VERSION_STRING "5.9.9"\n'
        world.makes("libwolfssl.so.99")
        return world.tar(world.folder / "own.tar.gz", {**members, "a/wolfssl/version.h": version})

    def test_have_a_name_of_their_own_and_are_known_by_it(self, world, archive) -> None:
        name, libssl = provision_archive("wolfssl", Archive(archive), world.said.append)
        assert name == "wolfssl-5.9.9+file"
        entry = find(name)
        assert (entry.family, entry.version) == ("wolfssl", "5.9.9")
        assert library_of(entry) == libssl
        known = provenance_of(libssl)
        assert (known.source, known.checked) == ("own.tar.gz, given by the user", "not checked")
        assert world.left() == [libssl.parent.name]

    def test_can_be_given_another(self, world, archive) -> None:
        name, libssl = provision_archive("wolfssl", Archive(archive), world.said.append, name="wolfssl-patched")
        assert (name, library_of(find("wolfssl-patched"))) == ("wolfssl-patched", libssl)
        assert [entry.name for entry in others()] == ["wolfssl-patched"]

    def test_are_not_built_twice(self, world, archive) -> None:
        first = provision_archive("wolfssl", Archive(archive), world.said.append)
        calls = len(world.calls("cmake"))
        assert provision_archive("wolfssl", Archive(archive), world.said.append) == first
        assert len(world.calls("cmake")) == calls

    def test_are_built_again_under_another_name(self, world, archive) -> None:
        provision_archive("wolfssl", Archive(archive), world.said.append)
        name, libssl = provision_archive("wolfssl", Archive(archive), world.said.append, name="wolfssl-patched")
        assert (name, library_of(find("wolfssl-patched"))) == ("wolfssl-patched", libssl)
        assert {entry.name for entry in others()} == {"wolfssl-5.9.9+file", "wolfssl-patched"}

    def test_do_not_take_the_place_of_another(self, world, archive) -> None:
        _, libssl = provision_archive("wolfssl", Archive(archive), world.said.append)
        before = (libssl.parent / FILE).read_text()
        archive.write_bytes(
            world.tar(world.folder / "b.tar.gz", {"a/wolfssl/version.h": b'LIBWOLFSSL_VERSION_STRING "5.9.9"'}).read_bytes()
        )
        with pytest.raises(
            ProvisionError, match=r"wolfssl-5\.9\.9\+file is there, made of own\.tar\.gz, given by the user, SHA-256 .*--remove"
        ):
            provision_archive("wolfssl", Archive(archive), world.said.append)
        assert (libssl.parent / FILE).read_text() == before
        assert world.left() == [libssl.parent.name]

    @pytest.mark.parametrize("name", ["", "-x", "../x", "a/b", "a b", "x" * 99, "openssl-1.1.1k", "model", "system", "openssl-7.7.7"])
    def test_cannot_be_called_anything(self, world, archive, name: str) -> None:
        with pytest.raises(ProvisionError, match=r"cannot be the name of a library|is the name of another library"):
            provision_archive("wolfssl", Archive(archive), world.said.append, name=name)
        assert world.left() == []

    def test_need_programs(self, world, archive) -> None:
        world.lacks("cmake")
        with pytest.raises(ProvisionError, match=r"^wolfssl: cmake missing here: `apt-get install cmake`$"):
            provision_archive("wolfssl", Archive(archive), world.said.append)

    def test_of_another_family_leave_nothing(self, world, archive) -> None:
        with pytest.raises(ProvisionError, match="holds wolfssl, not libressl"):
            provision_archive("libressl", Archive(archive), world.said.append)
        assert world.left() == []

    def test_that_an_older_version_built_say_how_they_come_back(self, world, archive) -> None:
        _, libssl = provision_archive("wolfssl", Archive(archive), world.said.append)
        file = libssl.parent / FILE
        file.write_text(json.dumps({**json.loads(file.read_text()), "recipe_version": 0}))
        entry = find("wolfssl-5.9.9+file")
        with pytest.raises(ProvisionError, match=r"by an older version: `sslspec provision wolfssl --from` builds it again"):
            world.provision(entry)
        assert provision_archive("wolfssl", Archive(archive), world.said.append)[1] == libssl
        assert library_of(entry) == libssl


def test_a_crate_that_is_an_archive_in_an_archive(world, crate, source) -> None:
    members = {f"own-1/{name.removeprefix('src/')}": content for name, content in source.items()}
    inner = world.tar(world.folder / "own-1.tar.gz", members).read_bytes()
    sha256 = world.crate("mine-sys", "2.0.0", {"own-1.tar.gz": inner})
    assert world.provision(replace(crate, source=Crate("mine-sys", "2.0.0", sha256, "own-1.tar.gz"))).is_file()
