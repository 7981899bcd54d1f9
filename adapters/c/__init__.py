"""The worker in C: worker.c, and how it is compiled against a library of the user's (`-i NAME=build:PREFIX`).

    prefix.py     finds headers and libraries in an installation or a build
    compiling.py  compiles worker.c with them, and keeps what came of it
    there.sh      does both on another machine (adapters/remote.py)

What worker.c answers is held against the protocol and against the worker in Python, by tests/adapters/c/test_worker.py.
"""
