from __future__ import annotations

import io

from rich.console import Console

from sslspec.reports.comparison.text import render, show


def test_what_is_worse_comes_last_and_the_outcome_in_the_end(every_way):
    text = render(every_way)
    order = [
        "sslspec: 3 implementations compared",
        "same: 1 row as before",
        "unable could not be run",
        "\nCan be observed now\n",
        "\nFixed\n",
        "\nAnswers otherwise than before\n",
        "\nFails in another way than before\n",
        "\nWorse: the suite itself failed",
        "\nWorse: can no longer be observed\n",
        "\nWorse: deviates, crashes or hangs",
        "\nWorse: of the rows, 2 began",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert text.rstrip().endswith("could not be run: unable")


def test_a_change_says_what_it_was_and_is_and_how_to_see_it(every_way):
    assert """
SSL_set_session.3/a-rule
  rule  What a-rule says.
  one, two
    was       conforms
    now       deviates: expected: 1 more; observed: 2 more
    row       It regressed
    known     by design: deviations/openssl.toml, entry 1
    shown by  sslspec explain a-rule -i one=/usr/lib/libssl.so.3
""" in render(every_way)


def test_other_readings_are_told_where_it_is_worse(every_way):
    assert "other reading  It counts twice." in render(every_way)


def test_eighty_columns_no_blanks_at_the_ends_and_no_colour(every_way, hostile, nothing, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    for comparison in (every_way, hostile, nothing):
        lines = render(comparison).splitlines()
        assert max(map(len, lines)) <= 80
        assert all(line == line.rstrip() and line.isprintable() for line in lines)


def test_a_terminal_is_shown_colours(every_way):
    file = io.StringIO()
    show(every_way, Console(file=file, force_terminal=True, color_system="standard", width=80))
    assert "\x1b[1;31mWorse: deviates" in file.getvalue()


def test_hostile_text_is_text(hostile):
    text = render(hostile)
    assert "[bold]b[/bold] \\x1b[31mred" in text.replace("\n", " ").replace("  ", " ")
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
