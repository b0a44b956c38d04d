"""`python -m engine covariance`: what the equations know of activation and target, as JSON."""

import json
import math
from typing import Any

import click
import numpy as np

from engine.commands.options import FieldType, parameter_options
from engine.directions import StartField
from engine.fields import Field, ParameterError
from engine.parameters import TABLE, Parameters

AT = Field("at", "q", "Overlap q", "Where to evaluate: the overlap E G₁G₂ of two fields.",
           "real", 1.0, -1.0, 1.0)
AT_V = StartField("at_v", "v", "Overlaps v", "Where to evaluate φ̂ and φ̂', a number for each of"
                  " the target's directions. Left out: 0 with several directions, else q.",
                  "start", None, 0.0, 1.0)
USED = {"target", "h", "activation", "phi", "target_function", "directions", "normalise"}


@click.command()
@click.option("--at", "q", type=FieldType(AT), default=AT.write(AT.default), help=AT.explain())
@click.option("--at-v", "v", type=FieldType(AT_V), help=AT_V.explain())
@parameter_options(without=set(TABLE) - USED)
def command(parameters: Parameters, q: float, v: tuple[float, ...] | None) -> None:
    """h, h', h'', φ̂ and φ̂' at an overlap, and the powers that the solver takes.

    φ̂ and φ̂' are those at the overlaps v where these are given.  With several directions φ̂' is the
    gradient, and of φ̂ there is a list of [coefficient, power of v1, power of v2, ...] in place of
    its powers.

    h comes in closed form for erf, sine, relu, leaky_relu and abs, else from its powers.  tail,
    tail_prime and tail_second bound what the powers lack of h, h' and h'' anywhere on [−1, 1].
    h_second is null where it is infinite.
    """
    known = parameters.covariance
    at: Any = q
    if known.series is not None:
        at = _overlaps(parameters.k, v)
    elif v is not None:
        (at,) = _overlaps(1, v)
    series = known.coefficients.phi_hat if known.series is None else known.series.table()
    where = {"q": q} if at is q else {"q": q, "v": at}
    click.echo(json.dumps({name: _plain(value) for name, value in {
        **where, "h": known.h(q), "h_prime": known.dh(q), "h_second": known.ddh(q),
        "phi_hat": known.phi_hat(at), "phi_hat_prime": known.dphi_hat(at),
        "phi_norm2": parameters.phi_norm2, "coefficients": known.coefficients.h,
        "phi_hat_coefficients": series, "tail": known.tail.h,
        "tail_prime": known.tail.dh, "tail_second": known.tail.ddh,
        "phi_hat_tail": known.phi_hat_tail}.items()}))


def _overlaps(k: int, v: tuple[float, ...] | None) -> np.ndarray:
    """v, or 0, for a target of k directions."""
    v = (0.0,) * k if v is None else v
    if len(v) != k:
        raise click.UsageError(str(ParameterError(
            "at_v", f"must have a number for each of the target's directions, which are {k}", v,
            f"For instance {','.join(['0.1'] * k)}.")))
    return np.array(v)


def _plain(value: Any) -> Any:
    """For JSON, which has no infinity and no arrays."""
    if np.ndim(value):
        return np.asarray(value).tolist()
    return float(value) if math.isfinite(value) else None
