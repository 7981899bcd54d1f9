"""Libraries and what they do, in words."""

from __future__ import annotations

import pytest
from expected import entry

from sslspec.clauses import specification
from sslspec.drafting.libraries import names, observed, otherwise, who
from sslspec.expectations import read_expectations
from sslspec.releases import Range
from sslspec.steps.collect import row_names


@pytest.mark.parametrize(
    ("ranges", "says"),
    [
        ([""], "OpenSSL"),
        (["", ">=1.1.1"], "OpenSSL"),
        (["==1.1.1k"], "OpenSSL 1.1.1k"),
        (["<1.1.0"], "OpenSSL before 1.1.0"),
        (["<=1.1.0f"], "OpenSSL up to 1.1.0f"),
        ([">=1.1.1"], "OpenSSL 1.1.1 and later"),
        ([">=1.1.1,<3.0.17"], "OpenSSL 1.1.1 to before 3.0.17"),
        ([">=1.0.2q,<=4.0.3"], "OpenSSL 1.0.2q to 4.0.3"),
        ([">1.1.1g,<=1.1.1w"], "OpenSSL after 1.1.1g to 1.1.1w"),
        (["==1.0.2q", ">=3.0.0,<=3.6.3", ">=4.0"], "OpenSSL 1.0.2q, 3.0.0 to 3.6.3 and 4.0 and later"),
        ([">=1.1.1", ">=3.0.0", "==3.5.0"], "OpenSSL 1.1.1 and later"),
        ([">=1.1.1,!=3.0.0"], "OpenSSL (>=1.1.1,!=3.0.0)"),
        (["==1.1.*"], "OpenSSL (==1.1.*)"),
    ],
)
def test_releases(ranges: list[str], says: str) -> None:
    assert who({"openssl": [Range(text) for text in ranges]}) == says


def test_families_stand_by_name() -> None:
    assert who({"openssl": [Range("<1.1.0")], "aws-lc": [Range()], "mine\x1b": [Range()]}) == "AWS-LC, mine? and OpenSSL before 1.1.0"
    assert names(["wolfssl", "boringssl"]) == "BoringSSL and wolfSSL"
    assert names([]) == ""


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("expected: the call returns 1; observed: it returned 0", "the call returns 0"),
        ("expected: the old cache holds 1 entry; observed: it holds 2 entries", "the old cache holds 2 entries"),
        (r"expected: the handshake succeeds; observed: it failed: SSL_connect\(client\d+\): bad", "the handshake fails"),
        (
            r"expected: a reason on the error stack; observed: SSL_set_session\(client\d+, NULL\) = 0, error stack: empty",
            "SSL_set_session() may return 0 and leave the error stack empty",
        ),
        (r"SSL_set_session\(server\d+, session\d+\) ended the process with SIGABRT", "the process ends with SIGABRT in SSL_set_session()"),
        ("expected: the call returns 1; observed: it .*", ""),
        ("anything else", ""),
    ],
)
def test_what_was_seen(reason: str, says: str) -> None:
    assert observed(reason) == says


def test_our_own_deviations_can_all_be_told() -> None:
    entries = read_expectations(None, specification(), row_names()).deviations
    assert [each.name for each in entries if not observed(each.reason)] == []


def test_who_does_the_same_is_told_together() -> None:
    reason = "expected: the call returns 1; observed: it returned 0"
    rows = ("one [TLS 1.3 stateless]", "two [TLSv1.3]")
    entries = [
        entry("<3.0", family="openssl", reason=reason, rows=rows),
        entry("", family="boringssl", reason=reason, rows=rows),
        entry(">=1", family="pyopenssl", reason=reason, rows=rows),
        entry("==2", family="wolfssl", reason=reason, rows=(*rows, "one [TLS 1.2 with tickets]")),
        entry("==2", family="libressl", reason="else", rows=("one [TLSv1.2, TLSv1.3]",)),
        entry("==2", family="tongsuo", reason="else", rows=()),
    ]
    assert otherwise(entries) == [
        "It was seen otherwise with TLS 1.3 in BoringSSL and OpenSSL before 3.0 (one; two): the call returns 0.",
        "It was seen otherwise in wolfSSL 2 (one; two): the call returns 0.",
        "It was seen otherwise in LibreSSL 2 (one).",
        "It was seen otherwise in Tongsuo 2.",
    ]


def test_what_the_same_do_in_several_situations_is_one_sentence() -> None:
    entries = [entry("", rows=(row,), family="libressl", reason="else") for row in ("one", "two [x]")]
    assert otherwise(entries) == ["It was seen otherwise in LibreSSL (one; two)."]
