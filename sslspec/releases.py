"""Releases and ranges of them, as the files of known deviations and kept answers write them.

OpenSSL's letters are no PEP 440 (1.1.1b would be a beta of 1.1.1): they become a fourth number, in releases and in ranges, before
`packaging` sees them. 1.1.1k is 1.1.1.11, and 1.0.2za, which came after 1.0.2z, is 1.0.2.27.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Collection

    from sslspec.record import Identity

_RELEASE = re.compile(r"(?P<number>\d+(?:\.\d+)*)(?P<letters>z?[a-z])?(?P<before>-(?:dev|(?:alpha|beta|pre)\d*))?")
_SPECIFIER = re.compile(r"(?P<operator>~=|==|!=|<=|>=|<|>)\s*(?P<release>[^\s<>=!~*]+?)(?P<any>\.\*)?")

#: family -> what stands before the number in the library's own words, where the family's name differs from it in more than its case.
_CALLED = {"aws-lc": "AWS-LC", "pyopenssl": "pyOpenSSL", "rust-openssl": "crate openssl"}


@cache
def comparable(release: str) -> Version:
    """Return a release as something that can be compared; raises ValueError when it is none."""
    match = _RELEASE.fullmatch(release)
    if not match:
        message = f"{release!r} is no release"
        raise ValueError(message)
    letters = match["letters"] or ""
    number = f"{match['number']}.{sum(ord(letter) - ord('a') + 1 for letter in letters)}" if letters else match["number"]
    return Version(number + (match["before"] or ""))


def release_of(identity: Identity) -> str:
    """Return the release of what was driven, "" when it is unknown."""
    if identity.release:
        return identity.release if _RELEASE.fullmatch(identity.release) else ""
    # An adapter that does not know it leaves it to the library's own words: "OpenSSL 1.1.1k  25 Mar 2021".
    called = _CALLED.get(identity.family, identity.family)
    match = re.search(rf"\b{re.escape(called)}\s+({_RELEASE.pattern})(?![\w.])", identity.version, re.IGNORECASE)
    return match[1] if match else ""


@dataclass(frozen=True, slots=True)
class Range:
    """A set of releases, written as for `pip`: ">=1.1.1,<3.0"; "" is all of them, and those whose number is unknown.

    Raises ValueError, with what is wrong, for a text that is no range.
    """

    text: str = ""

    def __post_init__(self) -> None:
        _specifiers(self.text)

    def __contains__(self, release: str) -> bool:
        """Return whether `release` is in the range; one that is unknown ("") is only where there is no range."""
        if not self.text or not release:
            return not self.text
        return _specifiers(self.text).contains(comparable(release), prereleases=True)

    def without(self, release: str) -> Range | None:
        """Return the range without one release of it, or None when nothing is left."""
        parts = self._parts()
        if f"=={release}" in parts or {f">={release}", f"<={release}"} <= set(parts):
            return None
        ends = {f">={release}": f">{release}", f"<={release}": f"<{release}"}
        if any(part in ends for part in parts):
            return Range(",".join(ends.get(part, part) for part in parts))
        return Range(",".join([*parts, f"!={release}"]))

    def around(self, release: str) -> list[Range]:
        """Return what of the range lies below and above one release of it."""
        exact = any(part.startswith("==") for part in self._parts())
        if exact or not self.text:
            return []
        below = [] if f">={release}" in self._parts() else [*self._parts(">"), f"<{release}"]
        above = [] if f"<={release}" in self._parts() else [f">{release}", *self._parts("<")]
        return [Range(",".join(parts)) for parts in (below, above) if parts]

    def reaching(self, release: str) -> Range | None:
        """Return the range made so wide that it reaches `release`, which is not in it; None where it has no simple ends."""
        parts = self._parts()
        if f"!={release}" in parts:
            return Range(",".join(part for part in parts if part != f"!={release}"))
        low, high = self.ends()
        if not release or any(part.startswith("~") or part.endswith("*") for part in parts):
            return None
        if low and comparable(release) <= comparable(low):
            return self._between(f">={release}", None)
        return self._between(None, f"<={release}") if high else None

    def joined(self, above: Range) -> Range:
        """Return the range from the lower end of this one to the upper end of another."""
        (_, high), parts = above.ends(), above._parts("<")
        return self._between(None, parts[0] if parts else f"<={high}")

    def ends(self) -> tuple[str, str]:
        """Return the releases that the range begins and ends with, whether they are in it or not; "" for an open end."""
        exact = [part[2:] for part in self._parts("=")]
        low, high = ([part.lstrip("<>=") for part in self._parts(sign)] + exact for sign in "><")
        return (low[0] if low else ""), (high[0] if high else "")

    def _between(self, low: str | None, high: str | None) -> Range:
        """Return the range with another lower or upper end."""
        exact = self._parts("=")
        lower = [low] if low else self._parts(">") or [f">={part[2:]}" for part in exact]
        upper = [high] if high else self._parts("<") or [f"<={part[2:]}" for part in exact]
        return Range(",".join([*lower, *upper, *self._parts("!")]))

    def _parts(self, sign: str = "") -> list[str]:
        parts = ["".join(part.split()) for part in self.text.split(",") if part.strip()]
        return [part for part in parts if part.startswith(sign)]


def over(releases: Collection[str]) -> Range:
    """Return the range from the oldest to the newest of `releases`; an unknown one among them makes it all of them."""
    if "" in releases:
        return Range()
    oldest, newest = min(releases, key=comparable), max(releases, key=comparable)
    return Range(f"=={oldest}" if oldest == newest else f">={oldest},<={newest}")


def in_order(releases: Collection[str]) -> list[str]:
    """Return `releases`, oldest first; the unknown one before all others."""
    return sorted(releases, key=lambda release: (bool(release), comparable(release or "0")))


@cache
def _specifiers(text: str) -> SpecifierSet:
    mapped = []
    for part in text.split(",") if text else ():
        match = _SPECIFIER.fullmatch(part.strip())
        if not match:
            message = f'{text!r} is no range of releases; write it as ">=1.1.1k,<3.0"'
            raise ValueError(message)
        mapped.append(f"{match['operator']}{comparable(match['release'])}{match['any'] or ''}")
    try:
        return SpecifierSet(",".join(mapped))
    except InvalidSpecifier as error:
        message = f"{text!r} is no range of releases: {error}"
        raise ValueError(message) from error
