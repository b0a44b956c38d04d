"""The cells, titles and remarks of the table of regimes, in words."""

import math

from dashboard.words.numbers import number
from dashboard.words.theory import Row, memorises
from engine import Parameters
from engine.limits.checks.displacement import Scaling
from engine.regimes import Regime
from engine.results.keyfigures import KeyFigures, NotReached, RegimeMeasurement, Span

HEADINGS = {"first_layer": "First layer", "second_layer": "Second layer",
            "train": "Train error", "test": "Test error"}
ROUNDING = 1e-8
"""Below this a train error that goes to zero has no digits."""
NAMES = {"lazy": "Lazy", "mean-field": "Mean-field"}


def scale(row: Row, regime: Regime) -> str:
    """The regime's time scale, with the condition under which it occurs."""
    return f"{regime.scale}, {row.condition}" if row.condition else regime.scale


def start_of(p: Parameters, with_a: bool = True) -> str:
    """How the second layer starts, in words."""
    if p.init == "lazy":
        if not with_a:
            return f"γ₀ = {p.gamma0:g}"
        return f"γ₀ = {p.gamma0:g}, that is a₀ = γ₀√m = {number(p.a_start)}"
    return f"a₀ = {p.a0:g}"


def measured_row(m: RegimeMeasurement | NotReached) -> dict[str, str]:
    """The measurements of one regime as from → to, by the names of `HEADINGS`."""
    if isinstance(m, NotReached):
        return dict.fromkeys(HEADINGS, "not reached")
    return dict(zip(HEADINGS, map(arrow, (m.first_layer, m.gamma, m.train_error, m.test_error)),
                    strict=True))


def arrow(span: Span) -> str:
    """start → end, with the digits that tell them apart."""
    start, end = number(span.start, error=ROUNDING), number(span.end, error=ROUNDING)
    return f"{start} → {end}"


def remark(p: Parameters, figures: KeyFigures, m: RegimeMeasurement | NotReached) -> str:
    """Why a run's measurement differs from what the table says of a regime; often nothing."""
    ended, last = figures.feature_learning_end, m.regime.high == math.inf
    if m.regime.low == 0 and ended is not None and ended > m.regime.high:
        return (f"Learning goes on to t = {number(ended)} in this run, past the edge of the regime:"
                " at these settings the width is too small to separate it from the next.")
    if not last or not memorises(p) or not p.train_second_layer or p.weight_decay:
        return ""
    if p.init == "lazy" and figures.interpolated_in_place:
        return ("The run has interpolated at γ₀, so γ₀ is not below the threshold and this regime"
                " does not occur.")
    if not figures.interpolated:
        return (f"Up to t = {number(figures.end)} = {number(figures.end / p.m)} m this run has not"
                " interpolated.")
    return ""


def table_key(p: Parameters) -> str:
    """What colours and marks mean, and of which theory the table of a run of `p` speaks."""
    of = "" if p.identical else (
        ", of identical neurons; where ours of unequal neurons says otherwise (docs/laws.md), that")
    return (f"Black: theory for m → ∞{of}. Blue: this run, from the beginning of the regime to its"
            f" end: ‖w − w(0)‖, γ, train error, test error. {MARKS}")


MARKS = ("Marks: the run does at this width what theory says, small being below 0.3 and unchanged"
         " within 10 %; not yet, so that later times or larger widths may agree; it does otherwise,"
         " moving by far what is to stay, or the other way; or the regime does not apply to it.")


def power(scaling: Scaling) -> str:
    """−0.50 ± 0.01, or that nothing moves."""
    if math.isnan(scaling.exponent):
        return "does not move"
    return f"{scaling.exponent:.2f} ± {max(scaling.error, 0.005):.2f}".replace("-", "−")
