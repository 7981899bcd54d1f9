"""From what a user asks for to what can be opened."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from sslspec.adapters import resolve
from sslspec.adapters.c.prefix import Prefix
from sslspec.adapters.catalogue import catalogue
from sslspec.adapters.errors import LibraryNotLoaded
from sslspec.adapters.implementation import Implementation, ask_directly, files_of
from sslspec.adapters.model import Model
from sslspec.adapters.provenance import PINNED, Provenance
from sslspec.adapters.resolve import BINDINGS, default_names, foreign, known_names, open_native, openers, reopened
from sslspec.adapters.sources import Entry
from sslspec.adapters.worker.client import Program, python_worker
from sslspec.errors import UsageError
from sslspec.record import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

EDITION = "openssl-1.1.1"


@pytest.fixture
def there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the system's library away."""
    monkeypatch.setattr(resolve, "system_library", lambda: None)


@pytest.fixture
def libssl_file(tmp_path: Path) -> Path:
    """Return a file that is called like a libssl and is none; nothing opens it here."""
    path = tmp_path / "libssl.so.3"
    path.write_bytes(b"no library")
    return path


def refused(*requested: str) -> str:
    with pytest.raises(UsageError) as caught:
        openers(requested, EDITION)
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    return said


class TestNames:
    def test_come_back_in_the_order_in_which_they_were_asked_for(self, libssl_file: Path) -> None:
        requested = [f"mine={libssl_file}", "openssl-1.1.1k", "model", "pyopenssl"]
        assert list(openers(requested, EDITION)) == ["mine", "openssl-1.1.1k", "model", "pyopenssl"]

    @pytest.mark.parametrize("requested", [None, [], ()])
    def test_without_a_request_are_the_default_ones(self, requested: list[str] | None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolve, "system_library", lambda: Path("/lib/libssl.so.3"))
        assert default_names() == ["model", "pyopenssl", "cpython", "system"]
        assert list(openers(requested, EDITION)) == default_names()

    @pytest.mark.usefixtures("there_is_none")
    def test_of_a_system_without_a_library_lack_it(self) -> None:
        assert list(openers(None, EDITION)) == ["model", "pyopenssl", "cpython"]
        assert refused("system") == "this system has no libssl that could be found; name one: -i system=PATH"

    @pytest.mark.usefixtures("there_is_none")
    def test_of_a_system_without_a_library_can_be_given(self, libssl_file: Path) -> None:
        assert list(openers([f"system={libssl_file}"], EDITION)) == ["system"]

    @pytest.mark.usefixtures("there_is_none")
    @pytest.mark.parametrize("name", [name for name in known_names() if name != "system"])
    def test_that_are_known_are_taken_and_nothing_is_opened(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolve, "identify", None)
        monkeypatch.setattr(resolve, "provision", None)
        assert list(openers([name], EDITION)) == [name]

    def test_that_nothing_has_suggest_the_closest(self) -> None:
        assert refused("openssl-1.1.x").startswith("no implementation is called 'openssl-1.1.x'; did you mean openssl-1.1.1")
        assert refused("pyopensl") == "no implementation is called 'pyopensl'; did you mean pyopenssl?"
        assert refused("Model") == "no implementation is called 'Model'; did you mean model?"

    def test_of_any_release_of_openssl_are_taken(self) -> None:
        assert list(openers(["openssl-3.2.1", "openssl-1.1.1x"], EDITION)) == ["openssl-3.2.1", "openssl-1.1.1x"]

    def test_that_are_like_no_other_show_what_there_is(self) -> None:
        assert refused("zzz").startswith("no implementation is called 'zzz'; `sslspec list")

    @pytest.mark.parametrize("request_", ["", "=", "mine=", "=/lib/libssl.so.3"])
    def test_that_are_none(self, request_: str) -> None:
        assert refused(request_) == f"{request_!r} names no library; write NAME or NAME=PATH"

    def test_that_are_given_twice(self, libssl_file: Path) -> None:
        said = "two implementations are called 'model'; give one of them another name: -i OTHER=PATH"
        assert refused("model", "model") == said
        assert refused("model", f"model={libssl_file}") == said
        assert list(openers([f"one={libssl_file}", f"two={libssl_file}"], EDITION)) == ["one", "two"]


class TestPaths:
    def test_of_nothing(self, tmp_path: Path) -> None:
        assert refused(f"mine={tmp_path / 'no'}") == f"{tmp_path / 'no'} does not exist"

    def test_of_a_folder_without_a_libssl(self, tmp_path: Path) -> None:
        assert refused(f"mine={tmp_path}").startswith(f"{tmp_path} holds no libssl.so")

    def test_of_a_folder_with_two(self, tmp_path: Path) -> None:
        for name in ("libssl.so.1.1", "libssl.so.3"):
            (tmp_path / name).write_bytes(name.encode())
        assert refused(f"mine={tmp_path}").startswith(f"{tmp_path} holds 2 different libssl; name one of them: ")

    def test_of_a_folder_mean_the_libssl_in_it(self, libssl_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[tuple[str, Path]] = []
        monkeypatch.setattr(resolve, "open_native", lambda name, path: opened.append((name, path)))
        openers([f"mine={libssl_file.parent}"], EDITION)["mine"]()
        assert opened == [("mine", libssl_file.resolve())]

    def test_may_have_an_equals_sign(self, tmp_path: Path) -> None:
        folder = tmp_path / "a=b"
        folder.mkdir()
        (folder / "libssl.so").write_bytes(b"x")
        assert list(openers([f"mine={folder}"], EDITION)) == ["mine"]

    def test_of_what_is_no_library_are_found_out_when_it_is_opened(self, libssl_file: Path) -> None:
        with pytest.raises(LibraryNotLoaded, match="is not a shared library"):
            openers([f"mine={libssl_file}"], EDITION)["mine"]()


class TestBuilds:
    @pytest.fixture
    def installation(self, tmp_path: Path) -> Path:
        for name in ("include/openssl/ssl.h", "lib/libssl.so", "lib/libcrypto.so"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(name)
        return tmp_path

    def test_of_an_installation_are_taken_and_nothing_is_compiled(self, installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolve, "compiled", None)
        assert list(openers([f"mine=build:{installation}"], EDITION)) == ["mine"]

    @pytest.mark.parametrize("what", ["", "model", "pyopenssl", "system"])
    def test_of_nothing_that_could_be_compiled_against(self, what: str) -> None:
        assert refused(f"mine=build:{what}").startswith("after build: write the folder of an installation or a build, or a name")

    def test_of_what_has_no_headers(self) -> None:
        assert refused("mine=build:openssl-1.1.1k") == (
            "openssl-1.1.1k comes ready-made and without headers; build: needs a library that is built from source"
        )

    def test_of_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert refused(f"mine=build:{tmp_path}/no") == f"{tmp_path}/no does not exist"

    @pytest.mark.parametrize("request_", ["mine=build:libressl-3.1.0", "libressl-3.1.0+asan"])
    def test_of_the_catalogue_are_brought_in_when_they_are_opened(
        self, request_: str, installation: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[tuple[str, Path]] = []
        monkeypatch.setattr(resolve, "provision", lambda _entry, _say: installation / "lib/libssl.so")
        monkeypatch.setattr(resolve, "open_built", lambda name, prefix, _proofs: opened.append((name, prefix.libraries[0])))
        (opener,) = openers([request_], EDITION).values()
        assert opened == []
        (installation / "lib/include").symlink_to(installation / "include")
        opener()
        assert opened == [(request_.partition("=")[0], installation / "lib/libssl.so")]

    def test_of_what_was_brought_in_before_headers_were_kept(self, installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolve, "provision", lambda _entry, _say: installation / "lib/libssl.so")
        with pytest.raises(LibraryNotLoaded, match=r"has no headers beside it: `sslspec provision --remove libressl-3\.1\.0`, and it is"):
            openers(["mine=build:libressl-3.1.0"], EDITION)["mine"]()

    @pytest.mark.parametrize(("loaded", "kind"), [([], "a"), (["libssl.so"], "so")])
    def test_name_the_files_that_are_driven(
        self, installation: Path, loaded: list[str], kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A static library is part of the program: no file of it is mapped."""
        library = installation / "lib" / f"libssl.{kind}"
        library.write_text("a library")
        self._says(monkeypatch, *(installation / "lib" / name for name in loaded))
        opened = resolve.open_built("mine", Prefix("openssl", (), (library,)))
        assert [file.path for file in opened.identity.files] == [str(library)]
        assert all(file.sha256 for file in opened.identity.files)

    def test_that_run_with_another_library_are_refused(self, installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        library = installation / "lib/libssl.so"
        self._says(monkeypatch, library, Path("/elsewhere/libcrypto.so.3"))
        with pytest.raises(LibraryNotLoaded, match=r"libssl\.so was linked and /elsewhere/libcrypto\.so\.3 is loaded$"):
            resolve.open_built("mine", Prefix("openssl", (), (library,)))

    @staticmethod
    def _says(monkeypatch: pytest.MonkeyPatch, *files: Path) -> None:
        said = Identity("mine", "openssl", "OpenSSL 9.9", files=files_of(map(str, files)), release="9.9")
        monkeypatch.setattr(resolve, "compiled", lambda _: Path("worker"))
        monkeypatch.setattr(resolve, "identify", lambda *_: Implementation(said, ask_directly(Model("openssl-1.1.1"))))


class TestOpening:
    @pytest.fixture
    def opened(self, request: pytest.FixtureRequest) -> Iterator[Implementation]:
        implementation = openers([request.param], "openbsd-2016")[request.param]()
        yield implementation
        implementation.close()

    @pytest.mark.parametrize("opened", ["model"], indirect=True)
    def test_the_model_of_the_edition(self, opened: Implementation) -> None:
        assert (opened.name, opened.identity.version) == ("model", "model of openbsd-2016")
        assert all(proof.proven for proof in opened.identity.proofs)

    @pytest.mark.parametrize("opened", ["pyopenssl"], indirect=True)
    def test_pyopenssl(self, opened: Implementation) -> None:
        assert opened.name == "pyopenssl"
        assert "pyOpenSSL" in opened.identity.version

    def test_a_path(self, system_libssl: Path) -> None:
        implementation = openers([f"mine={system_libssl}"], EDITION)["mine"]()
        implementation.close()
        assert implementation.name == "mine"
        assert str(system_libssl.resolve()) in [file.path for file in implementation.identity.files]

    def test_a_name_of_the_catalogue_is_brought_in_when_it_is_opened(self, system_libssl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        brought: list[str] = []

        def bring(entry: Entry, _: object) -> Path:
            brought.append(entry.name)
            return system_libssl

        monkeypatch.setattr(resolve, "provision", bring)
        opener = openers(["openssl-1.1.1k"], EDITION)["openssl-1.1.1k"]
        assert brought == []
        implementation = opener()
        implementation.close()
        assert brought == ["openssl-1.1.1k"]
        assert implementation.name == "openssl-1.1.1k"

    @pytest.mark.parametrize(("known", "release"), [("0.20261030", "0.20261030"), ("", "9.9")])
    def test_the_release_is_what_it_was_brought_in_as(
        self, known: str, release: str, libssl_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """BoringSSL says none of its own, and all that is expected of it hangs on that."""
        said = Identity("boring", "boringssl", "BoringSSL", release="9.9")
        provenance = Provenance("boring", "boringssl", known, "crate boring-sys 5.4.0", "", PINNED, "boringssl", 1, "", "libssl.so")
        monkeypatch.setattr(resolve, "identify", lambda *_: Implementation(said, ask_directly(Model("openssl-1.1.1"))))
        monkeypatch.setattr(resolve, "provenance_of", lambda _: provenance)
        identity = resolve.open_native("boring", libssl_file).identity
        assert (identity.release, identity.source) == (release, "crate boring-sys 5.4.0 (SHA-256 pinned in the catalogue)")
        monkeypatch.setattr(resolve, "provenance_of", lambda _: None)
        assert resolve.open_native("boring", libssl_file).identity == said

    def test_what_another_process_has_proven_is_taken_over(self, system_libssl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        request = f"mine={system_libssl}"
        before = openers([request], EDITION)["mine"]()
        before.close()
        monkeypatch.setattr("sslspec.adapters.implementation.probe", Mock(side_effect=AssertionError("it was probed again")))
        known = replace(before.identity, proofs=tuple(replace(proof, reason="told") for proof in before.identity.proofs))
        again = reopened(request, EDITION, known)
        again.close()
        assert again.identity == known

    @pytest.mark.parametrize("other", [{"version": "OpenSSL 0.9.8"}, {"files": ()}, {"family": "libressl"}, {"release": "0.9.8"}])
    def test_what_another_process_has_opened_must_be_the_same(self, other: dict[str, Any]) -> None:
        before = openers(["pyopenssl"], EDITION)["pyopenssl"]()
        before.close()
        with pytest.raises(LibraryNotLoaded, match=r"^pyopenssl is not the one that the run began with, by its version or its files"):
            reopened("pyopenssl", EDITION, replace(before.identity, **other))

    def test_what_has_a_process_can_be_hurried(self, system_libssl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        limits: list[float] = []
        monkeypatch.setattr(resolve.WorkerClient, "hurry", lambda _, limit: limits.append(limit))
        for opener in openers(["pyopenssl", f"mine={system_libssl}"], EDITION).values():
            implementation = opener()
            implementation.hurry(1.5)
            implementation.close()
        assert limits == [1.5, 1.5]

    def test_a_relative_path(self, system_libssl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(system_libssl.parent)
        implementation = open_native("mine", Path(system_libssl.name))
        implementation.close()
        assert implementation.identity.files


def test_every_name_of_the_catalogue_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLSPEC_CACHE", str(tmp_path))
    assert known_names() == ["model", "pyopenssl", "cpython", "system", *catalogue()]


class TestPrograms:
    """What `check-adapter` asks, which is what `-i` would start."""

    @pytest.mark.parametrize("name", BINDINGS)
    def test_of_a_binding_are_our_worker_with_its_driver(self, name: str) -> None:
        program, settings = foreign([name])
        assert program == python_worker()
        assert settings["driver"] == BINDINGS[name]

    def test_of_the_systems_library_are_our_worker_with_its_path(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolve, "system_library", lambda: Path("/lib/libssl.so.3"))
        program, settings = foreign(["system"])
        assert program == python_worker("/lib")
        assert settings["path"] == "/lib/libssl.so.3"

    def test_of_the_catalogue_are_what_was_built(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolve, "library_of", lambda _: Path("/cache/built"))
        assert foreign(["rust-openssl"])[0] == Program(("/cache/built",))
        program, settings = foreign(["openssl-1.1.1k"])
        assert (program.folder, settings["path"]) == ("/cache", "/cache/built")

    @pytest.mark.parametrize("name", ["rust-openssl", "openssl-1.1.1k"])
    def test_that_are_not_here_yet_are_not_brought(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resolve, "library_of", lambda _: None)
        with pytest.raises(UsageError, match=f"^{name} is not here yet: `sslspec provision {name}` brings it$"):
            foreign([name])

    def test_of_somebody_else_are_started_as_they_are_named(self) -> None:
        program, settings = foreign([sys.executable, "cpython"])
        assert program == Program((sys.executable, "cpython"))
        assert set(settings) == {"certificate", "key"}

    @pytest.mark.parametrize("name", ["model", "no-such-program"])
    def test_that_there_are_not(self, name: str) -> None:
        with pytest.raises(UsageError, match=f"there is no program '{name}' that could be run"):
            foreign([name])
