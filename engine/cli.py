"""The command line, `python -m engine COMMAND ...`.

Every file of `engine/commands/` that defines `command` is one subcommand, imported only when
it is asked for; see that package for the conventions.
"""

import contextlib
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import click

from engine import __version__, commands
from engine.fields import ParameterError


class Commands(click.Group):
    """A group that finds its subcommands as modules, and reports bad input on one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(commands.__path__))
        return sorted(name for name in names if name not in commands.SHARED)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        return importlib.import_module(f"{commands.__name__}.{name}").command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _one_line():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _one_line():
            return super().invoke(ctx)


@contextlib.contextmanager
def _one_line() -> Iterator[None]:
    """Click would print the usage above an error that knows its context, and lists below."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except ParameterError as error:
        raise click.UsageError(str(error)) from None
    except click.UsageError as error:
        raise click.UsageError(" ".join(error.format_message().split())) from None


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="engine")
def main() -> None:
    """Learning curves of large two-layer networks from dynamical mean-field theory.

    After Montanari and Urbani, arXiv 2502.21269. Exit codes: 0 done; 2 bad input;
    3 the run ended before its horizon (what was computed is written); 130 stopped by
    Ctrl-C (what was computed is written).
    """
