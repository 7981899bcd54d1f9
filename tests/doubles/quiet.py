"""Progress that nobody wants to see."""

from __future__ import annotations

from collections.abc import Sequence


class Quiet:
    """Hears how a run goes on, and says nothing."""

    def say(self, text: str) -> None: ...
    def probe(self, name: str) -> None: ...
    def begin(self, rows: int, names: Sequence[str]) -> None: ...
    def row(self, row: object) -> None: ...
