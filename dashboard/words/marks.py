"""Whether a run does what a cell of the theory's table says: agrees, not yet, does otherwise, does
not apply.

Theory is about m → ∞ and a run has one width, so orders of magnitude are read with a margin: what
is o(1) or Θ(1/√m) has to be below 0.3, what is Θ(1) above it; what stays may move by 10 %.  A run
does otherwise that moves by far where theory has it stay, or goes the other way; all else that
does not agree may yet come, at later times or larger widths.
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

AGREES, NOT_YET = "✓ agrees", "○ not yet"
OTHERWISE, DOES_NOT_APPLY = "✗ does otherwise", "– does not apply"
SMALL, STAYS, DROPS = 0.3, 0.1, 0.1
FAR = 3.0
"""What exceeds such a margin by this factor is no correction of a finite width."""
LARGE = 0.6
"""What theory calls small and is above this is not."""
SIDE = 0.1
"""Neurons stand on both sides of u when their v end beyond this on either."""
POWER = 0.15
"""A fitted power of m agrees with the theory's to this, or to two standard errors."""

Rule = Callable[[RegimeMeasurement], str]
"""AGREES, NOT_YET or OTHERWISE; DOES_NOT_APPLY where there is nothing to compare with."""


def _said(agrees: bool, otherwise: bool = False) -> str:
    return AGREES if agrees else OTHERWISE if otherwise else NOT_YET


def small(column: str) -> Rule:
    def rule(m: RegimeMeasurement) -> str:
        end = abs(getattr(m, column).end)
        return _said(end < SMALL, end >= LARGE)
    return rule


def sinks(column: str) -> Rule:
    """It becomes small, where `small` says that it is so throughout."""
    return lambda m: _said(abs(getattr(m, column).end) < SMALL)


def of_order_one(column: str) -> Rule:
    return lambda m: _said(abs(getattr(m, column).end) >= SMALL)


def stays(column: str, least: float = 0.0) -> Rule:
    """A change below `least` does not count as one of order 1."""
    def rule(m: RegimeMeasurement) -> str:
        moved, margin = abs(getattr(m, column).change), STAYS * abs(getattr(m, column).start)
        return _said(moved <= margin, moved > max(FAR * margin, least))
    return rule


def drops(column: str) -> Rule:
    def rule(m: RegimeMeasurement) -> str:
        x = getattr(m, column)
        return _said(x.end <= (1 - DROPS) * x.start, x.end >= (1 + DROPS) * x.start)
    return rule


def rises(column: str, factor: float = 1 + DROPS) -> Rule:
    def rule(m: RegimeMeasurement) -> str:
        x = getattr(m, column)
        return _said(x.end >= factor * x.start, x.end <= (1 - DROPS) * x.start)
    return rule


def doubles(column: str) -> Rule:
    """As γ does that ends at the threshold (`words.story.DOUBLED`)."""
    return rises(column, 2.0)


def near(column: str, level: float | Callable[[float], float]) -> Rule:
    """It ends at a level, which may depend on γ at that time."""
    def rule(m: RegimeMeasurement) -> str:
        x, goal = getattr(m, column), level(m.gamma.end) if callable(level) else level
        margin, off = STAYS * max(goal, m.test_error.end), abs(x.end - goal)
        return _said(off <= margin, off > max(FAR * margin, abs(x.start - goal)))
    return rule


def as_train(m: RegimeMeasurement) -> str:
    margin = STAYS * m.test_error.end
    return _said(abs(m.gap) <= margin, abs(m.gap) > FAR * margin)


def to_zero(m: RegimeMeasurement) -> str:
    return _said(m.train_error.end <= INTERPOLATED * m.test_error.end)


def not_to_zero(m: RegimeMeasurement) -> str:
    return _said(m.train_error.end > INTERPOLATED * m.test_error.end)


def untold(m: RegimeMeasurement) -> str:
    """Of a quantity that theory says nothing of."""
    return DOES_NOT_APPLY


def parted(m: RegimeMeasurement) -> str:
    """Unequal neurons end far from each other, some of them with a part of the feature."""
    return _said(m.v_most.end >= SMALL and m.v_most.end - m.v_least.end >= SMALL)


def on_both_sides(m: RegimeMeasurement) -> str:
    return _said(m.v_least.end < -SIDE < SIDE < m.v_most.end)


def both(*rules: Rule) -> Rule:
    """The worst of what the rules say."""
    return lambda m: max((rule(m) for rule in rules), key=(AGREES, NOT_YET, OTHERWISE).index)


def mark(rule: Rule, m: RegimeMeasurement | NotReached, k: KeyFigures) -> str:
    """The mark of one cell.  A regime for γ₀ < γ* does not apply to a run that has interpolated
    at γ₀."""
    above = m.regime.key == "lazy-3" and k.interpolated_in_place
    if isinstance(m, NotReached) or m.reach is Reach.AFTER_INTERPOLATION or above:
        return DOES_NOT_APPLY
    return rule(m)


def power_mark(expected: float | None, found: Scaling) -> str:
    """The mark of a fitted power of m; expected is −inf where the theory says o(1), None where
    nothing moves.  What is to vanish and grows with m does otherwise."""
    if math.isnan(found.exponent):
        return _said(expected in (None, -math.inf))
    slack = max(POWER, 2 * found.error)
    if expected is None:
        return NOT_YET
    if expected == -math.inf:
        return _said(found.exponent < -2 * found.error, found.exponent > slack)
    return _said(abs(found.exponent - expected) <= slack)
