"""`python -m engine covariance`: what the equations know of activation and target, as JSON."""

import json
import math
from typing import Any

import click

from engine.commands.options import FieldType, parameter_options
from engine.fields import Field
from engine.parameters import TABLE, Parameters

AT = Field("at", "q", "Overlap q", "Where to evaluate: the overlap E G₁G₂ of two fields.",
           "real", 1.0, -1.0, 1.0)
USED = {"target", "h", "activation", "phi", "target_function", "normalise"}


@click.command()
@click.option("--at", "q", type=FieldType(AT), default=AT.write(AT.default), help=AT.explain())
@parameter_options(without=set(TABLE) - USED)
def command(parameters: Parameters, q: float) -> None:
    """h, h', h'', φ̂ and φ̂' at an overlap, and the powers that the solver takes.

    h comes in closed form for erf, sine, relu, leaky_relu and abs, else from its powers.  tail,
    tail_prime and tail_second bound what the powers lack of h, h' and h'' anywhere on [−1, 1].
    h_second is null where it is infinite.
    """
    known = parameters.covariance
    click.echo(json.dumps({name: _plain(value) for name, value in {
        "q": q, "h": known.h(q), "h_prime": known.dh(q), "h_second": known.ddh(q),
        "phi_hat": known.phi_hat(q), "phi_hat_prime": known.dphi_hat(q),
        "phi_norm2": parameters.phi_norm2, "coefficients": known.coefficients.h,
        "phi_hat_coefficients": known.coefficients.phi_hat, "tail": known.tail.h,
        "tail_prime": known.tail.dh, "tail_second": known.tail.ddh,
        "phi_hat_tail": known.phi_hat_tail}.items()}))


def _plain(value: Any) -> Any:
    """For JSON, which has no infinity."""
    if isinstance(value, tuple):
        return value
    return float(value) if math.isfinite(value) else None
