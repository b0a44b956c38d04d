"""Words that follow the run: what happened in each regime, in numbers, beside the theory's.

Every sentence is chosen by looking at the run's curves, so it holds for the settings shown;
`told` names what a sentence quotes, for tests.  Predictions are the closed forms of
`engine.keyfigures.levels` and hold for m → ∞.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dashboard.words.numbers import number, percent
from dashboard.words.table import title
from dashboard.words.theory import THRESHOLD, has_signal, learns_to_bayes, memorises
from engine import Parameters, Status, Trajectory
from engine.keyfigures import (
    INTERPOLATED,
    KeyFigures,
    Levels,
    Reach,
    RegimeMeasurement,
    Span,
    key_figures,
    levels,
    regime_measurements,
)

SMALL_GAP = 0.05
"""Train and test error count as equal below this fraction of the test error."""
STILL = 0.02
"""A change below this fraction counts as none."""


@dataclass(frozen=True)
class Statement:
    """One sentence or two in Markdown; `told` holds the run's numbers that it quotes."""

    key: str
    text: str
    told: dict[str, float] = field(default_factory=dict)


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
    measured: tuple[RegimeMeasurement, ...]

    @property
    def p(self) -> Parameters:
        return self.run.parameters


def story(trajectory: Trajectory) -> list[Chapter]:
    """The account of a run: the start, each regime, the outcome."""
    p = trajectory.parameters
    scene = Scene(trajectory, key_figures(trajectory), levels(p),
                  tuple(regime_measurements(trajectory)))
    tell = {
        "lazy-1": _lazy_first, "lazy-2": _lazy_second, "lazy-3": _overfitting,
        "mean-field-1": _feature_learning, "mean-field-2": _overfitting,
        "noise-1": _noise_first, "noise-sqrt-m": _drift, "noise-m": _overfitting,
    }
    chapters = [Chapter("Start", tuple(_opening(scene)))]
    for m in scene.measured:
        said = tuple(tell[m.regime.key](scene, m)) if m.reached else (_not_reached(scene, m),)
        chapters.append(Chapter(f"{m.regime.scale} · {title(m)}", said))
    return [*chapters, Chapter("Outcome", tuple(_outcome(scene)))]


def against(measured: float, predicted: float) -> str:
    """How far a measurement is from its prediction, in words."""
    if predicted == 0:
        return f"theory: 0, off by {number(measured)}"
    return f"theory for m → ∞: {number(predicted)}, {percent(measured / predicted - 1, sign=True)}"


def _opening(s: Scene) -> Iterator[Statement]:
    start = float(s.run.test_error[0])
    yield Statement("start", (
        f"Train and test error both start at {number(start)}. Answering 0 would cost"
        f" {number(s.levels.null)}, the best possible predictor {number(s.levels.bayes)}."),
        {"test_error": start})
    if s.p.target == "noise":
        labels = "pure noise" if s.p.tau > 0 else "noise of level τ = 0, so all are 0"
        yield Statement("noise", f"The labels are {labels}: there is nothing to learn, and"
                        " answering 0 is already the best predictor.")
    elif s.p.tau == 0:
        yield Statement("noiseless", "The labels carry no noise, so a perfect predictor exists.")


def _not_reached(s: Scene, m: RegimeMeasurement) -> Statement:
    return Statement("not reached", (
        f"The run ended at t = {number(s.figures.end)}, before this regime, which begins near"
        f" t = {number(m.regime.low)}."), {"end": s.figures.end})


def _lazy_first(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _both_errors(m)
    yield _displacement(m)
    end, predicted = s.figures.feature_learning_end, s.levels.lazy_learning_end
    if end is not None and predicted is not None:
        yield Statement("linear learning ends", (
            f"95 % of the drop is done at t = {number(end)} ({against(end, predicted)})."),
            {"feature_learning_end": end})
        if end > m.regime.high:
            yield _past_the_edge(end)
    if s.p.covariance.dh_0 == 0:
        yield Statement("no linear part", "h′(0) = 0: the activation has no linear part, so"
                        " nothing can be learned on this time scale.")


def _lazy_second(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _displacement(m)
    yield Statement("train falls", (
        f"The train error {_moves(m.train_error)}."), {"train_error": m.train_error.end})
    told = f" ({against(m.test_error.end, s.levels.plateau(s.p.gamma0))})" \
        if m.reach is Reach.WHOLE else ""
    yield Statement("plateau", f"At its end the test error is {number(m.test_error.end)}{told}.",
                    {"test_error": m.test_error.end})
    if s.p.target == "single-index":
        yield Statement("alignment", (
            f"The neurons' overlap with u goes from {number(m.v.start)} to {number(m.v.end)}"
            " (theory: of order 1/√m)."), {"v": m.v.end})


def _overfitting(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    if m.reach is Reach.AFTER_INTERPOLATION or _still_throughout(m):
        yield Statement("nothing moves", (
            f"Neither γ nor the errors change any more: γ stays at {number(m.gamma.end)}, the"
            f" test error at {number(m.test_error.end)}."),
            {"gamma": m.gamma.end, "test_error": m.test_error.end})
    else:
        yield _both_errors(m)
        yield _displacement(m)
        yield from _growth(s, m)
        yield from _unlearning(s, m)
    yield from _why_no_overfitting(s, m)


def _why_no_overfitting(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    k = s.figures
    if k.interpolated_in_place and memorises(s.p) and s.p.init == "lazy":
        reason = "" if s.p.train_second_layer else ", which is frozen"
        yield Statement("above threshold", (
            f"The data are interpolated (at t = {number(k.interpolation_time)}) without help from"
            f" the second layer{reason}: γ₀ = {number(s.p.gamma0)} is enough, so it is not below"
            f" the threshold {THRESHOLD} and there is no third regime."),
            {"interpolation_time": k.interpolation_time})
    elif not memorises(s.p):
        yield Statement("nothing to memorise", (
            "h is linear, so the network cannot memorise noise." if s.levels.price == 0 else
            "Without label noise a network that has learned the target has nothing to memorise."))
    elif not s.p.train_second_layer:
        yield Statement("frozen", "The second layer is frozen, so the network cannot gain capacity"
                        " by growing a.")
    if memorises(s.p) and not k.interpolated and m.reach is Reach.WHOLE:
        yield _no_escape(s, m)


def _growth(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    if not s.p.train_second_layer:
        return
    yield Statement("growth", (
        f"The second layer {'grows' if m.gamma.change > 0 else 'shrinks'} from γ ="
        f" {number(m.gamma.start)} to {number(m.gamma.end)}"
        f" (a from {number(m.a.start)} to {number(m.a.end)})."), {"gamma": m.gamma.end})
    done = s.figures.interpolation_time
    if done is None or done < m.regime.low or not memorises(s.p) \
            or m.gamma.change <= STILL * m.gamma.start:
        return
    yield Statement("threshold", (
        f"The data are interpolated at t = {number(done)} = {number(done / s.p.m)} m; theory"
        f" says that γ then sits at the threshold {THRESHOLD}, so this run puts it near"
        f" {number(s.figures.final_gamma)}."),
        {"interpolation_time": done, "final_gamma": s.figures.final_gamma})
    plateau = s.levels.plateau(s.figures.final_gamma)
    yield Statement("final test error", (
        f"With it the test error ends at {number(s.figures.final_test_error)}"
        f" ({against(s.figures.final_test_error, plateau)})."),
        {"final_test_error": s.figures.final_test_error})


def _unlearning(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    most = float(abs(s.run.v).max())
    end = abs(m.v.end)
    if not has_signal(s.p) or s.p.init == "lazy" or end > 0.9 * most:
        return
    yield Statement("unlearning", (
        f"The feature is unlearned: |v| falls from its maximum {number(most)} to {number(end)}."),
        {"v_max": most, "v_end": end})
    if s.figures.interpolated:
        linear = float(m.a.end * m.v.end)
        yield Statement("linear part", (
            f"What stays is its linear part, a·v = {number(linear)}"
            f" ({against(linear, s.p.covariance.linear_fit)})."), {"a v": linear})


def _no_escape(s: Scene, m: RegimeMeasurement) -> Statement:
    return Statement("no interpolation", (
        f"Up to t = {number(s.figures.end / s.p.m)} m the network does not interpolate: the train"
        f" error is still {number(m.train_error.end)}. A longer horizon may show more."),
        {"train_error": m.train_error.end, "end_per_m": s.figures.end / s.p.m})


def _feature_learning(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _both_errors(m)
    yield _displacement(m)
    if not has_signal(s.p):
        yield Statement("no signal", "φ̂′(0) = 0: from a random start no direction is preferred,"
                        " v stays 0 and no feature is learned.", {})
        return
    most = float(abs(s.run.v).max())
    end = s.figures.feature_learning_end
    if end is None:
        yield Statement("still learning", (
            f"The overlap |v| is still growing where the run ends, at {number(most)}."),
            {"v_max": most})
    else:
        yield Statement("feature", (
            f"The overlap |v| of the neurons with u reaches its maximum {number(most)} to within"
            f" 5 % at t = {number(end)}."), {"v_max": most, "feature_learning_end": end})
        if end > m.regime.high:
            yield _past_the_edge(end)
    if learns_to_bayes(s.p) and m.reach is Reach.WHOLE:
        yield Statement("bayes", (
            f"The least test error of the run is {number(s.figures.best_test_error)}"
            f" ({against(s.figures.best_test_error, s.levels.bayes)}, the Bayes error)."),
            {"best_test_error": s.figures.best_test_error})


def _noise_first(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _both_errors(m)
    if m.reach is Reach.WHOLE:
        yield Statement("noise floor", (
            f"At its end the test error is {number(m.test_error.end)}"
            f" ({against(m.test_error.end, s.levels.bayes)})."), {"test_error": m.test_error.end})


def _drift(s: Scene, m: RegimeMeasurement) -> Iterator[Statement]:
    yield _displacement(m)
    if s.p.train_second_layer:
        verb = "grows" if m.a.change > 0 else "shrinks"
        yield Statement("drift", (
            f"a {verb} from {number(m.a.start)} to {number(m.a.end)} (theory: a ∝ t/√m)."),
            {"a": m.a.end})
    yield _both_errors(m)


def _outcome(s: Scene) -> Iterator[Statement]:
    k = s.figures
    low, high = k.best_window
    last = " The test error is least at the very end." if k.best_time == k.end else ""
    yield Statement("best stop", (
        f"Best stopping time: t = {number(k.best_time)}, with test error"
        f" {number(k.best_test_error)}, {number(k.excess_over_bayes)} above Bayes; from"
        f" {number(low)} to {number(high)} it is within 1 % of that.{last}"),
        {"best_time": k.best_time, "best_test_error": k.best_test_error,
         "excess_over_bayes": k.excess_over_bayes})
    if k.gap_opens is not None:
        yield Statement("gap", (
            f"Train and test error part (by 10 % of the test error) at t ="
            f" {number(k.gap_opens)}."), {"gap_opens": k.gap_opens})
    else:
        yield Statement("no gap", "Train and test error never part by 10 % of the test error.")
    loss = k.final_test_error - k.best_test_error
    if loss > STILL * k.best_test_error:
        yield Statement("overfitting", (
            f"Training on to the end costs {number(loss)} in test error"
            f" ({percent(loss / k.best_test_error, sign=True)})."), {"loss": loss})
    if k.status is not Status.REACHED_T_MAX:
        yield Statement("status", k.status.advice)


def _both_errors(m: RegimeMeasurement) -> Statement:
    train, test = m.train_error, m.test_error
    equal = abs(m.gap) < SMALL_GAP * test.end
    return Statement("errors", (
        f"The train error {_moves(train)}, the test error {_moves(test)}"
        + ("; the two agree to within 5 %." if equal else f"; the gap is then {number(m.gap)}.")),
        {"train_error": train.end, "test_error": test.end} | ({} if equal else {"gap": m.gap}))


def _past_the_edge(end: float) -> Statement:
    return Statement("past the edge", (
        f"t = {number(end)} is past the edge of this regime: at these settings the width is too"
        " small to separate it from the next."), {"feature_learning_end": end})


def _moves(span: Span) -> str:
    """The change of an error in words; zero is what counts as interpolation."""
    if span.end <= INTERPOLATED * span.start:
        return f"falls from {number(span.start)} to zero ({number(span.end)})"
    if _still(span.start, span.end):
        return f"stays near {number(span.end)}"
    verb = "falls" if span.change < 0 else "rises"
    return f"{verb} from {number(span.start)} to {number(span.end)}"


def _displacement(m: RegimeMeasurement) -> Statement:
    return Statement("displacement", (
        f"By then the first layer is {number(m.first_layer.end)} away from its start."),
        {"first_layer_displacement": m.first_layer.end})


def _still(start: float, end: float) -> bool:
    return abs(end - start) <= STILL * abs(start)


def _still_throughout(m: RegimeMeasurement) -> bool:
    return (_still(m.gamma.start, m.gamma.end) and _still(m.test_error.start, m.test_error.end)
            and abs(m.train_error.change) <= STILL * m.test_error.end)
