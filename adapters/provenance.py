"""Where a library in the cache came from: what stands beside it in provenance.json.

A folder without such a file, or with one that cannot be read, was made by a version of the suite that is too old or too new, or is not
whole: it counts as not there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "provenance.json"
#: Of the folder: goes up when it holds other files, or the same under other names.
LAYOUT = 1

PINNED = "SHA-256 pinned in the catalogue"
LOCKED = "SHA-256 of each crate pinned in its Cargo.lock"
BY_INDEX = "the registry's index only"
BY_APT = "apt"
BY_USER = "SHA-256 given by the user"
UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a library got here.

    source: in words, "crate openssl-src 111.15.0+1.1.1k". sha256: of what was fetched, in hexadecimal. checked: against what, one of
    the constants of this module. recipe, recipe_version: how it was built. compiler: the first line of what it says of itself, or empty
    where nothing was compiled. libssl: the name of that file in the folder, or of the program that drives a binding.
    """

    name: str
    family: str
    version: str
    source: str
    sha256: str
    checked: str
    recipe: str
    recipe_version: int
    compiler: str
    libssl: str


def write(provenance: Provenance, folder: Path) -> None:
    """Write it into `folder`."""
    text = json.dumps({"layout": LAYOUT, **asdict(provenance)}, indent=2)
    (folder / FILE).write_text(f"{text}\n", encoding="utf-8")


def read(folder: Path) -> Provenance | None:
    """Return what stands in `folder`, or None where nothing of this layout does."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if found.pop("layout") != LAYOUT:
            return None
        provenance = Provenance(**found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return provenance if _has_its_types(provenance) else None


def _has_its_types(provenance: Provenance) -> bool:
    values = {field.name: getattr(provenance, field.name) for field in fields(provenance)}
    number = values.pop("recipe_version")
    return isinstance(number, int) and all(isinstance(value, str) for value in values.values())
