"""What tells two runs from the two initialisations apart, in sentences."""

from collections.abc import Iterator

from dashboard.words.numbers import number, percent
from dashboard.words.story import SMALL_GAP, STILL, Statement
from dashboard.words.theory import has_signal
from engine import Trajectory
from engine.keyfigures import KeyFigures, key_figures


def comparison(lazy: Trajectory, mean_field: Trajectory) -> list[Statement]:
    """What tells two runs from the two initialisations apart, in these runs' numbers."""
    left, right = key_figures(lazy), key_figures(mean_field)
    return [*_which_learns(lazy, left, mean_field, right), *_when_it_overfits(left, right),
            *_where_it_ends(left, right)]


def _which_learns(lazy: Trajectory, left: KeyFigures, mean_field: Trajectory,
                  right: KeyFigures) -> Iterator[Statement]:
    a, b = left.best_test_error, right.best_test_error
    verdict = "The two are equally good" if abs(a - b) <= STILL * max(a, b) else \
        "Lazy is better" if a < b else "Mean-field is better"
    yield Statement("best", (
        f"**Stopped at the right moment.** {verdict}: the least test error is {number(a)} from the"
        f" lazy start (at t = {number(left.best_time)}) and {number(b)} from the mean-field start"
        f" (at t = {number(right.best_time)}). The Bayes error is"
        f" {number(lazy.parameters.bayes_error)}."), {"lazy": a, "mean-field": b})
    if has_signal(lazy.parameters):
        v = [float(abs(run.v).max()) for run in (lazy, mean_field)]
        yield Statement("features", (
            f"**Features.** The neurons' overlap with u gets up to {number(v[0])} from the lazy"
            f" start and up to {number(v[1])} from the mean-field start (theory for m → ∞: 0 for"
            " lazy, the best linear fit needs no features)."),
            {"lazy": v[0], "mean-field": v[1]})


def _when_it_overfits(left: KeyFigures, right: KeyFigures) -> Iterator[Statement]:
    when = [f"at t = {number(k.gap_opens)}" if k.gap_opens is not None else
            f"not up to t = {number(k.end)}" for k in (left, right)]
    yield Statement("gap", (
        f"**Overfitting.** The gap between test and train error exceeds 10 % of the test error"
        f" {when[0]} from the lazy start, {when[1]} from the mean-field start."),
        {name: k.gap_opens for name, k in (("lazy", left), ("mean-field", right))
         if k.gap_opens is not None})
    costs = [k.final_test_error / k.best_test_error - 1 if k.best_test_error > 0 else 0.0
             for k in (left, right)]
    yield Statement("cost", (
        f"**Training on to the end** raises the test error above its minimum by"
        f" {percent(costs[0])} (lazy) and {percent(costs[1])} (mean-field)."),
        {"lazy": left.final_test_error, "mean-field": right.final_test_error})


def _where_it_ends(left: KeyFigures, right: KeyFigures) -> Iterator[Statement]:
    ends = [f"interpolates at t = {number(k.interpolation_time)}, with γ ="
            f" {number(k.final_gamma)}" if k.interpolated else
            f"has train error {number(k.final_train_error)} at t = {number(k.end)}, with γ ="
            f" {number(k.final_gamma)}" for k in (left, right)]
    same = left.interpolated and right.interpolated and \
        abs(left.final_gamma - right.final_gamma) <= SMALL_GAP * right.final_gamma
    yield Statement("end", (
        f"**The end.** Lazy {ends[0]}; mean-field {ends[1]}."
        + (" Both end at the same complexity: the runs forget how they started." if same else "")),
        {"lazy": left.final_gamma, "mean-field": right.final_gamma})
