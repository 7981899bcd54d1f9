"""Releases and ranges of them."""

from __future__ import annotations

import pytest

from sslspec.record import Identity
from sslspec.releases import Range, comparable, in_order, over, release_of


def test_letters_come_one_after_the_other() -> None:
    history = ["1.0.1", "1.0.2-beta1", "1.0.2", "1.0.2a", "1.0.2q", "1.0.2z", "1.0.2za", "1.0.2zb", "1.1.0", "1.1.1", "1.1.1b", "1.1.1w"]
    history += ["3.0.0-alpha1", "3.0.0-beta2", "3.0.0", "3.0.19", "3.10.0", "4.0.3"]
    assert in_order(set(history)) == history
    assert len({comparable(release) for release in history}) == len(history)


def test_a_letter_is_no_beta() -> None:
    assert comparable("1.1.1b") > comparable("1.1.1")
    assert "1.1.1b" in Range(">=1.1.1")


@pytest.mark.parametrize("text", ["", "k", "1.1.1ab", "1.1.1K", "1.1.1k-fips", "v3", "3.0 ", "1..1"])
def test_what_is_no_release(text: str) -> None:
    with pytest.raises(ValueError, match="is no release"):
        comparable(text)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.1.1,<3.0", ["1.1.1", "1.1.1k", "1.1.1w"], ["1.1.0l", "3.0.0", "3.0", ""]),
        ("==1.1.1k", ["1.1.1k"], ["1.1.1", "1.1.1j", "1.1.1l", ""]),
        ("==1.1.1.*", ["1.1.1", "1.1.1k"], ["1.1.0", "3.0.0"]),
        (">1.0.2z", ["1.0.2za", "1.1.0"], ["1.0.2z", "1.0.2y"]),
        (">=1.1.1g, !=1.1.1k", ["1.1.1g", "1.1.1l"], ["1.1.1k"]),
        ("~=3.0.1", ["3.0.1", "3.0.19"], ["3.1.0"]),
        (">=3.5.0-alpha1", ["3.5.0-beta1", "3.5.0"], ["3.4.0"]),
        (">=0.20260512.0", ["0.20260512.0"], ["0.20250512.0"]),
        ("", ["1.1.1k", ""], []),
    ],
)
def test_a_range_holds_releases(text: str, inside: list[str], outside: list[str]) -> None:
    assert [release for release in inside if release not in Range(text)] == []
    assert [release for release in outside if release in Range(text)] == []


@pytest.mark.parametrize("text", ["1.1.1", ">=", ">=x", ">=1.1.1ab", "===1.1.1", ">=1,,<2", ",", "~=1", ">=3.*", "=1.1.1", " "])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (range|release)"):
        Range(text)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("==1.1.1k", None),
        (">=1.1.1k,<=1.1.1k", None),
        (">=1.1.1k,<=3.0.0", ">1.1.1k,<=3.0.0"),
        (">=1.1.1,<=1.1.1k", ">=1.1.1,<1.1.1k"),
        (">=1.1.1,<3.0", ">=1.1.1,<3.0,!=1.1.1k"),
        ("", "!=1.1.1k"),
    ],
)
def test_a_release_is_taken_out(text: str, without: str | None) -> None:
    left = Range(text).without("1.1.1k")
    assert (left.text if left else None) == without
    assert left is None or "1.1.1k" not in left


@pytest.mark.parametrize(
    ("text", "release", "reaching"),
    [
        ("==1.1.1k", "3.0.0", ">=1.1.1k,<=3.0.0"),
        ("==1.1.1k", "1.0.2q", ">=1.0.2q,<=1.1.1k"),
        (">=1.1.1,<3.0", "3.0.0", ">=1.1.1,<=3.0.0"),
        (">=1.1.1,<3.0", "1.1.0f", ">=1.1.0f,<3.0"),
        (">1.1.1k,!=3.0.1", "1.1.1k", ">=1.1.1k,!=3.0.1"),
        (">=1.1.1,!=1.1.1k", "1.1.1k", ">=1.1.1"),
        ("==1.1.1.*", "3.0.0", None),
        ("~=1.1.1", "3.0.0", None),
        ("==1.1.1k", "", None),
    ],
)
def test_a_range_is_widened(text: str, release: str, reaching: str | None) -> None:
    wider = Range(text).reaching(release)
    assert (wider.text if wider else None) == reaching
    assert wider is None or release in wider


def test_what_lies_around_a_release() -> None:
    assert [part.text for part in Range(">=1.0.2q,<=4.0.3").around("1.1.1k")] == [">=1.0.2q,<1.1.1k", ">1.1.1k,<=4.0.3"]
    assert [part.text for part in Range(">=1.1.1k,<=4.0.3").around("1.1.1k")] == [">1.1.1k,<=4.0.3"]
    assert [part.text for part in Range(">=1.0.2q,<=1.1.1k").around("1.1.1k")] == [">=1.0.2q,<1.1.1k"]
    assert Range("==1.1.1k").around("1.1.1k") == []


def test_ranges_are_joined() -> None:
    assert Range("==1.1.1g").joined(Range("==1.1.1k")).text == ">=1.1.1g,<=1.1.1k"
    assert Range(">1.0.2q,<=1.1.1g").joined(Range(">=3.0.0,<4")).text == ">1.0.2q,<4"


def test_a_range_over_releases() -> None:
    assert over(["1.1.1w", "1.0.2q", "1.1.1k"]).text == ">=1.0.2q,<=1.1.1w"
    assert over(["1.1.1w"]).text == "==1.1.1w"
    assert over(["1.1.1w", ""]).text == ""


@pytest.mark.parametrize(
    ("family", "version", "release"),
    [
        ("openssl", "OpenSSL 1.1.1k  25 Mar 2021", "1.1.1k"),
        ("openssl", "OpenSSL 3.6.0-dev ", "3.6.0-dev"),
        ("libressl", "LibreSSL 3.1.0", "3.1.0"),
        ("pyopenssl", "OpenSSL 4.0.3 29 Sep 2026 (pyOpenSSL 26.4.0, cryptography 50.0.2)", "26.4.0"),
        ("aws-lc", "AWS-LC 5.12.0", "5.12.0"),
        ("boringssl", "BoringSSL", ""),
        ("tongsuo", "OpenSSL 3.5.4 30 Sep 2025", ""),
        ("wolfssl", "wolfSSL 5.9.4", "5.9.4"),
        ("model", "model of openssl-1.1.1", ""),
    ],
)
def test_a_release_is_read_from_the_library_s_own_words(family: str, version: str, release: str) -> None:
    assert release_of(Identity("one", family, version)) == release


def test_an_adapter_knows_better() -> None:
    assert release_of(Identity("one", "boringssl", "BoringSSL", release="0.20260512.0")) == "0.20260512.0"
    assert release_of(Identity("one", "boringssl", "BoringSSL", release="of last week")) == ""
