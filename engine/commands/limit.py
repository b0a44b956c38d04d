"""`python -m engine limit`: the m → ∞ curve of one regime."""

import click

from engine.commands.console import deliver, running
from engine.commands.options import out_option, parameter_options, solver_option
from engine.limits import LIMITS, LimitError, limit


def _imply(ctx, param, key):
    """A regime belongs to one initialisation: make it, and noise, the defaults."""
    ctx.default_map = {"init": "lazy" if key.startswith("lazy") else "mean-field"}
    if key.startswith("noise"):
        ctx.default_map["target"] = "noise"
    return key


@click.command()
@click.option("--regime", "key", required=True, type=click.Choice(list(LIMITS)), is_eager=True,
              callback=_imply, help="Which regime; sets the defaults of --init and --target.")
@click.option("--t-end", type=click.FloatRange(min=0, min_open=True),
              help="Last time. Left out: where the regime ends.")
@parameter_options()
@solver_option("rtol")
@out_option
def command(parameters, key, t_end, rtol, out):
    """The curve that finite widths tend to in one regime."""
    try:
        with running() as monitor:
            trajectory = limit(parameters, key, t_end, rtol=rtol, monitor=monitor)
    except LimitError as error:
        raise click.UsageError(f"regime: {error}") from None
    deliver(trajectory, out)
