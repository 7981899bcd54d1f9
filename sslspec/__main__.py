"""`python -m sslspec` is the same as `sslspec`."""

from sslspec.cli import main

if __name__ == "__main__":
    main()
