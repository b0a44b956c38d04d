"""`python -m engine limit`: the m → ∞ curve of one regime."""

from pathlib import Path

import click

from engine.commands.console import deliver, running
from engine.commands.options import FieldType, out_option, parameter_options, solver_option
from engine.fields import Field
from engine.limits import LIMITS, LimitError, limit
from engine.parameters import TABLE, Parameters

T_END = Field("t_end", "t", "Last time", "Last time. Left out: where the regime ends.", "real",
              None, TABLE["t_max"].low, 1e9)
"""The flow (2.10) is at its fixed point long before 10⁹, and its integrator lost soon after."""


def _imply(ctx: click.Context, param: click.Parameter, key: str) -> str:
    """A regime belongs to one initialisation: make it, and noise, the defaults."""
    init = "lazy" if key.startswith("lazy") else "mean-field"
    ctx.default_map = {"init": init} | ({"target": "noise"} if key.startswith("noise") else {})
    return key


@click.command()
@click.option("--regime", "key", required=True, type=click.Choice(list(LIMITS)), is_eager=True,
              callback=_imply, help="Which regime; sets the defaults of --init and --target.")
@click.option("--t-end", type=FieldType(T_END), help=T_END.explain())
@parameter_options()
@solver_option("rtol")
@out_option
def command(parameters: Parameters, key: str, t_end: float | None, rtol: float,
            out: Path | None) -> None:
    """The curve that finite widths tend to in one regime."""
    try:
        with running() as monitor:
            trajectory = limit(parameters, key, t_end, rtol=rtol, monitor=monitor)
    except LimitError as error:
        raise click.UsageError(f"regime: {error}") from None
    deliver(trajectory, out)
