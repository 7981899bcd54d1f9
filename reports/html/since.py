"""Since which release a library does what it does, as far as the run saw: releases of one family beside each other.

Nothing is said of releases that were not run, nor of a row that was not seen on one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.releases import release_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sslspec.record import Identity


@dataclass(frozen=True, slots=True)
class Change:
    """The first release that does otherwise, next to the last that did not.

    before, after: what they are called. was, now: what they do.
    """

    before: str
    after: str
    was: str
    now: str


def changes(identities: Sequence[Identity], seen: Mapping[str, Mapping[str, str]]) -> tuple[Change, ...]:
    """Return where what was seen changes from release to release.

    identities: of one family, in the order of their releases; those of unknown release are passed over. seen: name -> what was
    looked at -> what was seen.
    """
    last: dict[str, tuple[str, str]] = {}
    found: dict[tuple[str, str], Change] = {}
    for identity in identities:
        release = release_of(identity)
        called = identity.name if release in identity.name else f"{identity.name} ({release})"
        for key, value in seen.get(identity.name, {}).items() if release else ():
            before, was = last.get(key, (called, value))
            if was != value:
                found.setdefault((before, called), Change(before, called, was, value))
            last[key] = (called, value)
    return tuple(found.values())
