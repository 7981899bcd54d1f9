from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslspec.reports.layout import folded, lay_out


@given(
    st.integers(60, 300), st.integers(5, 45), st.dictionaries(st.text(min_size=1, max_size=30), st.integers(2, 14), min_size=1, max_size=20)
)
def test_every_table_fits_and_every_implementation_is_in_one(width, clause, cells):
    layout = lay_out(width, clause, cells)
    assert [name for table in layout.tables for name in table] == list(cells)
    for table in layout.tables:
        assert layout.clause + sum(layout.gap + layout.widths[name] for name in table) + layout.sentence <= width
        assert all(layout.widths[name] >= cells[name] for name in table)


def test_four_fit_on_80_columns():
    layout = lay_out(80, 32, dict.fromkeys(["openssl-1.1.1k", "libressl-3.1.0", "boringssl", "aws-lc-5.12.0"], 11))
    assert len(layout.tables) == 1


def test_tables_are_of_about_the_same_size():
    layout = lay_out(80, 32, dict.fromkeys("abcdefghij", 9))
    assert [len(table) for table in layout.tables] == [3, 3, 4]


def test_there_is_room_for_sentences_only_on_wide_screens():
    assert not lay_out(80, 32, {"one": 9}).sentence
    assert lay_out(200, 32, {"one": 9}).sentence > 100


@pytest.mark.parametrize(
    ("name", "lines"), [("openssl-1.1.1k", ["openssl-", "1.1.1k"]), ("abcdefghijkl", ["abcdefghi", "jkl"]), ("one", ["one"])]
)
def test_names_are_broken_at_hyphens(name, lines):
    assert folded(name, 9).splitlines() == lines
