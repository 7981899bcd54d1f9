"""Archives, whole and hostile."""

from __future__ import annotations

import bz2
import gzip
import tarfile
from pathlib import Path

import pytest

from sslspec.adapters.provision import ProvisionError
from sslspec.adapters.provision.unpack import unpack_source


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def one_byte_wrong(content: bytes, place: int) -> bytes:
    damaged = bytearray(content)
    damaged[place] ^= 1
    return bytes(damaged)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_the_only_folder_at_the_top_is_the_source(world, tmp_path) -> None:
    archive = world.tar(tmp_path / "a.tar.gz", {"a-1/x": b"1", "a-1/b/y": b"2"})
    assert unpack_source(archive, tmp_path / "out") == tmp_path / "out" / "a-1"
    assert files(tmp_path / "out") == ["a-1/b/y", "a-1/x"]


def test_or_the_archive_itself(world, tmp_path) -> None:
    assert unpack_source(world.tar(tmp_path / "a.tar.gz", {"x": b"1"}), tmp_path / "out") == tmp_path / "out"


def test_permission_to_execute_is_kept(tmp_path) -> None:
    script = tmp_path / "configure"
    script.write_bytes(b"")
    script.chmod(0o755)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(script, "a/configure")
    assert (unpack_source(tmp_path / "a.tar", tmp_path / "out") / "configure").stat().st_mode & 0o100


def test_links_within_are_kept(world, tmp_path) -> None:
    inside = {"a/x": b"1", "a/b/y": link("a/b/y", "../x"), "a/z": link("a/z", "a/x", tarfile.LNKTYPE)}
    tree = unpack_source(world.tar(tmp_path / "a.tar.gz", inside), tmp_path / "out")
    assert [(tree / name).read_bytes() for name in ("b/y", "z")] == [b"1", b"1"]


@pytest.mark.parametrize(
    "member",
    [
        {"../evil": b""},
        {"/tmp/evil": b""},  # noqa: S108  # nothing is written there
        {"a/../../evil": b""},
        {"..\\evil": b""},
        {"a": link("a", "../evil")},
        {"a": link("a", "/etc/evil")},
        {"a/b": link("a/b", "../../evil")},
        {"a": link("a", "../evil", tarfile.LNKTYPE)},
        {"a": link("a", "."), "a/evil": b""},
        {"a/evil": b"", "a": link("a", "b")},
        {"a": link("a", "b", tarfile.LNKTYPE)},
        {"a": link("a", "a", tarfile.LNKTYPE)},
        {"a": link("a", "b", tarfile.LNKTYPE), "b": b""},
        {"a": link("a", "", tarfile.DIRTYPE), "b": link("b", "a", tarfile.LNKTYPE)},
        {"a": link("a", "", tarfile.FIFOTYPE)},
        {"a": link("a", "", tarfile.CHRTYPE)},
    ],
    ids=lambda member: " ".join(f"{name}->{content.linkname}" if content else name for name, content in member.items()),
)
def test_what_leads_out_of_it_or_nowhere_is_refused(world, tmp_path, member) -> None:
    archive = world.tar(tmp_path / "here" / "a.tar.gz", {"good": b"1", **member})
    with pytest.raises(ProvisionError, match=r"^a\.tar\.gz is refused: ") as caught:
        unpack_source(archive, tmp_path / "here" / "out")
    assert "\n" not in str(caught.value)
    assert files(tmp_path / "here" / "out") == []
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _: b"", "is an empty file"),
        (lambda _: b"a text, for once", r"^a\.tar\.gz is not a tar archive, or is damaged where it begins; give a whole \.tar\.gz$"),
        (lambda _: gzip.compress(b"a text, for once"), "is not a tar archive"),
        (lambda content: content[: len(content) // 2], "cannot be unpacked"),
        (lambda content: content[:-4], "cannot be unpacked"),
        (lambda content: content[:30] + b"\xff\x00" * 8 + content[46:], "is damaged where it begins"),
        (lambda content: one_byte_wrong(content, -8), r"cannot be unpacked \(CRC check failed .*\); is it whole\?$"),
        (lambda content: one_byte_wrong(bz2.compress(gzip.decompress(content)), -8), "cannot be unpacked"),
    ],
    ids=["empty", "text", "compressed text", "half", "cut", "beginning", "sum", "bzip2's sum"],
)
def test_what_is_no_whole_archive(world, tmp_path, change, says: str) -> None:
    archive = world.tar(tmp_path / "a.tar.gz", {"a/x": bytes(range(256)) * 40, "a/y": b"2" * 3000})
    archive.write_bytes(change(archive.read_bytes()))
    with pytest.raises(ProvisionError, match=says):
        unpack_source(archive, tmp_path / "out")


@pytest.mark.parametrize(
    "members", [{"a": b"1", "a/b": b"2"}, {"x" * 300: b"1"}, {"a/b": b"1", "a": b"2"}], ids=["below a file", "long", "over a folder"]
)
def test_names_that_no_folder_can_hold(world, tmp_path, members) -> None:
    archive = world.tar(tmp_path / "a.tar.gz", {"good": b"1", **members})
    with pytest.raises(ProvisionError, match=r"^a\.tar\.gz cannot be unpacked"):
        unpack_source(archive, tmp_path / "out")


def test_a_disk_that_is_full_is_not_the_archives_fault(world, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "extractall", full)
    with pytest.raises(OSError, match="No space left"):
        unpack_source(world.tar(tmp_path / "a.tar.gz", {"x": b"1"}), tmp_path / "out")
