from __future__ import annotations

import pytest

from sslspec.reports.comparison import FORMATS, render


@pytest.mark.parametrize(
    ("form", "begins"), [("text", "sslspec: "), ("markdown", "# sslspec: "), ("json", '{\n "format": "sslspec-comparison"')]
)
def test_each_format_begins_as_its_own(every_way, form, begins):
    text = render(every_way, form)
    assert text.startswith(begins)
    assert text.endswith("\n")
    assert text[-2] != "\n"


def test_no_format_is_forgotten():
    assert list(FORMATS) == ["text", "markdown", "json"]
