"""Theory's table, and its closed forms filled in beside what the runs measured."""

import pandas as pd
import streamlit as st

from dashboard.components.runs import counterpart
from dashboard.service.links import Settings
from dashboard.words.numbers import number
from dashboard.words.table import HEADINGS, NAMES, scale, start_of
from dashboard.words.theory import (
    expected,
    has_signal,
    learns_to_bayes,
    memorises,
    unequal_rows,
)
from engine import Trajectory
from engine.limits.levels import levels, plateau_error
from engine.regimes import regimes
from engine.results.keyfigures import Reach, key_figures, reached


def formulas(runs: dict[str, Trajectory]) -> pd.DataFrame:
    """Closed forms for m → ∞ at the settings of `runs` (by init), beside what the runs measured.

    A measurement is a dash where the run has not got that far, or ends otherwise than the
    formula supposes.
    """
    rows = [row for run in runs.values() for row in _filled_in(run)]
    p = next(iter(runs.values())).parameters
    fixed = [("Bayes error", "τ²/2", p.bayes_error, None),
             ("Null error, f = 0", "½(τ² + ‖φ‖²)", p.null_error, None),
             ("Best linear fit", "½τ′²", levels(p).best_linear, None)]
    frame = pd.DataFrame(fixed + rows, columns=["Quantity", "Formula", "Theory", "Run"])
    return frame.assign(Theory=frame.Theory.map(number),
                        Run=frame.Run.map(lambda x: number(None if pd.isna(x) else x)))


def _filled_in(run: Trajectory) -> list[tuple[str, str, float, float | None]]:
    p, known, figures = run.parameters, levels(run.parameters), key_figures(run)
    name = NAMES[p.init]
    rows = []
    if p.init == "lazy":
        if known.lazy_learning_end is not None:
            rows.append(("Lazy: linear learning ends at t", "ln 20/(2αγ₀²h′(0)m)",
                         known.lazy_learning_end, figures.feature_learning_end))
        whole = {m.regime.key: m for m in reached(run) if m.reach is Reach.WHOLE}
        rows.append(("Lazy: plateau of the test error (2.7)", "½[τ′² + γ₀²(h(1) − h′(0))]",
                     plateau_error(p, p.gamma0),
                     whole["lazy-2"].test_error.end if "lazy-2" in whole else None))
    elif learns_to_bayes(p):
        rows.append(("Mean-field: least test error", "τ²/2", known.bayes, figures.best_test_error))
    if figures.interpolated and memorises(p):
        rows.append((f"{name}: final test error at γ = {number(figures.final_gamma)}",
                     "½[τ′² + γ²(h(1) − h′(0))]", plateau_error(p, figures.final_gamma),
                     figures.final_test_error))
        if has_signal(p):
            rows.append((f"{name}: final linear part a·v", "φ̂′(0)/h′(0)",
                         p.covariance.linear_fit, float(run.a[-1] * run.v[-1])))
    return rows


def theory_table(settings: Settings) -> None:
    """The talk's table for both initialisations, theory only; below each, what neurons that differ
    change of it."""
    for s in sorted((settings, counterpart(settings)), key=lambda s: s.parameters.init):
        p = s.parameters
        said, others = expected(p), unequal_rows(p)
        line = lambda row: {heading: getattr(row, name).text  # noqa: E731
                            for name, heading in HEADINGS.items()}
        rows = {scale(said[regime.key], regime): line(said[regime.key]) for regime in regimes(p)}
        rows |= {f"Unequal neurons: {scale(others[regime.key], regime)}": line(others[regime.key])
                 for regime in regimes(p) if regime.key in others}
        st.markdown(f"**{NAMES[p.init]}**, {start_of(p)}")
        st.table(pd.DataFrame.from_dict(rows, orient="index"), border="horizontal")
