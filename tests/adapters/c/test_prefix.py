"""What is found in an installation or a build, and what is said of a folder that is neither."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sslspec.adapters.c.prefix import Prefix, find_prefix
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    Folder = Callable[..., Path]


def names(paths: tuple[Path, ...], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in paths]


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        find_prefix(path)
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    return said.replace(str(path), "PREFIX")


@pytest.mark.parametrize("place", [".", "lib", "lib64", "lib/x86_64-linux-gnu"])
def test_an_installation(folder: Folder, place: str) -> None:
    prefix = folder("include/openssl/ssl.h", f"{place}/libssl.so", f"{place}/libssl.so.3", f"{place}/libcrypto.so.3", f"{place}/libssl.a")
    found = find_prefix(prefix)
    assert (found.kind, found.is_shared) == ("openssl", True)
    assert names(found.headers, prefix) == ["include"]
    assert names(found.libraries, prefix) == [str(Path(place, name)) for name in ("libssl.so", "libcrypto.so.3")]


def test_static_libraries_where_there_are_no_shared_ones(folder: Folder) -> None:
    prefix = folder("include/openssl/ssl.h", "lib/libssl.a", "lib/libcrypto.a", "lib/libcrypto.so")
    found = find_prefix(prefix)
    assert names(found.libraries, prefix) == ["lib/libssl.a", "lib/libcrypto.a"]
    assert not found.is_shared


def test_where_libtool_leaves_libressl(folder: Folder) -> None:
    prefix = folder("include/openssl/ssl.h", "ssl/.libs/libssl.so", "crypto/.libs/libcrypto.so", "ssl/ssl_lib.c")
    assert names(find_prefix(prefix).libraries, prefix) == ["ssl/.libs/libssl.so", "crypto/.libs/libcrypto.so"]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("CMakeCache.txt", "CMAKE_HOME_DIRECTORY:INTERNAL={source}\n"),
        ("Makefile", "PLATFORM=linux-x86_64\nSRCDIR=../source\nBLDDIR=.\n"),
        ("Makefile", "srcdir = ../source\n"),
    ],
)
def test_a_build_beside_its_source_has_the_headers_of_both(folder: Folder, file: str, content: str) -> None:
    top = folder("source/include/openssl/ssl.h", "build/include/openssl/opensslconf.h", "build/libssl.a", "build/libcrypto.a")
    (top / "build" / file).write_text(content.format(source=top / "source"))
    assert names(find_prefix(top / "build").headers, top) == ["build/include", "source/include"]


def test_wolfssl_is_in_one_piece_and_makes_its_options(folder: Folder) -> None:
    top = folder("wolfssl/ssl.h", "build/wolfssl/options.h", "build/libwolfssl.so.46")
    (top / "build" / "CMakeCache.txt").write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={top}\n")
    found = find_prefix(top / "build")
    assert (found.kind, names(found.libraries, top)) == ("wolfssl", ["build/libwolfssl.so.46"])
    assert names(found.headers, top) == ["build", "."]


def test_openssl_comes_first_where_both_are_installed(folder: Folder) -> None:
    prefix = folder("include/openssl/ssl.h", "include/wolfssl/ssl.h", "lib/libssl.so", "lib/libcrypto.so", "lib/libwolfssl.so")
    assert find_prefix(prefix).kind == "openssl"


@pytest.mark.parametrize(("mark", "sanitizer"), [("__asan_init", "address"), ("__tsan_init", "thread")])
def test_the_sanitizer_is_seen_in_the_library(tmp_path: Path, mark: str, sanitizer: str) -> None:
    (tmp_path / "libssl.so").write_bytes(b"\x7fELF\0" + mark.encode() + b"\0")
    found = Prefix("openssl", (), (tmp_path / "libssl.so",)).sanitizer()
    assert found is not None
    assert found.option == sanitizer


@pytest.mark.parametrize("content", ["", "SSL_new"])
def test_a_plain_library_has_no_sanitizer(tmp_path: Path, content: str) -> None:
    (tmp_path / "libssl.so").write_text(content)
    assert Prefix("openssl", (), (tmp_path / "libssl.so",)).sanitizer() is None


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ((), "PREFIX has neither headers (include/openssl/ssl.h) nor a libssl; name the folder of an installation or a build"),
        (("lib/libssl.so", "lib/libcrypto.so"), "PREFIX has a library and no headers"),
        (("lib/libssl.so", "lib/libcrypto.so", "include/openssl/opensslconf.h"), "PREFIX has a library and no headers"),
        (("include/openssl/ssl.h",), "PREFIX has headers and no library"),
        (("include/openssl/ssl.h", "libssl.so"), "PREFIX has headers and no library"),
        (("include/openssl/ssl.h", "libssl.so.bak-1", "libcrypto.so"), "PREFIX has headers and no library"),
    ],
)
def test_what_is_missing_is_said(folder: Folder, files: tuple[str, ...], says: str) -> None:
    assert refused(folder(*files)).startswith(says)


def test_a_file_is_no_folder(folder: Folder) -> None:
    assert refused(folder("libssl.so") / "libssl.so") == "PREFIX is a file; name the folder of an installation or a build"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == "PREFIX does not exist"
