"""What a reader sees of a comparison of two records: text for a terminal, Markdown, JSON. `words` is what the texts have in common."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from sslspec.comparison import Comparison

#: Format -> the module that has its `render`; imported when it is first needed.
FORMATS = {
    "text": "sslspec.reports.comparison.text",
    "markdown": "sslspec.reports.comparison.markdown",
    "json": "sslspec.reports.comparison.as_json",
}


def render(comparison: Comparison, form: str) -> str:
    """Return a comparison in one of FORMATS, for a file."""
    return cast("Callable[[Comparison], str]", import_module(FORMATS[form]).render)(comparison)
