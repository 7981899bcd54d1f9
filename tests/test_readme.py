"""The texts for people: what they have others copy is right, and what they point to is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def check(schema: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("place", "schema", "key"), [(0, "github-workflows", "runs-on"), (1, "gitlab-ci", "script")])
def test_the_files_for_ci_follow_the_schemas_of_those_who_read_them(place: int, schema: str, key: str, tmp_path: Path) -> None:
    text, path = _BLOCK.findall(read("README.md"))[place], tmp_path / "ci.yml"
    path.write_text(text, encoding="utf-8")
    said = check(schema, path)
    assert said.returncode == 0, said.stdout
    path.write_text(text.replace(f"{key}:", f"{key}-at-all:"), encoding="utf-8")
    assert check(schema, path).returncode == 1


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def _of_ours(text: str) -> list[str]:
    """Return what a text links to here; not the examples of links, which stand in code."""
    prose = re.sub(r"^(?: {4}[^\n]*|```.*?^```)$", "", text, flags=re.MULTILINE | re.DOTALL)
    links = [first or second for first, second in _LINK.findall(prose)]
    return [link for link in links if "://" not in link and "@" not in link]


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_to_something_of_ours_leads_there(name: str) -> None:
    wrong = []
    for link in _of_ours(read(name)):
        path, _, anchor = link.partition("#")
        file = ROOT / (path or name)
        if not file.exists() or (anchor and anchor not in _anchors(file.read_text(encoding="utf-8"))):
            wrong.append(link)
    assert wrong == []


def test_every_command_of_the_readme_is_one() -> None:
    from sslspec.cli import cli  # noqa: PLC0415  # no other test here needs it

    rows = re.findall(r"^\| `sslspec ([\w-]+)", read("README.md"), re.MULTILINE)
    assert sorted(rows) == sorted(cli.commands)


def test_the_pictures_are_small() -> None:
    pictures = list((ROOT / ".ci" / "pictures").glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 150_000] == []
