"""What a reader sees: the record as JSON and its schema, and one module for each other format.

A format is a function from a record to text, or to several texts by the files of a folder, in a module of its own; it is listed here,
and nothing else knows of it.
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
    """A format that is written to a file, or to the files of a folder.

    file: what the file or the folder is called. module, function: what makes the texts; imported when it is first needed.
    """

    file: str
    module: str
    function: str = "render"

    def texts(self, record: Record) -> dict[str, str]:
        """Return the record in this format: the text of each file, by its path in the folder of the reports."""
        function = getattr(import_module(self.module), self.function)
        made = cast("Callable[[Record], str | dict[str, str]]", function)(record)
        return {self.file: made} if isinstance(made, str) else {f"{self.file}/{name}": text for name, text in made.items()}


#: All formats, by the name that a user asks for one by; the record first, because it is what the others can be made from.
FORMATS = {
    "json": Format("record.json", "sslspec.reports.record_json", "dumps"),
    "html": Format("report.html", "sslspec.reports.html"),
    "junit": Format("junit.xml", "sslspec.reports.junit"),
    "markdown": Format("report.md", "sslspec.reports.markdown"),
    "badge": Format("badges", "sslspec.reports.badges"),
}


def format_of(name: str) -> Format:
    """Return the format called `name`; raises UsageError with the closest name there is."""
    if name not in FORMATS:
        raise unknown(kind="format", name=name, known=FORMATS)
    return FORMATS[name]


def write_all(record: Record, folder: Path, formats: Iterable[str] = tuple(FORMATS)) -> dict[str, Path]:
    """Write the record in each of `formats` to `folder`, made if need be, and return the files (or folders) by format.

    Raises UsageError when one cannot be written; then all of them are as they were before.
    """
    from sslspec.reports.files import write_texts  # noqa: PLC0415  # it needs nothing, but neither do those who only ask for FORMATS

    wanted = {name: format_of(name) for name in formats}
    texts = {folder / file: text for each in wanted.values() for file, text in each.texts(record).items()}
    for path in dict.fromkeys(path.parent for path in texts):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"{path} cannot be made: {error.strerror or error}"
            raise UsageError(message) from error
    write_texts(texts)
    return {name: folder / each.file for name, each in wanted.items()}
