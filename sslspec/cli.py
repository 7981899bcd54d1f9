"""The command line: one verb per thing a user wants. Each is a module of commands/; here is what they share with every caller.

Exit status: 0 everything is as expected; 1 a library deviates, crashes or hangs where that was not known, no longer does where it
was, or answers a question otherwise than before; 2 the command could not be carried out, or a row ended in an error of the suite
itself; 130 after Ctrl-C, 143 after SIGTERM.
"""

from __future__ import annotations

import os
import sys

import click

from sslspec import __version__
from sslspec.commands.doctor import doctor
from sslspec.commands.draft import draft
from sslspec.commands.editions import editions
from sslspec.commands.explain import explain
from sslspec.commands.list import list_
from sslspec.commands.outcome import complain
from sslspec.commands.provision import provision
from sslspec.commands.report import report
from sslspec.commands.run import run
from sslspec.commands.trace import trace
from sslspec.errors import UsageError


class _Group(click.Group):
    """Turns everything that a user can put right into one line on stderr and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            complain(str(error))
        except BrokenPipeError:
            # The reader of our output has gone; Python would complain again when it flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))
        sys.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sslspec")
def cli() -> None:
    """Check an OpenSSL-like library against the man pages SSL_set_session(3) and SSL_CTX_add_session(3).

    \b
    Examples:
      sslspec run                                   what needs no download
      sslspec run -i openssl-1.1.1k -i mine=./libssl.so
      sslspec provision libressl-3.1.0              bring a library in
      sslspec explain reference-added -i system     one clause, call by call
    """  # noqa: D301  # click's mark for lines that are not to be wrapped


for command in (run, report, list_, provision, explain, trace, draft, editions, doctor):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    try:
        cli(prog_name="sslspec", standalone_mode=False)
    except click.exceptions.Abort:
        complain("interrupted")
        sys.exit(130)
    except KeyboardInterrupt:
        complain("interrupted")
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "sslspec"
        complain(f"{error.format_message().rstrip('.')}; `{command} --help` shows how")
        sys.exit(2)
