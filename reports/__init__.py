"""What a reader sees: the record as JSON and its schema, and one module for each other format.

A format is a function from a record to text, in a module of its own; it is listed here, and nothing else knows of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from sslspec.errors import UsageError, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sslspec.record import Record


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is written to a file.

    file: what the file is called. module, function: what makes the text; imported when it is first needed.
    """

    file: str
    module: str
    function: str = "render"

    def render(self, record: Record) -> str:
        """Return the record in this format."""
        function = getattr(import_module(self.module), self.function)
        return cast("Callable[[Record], str]", function)(record)


#: All formats, by the name that a user asks for one by; the record first, because it is what the others can be made from.
FORMATS = {
    "json": Format("record.json", "sslspec.reports.record_json", "dumps"),
    "html": Format("report.html", "sslspec.reports.html"),
    "junit": Format("junit.xml", "sslspec.reports.junit"),
    "markdown": Format("report.md", "sslspec.reports.markdown"),
}


def format_of(name: str) -> Format:
    """Return the format called `name`; raises UsageError with the closest name there is."""
    if name not in FORMATS:
        raise unknown(kind="format", name=name, known=FORMATS)
    return FORMATS[name]


def write_all(record: Record, folder: Path, formats: Iterable[str] = tuple(FORMATS)) -> dict[str, Path]:
    """Write the record in each of `formats` to `folder`, which is made if need be, and return the files by format.

    Raises UsageError when one cannot be written; then all of them are as they were before.
    """
    from sslspec.reports.files import write_texts  # noqa: PLC0415  # it needs nothing, but neither do those who only ask for FORMATS

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be made: {error.strerror or error}"
        raise UsageError(message) from error
    paths = {name: folder / format_of(name).file for name in formats}
    write_texts({path: format_of(name).render(record) for name, path in paths.items()})
    return paths
