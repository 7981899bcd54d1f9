"""`sslspec provision`: libraries into the cache folder, and out of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from sslspec.commands.outcome import complain


@click.command("provision")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Everything of the catalogue that this machine can have.")
@click.option("--remove", is_flag=True, help="Remove them, and say how much that freed.")
@click.option("--from", "archive", metavar="FILE", type=click.Path(path_type=Path), help="A source archive; NAME is then its family.")
@click.option("--sha256", metavar="SUM", help="What the SHA-256 of that archive must be.")
@click.option("--name", "called", metavar="NAME", help="What the library made of it is called; FAMILY-VERSION+file otherwise.")
@click.option("--jobs", type=click.IntRange(1, 512), help="Compilers at once.  [default: the number of processors]")
def provision(**options: Any) -> None:
    """Bring libraries in: download or build them, into your cache folder.

    What is there already is left alone. Builds use CC and CXX, and no other setting of yours.

    \b
    Examples:
      sslspec provision libressl-3.1.0 aws-lc-5.12.0
      sslspec provision openssl-3.2.1                  any release that the crate openssl-src has
      sslspec provision libressl --from libressl-4.2.1.tar.gz --sha256 SUM
      sslspec provision openssl --from patched.tar.gz --name openssl-patched
      sslspec provision --all
      sslspec provision --remove libressl-3.1.0
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.provisioning import Wanted, carry_out  # noqa: PLC0415

    sys.exit(2 if carry_out(Wanted(**options), complain) else 0)
