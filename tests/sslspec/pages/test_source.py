"""What a page is read from: files of every kind, and why one is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from typing import TYPE_CHECKING

import pytest
from sample_pages import POD, SAYS, said

from sslspec.pages import read_page
from sslspec.pages.errors import PageNotRead
from sslspec.pages.source import MOST_BYTES, Source, load

if TYPE_CHECKING:
    from pathlib import Path

PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


def refusal(path: Path) -> str:
    with pytest.raises(PageNotRead) as caught:
        read_page(str(path))
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "page"


class TestLoading:
    def test_a_file(self, file: Path) -> None:
        file.write_text(POD, encoding="utf-8")
        assert load(str(file)) == Source(str(file), POD)

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(POD.encode())))
        assert load("-") == Source("-", POD)

    @pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
    def test_a_compressed_file_whatever_it_is_called(self, pack, file: Path) -> None:
        file.write_bytes(pack(POD.encode()))
        assert said(read_page(str(file))) == SAYS

    def test_a_byte_order_mark_is_no_text(self, file: Path) -> None:
        file.write_text(POD, encoding="utf-8-sig")
        assert said(read_page(str(file))) == SAYS

    def test_what_is_not_utf_8_is_read_with_a_warning_that_says_where(self, file: Path) -> None:
        file.write_bytes(POD.replace("It went well.", "It w\u00e9nt well.").encode("latin-1"))
        page = read_page(str(file))
        assert page.source.warning == "34:5: not UTF-8; the page was read as Latin-1"
        assert ("RETURN VALUES 4", "1 It w\u00e9nt well.") in said(page)


class TestRefusing:
    def test_a_file_that_is_not_there(self, file: Path) -> None:
        assert refusal(file) == "No such file or directory"

    def test_a_folder(self, tmp_path: Path) -> None:
        assert refusal(tmp_path) == "Is a directory"

    @pytest.mark.parametrize("text", ["", "\n", " \n\t\n"])
    def test_an_empty_file(self, file: Path, text: str) -> None:
        file.write_text(text)
        assert refusal(file) == "it is empty"

    def test_a_binary(self, file: Path) -> None:
        file.write_bytes(b"\x7fELF\x02\x01\x01\0\0")
        assert refusal(file).startswith("it is binary")

    def test_another_encoding(self, file: Path) -> None:
        file.write_text(POD, encoding="utf-16")
        assert "iconv" in refusal(file)

    def test_a_hundred_megabytes_at_once(self, file: Path) -> None:
        with file.open("wb") as big:
            big.truncate(100 << 20)
        assert "bigger than 256 KB" in refusal(file)

    def test_what_never_ends(self) -> None:
        with pytest.raises(PageNotRead, match=r"^/dev/zero: it is bigger than 256 KB"):
            read_page("/dev/zero")

    @pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
    def test_what_expands_without_end(self, pack, file: Path) -> None:
        file.write_bytes(pack(b" " * (50 << 20)))
        assert len(file.read_bytes()) < MOST_BYTES
        assert "expands to more than 256 KB" in refusal(file)

    @pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
    def test_what_is_compressed_and_cut_off(self, pack, file: Path) -> None:
        file.write_bytes(pack(POD.encode())[:-9])
        assert refusal(file) == "it is compressed and cut off"

    @pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
    def test_what_is_compressed_and_damaged(self, pack, file: Path) -> None:
        packed = bytearray(pack(POD.encode()))
        packed[10:60] = bytes(50)
        file.write_bytes(packed)
        assert refusal(file).startswith("its compression is damaged")

    def test_a_compression_that_python_has_not(self, file: Path) -> None:
        file.write_bytes(b"\x28\xb5\x2f\xfd...")
        assert "unpack it first" in refusal(file)

    def test_text_that_is_no_page(self, file: Path) -> None:
        file.write_text("Dear all,\n\nnothing.\n")
        assert "in a format that is known (C header, POD, mdoc, man, Markdown, rendered text)" in refusal(file)

    @pytest.mark.parametrize("name", ["SSL_get_session", "SSL_set_session_id_context", "x" * 500, "\x1b[2J"])
    def test_another_page(self, file: Path, name: str) -> None:
        file.write_text(POD.replace("SSL_set_session", name))
        assert refusal(file).endswith("known are SSL_set_session(3) and SSL_CTX_add_session(3)")
        assert refusal(file).isprintable()

    def test_markup_that_is_not_closed(self, file: Path) -> None:
        file.write_text(POD.replace("B<session>", "B<session"))
        assert refusal(file) == "17:25: B< is never closed"


class TestMargins:
    def lines(self, text: str) -> list[str]:
        return [line.text.chars for line in Source("page", text).lines]

    def test_numbers_are_taken_off(self) -> None:
        assert self.lines("1 a\n2 b\n4 c\n5\n6 d") == ["a", "b", "c", "", "d"]

    def test_a_number_that_is_missing_is_a_hole(self) -> None:
        lines = Source("page", "1 a\n2 b\n4 c\n7\n8 d").lines
        assert [line.after_hole for line in lines] == [False, False, True, True, False]

    @pytest.mark.parametrize("text", ["1 a\n2 b\n3 c\n4 d", "1 a\n2 b\n2 c\n3 d\n4 e", "1 a\nb\n2 c\nd\n3 e\n4 f\n5 g", "a\nb"])
    def test_what_only_looks_like_one_is_left(self, text: str) -> None:
        assert self.lines(text) == text.split("\n")

    def test_a_place_is_the_one_in_the_input(self) -> None:
        source = Source("page", "top\n  7. a b\n  8. c\n  9. d\n 10. e\n 11. f g")
        place = source.lines[-1].text.words()[1].place
        assert source.position(place) == (6, 8)
        assert str(source.position(place)) == "6:8"
