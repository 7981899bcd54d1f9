"""What a source archive of the user's holds: which family, and which version, read from the files that tell it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sslspec.adapters.provision.errors import ProvisionError

_FIRST_BORINGSSL = datetime(2014, 6, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Sign:
    """A file by which a family is known; the groups of pattern, joined by dots, are the version."""

    family: str
    file: str
    pattern: str


#: The first that is found counts: a descendant also has the signs of what it comes from.
_SIGNS = (
    _Sign("wolfssl", "wolfssl/version.h", r'LIBWOLFSSL_VERSION_STRING\s+"(\d[\w.]*)"'),
    _Sign("aws-lc", "include/openssl/base.h", r'AWSLC_VERSION_NUMBER_STRING\s+"(\d[\d.]*)"'),
    _Sign("boringssl", "MODULE.bazel", r'name = "boringssl",\s+version = "(\d[\d.]*)"'),
    _Sign("boringssl", "include/openssl/base.h", r"#define BORINGSSL_API_VERSION (\d+)"),
    _Sign("boringssl", "src/include/openssl/base.h", r"#define BORINGSSL_API_VERSION (\d+)"),
    # The header of 2.0 has two numbers only.
    _Sign("libressl", "configure", r"^PACKAGE_STRING='libressl (\d[\w.]*)'"),
    _Sign("libressl", "include/openssl/opensslv.h", r'"LibreSSL (\d[\w.]*)'),
    _Sign("tongsuo", "VERSION.dat", r"^TONGSUO_MAJOR=(\d+)\s+TONGSUO_MINOR=(\d+)\s+TONGSUO_PATCH=(\d+)"),
    _Sign("tongsuo", "include/openssl/opensslv.h", r'"(?:BabaSSL|Tongsuo) (\d[\w.]*)'),
    _Sign("openssl", "VERSION.dat", r"^MAJOR=(\d+)\s+MINOR=(\d+)\s+PATCH=(\d+)"),
    _Sign("openssl", "include/openssl/opensslv.h", r'"OpenSSL (\d[\w.]*)'),
    _Sign("openssl", "crypto/opensslv.h", r'"OpenSSL (\d[\w.]*)'),
)


def version_in(tree: Path, family: str, archive: str) -> str:
    """Return the version of the library whose source `tree` holds.

    archive: its name, for messages. Raises ProvisionError when it is no source of `family`.
    """
    found = next(((sign, match) for sign in _SIGNS if (match := _search(tree / sign.file, sign.pattern))), None)
    if found is None:
        raise ProvisionError(f"{archive} holds no source of {family}: no file in it tells the version")
    sign, match = found
    if sign.family != family:
        raise ProvisionError(f"{archive} holds {sign.family}, not {family}: `sslspec provision {sign.family} --from` it")
    version = ".".join(match.groups())
    return _dated(tree, version) if family == "boringssl" and "." not in version else version


def _search(file: Path, pattern: str) -> re.Match[str] | None:
    if not file.is_file():
        return None
    return re.search(pattern, file.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)


def _dated(tree: Path, api: str) -> str:
    """Return a version for a BoringSSL that tells only which API it has, in the form of its tags: the day of the newest file.

    Archives without their files' times make that a day before there was a BoringSSL; the number of the API sorts before all others.
    """
    newest = datetime.fromtimestamp(max(path.stat().st_mtime for path in tree.rglob("*") if path.is_file()), UTC)
    return f"0.{newest:%Y%m%d}.0" if newest >= _FIRST_BORINGSSL else f"0.{api}"
