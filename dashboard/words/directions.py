"""Targets of several directions in words: φ and φ̂ as formulas, and what v means beside them."""

from collections.abc import Iterator

import numpy as np

from dashboard.words.claims import Claim, Clause, Statement
from dashboard.words.numbers import number
from engine import Parameters, Trajectory
from engine.directions import Terms

SUBSCRIPTS, POWERS = "₀₁₂₃₄", ("", "", "²", "³", "⁴")


def names(p: Parameters) -> str:
    """u₁, u₂ or u₁, u₂, u₃; u of one direction."""
    if p.directions is None:
        return "u"
    return ", ".join(f"u{SUBSCRIPTS[i]}" for i in range(1, p.k + 1))


def target_text(terms: Terms) -> str:
    """φ in Hermite polynomials: z₁ + z₁z₂, or 0.9 z₁ + 0.4 He₃(z₁), of variance 1 each."""
    return _sum((c, "".join(
        f"z{SUBSCRIPTS[i]}" if degree == "1" else f"He{SUBSCRIPTS[int(degree)]}(z{SUBSCRIPTS[i]})"
        for i, degree in enumerate(n, 1) if degree != "0")) for n, c in terms)


def signal_text(p: Parameters) -> str:
    """φ̂ as a polynomial: 0.949 v₁ + v₁v₂; 0 where the activation lacks every degree of φ."""
    series = p.covariance.series
    if series is None:
        return ""
    return _sum((float(c), "".join(
        f"v{SUBSCRIPTS[i]}{POWERS[power]}" for i, power in enumerate(row, 1) if power))
        for c, row in zip(series.coefficients, series.powers.tolist(), strict=True))


def _sum(terms: Iterator[tuple[float, str]]) -> str:
    text = " ".join(f"{'−' if c < 0 else '+'} "
                    + (variables if f"{abs(c):.3g}" == "1" else f"{abs(c):.3g} {variables}")
                    for c, variables in terms if abs(c) > 1e-12)
    return text.removeprefix("+ ") or "0"


def fixed(p: Parameters) -> list[int]:
    """The directions i (from 0) along which a neuron at v(0) is not pulled, v_i(0) being 0."""
    gradient, v0 = np.atleast_1d(p.covariance.dphi_hat(p.covariance.origin)), np.zeros(p.k)
    if p.v0 is not None:
        v0 = np.array(p.v0)
        gradient = np.atleast_1d(p.covariance.dphi_hat(v0 if p.directions else v0[0]))
    return [i for i in range(p.k) if gradient[i] == 0 and v0[i] == 0]


def meaning(p: Parameters) -> str:
    """What the choice of several directions means for the start, for the control beside it."""
    if p.covariance.series is None:
        return ""
    if not np.any(p.covariance.series.coefficients):
        return "φ̂ = 0: the activation has no part of the target's degrees, and sees nothing of it."
    still = fixed(p)
    if not still:
        return "∇φ̂ is not 0 at the start along any direction: each is seen at once."
    called = ", ".join(f"v{SUBSCRIPTS[i + 1]}" for i in still)
    if len(still) == p.k:
        return (f"∇φ̂(0) = 0: {called} = 0 is a fixed point, and identical neurons never leave it"
                " without an overlap v(0). Neurons that differ in v may.")
    return (f"At the start nothing pulls along {called}: what is learned first along the others"
            " has to bring it on.")


def account(run: Trajectory) -> Iterator[Statement]:
    """What v stands for in a run of several directions, and where each v_i has been."""
    if run.components is None:
        return
    yield Statement("directions", Clause(
        f"The target has several directions, {names(run.parameters)}: in this account u is their"
        " space, and v the length of a neuron's part in it.",
        Claim("setting", name="several directions")))
    for column, v in zip(run.parameters.component_names, run.components.T, strict=True):
        called = f"v{SUBSCRIPTS[int(column[1:])]}"
        if not v.any():
            yield Statement(column, Clause(f"{called} stays 0.",
                                           Claim("component", column=column)))
            continue
        most = int(abs(v).argmax())
        yield Statement(column, Clause(
            f"{called} is largest in size, {number(float(v[most]))}, at t ="
            f" {number(float(run.t[most]))}, and ends at {number(float(v[-1]))}.",
            Claim("component", column=column)))
