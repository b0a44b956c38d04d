"""The lecture as a script: eight scenes that follow from each other, 45 minutes in all.

Each has a run, perhaps a second one that the class knows already (A), a question with three
answers, a stretch of time that plays once the class has guessed, and one sentence.  Answers and
sentences are read off the runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.service.links import Settings
from dashboard.words import number, percent
from dashboard.words.tour import tour
from engine import Parameters, Status, Trajectory
from engine.results.keyfigures import key_figures

STILL = 0.1
"""An error that changes by less than this fraction stays."""
NEAR = 1.5
"""Errors within this factor, and times within its square, are about the same."""
MOVES = ("It falls", "It stays", "It rises")
ANSWERS = 3

NETWORKS = Path(__file__).parents[2] / "studies" / "results" / "unequal_network.csv"

Pair = tuple[Trajectory, Trajectory | None]
"""The run in question, and A."""


@dataclass(frozen=True)
class Scene:
    """One scene.

    title     what it has shown, told with the answer
    setup     what is new, and gives nothing away
    stretch   from when to when the run is uncovered, in t
    answer    which of the choices is right
    says      the one sentence afterwards
    notes     for who speaks
    stored    gives the run in question where there are no settings to solve
    """

    title: str
    minutes: int
    setup: str
    question: str
    choices: tuple[str, str, str]
    settings: Settings | None
    stretch: Callable[[Trajectory], tuple[float, float]]
    answer: Callable[[Pair], int]
    says: Callable[[Pair], str]
    notes: str
    other: Settings | None = None
    stored: Callable[[], Trajectory] | None = None


def _run(**parameters) -> Settings:
    return Settings(Parameters(**parameters))


def _value(run: Trajectory, column: str, t: float) -> float:
    return float(run.at([min(t, run.parameters.t_max)], (column,))[column].iloc[0])


def _stop(n: int) -> Callable[[Trajectory], tuple[float, float]]:
    """The n-th stretch of the run's own story."""
    def stretch(run: Trajectory) -> tuple[float, float]:
        stops = tour(run, 0.0)
        return stops[n].low, stops[n].high

    return stretch


def _whole(run: Trajectory) -> tuple[float, float]:
    return 0.0, run.parameters.t_max


def _moves(stretch: Callable[[Trajectory], tuple[float, float]]) -> Callable[[Pair], int]:
    """Whether the test error falls (0), stays (1) or rises (2) over a stretch."""
    def answer(pair: Pair) -> int:
        run, (low, high) = pair[0], stretch(pair[0])
        before, after = (_value(run, "test_error", t) for t in (low, high))
        return 1 if abs(after - before) <= STILL * before else 0 if after < before else 2

    return answer


def _learn(pair: Pair) -> str:
    run, end = pair[0], _stop(0)(pair[0])[1]
    return (f"Both errors fall together, to {number(_value(run, 'test_error', end))}: the neurons"
            f" turn towards the direction u of the target, to v ="
            f" {number(_value(run, 'v', end))}. The network learns the feature.")


def _wait(pair: Pair) -> str:
    run, (low, high) = pair[0], _stop(1)(pair[0])
    return (f"From t = {number(low)} to {number(high)} the test error goes from"
            f" {number(_value(run, 'test_error', low))} to"
            f" {number(_value(run, 'test_error', high))}; the train error is still"
            f" {percent(_value(run, 'train_error', high) / _value(run, 'test_error', high))} of"
            " it. Training on costs nothing, yet.")


def _overfit(pair: Pair) -> str:
    run, k = pair[0], key_figures(pair[0])
    return (f"The train error goes to zero and the test error ends at"
            f" {number(k.final_test_error)}, {number(k.final_test_error / k.best_test_error, 2)}"
            f" times its least; v falls back to {number(float(run.v[-1]))}: to memorise the noise"
            " the network gives up the feature.")


def _lazy_answer(pair: Pair) -> int:
    ratio = pair[0].test_error[-1] / pair[1].test_error.min()
    return 0 if ratio < 1 / NEAR else 1 if ratio < NEAR else 2


def _lazy(pair: Pair) -> str:
    end, best = float(pair[0].test_error[-1]), float(pair[1].test_error.min())
    most = number(float(abs(pair[0].v).max()))
    return (f"It ends at {number(end)}, {number(end / best, 2)} times the least of A: the neurons"
            f" stay nearly at right angles to u (v = {most} at most), fit the linear part of"
            " the target and memorise the rest.")


WHEN = ("Yes, as early as A", "Yes, but not before t is of order m", "No, never")


def _threshold_answer(pair: Pair) -> int:
    late, early = (key_figures(run).interpolation_time for run in pair)
    if late is None:
        return 2
    return 0 if late < NEAR**2 * early else 1


def _threshold(pair: Pair) -> str:
    run, k = pair[0], key_figures(pair[0])
    early = key_figures(pair[1]).interpolation_time
    reaches = (f"It reaches zero at t = {number(k.interpolation_time)}, A at t = {number(early)}:"
               if k.interpolated else "It does not reach zero within the horizon:")
    return (f"{reaches} below a threshold of the complexity γ = a/√m noise cannot be memorised,"
            f" so γ has to grow first, from {number(float(run.gamma[0]))} to"
            f" {number(float(run.gamma[-1]))}.")


LATER = ("Earlier", "At about the same time", "Later")


def _wider_answer(pair: Pair) -> int:
    wide, narrow = (key_figures(run).gap_opens for run in pair)
    return 0 if wide < narrow / NEAR else 1 if wide < NEAR * narrow else 2


def _wider(pair: Pair) -> str:
    wide, narrow = (key_figures(run) for run in pair)
    return (f"At t = {number(wide.gap_opens)} in place of {number(narrow.gap_opens)}, while"
            f" learning ends at t = {number(wide.feature_learning_end)} in place of"
            f" {number(narrow.feature_learning_end)}: learning does not wait for width,"
            " overfitting does.")


def _unequal_answer(pair: Pair) -> int:
    end, rest = (float(run.train_error[-1]) for run in pair)
    return 0 if end < rest / NEAR else 1 if end < NEAR * rest else 2


def _unequal(pair: Pair) -> str:
    run, alike = pair
    return (f"The train error of B ends at {number(float(run.train_error[-1]))}, that of A at"
            f" {number(float(alike.train_error[-1]))}: identical neurons block each other at this"
            " width, those that differ part, and some keep the feature; the test error ends at"
            f" {number(float(run.test_error[-1]))} after {number(float(run.test_error.min()))} at"
            " best.")


def _networks() -> Trajectory:
    """Stored: the median of real networks, m = 64, d = 200, trained on the setting of Figure 4."""
    table = pd.read_csv(NETWORKS)
    rows = table[(table["setting"] == "mean-field") & (table["source"] == "real")]
    p = Parameters(m=64, t_max=float(rows["t"].iloc[-1]))
    unknown = np.zeros(len(rows))
    return Trajectory(
        **{name: rows[name].to_numpy() for name in ("t", "a", "v", "train_error", "test_error")},
        gamma=rows["a"].to_numpy() / p.m**0.5, nu=unknown, first_layer_displacement=unknown,
        second_layer_displacement=unknown, gamma_displacement=unknown, overlap=unknown,
        status=Status.REACHED_T_MAX, parameters=p, label="real networks")


def _real_answer(pair: Pair) -> int:
    real, theory = (float(run.test_error.min()) for run in pair)
    return 0 if real < 0.95 * theory else 1 if real < 1.05 * theory else 2


def _real(pair: Pair) -> str:
    real, theory = pair
    best, least = float(real.test_error.min()), float(theory.test_error.min())
    return (f"They learn, wait and overfit too: the least test error is {number(best)} (theory"
            f" {number(least)}), and at t = {number(real.parameters.t_max)} it is"
            f" {number(float(real.test_error[-1]))}"
            f" (theory {number(float(theory.test_error[-1]))}). The theory is exact for a Gaussian"
            " model of the network; for this activation the difference is seen.")


SCENES: tuple[Scene, ...] = (
    Scene("It learns", 6,
          "A wide network starts at random: m = 128 neurons, all second-layer weights a = 1. It is"
          " trained by gradient flow on noisy labels y = φ(⟨u, x⟩) + ε.",
          "What will the test error do at first?", MOVES, _run(), _stop(0), _moves(_stop(0)),
          _learn,
          "Draw the network on the board: x, m neurons, their average. Say what is plotted: time on"
          " a logarithmic axis, error on a logarithmic axis, and the Bayes error, which nobody can"
          " beat. Let them guess with hands up before you go on."),
    Scene("It waits", 5,
          "The same run. Nothing is changed, and the training goes on for several times as long.",
          "What will the test error do next?", MOVES, _run(), _stop(1), _moves(_stop(1)), _wait,
          "Most will say that it rises. Ask what early stopping would do here, and whether a"
          " validation set would tell. Point at the two scales: t of order 1 and t of order m."),
    Scene("It overfits, and unlearns", 7,
          "The same run again. The labels contain noise, there are fewer samples than weights"
          " (α = 0.3), and the training goes on to t = 60 m.",
          "And the test error now?", MOVES, _run(), _stop(2), _moves(_stop(2)), _overfit,
          "Two things happen at once: the noise is memorised, and v falls. Memorising needs large"
          " second-layer weights; a·v stays near 1, so v has to fall. Play it once more on the"
          " explorer with the neurons on the sphere if there is time."),
    Scene("A lazy start never learns it", 6,
          "The same data and width. A: the run that you know, a = 1 at the start. B starts with"
          " a = √m, as in the neural tangent limit.",
          "Where will the test error of B end, against the least of A?",
          ("Lower", "About the same", "Higher"), _run(init="lazy", gamma0=1.0), _whole,
          _lazy_answer, _lazy,
          "Ask which of the two is easier to analyse, and which they would rather use. The train"
          " error reaches zero early: there is enough complexity from the start.",
          other=_run()),
    Scene("There is a threshold", 6,
          "Lazy again, m = 1024. A starts with γ₀ = a/√m = 1. B starts ten times smaller.",
          "Will the train error of B reach zero?", WHEN,
          _run(init="lazy", gamma0=0.1, m=1024), _whole, _threshold_answer, _threshold,
          "The threshold γ* depends on α alone, up to the noise level. Gradient flow takes the"
          " least complexity that does: an implicit bias that can be computed.",
          other=_run(init="lazy", gamma0=1.0, m=1024)),
    Scene("Wider networks overfit later", 5,
          "Back to a = 1. A: m = 32. B: four times as wide, with as much data per weight.",
          "When does the gap between train and test error open in B?", LATER, _run(m=128), _whole,
          _wider_answer, _wider,
          "This is the decoupling of the title: the time of learning does not depend on m, the time"
          " of overfitting does. More weights, and yet it overfits later.", other=_run(m=32)),
    Scene("Neurons that differ", 5,
          "m = 256. A: all neurons start alike, and its train error rests on the plateau. B: their"
          " second-layer weights differ by 10 % at the start.",
          "Where will the train error of B end, against that of A?",
          ("Lower", "About the same", "Higher"), _run(m=256, spread=0.1),
          _whole, _unequal_answer, _unequal,
          "This is not in the paper: its equations are for identical neurons, whose plateau is"
          " unstable to the smallest difference. Say so.", other=_run(m=256)),
    Scene("Real networks do it too", 5,
          "A: the theory, m = 64. B: the median of real networks of dimension d = 200, trained by"
          " gradient descent.",
          "How low does the test error of B get, against that of A?",
          ("Lower by more than 5 %", "Within 5 %", "Higher by more than 5 %"), None, _whole,
          _real_answer, _real,
          "Stored results: training them takes minutes. The page Networks trains small ones live."
          " End with the question of what the theory leaves out.",
          other=_run(m=64, t_max=1280.0), stored=_networks),
)
