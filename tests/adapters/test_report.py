"""What sanitizers say, as gcc's and clang's have said it of small programs, shortened; and what is made of it."""

from __future__ import annotations

import pytest

from sslspec.adapters.worker.report import read_report, why_not_started
from sslspec.evidence import lines

GCC_RACE = """
==================
WARNING: ThreadSanitizer: data race (pid=10479)
  Read of size 4 at 0x555bdb7b105c by main thread:
    #0 count /home/me/my race/race.c:4 (race+0x11d7)
    #1 outer /home/me/my race/race.c:5 (race+0x1228)
    #2 main other/worker.c:6 (race+0x1264)

  Previous write of size 4 at 0x555bdb7b105c by thread T1 (mutexes: write M12):
    #0 count /home/me/my race/race.c:4 (race+0x11fb)

  Location is global 'shared' of size 4 at 0x555bdb7b105c (race+0x405c)

  Mutex M12 (0x55a2e76f1100) created at:
    #0 pthread_mutex_lock ../../../../src/libsanitizer/sanitizer_common/sanitizer_common_interceptors.inc:4324 (libtsan.so.2+0x558e1)

  Thread T1 (tid=10481, finished) created by main thread at:
    #0 pthread_create ../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp:1001 (libtsan.so.2+0x5e686)
    #1 outer /home/me/my race/race.c:6 (race+0x125f)

SUMMARY: ThreadSanitizer: data race /home/me/my race/race.c:4 in count
==================
"""
#: What is the same whoever was first, wherever it was in memory, and in whichever process.
RACE = [
    "ThreadSanitizer(read of size 4 by main thread): count (race.c:4)|outer (race.c:5)",
    "ThreadSanitizer(write of size 4 by a thread (mutexes: write M)): count (race.c:4)",
    "ThreadSanitizer(a mutex created): pthread_mutex_lock (sanitizer_common_interceptors.inc:4324)",
    "ThreadSanitizer(a thread created by main thread): pthread_create (tsan_interceptors_posix.cpp:1001)|outer (race.c:6)",
    "ThreadSanitizer(location): global 'shared' of size 4",
]
#: The same race, and the other thread was first; in colours, and with a bell.
THE_OTHER_WAY = GCC_RACE.replace("Read of", "Previous \x07read of").replace("Previous write", "\x1b[1m\x1b[34mWrite").replace("T1", "T17")

CLANG_RACE = """
WARNING: ThreadSanitizer: data race (pid=18766)
  Write of size 4 at 0x562fa7a69258 by main thread:
    #0 count /tmp/race.c:4:60 (race+0xd0176) (BuildId: ca382e680aacf5ab4f8b248db11356c169ffb06a)

  Previous write of size 4 at 0x562fa7a69258 by thread T1:
    [failed to restore the stack]

  Location is heap block of size 48 at 0x7b0c00000000 allocated by main thread:
    #0 malloc <null> (race+0x3ebb8) (BuildId: ca382e680aacf5ab4f8b248db11356c169ffb06a)
    #1 <null> <null> (/usr/lib/libssl.so.3+0x12a3)

  Thread T1 (tid=18768, running) created by main thread at:
    #0 pthread_create <null> (race+0x513ad) (BuildId: ca382e680aacf5ab4f8b248db11356c169ffb06a)

SUMMARY: ThreadSanitizer: data race /tmp/race.c:4:60 in count
"""
LOCKS = """
WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=18866)
  Cycle in lock order graph: M0 (0x55a518062100) => M1 (0x55a5180620c0) => M0

  Mutex M1 acquired here while holding mutex M0 in main thread:
    #0 main /src/lock.c:7 (lock+0x1268)

    Hint: use TSAN_OPTIONS=second_deadlock_stack=1 to get more informative warning message

  Mutex M0 acquired here while holding mutex M1 in main thread:
    #0 main /src/lock.c:8 (lock+0x1288)

SUMMARY: ThreadSanitizer: lock-order-inversion (potential deadlock) (lock+0x1268) in main
"""
FREED = """
==28653==ERROR: AddressSanitizer: heap-use-after-free on address 0x60700000010c at pc 0x563b0e5041cc bp 0x7ffcbd7039e0 sp 0x7ffcbd7039d8
READ of size 4 at 0x60700000010c thread T0
    #0 0x563b0e5041cb  (/tmp/use+0x11cb)
    #1 0x563b0e50425b in bssl::look(ssl_st*, int) /src/use.cc:7:231
    #2 0x55cea529a0d0 in _start (/tmp/use+0x10d0)

0x60700000010c is located 12 bytes inside of 80-byte region [0x607000000100,0x607000000150)
freed by thread T0 here:
    #0 0x7f74abcb76a8 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52

previously allocated by thread T2 here:
    #0 0x7f74abcb89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69

SUMMARY: AddressSanitizer: heap-use-after-free (/tmp/use+0x11cb)
Shadow bytes around the buggy address:
  0x0c0e7fff7fd0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
==28653==ABORTING
"""
TWICE = """
==18791==ERROR: AddressSanitizer: attempting double-free on 0x607000000100 in thread T0:
    #0 0x7f813ecb76a8 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52
    #1 0x55ac8e1ab1e7 in drop /src/use.c:4

SUMMARY: AddressSanitizer: double-free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52 in __interceptor_free
==18791==ABORTING
"""
NULL = """
AddressSanitizer:DEADLYSIGNAL
=================================================================
==18789==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000008 (pc 0x561da7173282 bp 0x607000000100 sp 0x7ffdf2c92890 T0)
==18789==The signal is caused by a READ memory access.
==18789==Hint: address points to the zero page.
    #0 0x561da7173282 in SSL_CTX_add_session /src/ssl_sess.c:7

AddressSanitizer can not provide additional info.
SUMMARY: AddressSanitizer: SEGV /src/ssl_sess.c:7 in SSL_CTX_add_session
==18789==ABORTING
"""
UNINITIALIZED = """
==19888==WARNING: MemorySanitizer: use-of-uninitialized-value
    #0 0x5585e6d01638 in pick /src/use.c:3:29

  Uninitialized value was created by a heap allocation
    #0 0x5585e6cafc90 in __interceptor_malloc (/src/use+0x55c90) (BuildId: dc5bc8f3d20de274d1084e4171198d8072365675)
    #1 0x5585e6d0133c in main /src/use.c:4:23

SUMMARY: MemorySanitizer: use-of-uninitialized-value /src/use.c:3:29 in pick
Exiting
"""
LEAK = """
==18793==ERROR: LeakSanitizer: detected memory leaks

Direct leak of 80 byte(s) in 1 object(s) allocated from:
    #0 0x7fbe3bab89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/malloc.cpp:69
    #1 0x564c056761d9 in make /src/use.c:5

SUMMARY: AddressSanitizer: 80 byte(s) leaked in 1 allocation(s).
"""
TOO_MUCH = "signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'"
OVERFLOW = f"src/use.c:2:37: runtime error: {TOO_MUCH}\n"
OVERFLOW_WITH_STACK = f"""{OVERFLOW}    #0 0x559ecc3b316d in add /src/use.c:2
    #1 0x559ecc3b318d in main /src/use.c:3

SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior src/use.c:2:37 in
"""
MISALIGNED = "use.c:9:3: runtime error: load of misaligned address 0x7ffd1c71e0a1 for type 'int', which requires 4 byte alignment\n"

NO_ROOM = (
    "ThreadSanitizer finds no room where this kernel puts programs; write `setarch -R` before the command (`setarch -R sslspec ...`), "
    "or set vm.mmap_rnd_bits to 28"
)

SAID = {
    "race": (GCC_RACE, "ThreadSanitizer: data race", RACE),
    "the other way": (THE_OTHER_WAY, "ThreadSanitizer: data race", RACE),
    "clang's": (
        CLANG_RACE,
        "ThreadSanitizer: data race",
        [
            "ThreadSanitizer(write of size 4 by a thread): failed to restore the stack",
            "ThreadSanitizer(write of size 4 by main thread): count (race.c:4)",
            "ThreadSanitizer(location is heap block of size 48 allocated by main thread): malloc|libssl.so.3+0x12a3",
            "ThreadSanitizer(a thread created by main thread): pthread_create",
        ],
    ),
    "locks": (
        LOCKS,
        "ThreadSanitizer: lock-order-inversion (potential deadlock)",
        [
            "ThreadSanitizer(a mutex acquired here while holding a mutex in main thread): main (lock.c:7)",
            "ThreadSanitizer(a mutex acquired here while holding a mutex in main thread): main (lock.c:8)",
        ],
    ),
    "freed": (
        FREED,
        "AddressSanitizer: heap-use-after-free",
        [
            "AddressSanitizer(read of size 4 by main thread): use+0x11cb|bssl::look (use.cc:7)|_start",
            "AddressSanitizer(freed by main thread): __interceptor_free (asan_malloc_linux.cpp:52)",
            "AddressSanitizer(previously allocated by a thread): __interceptor_malloc (asan_malloc_linux.cpp:69)",
        ],
    ),
    "twice": (
        TWICE,
        "AddressSanitizer: double-free",
        ["AddressSanitizer(double-free): __interceptor_free (asan_malloc_linux.cpp:52)|drop (use.c:4)"],
    ),
    "signal": (NULL, "SIGSEGV", ["AddressSanitizer(SEGV): SSL_CTX_add_session (ssl_sess.c:7)"]),
    "uninitialized": (
        UNINITIALIZED,
        "MemorySanitizer: use-of-uninitialized-value",
        [
            "MemorySanitizer(use-of-uninitialized-value): pick (use.c:3)",
            "MemorySanitizer(uninitialized value was created by a heap allocation): __interceptor_malloc|main (use.c:4)",
        ],
    ),
    "leak": (
        LEAK,
        "AddressSanitizer: 80 byte(s) leaked in 1 allocation(s)",
        ["AddressSanitizer(direct leak of 80 byte(s) in 1 object(s) allocated from): __interceptor_malloc (malloc.cpp:69)|make (use.c:5)"],
    ),
    "overflow": (
        OVERFLOW,
        "UndefinedBehaviorSanitizer: signed integer overflow",
        [f"UndefinedBehaviorSanitizer({TOO_MUCH}): use.c:2"],
    ),
    "overflow with stack": (
        OVERFLOW_WITH_STACK,
        "UndefinedBehaviorSanitizer: signed integer overflow",
        [f"UndefinedBehaviorSanitizer({TOO_MUCH}): add (use.c:2)|main (use.c:3)"],
    ),
    "misaligned": (
        MISALIGNED,
        "UndefinedBehaviorSanitizer: load of misaligned address for type 'int', which requires 4 byte alignment",
        ["UndefinedBehaviorSanitizer(load of misaligned address for type 'int', which requires 4 byte alignment): use.c:9"],
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_report_is_a_fault_and_observations(name: str) -> None:
    said, fault, observed = SAID[name]
    report = read_report(said)
    assert report is not None
    assert report.fault == fault
    assert [line.strip() for line in lines(report.observations)] == observed


def test_the_last_report_is_the_one_that_ended_it() -> None:
    report = read_report(OVERFLOW + GCC_RACE + "the library says something\n" + TWICE)
    assert report is not None
    assert report.fault == "AddressSanitizer: double-free"
    assert len(report.observations) == 1


@pytest.mark.parametrize(
    "said",
    ["", "SUMMARY: all is well\n", "SUMMARY: ThreadSanitizer:", GCC_RACE.partition("SUMMARY")[0], "    #0 main x.c:1 (x)\n", "\0\ufffd"],
)
def test_what_is_no_whole_report_is_none(said: str) -> None:
    assert read_report(said) is None


def test_a_summary_alone_names_the_fault() -> None:
    report = read_report("SUMMARY: ThreadSanitizer: data race race.c:4 in count\n")
    assert report is not None
    assert (report.fault, report.observations) == ("ThreadSanitizer: data race", ())


def test_a_stack_of_nobodys_is_of_the_fault() -> None:
    report = read_report("ERROR: ThreadSanitizer: thread leak\n\n    #0 main x.c:1 (x)\nSUMMARY: ThreadSanitizer: thread leak x.c:1\n")
    assert report is not None
    assert [str(event) for event in report.observations] == ["ThreadSanitizer(thread leak): main (x.c:1)"]


def test_of_a_long_report_the_innermost_is_kept() -> None:
    deep = "".join(f"    #{at} f{at} /src/deep.c:{at} (deep+0x1)\n" for at in range(100))
    stacks = "".join(f"  Mutex M{at} (0x55) created at:\n{deep}\n" for at in range(100))
    report = read_report(f"WARNING: ThreadSanitizer: {'x' * 10_000}\n{stacks}SUMMARY: ThreadSanitizer: thread leak /src/deep.c:1\n")
    assert report is not None
    assert report.fault == "ThreadSanitizer: thread leak"
    assert [event.result for event in report.observations] == [[f"f{at} (deep.c:{at})" for at in range(8)]] * 6


@pytest.mark.parametrize("said", ["a" * 300_000, "1:" * 150_000, "\n" * 250_000, "SUMMARY: ASanitizer: " + "a " * 130_000])
def test_what_is_no_text_of_a_sanitizers_is_read_through(said: str) -> None:
    """As much as the client reads; a pattern that tried everything would be at it for hours."""
    report = read_report(said)
    assert report is None or len(report.fault) < 600


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", ""),
        ("cannot open\nthe library is gone\n\n", "the library is gone"),
        (GCC_RACE, "ThreadSanitizer: data race"),
        (NULL, "SIGSEGV"),
        ("FATAL: ThreadSanitizer: unexpected memory mapping 0x7a4b1c000000-0x7a4b1c800000\n", NO_ROOM),
    ],
)
def test_why_a_program_does_not_start(said: str, why: str) -> None:
    assert why_not_started(said) == why
