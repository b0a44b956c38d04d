"""A run's key figures as they may be cited: each with how far two tolerances differ."""

import math

from dashboard.words.numbers import number
from dashboard.words.symbols import BIBTEX
from engine import TABLE, Parameters, Trajectory
from engine.results.keyfigures import key_figures

CITED = {
    "feature_learning_end": "learning ends at t", "best_test_error": "least test error",
    "gap_opens": "the gap between the errors opens at t", "final_gamma": "γ at the end",
    "final_test_error": "test error at the end",
    "interpolation_time": "the train error falls to a millionth at t",
}
MOST_DIGITS = 6


def citation(run: Trajectory, finer: Trajectory, link: str) -> str:
    """Values of `finer` ± their differences from those of `run`, settings, versions, link, BibTeX.

    Figures that one of the runs does not have are left out.
    """
    coarse, fine = key_figures(run), key_figures(finer)
    lines = [f"{said} = {with_error(getattr(fine, name), getattr(coarse, name))}"
             for name, said in CITED.items()
             if getattr(fine, name) is not None and getattr(coarse, name) is not None]
    versions = ", ".join(f"{name} {version}" for name, version in finer.versions.items())
    return "\n".join([
        *lines, f"(± is the difference between relative tolerances {run.rtol:g} and"
        f" {finer.rtol:g})", "", f"{finer.label}, {settings(finer.parameters)}.",
        f"Computed with {versions}.", link, "", BIBTEX])


def with_error(value: float, other: float) -> str:
    """The value, with no digit beyond the first of its difference from the other, ± that; or that
    there is none in `MOST_DIGITS` digits."""
    error = abs(value - other)
    if error <= 10.0**-MOST_DIGITS * abs(value):
        return f"{number(value, MOST_DIGITS)} (the same at both tolerances)"
    return f"{number(value, MOST_DIGITS, 10.0 ** math.floor(math.log10(error)))} ±" \
           f" {number(error, 1)}"


def settings(p: Parameters) -> str:
    """All settings by their symbols."""
    return ", ".join(f"{TABLE[name].symbol} = {TABLE[name].write(getattr(p, name))}"
                     for name in p.as_dict())
