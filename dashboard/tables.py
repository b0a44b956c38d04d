"""The talk's table: what each layer and each error does in each regime, by theory and in a run.

`theory` says what holds for the settings at hand; `regime_cards` and `short_table` set it
beside the measurements of runs.
"""

from dataclasses import dataclass, fields
from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dashboard.jobs import compute
from dashboard.links import Settings
from engine import TABLE, Parameters, Trajectory, solve
from engine.keyfigures import Reach, RegimeMeasurement, Span, levels, regime_measurements
from engine.regimes import regimes

THRESHOLD = r"γ\*"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
HEADINGS = {"first_layer": "First layer", "second_layer": "Second layer",
            "train": "Train error", "test": "Test error"}
NAMES = {"lazy": "Lazy", "mean-field": "Mean-field"}


class Cell(NamedTuple):
    """What theory says in a few signs, and what to add where there is room (Markdown)."""

    short: str
    more: str = ""

    @property
    def text(self) -> str:
        return f"{self.short}: {self.more}" if self.more else self.short


@dataclass(frozen=True)
class Row:
    """One regime: a cell for each layer's weights and each error."""

    first_layer: Cell
    second_layer: Cell
    train: Cell
    test: Cell


def counterpart(settings: Settings) -> Settings:
    """The same settings from the other initialisation, at the scale last chosen for it."""
    init = "mean-field" if settings.parameters.init == "lazy" else "lazy"
    scale = "gamma0" if init == "lazy" else "a0"
    value = st.session_state.get(f"last {scale}", TABLE[scale].default)
    return Settings(settings.parameters.replace(init=init, **{scale: value}), settings.rtol)


def pair(settings: Settings) -> dict[str, Trajectory]:
    """The runs from both initialisations, "lazy" first; one is left out if it was stopped."""
    both = sorted((settings, counterpart(settings)), key=lambda s: s.parameters.init)
    runs = {s.parameters.init: compute(("solve", s), partial(solve, s.parameters, s.rtol),
                                       f"Solving from the {s.parameters.init} start")
            for s in both}
    return {init: run for init, run in runs.items() if run is not None}


def number(x: float | None, digits: int = 3) -> str:
    """x to a few significant digits: 0.0517, 1920, 6.14×10⁴; a dash for None."""
    if x is None:
        return "–"
    if x == 0:
        return "0"
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    if -4 <= int(exponent) <= 3:
        text = f"{float(f'{x:.{digits}g}'):.{max(digits - 1 - int(exponent), 0)}f}"
    else:
        text = f"{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPT)}"
    return text.replace("-", "−")


def theory(p: Parameters) -> dict[str, Row]:
    """What the theory (m → ∞) says of every regime of `p`, by the regime's key."""
    rows = _lazy(p) if p.init == "lazy" else _noise(p) if p.target == "noise" else _mean_field(p)
    return dict(zip((regime.key for regime in regimes(p)), rows, strict=True))


def regime_cards(trajectory: Trajectory) -> None:
    """The whole table of one run: four cells per regime, theory over measurement.

    Cells stand side by side on a wide screen and below each other on a phone.
    """
    said = theory(trajectory.parameters)
    for m in regime_measurements(trajectory):
        row = measured_row(m)
        with st.container(border=True):
            st.markdown(f"**{m.regime.scale}** · {title(m)}")
            for column, name in zip(st.columns(4), HEADINGS, strict=True):
                column.markdown(f"**{HEADINGS[name]}**  \n{getattr(said[m.regime.key], name).text}"
                                f"  \n:blue-background[{row[name]}]")


def short_table(settings: Settings) -> None:
    """Both initialisations, one line per regime: theory's scaling, and what the run measured."""
    for init, run in pair(settings).items():
        said = theory(run.parameters)
        rows = {}
        for m in regime_measurements(run):
            row = measured_row(m)
            rows[m.regime.scale] = {HEADINGS[name]: f"{getattr(said[m.regime.key], name).short}"
                                    f"  \n:blue-background[{row[name]}]" for name in HEADINGS}
        st.markdown(f"**{NAMES[init]}**, {start_of(run.parameters)}")
        st.table(pd.DataFrame.from_dict(rows, orient="index"), border="horizontal")
    st.caption("Black: theory for m → ∞. Blue: this run, from the beginning of the regime to its"
               " end: ‖w − w(0)‖, γ, train error, test error.")


def start_of(p: Parameters) -> str:
    """How the second layer starts, in words."""
    if p.init == "lazy":
        return f"γ₀ = {p.gamma0:g}, that is a₀ = γ₀√m = {number(p.a_start)}"
    return f"a₀ = {p.a0:g}"


def measured_row(m: RegimeMeasurement) -> dict[str, str]:
    """The measurements of one regime as from → to, by the names of `HEADINGS`."""
    if not m.reached:
        return dict.fromkeys(HEADINGS, "not reached")
    return dict(zip(HEADINGS, map(arrow, (m.first_layer, m.gamma, m.train_error, m.test_error)),
                    strict=True))


def measurements_frame(trajectory: Trajectory) -> pd.DataFrame:
    """All that `regime_measurements` gives, as numbers, one row per regime."""
    def line(m: RegimeMeasurement) -> dict:
        spans = {f.name: getattr(m, f.name) for f in fields(m) if f.name not in ("regime", "reach")}
        values = {f"{name} {edge}": getattr(span, edge) if span else None
                  for name, span in spans.items() for edge in ("start", "end")}
        return {"regime": m.regime.name, "scale": m.regime.scale, "run": m.reach.value} | values

    return pd.DataFrame([line(m) for m in regime_measurements(trajectory)])


def title(m: RegimeMeasurement) -> str:
    """The regime's name, the times it was measured over, and what to know about them."""
    name = m.regime.name.replace("*", r"\*")
    if not m.reached:
        return f"{name} · the run did not get here"
    if m.reach is Reach.AFTER_INTERPOLATION:
        return f"{name} · the data were interpolated before; nothing moves"
    text = f"{name} · t = {number(m.time.start)} to {number(m.time.end)}"
    return text + (" (the run ended here)" if m.reach is Reach.PART else "")


def arrow(span: Span) -> str:
    """start → end, with the digits that tell them apart."""
    start, end = number(span.start), number(span.end)
    return f"{start} → {end}"


def learns_to_bayes(p: Parameters) -> bool:
    """Whether the mean-field plateau is the Bayes error: φ = σ with h'(0) > 0, and a free to
    reach the fixed point (a, v) = (1, 1), or there already."""
    own = p.target == "single-index" and p.h[1] > 0 and p.phi_hat == p.h
    return own and (p.train_second_layer or p.a_start == 1)


def has_signal(p: Parameters) -> bool:
    """Whether φ̂'(0) ≠ 0: only then does a random start see the direction u at once."""
    return p.phi_hat[1:2] not in ((), (0.0,))


def memorises(p: Parameters) -> bool:
    """Whether overfitting is possible as m → ∞: h is not linear, and there is something to fit."""
    fitted = learns_to_bayes(p) and p.init == "mean-field" and p.tau == 0
    return levels(p).price > 0 and not fitted


SAME = Cell("as before", "no change of order 1")
FROZEN = Cell("frozen", "a = a₀")


def _second_layer(p: Parameters, cell: Cell) -> Cell:
    return cell if p.train_second_layer else FROZEN


def _nothing_more(p: Parameters) -> Row:
    return Row(SAME, _second_layer(p, SAME), SAME, SAME)


def _lazy(p: Parameters) -> list[Row]:
    known = levels(p)
    stays = _second_layer(p, Cell("γ₀ + o(1)"))
    plateau = number(known.plateau(p.gamma0))
    if p.h[1] == 0:
        first = Row(Cell("o(1)"), stays, Cell("constant"),
                    Cell("constant", f"h′(0) = 0, no linear part to learn, {plateau}"))
    else:
        fit = "best linear fit" if has_signal(p) else "no linear signal"
        first = Row(Cell("Θ(1/√m)"), stays, Cell("O(1) drop", "equal to the test error"),
                    Cell("O(1) drop", f"to {plateau}: {fit}, plus the price of γ₀"))
    if not memorises(p):
        return [first, _nothing_more(p), _nothing_more(p)]
    beside = "orthogonally to u" if p.target == "single-index" else ""
    second = Row(Cell("Θ(1)", beside), stays,
                 Cell(f"falls, to 0 if γ₀ ≥ {THRESHOLD}", "else to a level above 0"),
                 Cell("constant", "no learning"))
    if not p.train_second_layer:
        return [first, second, _nothing_more(p)]
    only = f"if γ₀ < {THRESHOLD}"
    return [first, second, Row(
        Cell("Θ(1)", only), Cell(f"γ → {THRESHOLD}", only), Cell("→ 0", only),
        Cell("rises", f"{only}; e = ½[τ′² + γ²(h(1) − h′(0))] at the present γ"))]


def _mean_field(p: Parameters) -> list[Row]:
    if not has_signal(p):
        level = number(p.null_error)
        first = Row(Cell("o(1) along u", "φ̂′(0) = 0"), _second_layer(p, Cell("a₀ + o(1)")),
                    Cell("constant", level), Cell("constant", f"{level}, nothing is learned"))
    else:
        goal = f"Bayes error {number(p.bayes_error)}" if learns_to_bayes(p) else \
            "of the fixed point of (2.10)"
        first = Row(Cell("O(1)", "towards u"), _second_layer(p, Cell("O(1)")),
                    Cell("O(1) drop", "to a plateau"), Cell("= train", f"plateau, {goal}"))
    return [first, _memorising(p, "the feature is unlearned, v = Θ(1/√m)" if has_signal(p) else "")]


def _noise(p: Parameters) -> list[Row]:
    bayes = number(p.bayes_error)
    first = Row(Cell("o(1)"), _second_layer(p, Cell("a₀ + o(1)")), Cell("→ Bayes", bayes),
                Cell("= train", bayes))
    if not memorises(p):
        return [first, _nothing_more(p), _nothing_more(p)]
    second = Row(Cell("Θ(1)", "as in a spherical spin glass"),
                 _second_layer(p, Cell("a ∝ t/√m")), Cell("Bayes − o(1)"), Cell("Bayes + o(1)"))
    return [first, second, _memorising(p, "")]


def _memorising(p: Parameters, unlearning: str) -> Row:
    if not p.train_second_layer or not memorises(p):
        return _nothing_more(p)
    return Row(Cell("O(1)", unlearning), Cell("a = O(√m)", f"γ grows to {THRESHOLD}"),
               Cell("→ 0"), Cell("rises"))
