"""Libraries in words for a page: which, in which releases, and what a known deviation says that they do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sslspec.expectations import one_line
from sslspec.releases import Range, comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sslspec.expectations import KnownDeviation

#: They carry a library of another family: what they do is told by its name already.
CARRIERS = ("pyopenssl", "cpython", "rust-openssl")

#: Who does something: families, each with the releases that do.
Who = dict[str, list[Range]]

#: Family -> how it writes itself.
_CALLED = {
    "aws-lc": "AWS-LC",
    "boringssl": "BoringSSL",
    "libressl": "LibreSSL",
    "openssl": "OpenSSL",
    "tongsuo": "Tongsuo",
    "wolfssl": "wolfSSL",
}

#: Operators of a range, in order -> the range in words.
_RANGES = {
    ("==",): "{}",
    (">=", "<="): "{} to {}",
    (">=", "<"): "{} to before {}",
    (">", "<="): "after {} to {}",
    (">=",): "{} and later",
    ("<",): "before {}",
    ("<=",): "up to {}",
}
_PART = re.compile(r"([<>=!~]+)\s*([\w.]+)")

_CALL = re.compile(r"\b(\w+)\([^()]*\)")
_PROTOCOL = re.compile(r"TLS ?v?(1\.\d)")
_STATEMENT = re.compile(r"expected: (?P<subject>(?:the|a) [\w' ]+?) (?:holds|says|has|is|returns|succeeds)\b.*; observed: it (?P<did>.*)")
#: How what was seen is told -> how a page says it.
_PRESENT = ((re.compile(r"failed\b.*"), "fails"), (re.compile(r"returned "), "returns "))
_PLAIN = re.compile(r"[\w' ]+", re.ASCII)
_EMPTY_STACK = re.compile(r".*observed: (?P<call>\w+\(\)) = 0, error stack: empty")
_ENDED = re.compile(r"(?P<call>\w+\(\)) ended the process with (?P<signal>\w+)")


def otherwise(entries: Iterable[KnownDeviation]) -> list[str]:
    """Return who was seen to do otherwise than a clause says, when, and what was seen: a sentence for each way of doing so."""
    found: dict[tuple[str, str, str], Who] = {}
    for entry in entries:
        if entry.family not in CARRIERS:
            way = _protocol(entry.rows), observed(entry.reason), "; ".join(_situations(entry.rows))
            add(found.setdefault(way, {}), entry.family, Range(entry.versions))
    told: dict[tuple[str, str, str], list[str]] = {}
    for (protocol, what, situations), families in found.items():
        told.setdefault((protocol, what, who(families)), []).append(situations)
    return [_otherwise(*way, filter(None, situations)) for way, situations in told.items()]


def _otherwise(protocol: str, what: str, families: str, situations: Iterable[str]) -> str:
    when = "; ".join(situations)
    return f"It was seen otherwise {protocol}in {families}{when and f' ({when})'}{what and f': {what}'}."


def _situations(rows: Iterable[str]) -> list[str]:
    """Return the names of the scenarios, each once; rows: keys."""
    names = dict.fromkeys(row.partition("::")[2].partition(" [")[0] for row in rows)
    return [name[:1].lower() + name[1:] for name in names]


def observed(reason: str) -> str:
    """Return in the present what the reason of a known deviation, a pattern, says was seen; "" where it cannot be told from it."""
    text = without_objects(re.sub(r"\\(\W)", r"\1", reason).replace(r"\d+", ""))
    if match := _STATEMENT.fullmatch(text):
        did = match["did"]
        for past, present in _PRESENT:
            did = past.sub(present, did)
        return f"{match['subject']} {did}" if _PLAIN.fullmatch(did) else ""
    if match := _EMPTY_STACK.fullmatch(text):
        return f"{match['call']} may return 0 and leave the error stack empty"
    if match := _ENDED.fullmatch(text):
        return f"the process ends with {match['signal']} in {match['call']}"
    return ""


def without_objects(text: str) -> str:
    """Return `text` without the names that objects have in a run: `SSL_free(client1)` becomes `SSL_free()`."""
    return _CALL.sub(r"\1()", text)


def add(families: Who, family: str, releases: Range) -> None:
    """Note that these releases of a family do something too."""
    ranges = families.setdefault(family, [])
    if releases not in ranges:
        ranges.append(releases)


def who(families: Mapping[str, Sequence[Range]]) -> str:
    """Return families and their releases in words: "LibreSSL 2.0.0 to 3.1.0 and OpenSSL before 1.1.0"."""
    releases = {_called(family): listed(_in_words(ranges)) for family, ranges in families.items()}
    return listed([f"{name} {releases[name]}".strip() for name in _in_order(releases)])


def names(families: Iterable[str]) -> str:
    """Return families in words: "LibreSSL and OpenSSL"."""
    return listed(_in_order(map(_called, families)))


def listed(items: Sequence[str]) -> str:
    """Return a list in words: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def _in_order(called: Iterable[str]) -> list[str]:
    return sorted(called, key=str.lower)


def _called(family: str) -> str:
    return _CALLED.get(family) or one_line(family)


def _in_words(ranges: Sequence[Range]) -> list[str]:
    """Return each range in words; none at all where all releases are meant."""
    if any(not range_.text for range_ in ranges):
        return []
    return [_range_in_words(range_.text) for range_ in ranges if not any(_covers(other, range_) for other in ranges)]


def _covers(other: Range, range_: Range) -> bool:
    """Return whether `other` has no end and begins before `range_` does."""
    (begin, end), (low, _) = other.ends(), range_.ends()
    return bool(begin and low and not end) and comparable(begin) < comparable(low)


def _range_in_words(text: str) -> str:
    parts = _PART.findall(text)
    pattern = _RANGES.get(tuple(operator for operator, _ in parts), "")
    return pattern.format(*(release for _, release in parts)) if pattern and "*" not in text else f"({text})"


def _protocol(rows: Iterable[str]) -> str:
    """Return "with TLS 1.3 " where all rows are with one version of the protocol, else ""."""
    versions = {tuple(set(_PROTOCOL.findall(row.rpartition("[")[2]))) for row in rows}
    (one, *others) = versions or [()]
    return f"with TLS {one[0]} " if len(one) == 1 and not others else ""
