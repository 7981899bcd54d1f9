"""How many scenarios check each clause, found without Gherkin's parser: what only counts tags need not wait for it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TAG = re.compile(r"@clause:(\S+)")
_PART = re.compile(r"(Feature|Rule|Scenario|Scenario Outline|Example|Scenario Template):")
_INNER = {"Feature": ("Feature", "Rule", "Scenario"), "Rule": ("Rule", "Scenario"), "Scenario": ("Scenario",)}


def counted(folder: Path) -> Counter[str]:
    """Return how many scenarios of the features below `folder` each clause's tag is on, by themselves or by rule or feature."""
    return Counter(tag for path in sorted(folder.glob("*/*.feature")) for tag in _tags(path.read_text(encoding="utf-8").splitlines()))


def _tags(lines: Iterable[str]) -> Iterable[str]:
    """Return the tags of each scenario, one after the other."""
    at: dict[str, list[str]] = {}
    waiting: list[str] = []
    in_text = False
    for line in map(str.strip, lines):
        in_text ^= line.startswith(('"""', "```"))
        part = _PART.match(line)
        if in_text:
            continue
        if line.startswith("@"):
            waiting += _TAG.findall(line)
        elif part:
            name = part.group(1) if part.group(1) in _INNER else "Scenario"
            at = {other: tags for other, tags in at.items() if other not in _INNER[name]} | {name: waiting}
            waiting = []
            if name == "Scenario":
                yield from sorted({tag for tags in at.values() for tag in tags})
