"""`python -m engine network`: finite networks, a table of all seeds."""

import sys
from dataclasses import fields

import click

from engine.commands.console import INCOMPLETE, INTERRUPTED, running
from engine.commands.options import out_option, parameter_options
from engine.network import ALGORITHMS, NetworkSettings, estimate, simulate
from engine.network.settings import HELD_OUT, MAX_STEPS
from engine.parameters import ParameterError
from engine.results.status import Status


@click.command()
@click.option("--d", type=int, default=200, show_default=True, help="Input dimension.")
@click.option("--seeds", type=int, default=10, show_default=True, help="Networks to train.")
@click.option("--algorithm", type=click.Choice(list(ALGORITHMS)), default="gd",
              show_default=True,
              help="; ".join(f"{name}: {text}" for name, text in ALGORITHMS.items()) + ".")
@click.option("--batch", type=int, help="Samples in a step of sgd.  [default: 100]")
@click.option("--step", type=float,
              help="Learning rate in units of t.  [default: adapted; sgd: 0.1/(α m)]")
@click.option("--held-out", type=int, default=HELD_OUT, show_default=True,
              help="Fresh samples for a second estimate of the test error.")
@click.option("--first-seed", type=int, default=0, show_default=True,
              help="Seeds count up from here.")
@click.option("--max-steps", type=int, default=MAX_STEPS, show_default=True,
              help="Gradients after which a network stops.")
@parameter_options()
@out_option
def command(parameters, out, **values):
    """Train real networks, or the Gaussian model, on the theory's time axis."""
    try:
        settings = NetworkSettings(**{f.name: values[f.name] for f in fields(NetworkSettings)})
        cost = estimate(parameters, settings)
    except ParameterError as error:
        raise click.UsageError(str(error)) from None
    if sys.stderr.isatty():
        click.echo(f"About {cost.steps} steps a network, {cost.low:.2g} to {cost.high:.2g} s in"
                   f" all, {cost.bytes / 1e6:.0f} MB a network.", err=True)
    with running() as monitor:
        runs = simulate(parameters, settings, monitor=monitor)
    _deliver(runs, out)


def _deliver(runs, out) -> None:
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
