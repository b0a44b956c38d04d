"""Whether a run does what a cell of the theory's table says: agrees, not yet, does not apply.

Theory is about m → ∞ and a run has one width, so orders of magnitude are read with a margin: what
is o(1) or Θ(1/√m) has to be below 0.3, what is Θ(1) above it; what stays may move by 10 %.
"""

import math
from collections.abc import Callable

from engine.limits.checks.displacement import Scaling
from engine.results.keyfigures import (
    INTERPOLATED,
    KeyFigures,
    NotReached,
    Reach,
    RegimeMeasurement,
)

AGREES, NOT_YET, DOES_NOT_APPLY = "✓ agrees", "○ not yet", "– does not apply"
SMALL, STAYS, DROPS = 0.3, 0.1, 0.1
POWER = 0.15
"""A fitted power of m agrees with the theory's to this, or to two standard errors."""

Rule = Callable[[RegimeMeasurement], bool]


def small(column: str) -> Rule:
    return lambda m: abs(getattr(m, column).end) < SMALL


def of_order_one(column: str) -> Rule:
    return lambda m: abs(getattr(m, column).end) >= SMALL


def stays(column: str) -> Rule:
    return lambda m: abs(getattr(m, column).change) <= STAYS * abs(getattr(m, column).start)


def drops(column: str) -> Rule:
    return lambda m: getattr(m, column).end <= (1 - DROPS) * getattr(m, column).start


def rises(column: str) -> Rule:
    return lambda m: getattr(m, column).end >= (1 + DROPS) * getattr(m, column).start


def doubles(column: str) -> Rule:
    """As γ does that ends at the threshold (`words.story.DOUBLED`)."""
    return lambda m: getattr(m, column).end >= 2 * getattr(m, column).start


def near(column: str, level: float) -> Rule:
    return lambda m: abs(getattr(m, column).end - level) <= STAYS * max(level, m.test_error.end)


def as_train(m: RegimeMeasurement) -> bool:
    return abs(m.gap) <= STAYS * m.test_error.end


def to_zero(m: RegimeMeasurement) -> bool:
    return m.train_error.end <= INTERPOLATED * m.test_error.end


def both(*rules: Rule) -> Rule:
    return lambda m: all(rule(m) for rule in rules)


def mark(rule: Rule, m: RegimeMeasurement | NotReached, k: KeyFigures) -> str:
    """The mark of one cell.  A regime for γ₀ < γ* does not apply to a run that has interpolated
    at γ₀; one that the run has not seen to its end is "not yet" unless it agrees already."""
    above = m.regime.key == "lazy-3" and k.interpolated_in_place
    if isinstance(m, NotReached) or m.reach is Reach.AFTER_INTERPOLATION or above:
        return DOES_NOT_APPLY
    return AGREES if rule(m) else NOT_YET


def power_mark(expected: float | None, found: Scaling) -> str:
    """The mark of a fitted power of m; expected is −inf where the theory says o(1), None where
    nothing moves."""
    if math.isnan(found.exponent):
        return AGREES if expected in (None, -math.inf) else NOT_YET
    if expected is None:
        return NOT_YET
    if expected == -math.inf:
        return AGREES if found.exponent < -2 * found.error else NOT_YET
    slack = max(POWER, 2 * found.error)
    return AGREES if abs(found.exponent - expected) <= slack else NOT_YET
