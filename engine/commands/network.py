"""`python -m engine network`: finite networks, a table of all seeds."""

import sys
from pathlib import Path

import click

from engine.commands.console import INCOMPLETE, INTERRUPTED, running
from engine.commands.options import out_option, parameter_options, table_options
from engine.fields import ParameterError
from engine.network import NETWORK, NetworkSettings, estimate, simulate
from engine.parameters import Parameters
from engine.results.ensemble import Ensemble
from engine.results.status import Status


@click.command()
@parameter_options()
@table_options(NETWORK, NetworkSettings)
@out_option
def command(parameters: Parameters, settings: NetworkSettings, out: Path | None) -> None:
    """Train real networks, or the Gaussian model, on the theory's time axis."""
    try:
        cost = estimate(parameters, settings)
    except ParameterError as error:
        raise click.UsageError(str(error)) from None
    if sys.stderr.isatty():
        click.echo(f"About {cost.steps} steps a network, {cost.low:.2g} to {cost.high:.2g} s in"
                   f" all, {cost.bytes / 1e6:.0f} MB a network.", err=True)
    with running() as monitor:
        runs = simulate(parameters, settings, monitor=monitor)
    _deliver(runs, out)


def _deliver(runs: Ensemble, out: Path | None) -> None:
    """Write the table; the exit code says whether every seed came to its end."""
    if out is None:
        runs.frame.to_csv(sys.stdout, index=False)
    else:
        try:
            runs.save(out)
        except OSError as error:
            raise click.FileError(str(out), error.strerror) from None
        click.echo(f"{out}: {len(runs.statuses)} networks, {runs.work} steps,"
                   f" {runs.seconds:.1f} s.", err=True)
    for seed, status in runs.statuses.items():
        if not status.complete:
            click.echo(f"seed {seed}: {status.value}: {status.advice}", err=True)
    if not runs.complete:
        cancelled = len(runs.statuses) < runs.settings.seeds or any(
            status is Status.CANCELLED for status in runs.statuses.values())
        click.get_current_context().exit(INTERRUPTED if cancelled else INCOMPLETE)
