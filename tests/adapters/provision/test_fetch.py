"""Getting the file from cargo, apt and the user; pip's part is in test_init.py, with a stand-in for pip itself."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace

import pytest

from sslspec.adapters.catalogue import catalogue, find, provenance_of
from sslspec.adapters.provision import ProvisionError, openssl_releases
from sslspec.adapters.provision.fetch import fetch_wheel, pip_command, take_archive
from sslspec.adapters.sources import Archive, Crate, Debian, Wheels

ONE_SUM = "0" * 64


class TestCargo:
    def test_is_asked_for_one_version_and_its_archive_is_taken_from_its_cache(self, world, crate) -> None:
        world.provision(crate)
        assert world.calls("cargo") == [["info", "mine-sys@1.2.3"]]
        assert world.said[0] == "mine-1: fetching crate mine-sys 1.2.3"

    def test_brings_another_archive_than_the_pinned_one(self, world, crate) -> None:
        brought = crate.source.sha256
        said = str(world.refused(replace(crate, source=replace(crate.source, sha256=ONE_SUM))))
        assert brought in said
        assert ONE_SUM in said
        assert str(world.cargo_home / "registry" / "cache" / "a-registry" / "mine-sys-1.2.3.crate") in said

    def test_the_pinned_one_of_two_registries_is_taken(self, world, crate) -> None:
        other = world.cargo_home / "registry" / "cache" / "another-registry"
        other.mkdir(parents=True)
        (other / "mine-sys-1.2.3.crate").write_bytes(b"something else")
        assert world.provision(crate).is_file()

    def test_is_not_asked_for_what_it_has(self, world, crate) -> None:
        world.provision(crate)
        world.fails("cargo", "error: no network")
        assert world.provision(replace(crate, name="mine-2")).is_file()

    def test_leaves_nothing_where_it_should(self, world, crate) -> None:
        (world.folder / "registry" / "mine-sys-1.2.3.crate").unlink()
        assert "cargo did not leave crate mine-sys 1.2.3 below" in str(world.refused(crate))

    @pytest.mark.parametrize(
        ("stderr", "says"),
        [
            ("error: could not find `mine-sys@1.2.3` in registry\n", "could not find `mine-sys@1.2.3` in registry"),
            (
                "    Updating index\nerror: failed to query\n\nCaused by:\n  first\n\nCaused by:\n  [6] could not resolve host\n",
                "failed to query ([6] could not resolve host); look at the network, and at the registry in cargo's configuration",
            ),
            ("error: no such command: `info`\n\n\tView all commands\n", "cargo 1.82 or later has it"),
            ("odd\n", "odd"),
            ("", "exit status 101"),
        ],
    )
    def test_says_why_it_brings_nothing(self, world, crate, stderr: str, says: str) -> None:
        world.fails("cargo", stderr, status=101)
        said = str(world.refused(crate))
        assert said.startswith("mine-1: cargo did not bring crate mine-sys 1.2.3: ")
        assert says in said

    def test_that_does_not_end_is_ended(self, world, crate, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sslspec.adapters.provision.fetch.FETCH_LIMIT", 0.5)
        world.hold("cargo")
        assert "within 0 s; look at the network" in str(world.refused(crate))

    def test_a_home_that_is_not_set_is_the_users(self, world, crate, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CARGO_HOME")
        monkeypatch.setenv("HOME", str(world.folder / "home"))
        world.program("cargo", "")
        kept = world.folder / "home" / ".cargo" / "registry" / "cache" / "r"
        kept.mkdir(parents=True)
        (world.folder / "registry" / "mine-sys-1.2.3.crate").rename(kept / "mine-sys-1.2.3.crate")
        assert world.provision(crate).is_file()


class TestReleasesWithoutAnEntry:
    @pytest.fixture
    def releases(self, world, source) -> dict[str, str]:
        members = {f"openssl/{name.removeprefix('src/')}": content for name, content in source.items()}
        sums = {version: world.crate("openssl-src", version, members) for version in ("1.0.0+7.7.7a", "1.0.1+7.7.7a", "1.1.0+7.7.8")}
        crates = [{"vers": version, "cksum": sums[version]} for version in sums]
        withdrawn = [{"vers": version, "cksum": "", "yanked": True} for version in ("1.0.2+7.7.7a", "2.0.0+8.0.0")]
        world.index("openssl-src", {"vers": "0.9.0", "cksum": ""}, *crates, *withdrawn)
        return sums

    def test_come_from_the_newest_crate_that_was_not_withdrawn(self, world, releases) -> None:
        libssl = world.provision(find("openssl-7.7.7a"))
        assert world.calls("cargo") == [["info", "openssl-src"], ["info", "openssl-src@1.0.1+7.7.7a"]]
        known = provenance_of(libssl)
        assert (known.source, known.version) == ("crate openssl-src 1.0.1+7.7.7a", "7.7.7a")
        assert (known.sha256, known.checked) == (releases["1.0.1+7.7.7a"], "the registry's index only")

    @pytest.mark.usefixtures("releases")
    def test_are_those_that_were_not_withdrawn(self, world) -> None:
        assert openssl_releases(world.said.append) == ["7.7.7a", "7.7.8"]
        assert world.calls("cargo") == [["info", "openssl-src"]]

    def test_cannot_be_asked_for(self, world) -> None:
        world.fails("cargo", "error: no network\n")
        with pytest.raises(ProvisionError, match=r"^openssl: cargo could not ask for crate openssl-src: no network"):
            openssl_releases(world.said.append)
        world.lacks("cargo")
        with pytest.raises(ProvisionError, match=r"^openssl: cargo missing here: cargo 1\.82 or later comes with rustup"):
            openssl_releases(world.said.append)

    def test_that_no_crate_has(self, world, releases) -> None:
        assert "no crate openssl-src holds OpenSSL 7.7.9; of that series it has 7.7.7a, 7.7.8" in str(world.refused(find("openssl-7.7.9")))
        assert "it has 4 others" in str(world.refused(find("openssl-9.9.9")))
        assert len(releases) == 3

    def test_whose_archive_is_not_what_the_index_names(self, world, releases) -> None:
        archive = world.folder / "registry" / "openssl-src-1.1.0+7.7.8.crate"
        archive.write_bytes(archive.read_bytes() + b"!")
        said = str(world.refused(find("openssl-7.7.8")))
        assert "is not the file that the registry's index names" in said
        assert releases["1.1.0+7.7.8"] in said

    def test_of_a_registry_that_does_not_answer(self, world) -> None:
        world.fails("cargo", "error: failed to query\n\nCaused by:\n  [28] timed out\n")
        assert "cargo could not ask for crate openssl-src: failed to query ([28] timed out)" in str(world.refused(find("openssl-7.7.8")))


class TestApt:
    def test_brings_the_name_that_the_mirror_has(self, world, package) -> None:
        libssl = world.provision(package)
        assert world.calls("apt-get") == [["download", "libmine9t64"]]
        assert sorted(path.name for path in libssl.parent.glob("lib*")) == ["libcrypto.so.9", "libssl.so.9"]
        known = provenance_of(libssl)
        assert (known.version, known.source) == ("3.0.22+dfsg", "Debian package libmine9t64 1:3.0.22+dfsg-1~deb12u2")
        assert known.checked == "apt"

    def test_the_catalogues_own_version_counts_where_there_is_one(self, world, package) -> None:
        assert provenance_of(world.provision(replace(package, version="0.2022"))).version == "0.2022"

    def test_knows_no_such_package(self, world, package) -> None:
        said = str(world.refused(replace(package, source=Debian(("libother", "libelse")))))
        assert said == "mine-debian: apt knows no package libother or libelse; `apt-get update` may bring it"

    def test_has_only_heard_of_it(self, world, package) -> None:
        world.package("libmine9", "(none)")
        world.provision(package)
        assert world.calls("apt-get") == [["download", "libmine9t64"]]

    def test_says_why_it_brings_nothing(self, world, package) -> None:
        world.fails("apt-get", "W: running unsandboxed\nE: Failed to fetch it  404  Not Found\nE: Unable to fetch\n", status=100)
        said = str(world.refused(package))
        assert said == "mine-debian: apt did not bring libmine9t64: Failed to fetch it  404  Not Found; `apt-get update` may help"

    def test_brings_what_dpkg_cannot_read(self, world, package) -> None:
        world.fails("dpkg-deb", "dpkg-deb: error: 'x' is not a Debian format archive\n", status=2)
        assert "dpkg cannot read libmine9t64" in str(world.refused(package))

    def test_leaves_another_number_of_files(self, world, package) -> None:
        world.program("apt-get", "")
        assert "apt left 0 packages where one was asked for" in str(world.refused(package))

    def test_brings_a_package_without_a_libssl(self, world, package) -> None:
        for libssl in (world.folder / "files").rglob("libssl*"):
            libssl.unlink()
        assert "holds no libssl" in str(world.refused(package))


class TestArchives:
    def test_are_taken_as_they_are(self, tmp_path) -> None:
        (tmp_path / "a.tar.gz").write_bytes(b"content")
        fetched = take_archive(Archive(tmp_path / "a.tar.gz"))
        assert (fetched.file, fetched.checked) == (tmp_path / "a.tar.gz", "not checked")
        assert fetched.sha256 == hashlib.sha256(b"content").hexdigest()
        wanted = fetched.sha256.upper()
        assert take_archive(Archive(tmp_path / "a.tar.gz", wanted)).checked == "SHA-256 given by the user"

    @pytest.mark.parametrize(
        ("path", "says"),
        [
            ("folder", "folder is a folder; pack it"),
            ("nothing", "does not exist"),
            ("other", f"^other is not the file that you name: SHA-256 .* instead of {ONE_SUM}"),
        ],
    )
    def test_that_are_not_what_is_meant(self, tmp_path, path: str, says: str) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "other").write_bytes(b"x")
        with pytest.raises(ProvisionError, match=says):
            take_archive(Archive(tmp_path / path, ONE_SUM))
        assert (tmp_path / "other").read_bytes() == b"x"

    def test_that_may_not_be_read(self, tmp_path) -> None:
        (tmp_path / "a.tar.gz").write_bytes(b"content")
        (tmp_path / "a.tar.gz").chmod(0)
        if os.access(tmp_path / "a.tar.gz", os.R_OK):
            pytest.skip("this user may read everything")
        with pytest.raises(ProvisionError, match="cannot be read: Permission denied"):
            take_archive(Archive(tmp_path / "a.tar.gz"))


def test_the_command_is_this_pythons_pip(tmp_path) -> None:
    source = catalogue()["openssl-1.1.1k"].source
    assert pip_command(source, source.wheels["x86_64"], tmp_path)[:4] == [sys.executable, "-P", "-m", "pip"]


def test_the_wheel_of_another_machine_really_comes_and_is_the_pinned_one(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is downloaded and checked here, and run nowhere."""
    monkeypatch.setenv("PIP_RETRIES", "1")
    source = catalogue()["openssl-1.1.1w"].source
    assert isinstance(source, Wheels)
    try:
        fetched = fetch_wheel(source, source.wheels["aarch64"], world.workshop())
    except ProvisionError as error:
        if "no package registry offers it" not in str(error):
            raise
        pytest.skip(str(error))
    assert fetched.sha256 == source.wheels["aarch64"].sha256


def test_a_crate_says_what_it_is() -> None:
    assert str(Crate("a", None, None, "")) == "crate a"
