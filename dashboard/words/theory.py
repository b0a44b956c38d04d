"""What the theory says for the settings at hand: the talk's table, cell by cell.

All of it holds for n, d → ∞ first and m → ∞ second (section 2 and appendices F, G of the
paper), for identical neurons.  `unequal_rows` has what neurons that differ change of it, which is
not the paper's.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dashboard.words import marks
from dashboard.words.marks import Rule
from dashboard.words.numbers import number
from engine import Parameters
from engine.limits import LimitError, plateau_rate
from engine.limits.levels import levels, plateau_error
from engine.regimes import regimes

THRESHOLD = r"γ\*"


class Cell(NamedTuple):
    """What theory says in a few signs, and what to add where there is room (Markdown).

    holds  whether a run agrees (`words.marks`)
    power  of a layer: the power of m of ‖w − w(0)‖ or |γ − γ(0)|, −inf for o(1), None for frozen
    """

    short: str
    more: str
    holds: Rule
    power: float | None = None

    @property
    def text(self) -> str:
        return f"{self.short}, {self.more}" if self.more else self.short


@dataclass(frozen=True)
class Row:
    """One regime: a cell for each layer's weights and each error, and when it occurs at all."""

    first_layer: Cell
    second_layer: Cell
    train: Cell
    test: Cell
    condition: str = ""


def expected(p: Parameters) -> dict[str, Row]:
    """What the theory (m → ∞) says of every regime of `p`, by the regime's key."""
    rows = _lazy(p) if p.init == "lazy" else _noise(p) if p.target == "noise" else _mean_field(p)
    return {regime.key: rows[regime.key] for regime in regimes(p)}


def unequal_rows(p: Parameters) -> dict[str, Row]:
    """The rows of `expected(p)` that are others when neurons differ, by the regime's key; a row
    keeps the cells that stay as they are.

    Observed on runs (docs/laws.md) and not in the paper.  Only what is known, of one direction: the
    mean-field start with φ = σ, and the lazy start with a z² term in h and φ.
    """
    rows = expected(p)
    if p.directions is not None:
        return {}
    if p.init == "lazy":
        changed = _on_both_sides(p, rows) if levels(p).squares > 0 else {}
        return {key: row for key, row in changed.items() if key == "lazy-2" or not p.weight_decay}
    wait = wait_per_m(p)
    if wait is None or not memorises(p) or not p.train_second_layer:
        return {}
    row = rows["mean-field-2"]
    return {"mean-field-2": replace(
        row,
        first_layer=Cell("O(1)", "neurons part: not all let go of u",
                         marks.both(marks.of_order_one("first_layer"), marks.parted)),
        second_layer=Cell("γ grows", "that of the laggards most",
                          marks.both(marks.doubles("gamma"), marks.to_zero)),
        train=Cell("→ 0", "at widths too where identical neurons rest", marks.to_zero),
        test=Cell("rises", "less than with identical neurons that leave",
                  marks.rises("test_error", LITTLE_MORE)),
        condition=f"after about {number(wait, 2)} m ln(1/spread)")}


def wait_per_m(p: Parameters) -> float | None:
    """1/λm, the time in units of m in which differences between neurons grow by e on the plateau
    of a wide network (`engine.limits.plateau_rate`); None where there is no such plateau."""
    try:
        rate = plateau_rate(p) * p.m
    except LimitError:
        return None
    return 1 / rate if rate > 0 else None


def theory_of(p: Parameters) -> dict[str, Row]:
    """The rows that speak of a run of `p`: those of neurons that differ where `p` has such."""
    return expected(p) if p.identical else expected(p) | unequal_rows(p)


def learns_to_bayes(p: Parameters) -> bool:
    """Whether the mean-field plateau is the Bayes error: φ = σ with h'(0) > 0, and a free to
    reach the fixed point (a, v) = (1, 1), or there already."""
    own = p.covariance.matched and p.covariance.dh_0 > 0 and (p.v0 is None or p.v0[0] > 0)
    return own and (p.train_second_layer or p.a_start == 1)


def has_signal(p: Parameters) -> bool:
    """Whether φ̂'(0) ≠ 0, or φ̂'(v(0)) where v(0) is given: only then does a start see the target
    at once."""
    known = p.covariance
    if p.v0 is None:
        return known.dphi_hat_0 != 0
    return bool(np.any(known.dphi_hat(np.array(p.v0 if known.series else p.v0[0]))))


def memorises(p: Parameters) -> bool:
    """Whether overfitting is possible as m → ∞: h is not linear, and there is something to fit."""
    fitted = learns_to_bayes(p) and p.init == "mean-field" and p.tau == 0
    return levels(p).price > 0 and not fitted


LITTLE = -math.inf
OF_ORDER_ONE = 0.1
"""What changes by less has not changed by order 1."""
LITTLE_MORE = 1.05
"""What unequal neurons' test error rises by at least: in wide networks only by about a tenth."""
FROZEN = Cell("frozen", "a = a₀", marks.stays("gamma"))


def _same(column: str) -> Cell:
    return Cell("as before", "no change of order 1", marks.stays(column, OF_ORDER_ONE), LITTLE)


def _second_layer(p: Parameters, cell: Cell) -> Cell:
    return cell if p.train_second_layer else FROZEN


def _nothing_more(p: Parameters) -> Row:
    return Row(_same("first_layer"), _second_layer(p, _same("gamma")), _same("train_error"),
               _same("test_error"))


def _lazy(p: Parameters) -> dict[str, Row]:
    stays = _second_layer(p, Cell("γ₀ + o(1)", "", marks.stays("gamma"), LITTLE))
    level = plateau_error(p, p.gamma0)
    plateau, reached = number(level), marks.near("test_error", level)
    if p.covariance.dh_0 == 0:
        first = Row(Cell("o(1)", "", marks.small("first_layer"), LITTLE), stays,
                    Cell("constant", "", marks.stays("train_error")),
                    Cell("constant", f"h′(0) = 0, no linear part to learn, {plateau}",
                         marks.both(marks.stays("test_error"), reached)))
    else:
        fit = "best linear fit" if has_signal(p) else "null error"
        first = Row(Cell("Θ(1/√m)", "", marks.small("first_layer"), -0.5), stays,
                    Cell("O(1) drop", "equal to the test error",
                         marks.both(marks.drops("train_error"), marks.as_train)),
                    Cell("O(1) drop", f"to {plateau}: {fit} plus the price of γ₀",
                         marks.both(marks.drops("test_error"), reached)))
    nothing = _nothing_more(p)
    if not memorises(p):
        return {"lazy-1": first, "lazy-2": nothing, "lazy-3": nothing}
    beside = "orthogonally to u" if p.target == "single-index" else ""
    second = Row(Cell("Θ(1)", beside, marks.both(
        marks.of_order_one("first_layer"), marks.small("v_least"), marks.small("v_most")), 0.0),
                 stays,
                 Cell(f"falls, to 0 if γ₀ ≥ {THRESHOLD}", "else to a level above 0",
                      marks.drops("train_error")),
                 Cell("constant", "no learning", marks.both(marks.stays("test_error"), reached)))
    if not p.train_second_layer:
        return {"lazy-1": first, "lazy-2": second, "lazy-3": nothing}
    if p.weight_decay:
        return {"lazy-1": first, "lazy-2": second, "lazy-3": _balanced(p)}
    return {"lazy-1": first, "lazy-2": second, "lazy-3": Row(
        Cell("Θ(1)", "", marks.of_order_one("first_layer"), 0.0),
        Cell(f"γ → {THRESHOLD}", "", marks.both(marks.doubles("gamma"), marks.to_zero), 0.0),
        Cell("→ 0", "", marks.to_zero),
        Cell("rises", "as ½[τ′² + γ²(h(1) − h′(0))] with the present γ",
             marks.rises("test_error")),
        condition=f"only if γ₀ < {THRESHOLD}")}


def _on_both_sides(p: Parameters, rows: dict[str, Row]) -> dict[str, Row]:
    """A lazy start with a z² term: learned too, by neurons on both sides of u."""
    known = levels(p)
    level = known.learned_plateau(p.gamma0)
    changed = {"lazy-2": replace(
        rows["lazy-2"],
        first_layer=Cell("Θ(1)", "to both sides of u, v falling about as m^(−1/4)", marks.both(
            marks.of_order_one("first_layer"), marks.on_both_sides), 0.0),
        test=Cell("falls", f"to {number(level)}: the z² part is learned too",
                  marks.both(marks.drops("test_error"), marks.near("test_error", level))),
        condition="from ln(1/spread)/√m on")}
    if p.train_second_layer:
        changed["lazy-3"] = replace(
            rows["lazy-3"],
            second_layer=Cell("γ grows", "until the data are interpolated",
                              marks.both(marks.rises("gamma"), marks.to_zero)),
            test=Cell("rises less", "as ½[τ′² − f₂² + γ²(h(1) − h′(0))] with the present γ",
                      marks.near("test_error", known.learned_plateau)),
            condition="only if γ₀ is below a threshold, which is another one")
    return changed


def _mean_field(p: Parameters) -> dict[str, Row]:
    if not has_signal(p):
        level = number(p.null_error)
        near = marks.near("test_error", p.null_error)
        first = Row(Cell("o(1) along u", "φ̂′(0) = 0", marks.small("v"), None),
                    _second_layer(p, Cell("a₀ + o(1)", "", marks.stays("a"), LITTLE)),
                    Cell("constant", level, marks.stays("train_error")),
                    Cell("constant", f"{level}, nothing is learned", near))
    else:
        goal, reached = (f"to the Bayes error {number(p.bayes_error)}",
                         marks.near("test_error", p.bayes_error)) if learns_to_bayes(p) else \
            ("to the fixed point of (2.10)", marks.drops("test_error"))
        first = Row(Cell("O(1)", "towards u", marks.both(marks.of_order_one("first_layer"),
                                                         marks.of_order_one("v")), 0.0),
                    _second_layer(p, Cell("O(1)", "", marks.of_order_one("a"), -0.5)),
                    Cell("O(1) drop", "to a plateau", marks.drops("train_error")),
                    Cell("= train", goal, marks.both(marks.as_train, reached)))
    linear = p.covariance.dphi_hat_0 != 0
    unlearning = "the feature is unlearned" + (", v = Θ(1/√m)" if linear else "") \
        if has_signal(p) else ""
    return {"mean-field-1": first, "mean-field-2": _memorising(p, unlearning)}


def _noise(p: Parameters) -> dict[str, Row]:
    bayes, near = number(p.bayes_error), marks.near("test_error", p.bayes_error)
    first = Row(Cell("o(1)", "", marks.small("first_layer"), LITTLE),
                _second_layer(p, Cell("a₀ + o(1)", "", marks.stays("a"), LITTLE)),
                Cell("→ Bayes", bayes, marks.near("train_error", p.bayes_error)),
                Cell("= train", bayes, marks.both(marks.as_train, near)))
    if not memorises(p):
        nothing = _nothing_more(p)
        return {"noise-1": first, "noise-sqrt-m": nothing, "noise-m": nothing}
    second = Row(Cell("Θ(1)", "as in a spherical spin glass", marks.of_order_one("first_layer"),
                      0.0),
                 _second_layer(p, Cell("a ∝ t/√m", "", marks.rises("a"), -0.5)),
                 Cell("Bayes − o(1)", "", marks.near("train_error", p.bayes_error)),
                 Cell("Bayes + o(1)", "", near))
    return {"noise-1": first, "noise-sqrt-m": second, "noise-m": _memorising(p, "")}


def _balanced(p: Parameters) -> Row:
    """t = Θ(m) with weight decay: γ goes to where λγ = −∂e_tr/∂γ, from either side.  From the
    mean-field plateau there is no theory of how far."""
    known = p.init == "lazy" or p.target == "noise"
    level = lambda gamma: plateau_error(p, gamma)  # noqa: E731
    return Row(Cell("O(1)", "", marks.of_order_one("first_layer"), 0.0),
               Cell("γ → balance", "of decay and data, λγ = −∂e/∂γ", marks.not_to_zero, 0.0),
               Cell("stays above 0", "", marks.not_to_zero),
               Cell("as γ", "½[τ′² + γ²(h(1) − h′(0))] with the present γ",
                    marks.near("test_error", level)) if known else
               Cell("as γ", "no closed form", marks.untold))


def _memorising(p: Parameters, unlearning: str) -> Row:
    if not p.train_second_layer or not memorises(p):
        return _nothing_more(p)
    if p.weight_decay:
        return _balanced(p)
    moved = marks.of_order_one("first_layer")
    return Row(Cell("O(1)", unlearning, marks.both(moved, marks.sinks("v_most")) if unlearning else
                    moved, 0.0),
               Cell("a = O(√m)", f"γ grows to {THRESHOLD}",
                    marks.both(marks.doubles("gamma"), marks.to_zero), 0.0),
               Cell("→ 0", "", marks.to_zero),
               Cell("rises", "", marks.rises("test_error")))
