"""Words that follow the run: what happened in each regime, in numbers, beside the theory's.

Every clause carries the claims that it makes of the run (`words.claims`), and is said only where
they hold.  Predictions are the closed forms of `engine.limits.levels` and hold for m → ∞.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from dashboard.words import directions
from dashboard.words.claims import Claim, Clause, Statement
from dashboard.words.figures import figure
from dashboard.words.moves import moves
from dashboard.words.neurons import overlap_name, theory_name, unequal
from dashboard.words.numbers import number, percent
from dashboard.words.regimes import SUNK, names, title
from dashboard.words.theory import (
    THRESHOLD,
    has_signal,
    learns_to_bayes,
    memorises,
    unequal_rows,
)
from engine import Parameters, Status, Trajectory
from engine.limits.levels import Levels, levels, plateau_error
from engine.results.departures import CLIMBED
from engine.results.keyfigures import (
    STILL,
    KeyFigures,
    NotReached,
    Reach,
    RegimeMeasurement,
    course,
    key_figures,
    regime_measurements,
)

SMALL_GAP = 0.05
"""Train and test error agree below this fraction of the test error."""
AT_REST = 0.01
"""A run that moves by less than this fraction over its second half rests."""
DOUBLED = 2.0
"""γ ends at the threshold, to 2 %, in runs whose γ has grown by this factor in t = Θ(m); one that
starts above the threshold grows by less (α = 0.01: 1.35, and ends 1.6 times above it)."""
HALF = 0.5
FAR = 3.0
"""Farther off than this factor a prediction is compared by the factor, not in per cent."""


@dataclass(frozen=True)
class Chapter:
    """The statements on one regime, or on the run as a whole."""

    title: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Scene:
    """What the sentences are made from."""

    run: Trajectory
    figures: KeyFigures
    levels: Levels
    measured: tuple[RegimeMeasurement | NotReached, ...]
    threshold: float | None = None

    @property
    def p(self) -> Parameters:
        return self.run.parameters

    def figure(self, name: str) -> str:
        """A key figure with the digits that it has."""
        return figure(self.figures, name)

    def in_m(self, name: str) -> str:
        """A time of the key figures in units of m, to two digits even where it has but one: a time
        rounded twice, as t and as t/m, would be two times."""
        k = self.figures
        return f"{number(getattr(k, name) / self.p.m, 2)} m"

    def value(self, column: str, t: float) -> tuple[float, str]:
        """A column at a time, and how it is written."""
        c = course(self.run, column, t, t)
        return c.end, number(c.end, error=c.error(c.end))

    def moves(self, column: str, m: RegimeMeasurement, before: str,
              verbs: tuple[str, str] = ("falls", "rises")) -> Clause:
        return moves(self.run, column, m.time.start, m.time.end, before, verbs)


@lru_cache(maxsize=256)
def story(trajectory: Trajectory, threshold: float | None = None,
          identical: Trajectory | None = None) -> tuple[Chapter, ...]:
    """The account of a run: the start, each regime, neurons that differ, the outcome.

    threshold  γ* (m → ∞) as the engine finds it, when it was asked
    identical  the same run of identical neurons, to compare those that differ with
    """
    p = trajectory.parameters
    scene = Scene(trajectory, key_figures(trajectory), levels(p),
                  regime_measurements(trajectory), threshold)
    chapters = [Chapter("Start", tuple(_opening(scene)))]
    if p.directions is not None:
        chapters.append(Chapter("Several directions", tuple(directions.account(trajectory))))
    called = names(trajectory)
    for m in scene.measured:
        said = tuple([_not_reached(scene, m)] if isinstance(m, NotReached)
                     else TELL[m.regime.kind.words](scene, m))
        chapters.append(Chapter(f"{m.regime.scale} · {title(m, called)}", said))
    if not p.identical:
        chapters.append(Chapter("Neurons that differ", tuple(unequal(trajectory, identical))))
    return (*chapters, Chapter("Outcome", tuple(_outcome(scene))))


def ends_at_threshold(trajectory: Trajectory) -> bool:
    """Whether γ doubles, at least, in t = Θ(m) and the data are then interpolated: theory says that
    γ ends at the threshold."""
    m, k = regime_measurements(trajectory)[-1], key_figures(trajectory)
    return bool(isinstance(m, RegimeMeasurement) and trajectory.parameters.identical
                and k.interpolation_time is not None and not trajectory.parameters.weight_decay
                and k.interpolation_time > m.regime.low and memorises(trajectory.parameters)
                and m.gamma.end > DOUBLED * m.gamma.start)


def against(p: Parameters, measured: float, name: str, predicted: float) -> Clause:
    """How far a measurement is from its prediction, in brackets."""
    claims = (Claim("formula", name=name), Claim("off", measured=measured, predicted=predicted))
    if predicted == 0:
        return Clause(f" ({theory_name(p)}: 0, off by {number(measured, 2)})", *claims)
    ratio = measured / predicted
    off = percent(ratio - 1, sign=True) if 1 / FAR < ratio < FAR else \
        f"this is {number(ratio, 2)} times that"
    return Clause(f" ({theory_name(p)} for m → ∞: {number(predicted)}, {off})", *claims)


def _opening(s: Scene) -> Iterator[Statement]:
    written = s.value("test_error", 0.0)[1]
    yield Statement(
        "start",
        Clause(f"Train and test error both start at {written}.",
               Claim("value", column="test_error", t=0.0),
               Claim("value", column="train_error", t=0.0)),
        Clause(f" Answering 0 would cost {number(s.levels.null)},", Claim("formula", name="null")),
        Clause(f" the best possible predictor {number(s.levels.bayes)}.",
               Claim("formula", name="bayes")))
    if s.p.target == "noise":
        labels = "pure noise" if s.p.tau > 0 else "noise of level τ = 0, so all are 0"
        yield Statement("noise", Clause(
            f"The labels are {labels}: there is nothing to learn, and answering 0 is already the"
            " best predictor.", Claim("setting", name="noise")))
    elif s.p.tau == 0:
        yield Statement("noiseless", Clause(
            "The labels carry no noise, so a perfect predictor exists.",
            Claim("setting", name="noiseless")))


def _not_reached(s: Scene, m: NotReached) -> Statement:
    return Statement("not reached", Clause(
        f"The run ended at t = {number(s.figures.end)}, before this regime,", Claim("end")), Clause(
        f" which begins near t = {number(m.regime.low)}.",
        Claim("regime begins", t=m.regime.low)))


def _lazy_first(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _both_errors(s, m)
    yield _displacement(s, m)
    end, predicted = s.figures.feature_learning_end, s.levels.lazy_learning_end
    # With weight decay learning may go on at t = Θ(m), of which this form does not speak.
    if end is not None and predicted is not None and not (s.p.weight_decay and end > m.regime.high):
        yield Statement(
            "linear learning ends",
            Clause("95 % of the test error's drop to its least value is done at t ="
                   f" {s.figure('feature_learning_end')}", Claim("first", event="learning")),
            against(s.p, end, "lazy learning end", predicted))
        if end > m.regime.high:
            yield _past_the_edge(s, m)
    if s.p.covariance.dh_0 == 0:
        yield Statement("no linear part", Clause(
            "h′(0) = 0: the activation has no linear part; in theory nothing can be learned on"
            " this time scale.", Claim("theory", name="no linear part")))


def _lazy_second(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _displacement(s, m)
    yield Statement("train", s.moves("train_error", m, "The train error"))
    end, written = s.value("test_error", m.time.end)
    yield Statement(
        "plateau", s.moves("test_error", m, "The test error"),
        *([Clause("; it ends at " + written, Claim("value", column="test_error", t=m.time.end)),
           against(s.p, end, "plateau at γ₀", plateau_error(s.p, s.p.gamma0)),
           *_learned(s, end)]
          if m.reach is Reach.WHOLE else []))
    if has_signal(s.p):
        yield Statement(
            "alignment", s.moves("v", m, f"The neurons' {overlap_name(s.p)} with u"),
            *([Clause(f"; theory for m → ∞: of order 1/√m, which is {number(s.p.m**-0.5)}.",
                      Claim("formula", name="1/√m"), Claim("theory", name="lazy overlap"))]
              if s.p.identical else []))


def _learned(s: Scene, end: float) -> Iterator[Clause]:
    """The plateau of neurons that differ, where it is another one."""
    if "lazy-2" in unequal_rows(s.p) and not s.p.identical:
        level = s.levels.learned_plateau(s.p.gamma0)
        yield Clause(f"; our theory of unequal neurons, which learn the z² part too:"
                     f" {number(level)}", Claim("formula", name="learned plateau"))


def _overfitting(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    if flat(s.run, m):
        yield Statement(
            "nothing moves",
            Clause("Nothing moves by more than 2 %:", Claim("flat", low=m.time.start,
                                                           high=m.time.end)),
            *(Clause(f"{words} {s.value(column, m.time.end)[1]}",
                     Claim("value", column=column, t=m.time.end))
              for words, column in ((" γ stays at", "gamma"),
                                    (", the test error at", "test_error"))))
    else:
        yield _both_errors(s, m)
        yield _displacement(s, m)
        yield from _growth(s, m)
        yield from _unlearning(s, m)
    yield from _why_no_overfitting(s, m)


def flat(run: Trajectory, m: RegimeMeasurement) -> bool:
    """Whether γ and both errors stay within 2 % (of γ, of the test error) through a regime."""
    gamma, train, test = (course(run, column, m.time.start, m.time.end)
                          for column in ("gamma", "train_error", "test_error"))
    return gamma.spread <= STILL * abs(gamma.end) \
        and max(train.spread, test.spread) <= STILL * test.end


def _why_no_overfitting(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    k = s.figures
    if k.interpolated_in_place and memorises(s.p) and s.p.init == "lazy" and s.p.identical:
        reason = "" if s.p.train_second_layer else ", which is frozen"
        yield Statement(
            "above threshold",
            Clause(f"The data are interpolated (at t = {s.figure('interpolation_time')})",
                   Claim("first", event="interpolation")),
            Clause(f" while γ stays within 2 % of γ₀ = {number(s.p.gamma0)}{reason}:",
                   Claim("in place"), Claim("formula", name="γ₀")),
            Clause(f" γ₀ is not below the threshold {THRESHOLD} of this width, and the second"
                   " layer has no need to grow.", Claim("in place")))
    elif not memorises(s.p):
        yield Statement("nothing to memorise", Clause(
            "h is linear, so the network cannot memorise noise.", Claim("setting", name="linear"))
            if s.levels.price == 0 else Clause(
            "Without label noise a network that has learned the target has nothing to memorise.",
            Claim("setting", name="noiseless")))
    elif not s.p.train_second_layer:
        yield Statement("frozen", Clause(
            "The second layer is frozen, so the network cannot gain capacity by growing a.",
            Claim("setting", name="frozen")))
    if s.p.weight_decay:
        yield Statement(
            "decay", Clause(f"Weight decay λ = {number(s.p.weight_decay)} holds the second layer"
                            " back:", Claim("setting", name="decay")),
            Clause(f" the train error ends at {s.value('train_error', s.figures.end)[1]}",
                   Claim("value", column="train_error", t=s.figures.end)),
            *([Clause(", and over the second half of the run γ and both errors have moved by less"
                      " than 1 %.", Claim("rest"))] if rests(s.run) else []))
    elif memorises(s.p) and not k.interpolated and m.reach is Reach.TO_HORIZON:
        yield _no_interpolation(s)


def _no_interpolation(s: Scene) -> Statement:
    """The run has not interpolated: does it rest, or is it still on the move?"""
    half = s.figures.end / 2
    said = Clause(
        f"Up to t = {number(s.figures.end / s.p.m)} m the network does not interpolate: the train"
        f" error is still {s.value('train_error', s.figures.end)[1]}",
        Claim("never", event="interpolation"), Claim("end"),
        Claim("value", column="train_error", t=s.figures.end))
    if rests(s.run):
        return Statement("no interpolation", said, Clause(
            ", and in the second half of that time γ and both errors have moved by less than 1 %.",
            Claim("rest")))
    train = course(s.run, "train_error", half, s.figures.end)
    return Statement("no interpolation", said, Clause(
        f", after {number(train.start, error=train.error(train.start))} at half that time: it is"
        " not at rest.", Claim("moving"), Claim("value", column="train_error", t=half)))


def rests(run: Trajectory) -> bool:
    """Whether γ and both errors move by less than 1 % (of γ, of the test error) from half the
    run's length on."""
    end = float(run.t[-1])
    gamma, train, test = (course(run, column, end / 2, end)
                          for column in ("gamma", "train_error", "test_error"))
    return gamma.spread < AT_REST * abs(gamma.end) \
        and max(train.spread, test.spread) < AT_REST * test.end


def _growth(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    if not s.p.train_second_layer:
        return
    what, mean = ("γ", "") if s.p.identical else ("The mean γ", "mean ")
    yield Statement("growth", s.moves("gamma", m, what, ("falls", "grows")), Clause(
        f" ({mean}a is {s.value('a', m.time.end)[1]} then).",
        Claim("value", column="a", t=m.time.end)))
    k = s.figures
    if k.interpolation_time is None or k.interpolation_time < m.regime.low \
            or not memorises(s.p):
        return
    yield Statement("interpolation", Clause(
        f"The data are interpolated at t = {s.figure('interpolation_time')}, that is about"
        f" {s.in_m('interpolation_time')}.", Claim("first", event="interpolation")))
    if ends_at_threshold(s.run):
        yield Statement("threshold", *_at_threshold(s, m))
    yield Statement(
        "final test error",
        Clause(f"The test error ends at {s.figure('final_test_error')}",
               Claim("value", column="test_error", t=k.end)),
        *([against(s.p, k.final_test_error, "plateau at the end",
                   plateau_error(s.p, k.final_gamma))] if s.p.identical else []))


def _at_threshold(s: Scene, m: RegimeMeasurement) -> Iterator[Clause]:
    final = s.figures.final_gamma
    yield Clause(f"Theory says that γ, which has grown to {s.figure('final_gamma')} in t = Θ(m),"
                 f" then sits at the threshold {THRESHOLD}",
                 Claim("grown", low=m.regime.low), Claim("theory", name="ends at threshold"),
                 Claim("value", column="gamma", t=s.figures.end))
    if s.threshold is not None:
        yield Clause(f"; the engine finds {number(s.threshold)} for m → ∞, and this run differs by"
                     f" {percent(final / s.threshold - 1, sign=True)}",
                     Claim("engine", value=s.threshold))


def _unlearning(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    v = course(s.run, "v", 0.0, s.figures.end)
    most, end = v.height, abs(v.end)
    if not s.p.identical or not has_signal(s.p) or end > SUNK * most \
            or (s.p.init == "lazy" and most < CLIMBED):
        return
    how = "mostly" if end <= HALF * most else "partly"
    verdict = "The feature is unlearned" if how == "mostly" else "The feature is partly unlearned"
    yield Statement("unlearning", Clause(
        f"{verdict}: |v| ends at {number(end)}, below its maximum {number(most)}.",
        Claim("sinks", how=how), Claim("height"), Claim("value", column="v", t=s.figures.end)))
    if s.figures.interpolated:
        linear = float(s.run.a[-1] * s.run.v[-1])
        yield Statement(
            "linear part",
            Clause(f"The linear part a·v ends at {number(linear)}",
                   Claim("value", column="a·v", t=s.figures.end)),
            against(s.p, linear, "linear part", s.p.covariance.linear_fit))


def _feature_learning(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _both_errors(s, m)
    yield _displacement(s, m)
    if not has_signal(s.p) and not s.p.v_start.any():
        yield Statement("no signal", Clause(
            "φ̂′(0) = 0: from a random start no direction is preferred, v stays 0 and no feature is"
            " learned.", Claim("setting", name="no signal"), Claim("moves", column="v", low=0.0,
                                                                  high=m.time.end, shape="stays")))
        return
    most = number(float(abs(s.run.v).max()))
    end = s.figures.feature_learning_end
    if not s.run.v.any():
        yield Statement("no mean", Clause(
            "The mean overlap of the neurons with u stays 0: what some gain others lose.",
            Claim("moves", column="v", low=0.0, high=m.time.end, shape="stays"),
            Claim("setting", name="unequal")))
    elif end is None and abs(s.run.v[-1]) < abs(s.run.v).max():
        yield Statement("no gain", Clause(
            f"The {overlap_name(s.p)} |v| of the neurons with u is largest, {most}, where they"
            " start.", Claim("height")))
    elif end is None:
        yield Statement("still learning", Clause(
            f"The {overlap_name(s.p)} |v| is still growing where the run ends, at {most}.",
            Claim("never", event="learning"), Claim("height")))
    else:
        yield Statement("feature", Clause(
            f"The {overlap_name(s.p)} |v| of the neurons with u reaches its maximum {most} to"
            f" within 5 % at t = {s.figure('feature_learning_end')}.", Claim("height"),
            Claim("first", event="learning")))
        if end > m.regime.high:
            yield _past_the_edge(s, m)
    if learns_to_bayes(s.p) and m.reach is Reach.WHOLE:
        yield Statement(
            "bayes", Clause(f"The least test error of the run is {s.figure('best_test_error')}",
                            Claim("least")),
            against(s.p, s.figures.best_test_error, "bayes", s.levels.bayes))


def _noise_first(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _both_errors(s, m)
    if m.reach is Reach.WHOLE:
        end, written = s.value("test_error", m.time.end)
        yield Statement(
            "noise floor", Clause(f"At its end the test error is {written}",
                                  Claim("value", column="test_error", t=m.time.end)),
            against(s.p, end, "bayes", s.levels.bayes))


def _drift(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _displacement(s, m)
    if s.p.train_second_layer:
        yield Statement("drift", s.moves("a", m, "a", ("falls", "grows")), *([
            Clause(" (theory: a ∝ t/√m).", Claim("theory", name="drift"))]
            if memorises(s.p) else []))
    yield _both_errors(s, m)


def _outcome(s: Scene) -> Iterator[Statement]:
    k = s.figures
    yield Statement("best stop", *best_stop(k))
    if k.gap_opens is not None:
        yield Statement("gap", Clause(
            "Train and test error part (by 10 % of the test error) at t ="
            f" {s.figure('gap_opens')}.", Claim("first", event="gap")))
    else:
        yield Statement("no gap", Clause(
            "Train and test error never part by 10 % of the test error.",
            Claim("never", event="gap")))
    loss = k.final_test_error - k.best_test_error
    if loss > STILL * k.best_test_error and loss > k.error("best_test_error"):
        yield Statement("overfitting", Clause(
            f"Training on to the end costs {number(loss)} in test error"
            f" ({percent(loss / k.best_test_error, sign=True)}).", Claim("cost")))
    if k.status is not Status.REACHED_T_MAX:
        said = k.status.advice if k.status.complete else f"The run ended early: {k.status.value}."
        yield Statement("status", Clause(said, Claim("status", status=k.status.value)))


def best_stop(k: KeyFigures) -> Iterator[Clause]:
    """The window of the best stopping time, and what is reached in it."""
    yield Clause(f"Best to stop {window_in_words(k)}: there the test error is within 1 % of its"
                 f" least value {figure(k, 'best_test_error')}",
                 Claim("window", low=k.best_window[0], high=k.best_window[1]), Claim("least"))
    if abs(k.excess_over_bayes) <= k.error("excess_over_bayes"):
        yield Clause(", the Bayes error.", Claim("bayes reached"))
    else:
        yield Clause(f", which is {figure(k, 'excess_over_bayes')} above Bayes.", Claim("excess"))


def window_in_words(k: KeyFigures) -> str:
    """The times of the best window in words: at t = 38 to 92, from t = 38 on."""
    low, high = k.best_window
    if low == 0 and high == k.end:
        return "at any time"
    if high == k.end:
        return f"from t = {number(low, 2)} on"
    return f"up to t = {number(high, 2)}" if low == 0 else \
        f"from t = {number(low, 2)} to {number(high, 2)}"


def _both_errors(s: Scene, m: RegimeMeasurement) -> Statement:
    test, gap = m.test_error.end, m.gap
    error = course(s.run, "test_error", m.time.end, m.time.end).error(test)
    agree = Clause("; the two agree to within 5 %.", Claim("agree", t=m.time.end)) \
        if abs(gap) < SMALL_GAP * test else Clause(
            f"; the gap is then {number(gap, error=error)}.", Claim("gap", t=m.time.end))
    return Statement("errors", s.moves("train_error", m, "The train error"),
                     s.moves("test_error", m, ", the test error"), agree)


def _past_the_edge(s: Scene, m: RegimeMeasurement) -> Statement:
    return Statement("past the edge", Clause(
        f"t = {s.figure('feature_learning_end')} is past the edge of this regime: at these settings"
        " it overlaps with the next.", Claim("first", event="learning"),
        Claim("later", event="learning", t=m.regime.high)))


def _displacement(s: Scene, m: RegimeMeasurement) -> Statement:
    return Statement("displacement", Clause(
        f"By then the first layer is {s.value('first_layer_displacement', m.time.end)[1]} away from"
        " its start.", Claim("value", column="first_layer_displacement", t=m.time.end)))


TELL: dict[str, Callable[[Scene, RegimeMeasurement], Iterator[Statement]]] = {
    "linear learning": _lazy_first, "fitting": _lazy_second, "overfitting": _overfitting,
    "feature learning": _feature_learning, "relaxation": _noise_first, "drift": _drift,
}
"""What tells of a regime, by the `words` of its kind (`engine.regimes.KINDS`)."""
