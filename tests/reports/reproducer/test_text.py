"""Strings of a record in C."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from sslspec.reports.reproducer.text import comment, commented, literal

HOSTILE = [
    "*/ int x; /*",
    "***///",
    "/*/",
    "???/",
    "??/",
    "a\\",
    'say "no"',
    "%s %n",
    "line\nnext\r\x00\x1b[31m\u202e",
    "\u00e9\U0001f600\udc80",
    "\x7f1",
    "\u00ff9",
    "",
    "x" * 500,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_comment_ends_it(text):
    said = comment(text)
    assert said.isascii()
    assert said.isprintable()
    assert not [pair for pair in ("*/", "/*", "??") if pair in said]
    assert not said.endswith("\\")


@pytest.mark.parametrize("text", HOSTILE)
def test_lines_of_a_comment_are_short_and_begin_with_a_space(text):
    lines = list(commented(text, "label"))
    assert lines
    assert all(line.startswith(" ") for line in lines)
    assert all("\n" not in line and "*/" not in f" *{line}" and len(line) <= 101 for line in lines)


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler (cc)")
def test_a_literal_says_what_the_text_says(tmp_path):
    source = tmp_path / "say.c"
    comments = "\n".join(f"/*{line} */" for text in HOSTILE for line in commented(text))
    says = "\n".join(f"    puts({literal(text)});" for text in HOSTILE)
    source.write_text(f"{comments}\n#include <stdio.h>\nint main(void)\n{{\n{says}\n    return 0;\n}}\n")
    subprocess.run([shutil.which("cc"), "-std=c99", "-Wall", "-Wextra", "-Werror", "-o", tmp_path / "say", source], check=True)
    said = subprocess.run([tmp_path / "say"], capture_output=True, check=True).stdout.decode()
    assert said.splitlines()[0] == "*/ int x; /*"
    assert said.splitlines()[6:8] == ['say "no"', "%s %n"]
    assert said.splitlines()[8] == r"line next \x00\x1b[31m\u202e"
    assert said.splitlines()[9].startswith("\u00e9\U0001f600")
    assert said.splitlines()[11] == "\u00ff9"
    assert len(said.splitlines()) == len(HOSTILE)
