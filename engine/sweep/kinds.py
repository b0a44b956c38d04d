"""What a cell of a sweep can compute, and the figures that it leaves."""

import json
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from engine import __version__
from engine.dmft.scheme.settings import SOLVER
from engine.dmft.solve import solve
from engine.dmft.stability.result import START, stability
from engine.fields import Field, ParameterError
from engine.kernels import fingerprint
from engine.limits import LIMITS, alpha_threshold, gamma_threshold, limit, start_gamma
from engine.monitor import Monitor, Stopped
from engine.network import NETWORK, NetworkSettings, simulate
from engine.parameters import TABLE, Parameters
from engine.results.endings import ending
from engine.results.keyfigures import key_figures
from engine.results.status import Status
from engine.results.trajectory import Trajectory

FAILED = "failed"
"""Status of a cell whose computation raised an error; the others are those of `Status`, and
`FOUND`."""
FOUND = "found"
NEURONS = frozenset({"spread", "start_d", "groups", "overlaps"})
START_SCALE = frozenset({"init", "gamma0", "a0"})

Figures = dict[str, Any]
Compute = Callable[[dict[str, Any], dict[str, Any], Monitor], tuple[str, Figures]]


@dataclass(frozen=True)
class Kind:
    """One computation.

    options  its settings beside the parameters, by name
    compute  (settings as in `Parameters.as_dict`, options, monitor) -> status, key figures
    unused   by its options, the parameters that change nothing
    implied  by its options, defaults of parameters other than those of the table
    """

    options: Mapping[str, Field]
    compute: Compute
    unused: Callable[[Mapping[str, Any]], Collection[str]] = lambda options: ()
    implied: Callable[[Mapping[str, Any]], dict[str, Any]] = lambda options: {}


class Outcome(NamedTuple):
    """What a worker hands back for a cell.

    text     the cell's;  version: `results_version` of who computed it
    status   how it ended;  message: of the error, if it failed
    figures  key figures, None where a figure does not exist
    seconds  processor time
    """

    text: str
    version: str
    status: str
    message: str
    figures: Figures
    seconds: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One computation at one setting, as canonical text: JSON with kind, options and settings.

    Equal computations have equal texts, however their settings were given.
    """

    text: str

    @property
    def content(self) -> dict[str, Any]:
        """kind, options, and settings as in `Parameters.as_dict`, without those that are unused."""
        content: dict[str, Any] = json.loads(self.text)
        return content


@cache
def results_version() -> str:
    """What changes when the engine's numbers may change: its version and its kernels' hash."""
    return f"{__version__}+{fingerprint()[:16]}"


def fields(kind: str) -> dict[str, Field]:
    """Every setting of a kind by name: the parameters of a run, and its own."""
    if kind not in KINDS:
        raise ParameterError("kind", f"must be one of {', '.join(KINDS)}", kind, "Try solve.")
    return {**TABLE, **KINDS[kind].options}


def cell(kind: str, **settings: Any) -> Cell:
    """The cell of one kind at checked or unchecked settings.  Raises ParameterError."""
    table = fields(kind)
    card = KINDS[kind]
    for name, value in settings.items():
        if name not in table:
            raise ParameterError(name, f"is no setting of {kind}", value,
                                 f"Use some of {', '.join(table)}.")
    options = {name: field.default if settings.get(name) is None else field.check(settings[name])
               for name, field in card.options.items()}
    given = {name: value for name, value in settings.items()
             if name not in card.options and value is not None}
    unused = set(card.unused(options))
    if kind == "threshold" and "m" not in given:
        unused.add("m")
    for name in unused & set(given):
        raise ParameterError(name, f"is not used by {kind}", given[name], f"Leave {name} out.")
    parameters = Parameters(**card.implied(options) | given)
    content = {"kind": kind, "options": {k: v for k, v in options.items() if v is not None},
               "settings": {name: value for name, value in parameters.as_dict().items()
                            if name not in unused}}
    return Cell(json.dumps(content, sort_keys=True))


def outcome(text: str, monitor: Monitor = Monitor()) -> Outcome:
    """Compute the cell of this text.  An error is an outcome too; raises Stopped alone."""
    content = json.loads(text)
    start = time.thread_time()
    try:
        status, figures = KINDS[content["kind"]].compute(
            content["settings"], content["options"], monitor)
        message = ""
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001  # one cell must not stop the others
        status, message, figures = FAILED, f"{type(error).__name__}: {error}", {}
    if status == Status.CANCELLED.value:
        raise Stopped
    return Outcome(text, results_version(), status, message, figures, time.thread_time() - start)


def _solve(settings: dict[str, Any], options: dict[str, Any], monitor: Monitor
           ) -> tuple[str, Figures]:
    return _of_run(solve(Parameters.from_dict(settings), **options, monitor=monitor))


def _limit(settings: dict[str, Any], options: dict[str, Any], monitor: Monitor
           ) -> tuple[str, Figures]:
    return _of_run(limit(Parameters.from_dict(settings), options["regime"], rtol=options["rtol"],
                         monitor=monitor))


def _of_run(run: Trajectory) -> tuple[str, Figures]:
    """Key figures of a curve; gain_of_early_stopping is e_ts at the end less its least value."""
    figures = key_figures(run)
    return run.status.value, {
        "ending": ending(run).value, "t_end": figures.end, "best_time": figures.best_time,
        "best_test_error": figures.best_test_error,
        "feature_learning_end": figures.feature_learning_end, "gap_opens": figures.gap_opens,
        "interpolation_time": figures.interpolation_time,
        "final_train_error": figures.final_train_error,
        "final_test_error": figures.final_test_error,
        "gain_of_early_stopping": figures.final_test_error - figures.best_test_error,
        "final_a": float(run.a[-1]), "final_gamma": figures.final_gamma,
        "final_v": float(run.v[-1]), "nodes": len(run)}


def _threshold(settings: dict[str, Any], options: dict[str, Any], monitor: Monitor
               ) -> tuple[str, Figures]:
    p, m = Parameters.from_dict(settings), settings.get("m", math.inf)
    if options["unknown"] == "gamma":
        found = gamma_threshold(p, m, options["rtol"], monitor=monitor)
    else:
        found = alpha_threshold(p, start_gamma(p, m), m, options["rtol"], monitor=monitor)
    return FOUND, {"threshold": found.value, "threshold_error": found.error,
                   "bracket_low": found.low, "bracket_high": found.high,
                   "nu": found.nu, "nu_error": found.nu_error}


def _stability(settings: dict[str, Any], options: dict[str, Any], monitor: Monitor
               ) -> tuple[str, Figures]:
    """How fast differences grow at the end, and over the last half of the run; by how much in all.
    """
    found = stability(Parameters.from_dict(settings), **options, monitor=monitor)
    end, m = float(found.t[-1]), found.run.parameters.m
    return found.status.value, {
        "t_end": end, "final_rate_m": float(found.rate[-1]) * m,
        "e_folding_per_m": found.e_folding(end / 2, end) / m,
        "log_growth": float(found.log_size[-1] - found.log_size[0])}


def _network(settings: dict[str, Any], options: dict[str, Any], monitor: Monitor
             ) -> tuple[str, Figures]:
    """Means over the seeds, and their standard errors, None for a single seed."""
    runs = simulate(Parameters.from_dict(settings), NetworkSettings(**options), monitor=monitor)
    ends = [status for status in runs.statuses.values() if not status.complete]
    if len(runs.statuses) < runs.settings.seeds:
        raise Stopped
    figures: Figures = {"t_end": float(runs.frame.t.max())}
    for column in ("train_error", "test_error", "a", "gamma", "v"):
        last = runs.mean(column).iloc[-1]
        figures |= {f"final_{column}": float(last["mean"]),
                    f"final_{column}_error": float(last["error"])}
    mean = runs.mean("test_error")
    best = mean.iloc[int(mean["mean"].argmin())]
    figures |= {"best_time": float(best.t), "best_test_error": float(best["mean"]),
                "gain_of_early_stopping": figures["final_test_error"] - float(best["mean"])}
    return (ends[0] if ends else Status.REACHED_T_MAX).value, figures


RTOL, MAX_NODES = SOLVER["rtol"], SOLVER["max_nodes"]
REGIME = Field("regime", "regime", "Regime", "Whose m → ∞ curve.", "choice", choices=tuple(LIMITS))
UNKNOWN = Field("unknown", "x*", "Unknown", "gamma: γ* at alpha.  alpha: α* at gamma0.", "choice",
                "gamma", choices=("gamma", "alpha"))


def _unused_by_threshold(options: Mapping[str, Any]) -> Collection[str]:
    sought = START_SCALE if options["unknown"] == "gamma" else {"alpha"}
    return {"train_second_layer", "t_max", "weight_decay"} | NEURONS | sought


def _implied_by_regime(options: Mapping[str, Any]) -> dict[str, Any]:
    """A regime belongs to one initialisation, and to noise or a signal."""
    key = options["regime"]
    if key is None:
        raise ParameterError("regime", f"must be one of {REGIME.allowed}", None, "Give one.")
    init = {"init": "lazy" if key.startswith("lazy") else "mean-field"}
    return init | ({"target": "noise"} if key.startswith("noise") else {})


KINDS: dict[str, Kind] = {
    "solve": Kind({"rtol": RTOL, "max_nodes": MAX_NODES}, _solve),
    "limit": Kind({"regime": REGIME, "rtol": RTOL}, _limit, implied=_implied_by_regime),
    "threshold": Kind({"unknown": UNKNOWN, "rtol": replace(RTOL, default=3e-3)}, _threshold,
                      _unused_by_threshold),
    "stability": Kind({"start": START, "rtol": RTOL, "max_nodes": MAX_NODES}, _stability,
                      lambda options: NEURONS),
    "network": Kind(NETWORK, _network, lambda options: {"overlaps"}),
}
