from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslspec.reports.layout import cut, folded, lay_out, lay_out_signs


@given(
    st.integers(60, 300), st.integers(5, 45), st.dictionaries(st.text(min_size=1, max_size=30), st.integers(2, 14), min_size=1, max_size=20)
)
def test_a_table_in_words_fits_and_no_cell_is_squeezed(width, clause, cells):
    layout = lay_out(width, clause, cells)
    if layout:
        assert list(layout.widths) == list(cells)
        assert layout.clause + sum(layout.gap + wide for wide in layout.widths.values()) + layout.sentence <= width
        assert all(layout.widths[name] >= cells[name] for name in cells)


@given(st.integers(8, 300), st.integers(5, 45), st.lists(st.sampled_from("abc"), min_size=1, max_size=90))
def test_every_table_of_signs_fits_and_every_implementation_is_in_one(width, clause, families):
    names = {str(number): family for number, family in enumerate(families)}
    layout = lay_out_signs(width, clause, names)
    assert [name for table in layout.tables for group in table for name in group] == list(names)
    for table in layout.tables:
        assert layout.clause + len(layout.gap) + sum(map(len, table)) + len(table) - 1 + layout.sentence <= width
        assert all(len({names[name] for name in group}) == 1 for group in table)


def test_four_fit_on_80_columns_in_words():
    assert lay_out(80, 32, dict.fromkeys(["openssl-1.1.1k", "libressl-3.1.0", "boringssl", "aws-lc-5.12.0"], 11))


def test_forty_fit_on_80_columns_in_signs():
    assert len(lay_out_signs(80, 32, {str(number): "a" for number in range(40)}).tables) == 1


def test_a_text_is_cut_between_words():
    assert cut("so it is said", 13) == "so it is said"
    assert cut("so it is said", 12) == "so it ..."


def test_there_is_room_for_sentences_only_on_wide_screens():
    assert not lay_out(80, 32, {"one": 9}).sentence
    assert lay_out(200, 32, {"one": 9}).sentence > 100


@pytest.mark.parametrize(
    ("name", "lines"), [("openssl-1.1.1k", ["openssl-", "1.1.1k"]), ("abcdefghijkl", ["abcdefghi", "jkl"]), ("one", ["one"])]
)
def test_names_are_broken_at_hyphens(name, lines):
    assert folded(name, 9).splitlines() == lines
