"""Sessions made by hand are DER that another reader understands, and say what they were asked to."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sslspec.adapters import der

INTEGER, OCTETS, SEQUENCE = 0x02, 0x04, 0x30
TIME, TIMEOUT, SESSION_ID_CONTEXT, TICKET = 0xA1, 0xA2, 0xA4, 0xAA


class Element(NamedTuple):
    """A tag and its content."""

    tag: int
    content: bytes


def read(data: bytes) -> list[Element]:
    """Return the elements of `data`, read by the rules of X.690 (8.1.3, 10.1) and nothing of ours."""
    found = []
    while data:
        tag, size, data = data[0], data[1], data[2:]
        if size & 0x80:
            octets, data = data[: size & 0x7F], data[size & 0x7F :]
            size = int.from_bytes(octets, "big")
            # The shortest form is the only one.
            assert size >= 0x80
            assert octets[0] != 0
        assert len(data) >= size
        found.append(Element(tag, data[:size]))
        data = data[size:]
    return found


def number(element: Element) -> int:
    assert element.tag == INTEGER
    value = int.from_bytes(element.content, "big", signed=True)
    # Nine leading bits that are equal are one octet too many.
    assert len(element.content) == 1 or not (element.content[0] == 0 and element.content[1] < 0x80)
    return value


def fields(data: bytes) -> list[Element]:
    (outer,) = read(data)
    assert outer.tag == SEQUENCE
    return read(outer.content)


@pytest.mark.parametrize(
    ("version", "protocol", "cipher", "secret"),
    [("TLSv1.2", 0x0303, 0xC02B, 48), ("TLSv1.3", 0x0304, 0x1301, 32), ("unheard of", 0x0399, 0xC02B, 48)],
)
def test_a_session_says_what_it_was_asked_to(version: str, protocol: int, cipher: int, secret: int) -> None:
    structure, said, suite, identity, key, *rest = fields(der.session("label", version, 1_700_000_000, 7200))
    assert (number(structure), number(said)) == (1, protocol)
    assert suite == (OCTETS, cipher.to_bytes(2, "big"))
    assert identity == (OCTETS, b"label" + bytes(27))
    assert (key.tag, len(key.content)) == (OCTETS, secret)
    assert [element.tag for element in rest] == [TIME, TIMEOUT, SESSION_ID_CONTEXT, *([TICKET] if version == "TLSv1.3" else [])]
    time, timeout, context, *ticket = (read(element.content)[0] for element in rest)
    assert (number(time), number(timeout)) == (1_700_000_000, 7200)
    assert context == (OCTETS, b"")
    assert [element for element in ticket if element.tag != OCTETS or not element.content] == []


def test_without_a_label_there_is_no_id() -> None:
    assert fields(der.session("", "TLSv1.2", 0, 0))[3] == (OCTETS, b"")


def test_equal_labels_are_equal_ids_and_others_are_not() -> None:
    one, same, other = (fields(der.session(label, "TLSv1.2", 0, 0))[3] for label in ("one", "one", "two"))
    assert one == same != other
    assert len(other.content) == 32


def test_two_runs_make_the_same_session() -> None:
    assert der.session("one", "TLSv1.3", 1, 2) == der.session("one", "TLSv1.3", 1, 2)


def test_a_version_that_there_is_not_even_here() -> None:
    with pytest.raises(KeyError):
        der.session("one", "SSLv2", 0, 0)


@given(some.integers(min_value=0, max_value=2**63 - 1))
def test_every_number_is_read_back(value: int) -> None:
    (element,) = read(der._integer(value))
    assert number(element) == value


@pytest.mark.parametrize("value", [0, 127, 128, 255, 256, 2**31 - 1, 2**31, 2**32, 2**63 - 1])
def test_numbers_where_an_octet_more_is_needed(value: int) -> None:
    (element,) = read(der._integer(value))
    assert number(element) == value


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 255, 256, 257, 65535, 65536, 70_000])
def test_contents_of_every_size_are_read_back(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    assert read(der._tagged(OCTETS, content)) == [(OCTETS, content)]
    assert read(der._explicit(3, der._tagged(OCTETS, content))) == [(0xA3, der._tagged(OCTETS, content))]
