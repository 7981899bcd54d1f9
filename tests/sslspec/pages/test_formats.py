"""The readers together: the same sentences whatever the format, each where it stands in the input, and no input that they choke on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_pages import FLATTENED, PAGES_BY_FORMAT, SAYS, read, said

from sslspec.pages import parse
from sslspec.pages.errors import PageNotRead
from sslspec.pages.recognise import FORMATS
from sslspec.pages.source import Source

EVERY = {**PAGES_BY_FORMAT, "flattened": FLATTENED}


def test_every_format_has_its_page() -> None:
    # A header has no sections, and is no page by itself: see test_header.py.
    assert ["C header", *PAGES_BY_FORMAT] == [form.name for form in FORMATS]


@pytest.mark.parametrize("form", PAGES_BY_FORMAT)
def test_a_page_is_recognised(form: str) -> None:
    page = read(PAGES_BY_FORMAT[form])
    assert (page.id, page.format) == ("SSL_set_session.3", form)


@pytest.mark.parametrize("form", EVERY)
def test_a_page_says_the_same_in_every_format(form: str) -> None:
    assert said(read(EVERY[form])) == SAYS


@pytest.mark.parametrize("form", EVERY)
def test_a_page_says_the_same_with_windows_line_ends(form: str) -> None:
    assert said(read(EVERY[form].replace("\n", "\r\n"))) == SAYS


@pytest.mark.parametrize("form", EVERY)
@pytest.mark.parametrize("margin", ["{:>3}. ", "{}: ", "{} ", "{}\t"])
def test_a_page_says_the_same_with_numbers_in_its_margin(form: str, margin: str) -> None:
    lines = [margin.format(number) + line for number, line in enumerate(EVERY[form].splitlines(), 1)]
    assert said(read("A site\n\n" + "\n".join(lines))) == SAYS


@pytest.mark.parametrize("form", EVERY)
def test_a_word_is_where_the_input_has_it(form: str) -> None:
    text = EVERY[form]
    page = read(text)
    for sentence in page.sentences:
        for word in sentence.words:
            if word.chars.isalpha():
                assert text[word.place] == word.chars[0]
        line, column = page.position(sentence)
        assert text.splitlines()[line - 1][column - 1 :]


@pytest.mark.parametrize("form", EVERY)
def test_a_word_ends_where_the_input_has_it(form: str) -> None:
    text = EVERY[form]
    plain = [word for sentence in read(text).sentences for word in sentence.words if text[word.place : word.end] == word.chars]
    assert len(plain) > 40


@pytest.mark.parametrize(
    ("form", "old", "new", "says"),
    [
        ("POD", "B<session>", "B<session", "B<"),
        ("POD", "C<< a > b >>", "C<< a > b >", "C<"),
        ("POD", "=back", "", "=over"),
        ("POD", "=cut", "=begin html", "=begin"),
        ("mdoc", ".El", "", ".Bl"),
        ("man", ".Ve", "", ".Vb"),
        ("man", ".SH", ".nf\n.SH", ".nf"),
        ("man", ".SH", ".de XX\n.SH", ".de"),
        ("man", ".SH", ".if n \\{\\\n.SH", ".if"),
    ],
)
def test_markup_that_is_never_closed_is_located(form: str, old: str, new: str, says: str) -> None:
    with pytest.raises(PageNotRead, match=r"^\d+:\d+: .* is never closed$") as caught:
        read(PAGES_BY_FORMAT[form].replace(old, new, 1))
    place, what = str(caught.value).split(": ", 1)
    assert what == f"{says} is never closed"
    line, column = map(int, place.split(":"))
    broken = PAGES_BY_FORMAT[form].replace(old, new, 1).splitlines()
    assert broken[line - 1][column - 1 :].startswith(what.split()[0])


MARKUP = st.sampled_from(
    [
        *("=head1 NAME\n", "=over\n", "=back\n", "=item 0\n", "=cut\n", "=begin x\n", "B<", "C<< ", " >>", ">", "L<|", "E<0x41>", "E<0>"),
        *(".Sh NAME\n", ".Nd x\n", ".Fn ", ".Bl\n", ".El\n", ".It\n", ".Pq ", ".Dq ", ".Xr a 3 ,\n", '"', "\\&", "\\(em", "\\*(L", "\\f"),
        *(".TH x\n", ".SH NAME\n", ".IP ", ".TP\n", ".de x\n", "..\n", ".if n \\{\\\n", "\\}\n", ".B\n", ".nf\n", ".fi\n", ".Vb\n"),
        *("# NAME\n", "- ", "> ", "    ", "[a](b)", "](", "**", "&lt;", "```\n", "NAME", "NAME\n", "SSL_set_session", " - ", "SYNOPSIS\n"),
        *(
            "a\x08a",
            "\x1b[1m",
            "1. ",
            "2 ",
            "0 It",
            "\n",
            "\n\n",
            "\t",
            "\r\n",
            "\u202e",
            "\u00ad",
            "\u2010\n",
            "x",
            ". ",
            ":",
            "(3)",
            "\x85",
        ),
    ]
)


@given(st.lists(MARKUP | st.text(max_size=5), max_size=40).map("".join))
def test_whatever_is_read_is_read_or_refused(text: str) -> None:
    try:
        page = parse(Source("page", text.replace("\0", "")))
    except PageNotRead as error:
        message = str(error)
    else:
        message = "read"
        assert all(sentence.words for sentence in page.sentences)
        assert all(page.position(sentence).line <= text.count("\n") + 1 for sentence in page.sentences)
    assert len(message.splitlines()) == 1


HEAD = "=head1 NAME\n\nSSL_set_session - x\n\n"
LONG = 200_000


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "B<" * 5_000 + "x" + ">" * 5_000,
        HEAD + "1" * LONG + " x. " + "1" * LONG + ".",
        HEAD + "x. a" + "_" * LONG + " y",
        HEAD + ")" * LONG + "." * LONG,
        HEAD + " " * LONG + "x",
        ".Sh NAME\n.Nm SSL_set_session\n" + " " * LONG + "x\n" + '.Fn "' * 20_000,
        '.\\" ' + "$a: " * 60_000 + "\n.Sh NAME\n.Nm SSL_set_session\n",
        "NAME\n SSL_set_session - x\n" + "a   " * 60_000 + "\n",
        "NAME\n SSL_set_session - x\n" + "a\x08" * 60_000 + "a\n",
        "NAME" + "a" * LONG + "\nNAME SSL_set_session - x\n",
        "# NAME\n\nSSL_set_session - x\n\n" + "[" * 20_000 + "](" * 5_000,
    ],
    ids=range(11),
)
def test_what_would_keep_a_pattern_busy_is_read_in_time(text: str) -> None:
    # A pattern that takes the square of this would not come back.
    assert read(text).id == "SSL_set_session.3"
