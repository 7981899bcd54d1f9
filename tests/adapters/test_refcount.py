"""Finding the reference count in memory that behaves in every possible way."""

from __future__ import annotations

import ctypes
from typing import Self

import pytest

from sslspec.adapters import refcount
from sslspec.adapters.refcount import calibrate

pytestmark = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_usable_size"), reason="this system does not tell the size of a block"
)


class Block:
    """A block of the C library's heap, as 32-bit words."""

    def __init__(self, words: int) -> None:
        libc = ctypes.CDLL(None)
        libc.calloc.restype, libc.calloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t, ctypes.c_size_t)
        self._free = libc.free
        self._free.argtypes = (ctypes.c_void_p,)
        self.pointer: int = libc.calloc(words, 4)
        self.words = (ctypes.c_uint32 * words).from_address(self.pointer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._free(self.pointer)

    def calibrate(self, *moving: int, lazily: tuple[int, ...] = (), only_up: tuple[int, ...] = ()) -> int | str:
        """Calibrate with references that move the words of these indices; `lazily` by two, `only_up` never down."""

        def take() -> None:
            for index in (*moving, *only_up):
                self.words[index] += 1
            for index in lazily:
                self.words[index] += 2

        def give_back() -> None:
            for index in moving:
                self.words[index] -= 1
            for index in lazily:
                self.words[index] -= 2

        return calibrate(self.pointer, take, give_back)


@pytest.mark.parametrize("index", [0, 1, 7, 115, 127])
def test_the_one_word_that_moves_is_it(index: int) -> None:
    with Block(128) as block:
        block.words[:] = list(range(128))
        assert block.calibrate(index) == 4 * index
        assert list(block.words) == list(range(128))


def test_the_count_need_not_start_at_one() -> None:
    with Block(16) as block:
        block.words[3] = 0xFFFFFFF0
        assert block.calibrate(3) == 12


def test_no_word_is_none() -> None:
    with Block(16) as block:
        assert block.calibrate() == "0 words of a session move like a reference count, where there must be exactly one"


def test_two_words_are_none() -> None:
    with Block(16) as block:
        assert block.calibrate(2, 5) == "2 words of a session move like a reference count, where there must be exactly one"


def test_words_that_move_otherwise_are_no_candidates() -> None:
    with Block(16) as block:
        assert block.calibrate(2, lazily=(3,), only_up=(4,)) == 8
        assert str(block.calibrate(lazily=(3,))).startswith("0 words")
        assert str(block.calibrate(only_up=(3,))).startswith("0 words")


def test_the_references_are_taken_and_given_back_in_turn() -> None:
    acts: list[str] = []
    with Block(16) as block:
        calibrate(block.pointer, lambda: acts.append("take"), lambda: acts.append("give back"))
    assert acts == ["take", "take", "give back", "give back"]


def test_without_the_size_of_a_block_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refcount, "_size_of", lambda _: None)
    acts: list[str] = []
    said = calibrate(0, lambda: acts.append("take"), lambda: acts.append("give back"))
    assert said == "this system does not tell the size of a block (no malloc_usable_size)"
    assert acts == []


def test_the_size_is_whole_words_and_no_less_than_was_asked_for() -> None:
    with Block(33) as block:
        size = refcount._size_of(block.pointer)
        assert size is not None
        assert size >= 132
        assert size % 4 == 0
