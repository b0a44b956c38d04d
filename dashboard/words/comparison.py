"""What tells two runs from the two initialisations apart, in sentences."""

from collections.abc import Iterator

from dashboard.words.claims import Claim, Clause, Statement
from dashboard.words.figures import figure
from dashboard.words.neurons import overlap_name
from dashboard.words.numbers import number, percent
from dashboard.words.story import SMALL_GAP, window_in_words
from dashboard.words.theory import has_signal
from engine import Trajectory
from engine.results.keyfigures import STILL, KeyFigures, key_figures

LAZY, MEAN_FIELD = "lazy", "mean-field"


def comparison(lazy: Trajectory, mean_field: Trajectory) -> list[Statement]:
    """What tells two runs from the two initialisations apart, in these runs' numbers."""
    left, right = key_figures(lazy), key_figures(mean_field)
    return [*_which_learns(lazy, left, mean_field, right), *_when_it_overfits(left, right),
            *_where_it_ends(left, right)]


def differing_neurons(identical: dict[str, Trajectory],
                      differing: dict[str, Trajectory]) -> list[Statement]:
    """What neurons that differ change, for each start that has runs of both kinds."""
    return [_differing(init, identical[init], differing[init]) for init in identical
            if init in differing]


def _differing(init: str, identical: Trajectory, differing: Trajectory) -> Statement:
    runs = {f"{init} {kind}": run for kind, run in (("unequal", differing),
                                                    ("identical", identical))}
    least = [figure(key_figures(run), "best_test_error") for run in runs.values()]
    last = [figure(key_figures(run), "final_test_error") for run in runs.values()]
    return Statement(
        f"{init} unequal",
        Clause(f"**Neurons that differ**, {init} start: the least test error is {least[0]}"
               f" (identical neurons: {least[1]})", *(Claim("least", run=run) for run in runs)),
        Clause(f", and where training ends it is {last[0]} (identical neurons: {last[1]}).",
               *(Claim("value", run=name, column="test_error", t=run.t[-1])
                 for name, run in runs.items())))


def _which_learns(lazy: Trajectory, left: KeyFigures, mean_field: Trajectory,
                  right: KeyFigures) -> Iterator[Statement]:
    a, b = left.best_test_error, right.best_test_error
    better = None if abs(a - b) <= STILL * max(a, b) else LAZY if a < b else MEAN_FIELD
    verdict = {None: "The two are equally good", LAZY: "Lazy is better",
               MEAN_FIELD: "Mean-field is better"}[better]
    yield Statement(
        "best",
        Clause(f"**Stopped at the right moment.** {verdict}:", Claim("better", which=better)),
        *(Clause(f"{before} {figure(k, 'best_test_error')} from the {name} start"
                 f" ({window_in_words(k)})", Claim("least", run=name),
                 Claim("window", run=name, low=k.best_window[0], high=k.best_window[1]))
          for before, name, k in ((" the least test error is", LAZY, left),
                                  (" and", MEAN_FIELD, right))),
        Clause(f". The Bayes error is {number(lazy.parameters.bayes_error)}.",
               Claim("formula", run=LAZY, name="bayes")))
    if has_signal(lazy.parameters):
        v = [float(abs(run.v).max()) for run in (lazy, mean_field)]
        yield Statement(
            "features",
            Clause(f"**Features.** The neurons' {overlap_name(lazy.parameters)} with u gets up to"
                   f" {number(v[0])} from the lazy start", Claim("height", run=LAZY)),
            Clause(f" and up to {number(v[1])} from the mean-field start",
                   Claim("height", run=MEAN_FIELD)),
            *([Clause(" (theory for m → ∞: of order 1/√m for lazy, which is"
                      f" {number(lazy.parameters.m**-0.5)})",
                      Claim("formula", run=LAZY, name="1/√m"),
                      Claim("theory", run=LAZY, name="lazy overlap"))]
              if lazy.parameters.identical else []))


def _when_it_overfits(left: KeyFigures, right: KeyFigures) -> Iterator[Statement]:
    def when(k: KeyFigures, name: str) -> Clause:
        if k.gap_opens is None:
            return Clause(f" not up to t = {number(k.end)} from the {name} start",
                          Claim("never", run=name, event="gap"), Claim("end", run=name))
        return Clause(f" at t = {figure(k, 'gap_opens')} from the {name} start",
                      Claim("first", run=name, event="gap"))

    first, second = when(left, LAZY), when(right, MEAN_FIELD)
    yield Statement(
        "gap", Clause("**Overfitting.** The gap between test and train error exceeds 10 % of the"
                      f" test error{first.text}", *first.claims),
        Clause(f",{second.text}", *second.claims))
    parts = []
    for k, name in ((left, LAZY), (right, MEAN_FIELD)):
        loss = k.final_test_error - k.best_test_error
        if loss > STILL * k.best_test_error and loss > k.error("best_test_error"):
            parts.append(Clause(f" {percent(loss / k.best_test_error)} ({name})",
                                Claim("cost", run=name)))
        else:
            parts.append(Clause(f" less than 2 % ({name})", Claim("no cost", run=name)))
    yield Statement(
        "cost", Clause("**Training on to the end** raises the test error above its minimum by"
                       + parts[0].text, *parts[0].claims),
        Clause(" and by" + parts[1].text, *parts[1].claims))


def _where_it_ends(left: KeyFigures, right: KeyFigures) -> Iterator[Statement]:
    def end(k: KeyFigures, name: str, before: str) -> Clause:
        gamma = Claim("value", run=name, column="gamma", t=k.end)
        if k.interpolated:
            return Clause(f"{before} interpolates at t = {figure(k, 'interpolation_time')}, with"
                          f" γ = {figure(k, 'final_gamma')}",
                          Claim("first", run=name, event="interpolation"), gamma)
        return Clause(f"{before} has train error {figure(k, 'final_train_error')} at t ="
                      f" {number(k.end)}, with γ = {figure(k, 'final_gamma')}",
                      gamma, Claim("end", run=name),
                      Claim("value", run=name, column="train_error", t=k.end))

    same = left.interpolated and right.interpolated and \
        abs(left.final_gamma - right.final_gamma) <= SMALL_GAP * right.final_gamma
    yield Statement(
        "end", end(left, LAZY, "**The end.** Lazy"), end(right, MEAN_FIELD, "; mean-field"),
        *([Clause(". Both end at the same complexity, to 5 %.", Claim("same end"))]
          if same else []))
