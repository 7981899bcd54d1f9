"""What single readers make of the parts of their formats that the page of all formats has not."""

from __future__ import annotations

import pytest
from sample_pages import read, said

from sslspec.pages.blocks import Kind
from sslspec.pages.errors import Unclosed
from sslspec.pages.man import read as read_man
from sslspec.pages.markdown import read as read_markdown
from sslspec.pages.mdoc import read as read_mdoc
from sslspec.pages.pod import inline
from sslspec.pages.pod import read as read_pod
from sslspec.pages.rendered import read as read_rendered
from sslspec.pages.roff import unescaped
from sslspec.pages.source import Source
from sslspec.pages.text import HOLE, Text


def blocks(reader, text: str) -> list[tuple[Kind, str]]:
    return [(block.kind, " ".join(word.chars for word in block.text.words())) for block in reader(Source("page", text).lines)]


def texts(reader, text: str) -> list[str]:
    return [said for kind, said in blocks(reader, text) if kind is Kind.TEXT]


class TestPod:
    @pytest.mark.parametrize(
        ("markup", "shown"),
        [
            ("B<a> I<b> C<c> F<d> S<e>", "a b c d e"),
            ("B<a I<b C<c>>>", "a b c"),
            ("C<< a >> b >>", "a b >>"),
            ("B<<< a >> b >>>", "a >> b"),
            ("Z<>0 X<index>1", "0 1"),
            ("E<lt>E<gt>E<sol>E<verbar>E<eacute>E<0x41>E<66>E<0101>", "<>/|\u00e9ABA"),
            ("E<0>E<0x1b>E<0xd800>E<9999999>E<nonsense>", ""),
            ("L<a(3)> L<a(3)|a(3)> L<the text|a(3)>", "a(3) a(3) the text"),
            ("L<https://x/y> L<a(3)/NOTES> L</NOTES>", 'https://x/y "NOTES" in a(3) "NOTES"'),
            ("a < b and A <b> are no codes", "a < b and A <b> are no codes"),
        ],
    )
    def test_codes(self, markup: str, shown: str) -> None:
        assert " ".join(inline(Text.at(markup, 0)).chars.split()) == shown

    @pytest.mark.parametrize(("markup", "place"), [("a B<b", 2), ("a B<b I<c>", 2), ("a B<b I<c", 6), ("C<< a >", 0)])
    def test_a_code_that_is_never_closed(self, markup: str, place: int) -> None:
        with pytest.raises(Unclosed) as caught:
            inline(Text.at(markup, 0))
        assert caught.value.place == place

    def test_commands_count_without_empty_lines_around_them(self) -> None:
        assert blocks(read_pod, "=pod\n=head1 A\nb\nc\n=over 4\n=item 1\nd\n=back\n=head2 E\nf\n=cut\ng") == [
            (Kind.HEADING, "A"),
            (Kind.TEXT, "b c"),
            (Kind.LABEL, "1"),
            (Kind.TEXT, "d"),
            (Kind.HEADING, "E"),
            (Kind.TEXT, "f"),
            (Kind.AFTER, "g"),
        ]

    def test_bullets_are_no_labels_and_regions_of_other_formats_no_text(self) -> None:
        text = "=head1 A\n\n=over 4\n\n=item *\n\nb\n\n=back\n\n=begin html\n\n<p>\n\n=head1 X\n\n=end html\n\n=for me x\n\nc"
        assert blocks(read_pod, text) == [(Kind.HEADING, "A"), (Kind.TEXT, "b"), (Kind.TEXT, "c")]

    def test_what_is_kept_from_readers_goes_on_to_an_empty_line(self) -> None:
        assert blocks(read_pod, "=pod\n\n=for comment a\nb\n\nc\n=for comment d\n=head1 E\nf") == [
            (Kind.TEXT, "c"),
            (Kind.HEADING, "E"),
            (Kind.TEXT, "f"),
        ]

    def test_what_is_indented_has_no_codes(self) -> None:
        assert texts(read_pod, "=pod\n\n if (A<b) B<\n\nB<c>") == ["if (A<b) B<", "c"]

    def test_a_message_before_it_is_outside(self) -> None:
        assert blocks(read_pod, "A message\n\n=pod\n\na") == [(Kind.BEFORE, "A message"), (Kind.TEXT, "a")]


class TestMdoc:
    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            (".Fn f", "f()"),
            (".Fn f a b .", "f(a, b)."),
            (".Xr f 3 ,", "f(3),"),
            (".Pq Fn f", "(f())"),
            (".Pq Fn f .", "(f())."),
            (".Dq a b ,", '"a b",'),
            (".Fa a , b ;", "a, b;"),
            (".Fa ( a )", "(a)"),
            (".Fa a Ns Fa b", "ab"),
            (".Fn f Ap s", "f()'s"),
            (".Ox 2.4 .", "OpenBSD 2.4."),
            ('.Em "Fn f"', "Fn f"),
            ('.Fa "a ""b"""', 'a "b"'),
            ('.No a \\" a comment', "a"),
            (".Unheard of", "of"),
            ("a\\(emb\\&. \\fBc\\fP", "a\u2014b. c"),
        ],
    )
    def test_macros(self, line: str, shown: str) -> None:
        assert texts(read_mdoc, f".Dd x\n{line}\n") == [shown]

    def test_enclosures_over_several_lines(self) -> None:
        assert texts(read_mdoc, ".Dd x\na\n.Po\nb\n.Fa c\n.Pc ,\nd") == ["a (b c), d"]

    def test_lists_and_displays(self) -> None:
        text = ".Sh A\n.Bl -bullet\n.It\nb\n.It Fa c\nd\n.El\n.Bd -literal\ne\n.Ed\n.Ss F\ng"
        assert blocks(read_mdoc, text)[1:] == [
            (Kind.TEXT, "b"),
            (Kind.LABEL, "c"),
            (Kind.TEXT, "d"),
            (Kind.TEXT, "e"),
            (Kind.HEADING, "F"),
            (Kind.TEXT, "g"),
        ]

    def test_what_is_lost_is_a_hole_and_closes_nothing(self) -> None:
        text = "1 .Sh A\n2 .Bl -tag\n3 .It a\n5 b\n9 c"
        assert blocks(read_mdoc, text) == [(Kind.HEADING, "A"), (Kind.LABEL, "a"), (Kind.TEXT, f"{HOLE} b {HOLE} c")]

    def test_without_headings_macros_say_where_they_are(self) -> None:
        text = '1 .Dd x\n4 .Nd lend a thing\n9 .Fn SSL_set_session "SSL *a" "SSL_SESSION *b"\n'
        text += '12 is lost.\n13 This is not.\n14 .\\" c\n16 The end.'
        assert said(read(text)) == [
            ("NAME 1", f"{HOLE} - lend a thing"),
            ("SYNOPSIS 1", f"{HOLE} SSL_set_session(SSL *a, SSL_SESSION *b);"),
            ("1", f"{HOLE} is lost."),
            ("2", "This is not."),
            ("3", f"{HOLE} The end."),
        ]


class TestMan:
    def test_what_pod_man_says_of_its_macros_is_not_of_the_page(self) -> None:
        generated = '.\\" Automatically generated by Pod::Man 4.14\n.\\" ====\n.TH X 3\n.SH NAME\n.\\" Mine.\nX'
        written = generated.replace("Automatically generated by", "Written without")
        kinds = {text: [block.kind for block in read_man(Source("page", text).lines)] for text in (generated, written)}
        assert kinds[generated] == [Kind.HEADING, Kind.COMMENT, Kind.TEXT]
        assert kinds[written] == [Kind.COMMENT, Kind.COMMENT, Kind.COMMENT, Kind.HEADING, Kind.COMMENT, Kind.TEXT]

    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            (".B a b", "a b"),
            (".BR a (3) ,", "a(3),"),
            ('.BI "a b" c', "a bc"),
            ("a \\fBb\\fR\\|(3) \\s-1C\\s0 \\-d", "a b(3) C -d"),
            ('\\&\'a\\*(L"b\\*(R" \\*(Aqc\\*(Aq', "'a\"b\" 'c'"),
            ("a\\(aqb \\[u2014] \\[hm] \\e", "a'b \u2014 \ufffd \\"),
        ],
    )
    def test_lines(self, line: str, shown: str) -> None:
        assert texts(read_man, f".TH x\n{line}\n") == [shown]

    def test_layout(self) -> None:
        text = '.SH\nA B\n.TP\n.B c\nd\n.IP \\(bu 2\ne\n.RS\nf\n.RE\n.SS "G H"\ni\n.br\nj'
        assert blocks(read_man, text) == [
            (Kind.HEADING, "A B"),
            (Kind.LABEL, "c"),
            (Kind.TEXT, "d"),
            (Kind.TEXT, "e"),
            (Kind.TEXT, "f"),
            (Kind.HEADING, "G H"),
            (Kind.TEXT, "i j"),
        ]

    def test_its_programs_are_no_text(self) -> None:
        text = (
            ".de X\na\n..\n.if t .b\n.ie n \\{\\\n.c\nd\n.\\}\n.el \\{ e \\}\n.if x .if y \\\n\\{\\\nf\n.\\}\n.ig\ng\n..\n.ds x y\n.SH H\ni"
        )
        assert blocks(read_man, text) == [(Kind.HEADING, "H"), (Kind.TEXT, "i")]

    def test_of_its_conditions_those_for_a_terminal_hold(self) -> None:
        text = ".TH x\n.ie n .B a\n.el .B b\n.ie t .B c\n.el .B d\n.if n .B e\n.if t .B f\n.el .B g"
        assert texts(read_man, text) == ["a d e"]


class TestMarkdown:
    def test_places_are_found_behind_links_and_escapes(self) -> None:
        text = "# NAME\n\n[a\\_b(3)](http://x/a_b(3)), `c` and **d**\\*.\n"
        (_, block) = read_markdown(Source("page", text).lines)
        assert block.text.chars == "a_b(3), c and d*."
        assert [(word.chars, text[word.place]) for word in block.text.words()] == [
            ("a_b(3),", "a"),
            ("c", "c"),
            ("and", "a"),
            ("d*.", "d"),
        ]

    def test_labels_of_lists_and_before_quotations(self) -> None:
        assert blocks(read_markdown, "# NAME\n\n- 0\n\n    a\n\n- b c\n\n1\n\n> d\n") == [
            (Kind.HEADING, "NAME"),
            (Kind.LABEL, "0"),
            (Kind.TEXT, "a"),
            (Kind.TEXT, "b c"),
            (Kind.LABEL, "1"),
            (Kind.TEXT, "d"),
        ]

    def test_what_is_before_its_first_heading_is_outside(self) -> None:
        assert blocks(read_markdown, "a\n\n# NAME\n\nb\n")[0] == (Kind.BEFORE, "a")


class TestRendered:
    def test_letters_struck_twice_and_colours(self) -> None:
        text = "N\x08NA\x08AM\x08ME\x08E\n    _\x08a_\x08b \x1b[1mc\x1b[0m \x1b]8;;http://x\x07d\x1b]8;;\x07\n"
        assert blocks(read_rendered, text) == [(Kind.HEADING, "NAME"), (Kind.TEXT, "ab c d")]

    def test_hyphenation_is_undone_and_a_hyphen_kept(self) -> None:
        assert texts(read_rendered, "NAME\n    one\u2010\n    two three-\n    four -\n    five\n") == ["onetwo three-four - five"]

    def test_running_titles_are_outside(self) -> None:
        text = "F(3)     Manual      F(3)\n\nNAME\n    a\n\nOpenBSD 7.0      May 1, 2020      OpenBSD 7.0\n"
        assert [kind for kind, _ in blocks(read_rendered, text)] == [Kind.BEFORE, Kind.HEADING, Kind.TEXT, Kind.AFTER]

    def test_bullets_are_no_words(self) -> None:
        assert texts(read_rendered, "NAME\n    \u2022   a\n\n    o b\n\n    *  c") == ["a", "b", "c"]

    def test_a_paragraph_that_begins_like_a_heading_is_none(self) -> None:
        assert texts(read_rendered, "NAME\n    a\n    NOTES are no heading here.\n") == ["a NOTES are no heading here."]


@pytest.mark.parametrize(("escape", "char"), [("\\(em", "\u2014"), ("\\[aq]", "'"), ("\\[u00E9]", "\u00e9"), ("\\[u0000]", "\ufffd")])
def test_an_escape_is_where_it_stands(escape: str, char: str) -> None:
    text = unescaped(Text.at(f"a {escape} b", 10))
    assert text.chars == f"a {char} b"
    assert [word.place for word in text.words()] == [10, 12, 12 + len(escape) + 1]
