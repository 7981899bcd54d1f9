"""The programs that bringing in a library needs, and how they are had. Nothing is started here."""

from __future__ import annotations

import os
import shlex
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Program -> the Debian package that brings it; other systems mostly call it the same.
_PACKAGES = {
    "cc": "gcc",
    "c++": "g++",
    "make": "make",
    "perl": "perl",
    "cmake": "cmake",
    "go": "golang-go",
    "dpkg-deb": "dpkg",
}
#: Program -> what to do where a package is not the whole answer.
_OTHERWISE = {
    "cargo": "cargo 1.82 or later comes with rustup, or from Debian 13 on by `apt-get install cargo`",
    "apt-get": "apt-get is there on Debian and what descends from it only",
}
#: Program -> the variable by which users name theirs.
_NAMED_BY = {"cc": "CC", "c++": "CXX"}


def words(tool: str) -> list[str]:
    """Return the command that `tool` is here: cc and c++ are named by CC and CXX, which may hold options."""
    named = os.environ.get(_NAMED_BY.get(tool, ""), "")
    try:
        return shlex.split(named) or [tool]
    except ValueError:  # a quotation mark without its pair
        return [named]


def missing(tools: Iterable[str]) -> list[str]:
    """Return those of `tools` that this machine does not have."""
    return [tool for tool in tools if shutil.which(words(tool)[0]) is None]


def remedy(tools: Iterable[str]) -> str:
    """Return in one line that `tools` are missing, and what brings them."""
    absent = list(tools)
    packages = [_PACKAGES[tool] for tool in absent if tool in _PACKAGES]
    how = [f"`apt-get install {' '.join(packages)}`"] if packages else []
    how += [_OTHERWISE[tool] for tool in absent if tool in _OTHERWISE]
    named = [tool if words(tool) == [tool] else f"{words(tool)[0]} (from the variable {_NAMED_BY[tool]})" for tool in absent]
    return f"{', '.join(named)} missing here: {'; '.join(how)}"
