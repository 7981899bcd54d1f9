"""What a source tree is."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sslspec.adapters.catalogue import families
from sslspec.adapters.provision import ProvisionError
from sslspec.adapters.provision.archives import version_in

#: (family, version, files), each with the lines that the real file has.
TREES = [
    ("openssl", "1.0.2q", {"crypto/opensslv.h": '# define OPENSSL_VERSION_TEXT    "OpenSSL 1.0.2q  20 Nov 2018"'}),
    ("openssl", "1.1.1k", {"include/openssl/opensslv.h": '# define OPENSSL_VERSION_TEXT    "OpenSSL 1.1.1k  25 Mar 2021"'}),
    ("openssl", "3.6.3", {"VERSION.dat": "MAJOR=3\nMINOR=6\nPATCH=3\nPRE_RELEASE_TAG=\n"}),
    ("tongsuo", "8.5.0", {"VERSION.dat": "MAJOR=3\nMINOR=5\nPATCH=4\nTONGSUO_MAJOR=8\nTONGSUO_MINOR=5\nTONGSUO_PATCH=0\n"}),
    ("tongsuo", "8.3.3", {"include/openssl/opensslv.h": '# define T "Tongsuo 8.3.3"\n# define O "OpenSSL 1.1.1h  22 Sep 2020"'}),
    ("libressl", "3.1.0", {"include/openssl/opensslv.h": '#define LIBRESSL_VERSION_TEXT   "LibreSSL 3.1.0"\n#define X "OpenSSL 1.0.1"'}),
    ("libressl", "2.0.0", {"configure": "PACKAGE_STRING='libressl 2.0.0'\n", "include/openssl/opensslv.h": '"LibreSSL 2.0"'}),
    ("aws-lc", "5.12.0", {"include/openssl/base.h": '// BORINGSSL_API_VERSION is\n#define AWSLC_VERSION_NUMBER_STRING "5.12.0"'}),
    (
        "boringssl",
        "0.20250818.0",
        {"MODULE.bazel": 'module(\n    name = "boringssl",\n    version = "0.20250818.0",\n', "include/openssl/base.h": ""},
    ),
    ("wolfssl", "5.9.4", {"wolfssl/version.h": '#define LIBWOLFSSL_VERSION_STRING "5.9.4"', "VERSION.dat": "MAJOR=1\nMINOR=2\nPATCH=3\n"}),
]


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(("family", "version", "files"), TREES, ids=[f"{family}-{version}" for family, version, _ in TREES])
def test_a_familys_version_is_read(tmp_path: Path, family: str, version: str, files: dict[str, str]) -> None:
    assert version_in(tree(tmp_path, files), family, "a.tar.gz") == version


@pytest.mark.parametrize("layout", ["include", "src/include"])
def test_boringssl_without_a_number_is_dated_by_its_newest_file(tmp_path: Path, layout: str) -> None:
    tree(tmp_path, {f"{layout}/openssl/base.h": "#define BORINGSSL_API_VERSION 14\n", "other": ""})
    for name, day in ((f"{layout}/openssl/base.h", datetime(2021, 4, 6, tzinfo=UTC)), ("other", datetime(2020, 1, 1, tzinfo=UTC))):
        os.utime(tmp_path / name, times=(day.timestamp(), day.timestamp()))
    assert version_in(tmp_path, "boringssl", "a.tar.gz") == "0.20210406.0"
    os.utime(tmp_path / layout / "openssl/base.h", times=(0, 0))
    os.utime(tmp_path / "other", times=(0, 0))
    assert version_in(tmp_path, "boringssl", "a.tar.gz") == "0.14"


def test_every_family_is_known() -> None:
    assert {family for family, _, _ in TREES} == set(families())


def test_another_family_is_named(tmp_path: Path) -> None:
    tree(tmp_path, {"include/openssl/opensslv.h": '"LibreSSL 3.1.0"'})
    with pytest.raises(ProvisionError, match=r"^a\.tar\.gz holds libressl, not openssl: `sslspec provision libressl --from` it$"):
        version_in(tmp_path, "openssl", "a.tar.gz")


@pytest.mark.parametrize(
    ("family", "file", "text"),
    [
        ("wolfssl", "wolfssl/version.h", '#define LIBWOLFSSL_VERSION_STRING "..."'),
        ("wolfssl", "wolfssl/version.h", '#define LIBWOLFSSL_VERSION_STRING "v5"'),
        ("aws-lc", "include/openssl/base.h", '#define AWSLC_VERSION_NUMBER_STRING "..."'),
        ("boringssl", "MODULE.bazel", 'name = "boringssl",\n version = "..."'),
    ],
)
def test_a_version_begins_with_a_number(tmp_path: Path, family: str, file: str, text: str) -> None:
    with pytest.raises(ProvisionError, match=rf"^a\.tar\.gz holds no source of {family}: no file in it tells the version$"):
        version_in(tree(tmp_path, {file: text}), family, "a.tar.gz")


def test_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match=r"^a\.tar\.gz holds no source of openssl"):
        version_in(tree(tmp_path, {"README": "VERSION"}), "openssl", "a.tar.gz")
