"""What the page of digits says: the data, one width, and what of the theory they share."""

import math
from itertools import product

import numpy as np
import pandas as pd

from dashboard.words import number
from engine import ParameterError, Parameters, Trajectory
from engine.activations import FUNCTIONS
from engine.network.digits import (
    ACTIVATION,
    D,
    N,
    flipped,
    images,
    learning_time,
    matched,
    overfitting_time,
)
from pages.digits.pictures import SETS, STARTS, results

SEEDS = 2
AT_ONCE = 128
"""Width up to which networks are trained without being asked: some ten seconds."""
WIDEST, LONGEST = 1024, 20.0
"""Width and t_max/m up to which the page trains."""
PLAIN_TAU = 0.6
DATA = ("Here nothing is Gaussian: networks learn whether a handwritten digit is even (+1) or odd"
        f" (−1), from images of 8 × 8 pixels as d = {D} whitened principal components. A share of"
        " the training labels is flipped, which is the noise: a share ρ makes the variance"
        " 4ρ(1 − ρ) = τ². It is the network and the descent of the theory, on its time axis, with n"
        f" = αmd images, {N:,} at most. The theory beside it has the same α, τ, activation and"
        " start, and a target that is linear in one direction: **for orientation; nothing of it is"
        " fitted.**")
SOURCE = ("Data: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine"
          " Learning Repository, 1998, doi.org/10.24432/C50P49, CC BY 4.0, in the copy of"
          " scikit-learn. Stored results: studies/results/digits*.csv, made by"
          " `python -m studies.digits`.")


def request(p: Parameters) -> tuple[Parameters, list[str]]:
    """What is trained at these settings, and what of them cannot be kept."""
    changed = []
    if p.beyond:
        changed.append("one direction and v(0) = 0")
        p = p.replace(directions=None, v0=None)
    try:
        flipped(p.tau)
    except ParameterError:
        changed.append(f"τ = {PLAIN_TAU} in place of {p.tau:g}, as labels ±1 have variance 1")
        p = p.replace(tau=PLAIN_TAU)
    if p.m > WIDEST:
        changed.append(f"m = {WIDEST:,} in place of {p.m:,}")
        p = p.replace(m=WIDEST, t_max=p.t_max / p.m * WIDEST)
    if p.alpha * p.m * D > N:
        changed.append(f"α = {number(N / (p.m * D))} in place of {p.alpha:g}, with all {N:,}"
                       " images")
    if p.t_max > LONGEST * p.m:
        p = p.replace(t_max=LONGEST * p.m)
    if not p.identical:
        changed.append("one group of neurons")
    made = matched(p)
    if made.activation != p.activation:
        changed.append(f"σ = {FUNCTIONS[ACTIVATION].formula} in place of the polynomial, which"
                       " outliers among the pixels would make large")
    return made, changed


def trained(p: Parameters) -> str:
    """What is drawn, in one line."""
    _, digit = images()
    return (f"**Now**: n = {round(p.alpha * p.m * D):,} images, m = {p.m:,}, α ="
            f" {number(p.alpha)}, τ = {p.tau:g} ({100 * flipped(p.tau):.3g} % flipped), σ ="
            f" {FUNCTIONS[p.activation].formula}, {p.init} start, up to t ="
            f" {p.t_max / p.m:.3g} m; {SEEDS} networks, tested on {len(digit) - N} images that"
            " none of them has seen and on average over flips of their labels.")


def one_width(p: Parameters, theory: Trajectory, table: pd.DataFrame) -> str:
    """When it was learned and when the noise was fitted, digits beside theory."""
    by_time = table.groupby("t").median()
    t, train, test = (by_time.index.to_numpy(), by_time["train_error"].to_numpy(),
                      by_time["test_error"].to_numpy())
    best = int(np.argmin(test))
    when = lambda value: f"t = {number(value)}" if np.isfinite(value) else "never"  # noqa: E731
    said = (f"Half of what is learned is learned at {when(learning_time(t, test))} (theory"
            f" {when(learning_time(theory.t, theory.test_error))}). The test error is least,"
            f" {number(test[best])}, at t = {number(t[best])} and ends at {number(test[-1])}"
            f" (theory: least {number(theory.test_error.min())}, end"
            f" {number(theory.test_error[-1])}).")
    if p.tau > 0:
        said += (" The train error falls below τ²/4, half of what the flips leave:"
                 f" {when(overfitting_time(t, train, p))} (theory"
                 f" {when(overfitting_time(theory.t, theory.train_error, p))}).")
    return said


def stored() -> str:
    """What the stored networks are."""
    times = results("_times")
    digits = times[times["source"] == "digits"]
    return (f"Stored: {len(digits)} networks, m = {digits['m'].min()} to {digits['m'].max():,},"
            " tanh over its standard deviation, τ = 0.8 (a fifth flipped); once with n = αmd at α ="
            " 0.1, the paper's limit, and once with the same n = 300 at every width."
            " *Learned*: half of the way down to the least test error. *Overfitted*: the train"
            " error falls below τ²/4. Lines: powers of m fitted to all networks in which it"
            " happened. Crosses: the theory of identical neurons.")


def agreement() -> str:
    """Items in Markdown, with every number from the stored tables."""
    fits = results("_fits").set_index(["set", "start", "source", "event"])
    items = []
    for (name, which), (start, _) in product(SETS.items(), STARTS.items()):
        said = [f"{event} as {_power(fits, name, start, 'digits', event)}"
                f" (theory {_power(fits, name, start, 'theory', event)})"
                for event in ("learned", "overfitted")]
        items.append(f"- **{which}, {start}**: {' and '.join(said)}.{_apart(name, start)}")
    return "\n".join([*items, "", _agrees(), "", _differs()])


def _agrees() -> str:
    return ("**What agrees with the theory.** With n = αmd learning and overfitting come apart as"
            " the width grows, from both starts. From the mean-field start the time of learning"
            " hardly depends on the width of wide networks; from the lazy start it falls with the"
            " width at the theory's power, within errors. With the same n at every width the"
            " mean-field start learns and overfits at t ∝ m, that is at αt independent of m: a"
            " wider network does not overfit sooner.")


def _differs() -> str:
    times = results("_times")
    middle = (times[(times["set"] == "equal alpha")]
              .groupby(["start", "m", "source"])["overfitted"].median().unstack())
    late = (middle["digits"] / middle["theory"]).dropna()
    ranges = [f"{number(late[start].min(), 2)} to {number(late[start].max(), 2)} times as late"
              f" ({start})" for start in STARTS]
    return (f"**What does not.** Digits overfit later than the theory, {' and '.join(ranges)}, and"
            " the more so the wider: no power of the theory's limit (1 from the mean-field start, 0"
            " from the lazy one) is reached, and the theory's own is not there yet at these widths,"
            f" whose n/d = αm is 1.6 to 102. A guess that was not tested: in d = {D} dimensions"
            f" there are {math.comb(D + 3, 3)} monomials up to degree 3, so that the noise of many"
            " images is fitted by the small parts of high degree, whereas the theory has n ≪ d²."
            " Networks in which it had not happened when they were stopped are left out of the"
            " fits.")


def _apart(name: str, start: str) -> str:
    """How many times later than learning overfitting comes, at both ends of the widths."""
    times = results("_times")
    rows = times[(times["set"] == name) & (times["start"] == start) & (times["source"] == "digits")]
    ratio = (rows["overfitted"] / rows["learned"]).groupby(rows["m"]).median().dropna()
    if len(ratio) < 2:
        return ""
    return (f" Overfitting comes {number(ratio.iloc[0], 2)} times later than learning at m ="
            f" {ratio.index[0]} and {number(ratio.iloc[-1], 2)} times at m = {ratio.index[-1]:,}.")


def _power(fits: pd.DataFrame, *which: str) -> str:
    """m^(0.98 ± 0.02), and in how many networks."""
    if which not in fits.index:
        return "happened at fewer than three widths"
    fit = fits.loc[which]
    power = f"m^({fit.power:.2f} ± {fit.error:.2f})".replace("-", "−")
    if which[2] == "theory":
        return power
    return (f"{power} in {fit.networks:.0f} of {fit.of:.0f} networks, m = {fit.least_m:.0f} to"
            f" {fit.most_m:,.0f}")
