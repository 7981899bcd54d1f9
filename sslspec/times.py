"""How long each feature took on each implementation in the last run, in the cache folder: a hint for sharing the next run's work.

Nothing depends on it: a file that is missing, damaged or of another's making is as good as none, and one that cannot be written is let be.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from sslspec.adapters.catalogue import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sslspec.record import Row

FILE = "times.json"

Times = dict[str, dict[str, float]]


def read_times() -> Times:
    """Return implementation -> feature (relative to the features) -> seconds; empty when nothing is known."""
    try:
        return _times(json.loads(_path().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def keep_times(rows: Iterable[Row]) -> None:
    """Keep how long `rows`, all of a run, took; what is known of other implementations stays."""
    found: Times = {}
    for row in rows:
        of_one = found.setdefault(row.implementation, {})
        of_one[row.feature] = of_one.get(row.feature, 0.0) + row.seconds
    path = _path()
    beside = path.with_name(f".{FILE}-{secrets.token_hex(8)}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(read_times() | found), encoding="utf-8")
        beside.replace(path)


def _path() -> Path:
    return cache_folder().with_name(FILE)


def _times(data: Mapping[str, Mapping[str, float]]) -> Times:
    return {str(name): {str(feature): float(seconds) for feature, seconds in of_one.items()} for name, of_one in data.items()}
