"""Which edition is whose own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sslspec.adapters.catalogue import catalogue
from sslspec.clauses import DEFAULT_EDITION, EDITIONS, OWN, check_edition_or_own
from sslspec.errors import UsageError
from sslspec.own import held_to, own_edition, owners, read_owners
from sslspec.record import Identity

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("family", "release", "edition"),
    [
        ("openssl", "1.0.2q", "openssl-2001"),
        ("openssl", "1.1.0f", "openssl-1.1.0"),
        ("openssl", "1.1.1k", "openssl-1.1.1"),
        ("openssl", "3.0.0", "openssl-1.1.1"),
        ("openssl", "3.0.22", "openssl-3.0"),
        ("openssl", "4.0.3", "openssl-3.0"),
        ("pyopenssl", "26.4.0", "openssl-3.0"),
        ("pyopenssl", "", "openssl-3.0"),
        ("libressl", "2.0.0", "openssl-2001"),
        ("libressl", "2.5.1", "openbsd-2016"),
        ("libressl", "3.0.2", "libressl-3.1.0"),
        ("libressl", "4.2.1", "libressl-3.1.0"),
        ("boringssl", "0.20261030", "boringssl-2026"),
        ("boringssl", "0.20210406", ""),
        ("aws-lc", "5.12.0", "aws-lc-5.12"),
        ("aws-lc", "1.17.3", ""),
        ("openssl", "", ""),
        ("wolfssl", "5.9.4", ""),
        ("model", "", ""),
    ],
)
def test_the_edition_of_the_documentation_of_its_own(family: str, release: str, edition: str) -> None:
    identity = Identity("mine", family, "", release=release)
    assert own_edition(identity) == edition
    assert held_to(OWN, identity) == (edition or DEFAULT_EDITION)
    assert held_to("openssl-2001", identity) == "openssl-2001"


def test_every_release_of_the_catalogue_has_one_where_its_family_has() -> None:
    # Of the others only the newest documentation is at hand.
    entries = [entry for entry in catalogue().values() if entry.family in ("openssl", "libressl") and entry.version]
    assert entries
    assert [entry.name for entry in entries if not own_edition(Identity(entry.name, entry.family, "", release=entry.version))] == []


def test_every_edition_is_somebodys_own() -> None:
    assert {edition for editions in owners().values() for edition in editions} == set(EDITIONS)


def test_own_is_said_instead_of_an_edition() -> None:
    assert check_edition_or_own(OWN) == OWN
    with pytest.raises(UsageError, match=r"^no edition is called 'owm'"):
        check_edition_or_own("owm")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[openssl", "Expected ']'"),
        ('[openssl]\n"openssl-9" = ""', "unknown edition 'openssl-9'"),
        ('[openssl]\n"openssl-1.1.1" = "1.1.1"', "is no range of releases"),
        ('[openssl]\n"openssl-1.1.1" = 3', "openssl must be a table of editions and ranges"),
        ("openssl = 3", "openssl must be a table of editions and ranges"),
    ],
)
def test_a_table_that_is_broken_is_said_in_one_line(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "editions.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_owners(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"editions.toml: No such file or directory$"):
        read_owners(tmp_path / "editions.toml")
