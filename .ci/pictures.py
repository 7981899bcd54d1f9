"""Makes the README's pictures from a record of a run: `.ci/pictures.py RECORD`, or `make pictures RECORD=report/record.json`.

The page as Debian's Chromium shows it, light and dark, and the end of what `sslspec run` prints, as rich draws a terminal.
"""

from __future__ import annotations

import base64
import io
import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from sslspec.reports.html import render
from sslspec.reports.html.view import columns
from sslspec.reports.record_json import read
from sslspec.reports.terminal import summary

if TYPE_CHECKING:
    from sslspec.record import Record

PICTURES = Path(__file__).parent / "pictures"

#: In pixels.
PAGE, TERMINAL = (1200, 760), 800

#: Of the terminal, in columns.
COLUMNS = 80

#: The page shows the newest of each family, and these: a README is not as wide as the screen that two dozen columns want.
BESIDE = ("openssl-1.0.2q", "openssl-1.1.1k")


def main() -> None:
    """Make the pictures beside this script."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        sys.exit("no browser: apt-get install chromium chromium-driver")
    record = read(Path(sys.argv[1]))
    PICTURES.mkdir(exist_ok=True)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--hide-scrollbars", "--no-sandbox"):  # it is shown nothing but our own pages
        options.add_argument(argument)
    driver = webdriver.Chrome(options, Service(chromedriver))
    with tempfile.TemporaryDirectory() as folder:
        page, terminal = Path(folder, "report.html"), Path(folder, "terminal.svg")
        page.write_text(render(_few(record)), encoding="utf-8")
        for scheme in ("light", "dark"):
            _take(driver, f"{page.as_uri()}#matrix", f"page-{scheme}", scheme, PAGE)
        drawn, height = _drawn(record)
        terminal.write_text(drawn, encoding="utf-8")
        _take(driver, terminal.as_uri(), "terminal", "dark", (TERMINAL, height))
    driver.quit()


def _take(driver: webdriver.Chrome, address: str, name: str, scheme: str, size: tuple[int, int]) -> None:
    look = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", look)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    driver.get("about:blank")
    driver.get(address)
    taken = base64.b64decode(driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"])
    (PICTURES / f"{name}.png").write_bytes(taken)
    print(f"{PICTURES.name}/{name}.png: {len(taken) // 1000} kB")


def _few(record: Record) -> Record:
    """Return what a run of fewer implementations would have left."""
    shown = {group[-1].name for _, group in columns(record)} | set(BESIDE)
    return replace(
        record,
        implementations=tuple(identity for identity in record.implementations if identity.name in shown),
        rows=tuple(row for row in record.rows if row.implementation in shown),
    )


def _drawn(record: Record) -> tuple[str, int]:
    """Return what a run shows of its first page, and how it ends, as an SVG; and how high that is."""
    console = Console(file=io.StringIO(), width=COLUMNS, force_terminal=True, color_system="truecolor")
    summary(record, console)
    lines = [Text.from_ansi(line) for line in console.file.getvalue().splitlines()]
    texts = [line.plain for line in lines]
    head = next(at for at, text in enumerate(texts) if text.startswith("clause "))
    second = [at for at, text in enumerate(texts) if text in {clause.page for clause in record.clauses}][1]
    legend = next(at for at, text in enumerate(texts) if text.startswith(". ok"))
    end = next(at for at, text in enumerate(texts) if text.startswith("~ one reading"))
    shown = [lines[0], Text("..."), *lines[head - 1 : second - 1], Text("..."), *lines[legend - 1 : end + 1], Text("..."), *lines[-2:]]
    screen = Console(file=io.StringIO(), width=COLUMNS, record=True)
    for line in shown:
        screen.print(line)
    drawn = screen.export_svg(title="sslspec run --all")
    box = re.search(r'viewBox="0 0 (\d+) ([\d.]+)"', drawn)
    assert box  # noqa: S101  # rich has always written it
    return drawn, round(float(box[2]) * TERMINAL / int(box[1]))


if __name__ == "__main__":
    main()
