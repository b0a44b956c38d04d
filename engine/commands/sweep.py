"""`python -m engine sweep`: one computation at many settings."""

import math
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from engine.commands.console import INTERRUPTED, progress_bar, progress_lines
from engine.commands.options import writable
from engine.fields import Field
from engine.monitor import Monitor
from engine.sweep import (
    KINDS,
    MOST_CELLS,
    Cell,
    Store,
    Sweep,
    SweepError,
    export,
    grid,
    listed,
    random_design,
    read_rows,
    sweep,
)
from engine.sweep.export import ENDINGS, check_packages
from engine.sweep.kinds import fields

AXES: dict[str, Field] = {name: field for kind in KINDS for name, field in fields(kind).items()}
"""Every setting of any kind, each an option whose text says what it runs over."""


def _axes(command: Any) -> Any:
    for name, field in reversed(AXES.items()):
        option = click.option(field.option, name, metavar="axis", help=field.explain())
        command = option(command)
    return command


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)), default="solve")
@click.option("--list", "rows", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="Settings row by row: a .csv with a column for each, or a .json.")
@click.option("--random", "draws", type=click.IntRange(min=1),
              help="Draw this many settings from the axes in place of their combinations.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Of --random.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True,
              help="Processes on this machine.")
@click.option("--dask", metavar="tcp://host:port|file.json",
              help="Address or file of a running Dask cluster's scheduler, in place of --jobs.")
@click.option("--store", type=click.Path(path_type=Path, dir_okay=False),
              help="SQLite file of finished cells. Left out: --out with the ending .sqlite.")
@click.option("--out", type=click.Path(path_type=Path),
              help=f"Table to write at the end: {', '.join(ENDINGS)}.")
@click.option("--retry", is_flag=True, help="Compute failed cells once more.")
@click.option("--yes", is_flag=True, help=f"Allow more than {MOST_CELLS} cells.")
@_axes
def command(kind: str, rows: Path | None, draws: int | None, seed: int, jobs: int,
            dask: str | None, store: Path | None, out: Path | None, retry: bool, yes: bool,
            **axes: str | None) -> None:
    """KIND (solve, if left out) at every combination of the axes.

    An axis is a value, values 16,32,64 (coefficients and groups: with ; between them), or a range
    LOW:HIGH:NUMBER, with :log for even steps of the logarithm. Finished cells are kept at once:
    the same command goes on where it was stopped, and computes no cell twice.
    """
    try:
        kept = _check_files(store, out)
        cells = _design(kind, rows, draws, seed, math.inf if yes else MOST_CELLS,
                        {name: text for name, text in axes.items() if text is not None})
        with Store(kept) as opened:
            _deliver(_run(cells, opened, jobs, dask, retry), out, opened)
    except SweepError as error:
        raise click.UsageError(str(error)) from None


def _check_files(store: Path | None, out: Path | None) -> Path:
    """Where cells are kept, after a look at where the table goes."""
    if out is not None:
        check_packages(writable(out, ENDINGS))
        return store or out.with_suffix(".sqlite")
    if store is None:
        raise click.UsageError("out: give --out FILE for a table, or --store FILE to keep cells.")
    return store


def _design(kind: str, rows: Path | None, draws: int | None, seed: int, most: float,
            axes: dict[str, Any]) -> list[Cell]:
    if rows is not None and draws is not None:
        raise click.UsageError("random: is not used with --list. Give one of the two.")
    if draws is not None:
        return random_design(kind, draws, seed, most=most, **axes)
    if rows is not None:
        return listed(kind, read_rows(rows), most=most, **axes)
    return grid(kind, most=most, **axes)


def _run(cells: list[Cell], store: Store, jobs: int, dask: str | None, retry: bool) -> Sweep:
    """The sweep as far as it came; every finished cell is kept, so Ctrl-C may come at any time."""
    there = len(cells) - len(store.missing(cells, retry))
    if there:
        click.echo(f"{there} of {len(cells)} cells are there already.", err=True)
    try:
        with progress_bar() as bar:
            progress = bar if sys.stderr.isatty() else progress_lines()
            return sweep(cells, store, jobs=jobs, dask=dask, retry=retry,
                         monitor=Monitor(progress=progress))
    except KeyboardInterrupt:
        return Sweep(cells, list(store.outcomes(cells)))


def _deliver(result: Sweep, out: Path | None, store: Store) -> None:
    """Write the table and say how it went; failed cells are told of, and end no command."""
    if out is not None and result.outcomes:
        try:
            export(result, out, shlex.join(["python", "-m", "engine", *sys.argv[1:]]))
        except OSError as error:
            raise click.FileError(str(out), error.strerror) from None
    click.echo(f"{len(result.outcomes)} of {len(result.cells)} cells in {store.path}"
               + (f", table in {out}" if out is not None and result.outcomes else "")
               + (f"; {result.failed} failed, see the column message." if result.failed else "."),
               err=True)
    if not result.complete:
        click.echo("stopped: the same command goes on.", err=True)
        click.get_current_context().exit(INTERRUPTED)
