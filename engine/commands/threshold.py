"""`python -m engine threshold`: the interpolation threshold as JSON."""

import json
import math

import click

from engine.commands.console import running
from engine.commands.options import FieldType, parameter_options, solver_option
from engine.fields import ParameterError
from engine.limits import LimitError, alpha_threshold, gamma_threshold, start_gamma
from engine.parameters import TABLE, Parameters

NAMES = {"value": "{0}_star", "error": "{0}_star_error"}


def _width(ctx: click.Context, param: click.Parameter, text: str) -> float:
    if text.lower() in ("inf", "infinity", "∞"):
        return math.inf
    return FieldType(TABLE["m"]).convert(text, param, ctx)


@click.command()
@click.option("--in", "unknown", type=click.Choice(["gamma", "alpha"]), default="gamma",
              show_default=True, help="gamma: γ* at --alpha.  alpha: α* at --gamma0 with --init"
              " lazy, or at --a0 with --m.")
@click.option("--m", "m", default="inf", callback=_width, show_default=True,
              help="Width, or inf for the large-width limit.")
@solver_option("rtol", default=3e-3)
@parameter_options(without=("m", "train_second_layer", "t_max"))
def command(parameters: Parameters, unknown: str, m: float, rtol: float) -> None:
    """γ* or α*, with its error, a bracket, and the exponent ν of the relaxation time.

    At a finite width α* comes as n/d = α* m too, the threshold of a second layer fixed at a₀.
    """
    try:
        if math.isfinite(m):
            parameters = parameters.replace(m=m)
        with running() as monitor:
            if unknown == "gamma":
                found = gamma_threshold(parameters, m, rtol, monitor=monitor)
            else:
                found = alpha_threshold(parameters, start_gamma(parameters, m), m, rtol,
                                        monitor=monitor)
    except (LimitError, ParameterError) as error:
        raise click.UsageError(str(error)) from None
    values = {NAMES.get(key, key).format(unknown): value
              for key, value in found.as_dict().items()}
    values["m"] = None if math.isinf(m) else int(m)
    if unknown == "alpha" and math.isfinite(m):
        values |= {"n_over_d_star": found.value * m, "n_over_d_star_error": found.error * m}
    click.echo(json.dumps(values))
