"""What a sentence says of a run, apart from how it says it: for a machine to check.

    Clause("the train error falls from 0.5 to 0.1", Claim("moves", column="train_error", low=0.0,
                                                         high=15.0, shape="falls"))

A clause carries the claims that make it true, as predicates of `PREDICATES` with their arguments.
The tests know each predicate by a rule of their own, read the clause's words and numbers, and
recompute them from the run's arrays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PREDICATES = {
    "value": "`column` at the time t",
    "moves": "how `column` goes from the time low to high: `shape` of"
             " `engine.results.keyfigures.Shape`",
    "near zero": "`column` has fallen to a millionth of its start at the time t",
    "agree": "the errors differ by less than 5 % of the test error at the time t",
    "gap": "test error less train error at the time t",
    "together": "the gap stays below 10 % of the test error up to the time t",
    "first": "the first time of `event`: gap, interpolation, learning",
    "never": "`event` does not happen in the run",
    "later": "the time of `event` is after t",
    "window": "from low to high the test error is within 1 % of its least value",
    "least": "the least test error",
    "least at": "the time at which the test error is least",
    "excess": "the least test error less the Bayes error",
    "bayes reached": "the least test error is the Bayes error, to the run's accuracy",
    "height": "the largest |v|",
    "height between": "the largest |v| from the time low to high",
    "sinks": "|v| ends below 0.9 (`how` = partly) or half (`how` = mostly) of its maximum",
    "flat": "γ and both errors stay within 2 % of γ and of the test error from low to high",
    "rest": "from half the run's length on γ and both errors move by less than 1 %",
    "moving": "the run does not rest: the train error's change over its second half",
    "safe": "from low to high the test error is within 2 % of the run's least",
    "waits": "the gap does not open and the run does not interpolate",
    "cost": "the test error ends above its least value, by more than 2 % of it",
    "no cost": "the test error ends within 2 % of its least value",
    "learns": "the test error falls from the start to the time high",
    "overfits": "the gap opens, and the test error ends more than 2 % above its least value",
    "in place": "γ ends within 2 % of its start",
    "grown": "γ doubles, at least, from the time low to interpolation",
    "end": "the last time, and in units of m",
    "regime begins": "a regime of the run begins at the time t, after the run's end",
    "status": "how the run ended",
    "formula": "the closed form `name`, a number of the parameters alone",
    "off": "`measured` differs from `predicted`, in per cent or in absolute terms",
    "setting": "the parameters are such as `name` says",
    "theory": "the theory says `name` for parameters like these",
    "engine": "a threshold that the engine has found, and by how much γ differs from it",
    "leaves first": "`group` is the first whose |v| falls to half of its maximum, if that is 0.3",
    "none leaves": "no group whose |v| has reached 0.3 falls to half of its maximum",
    "keeps": "of the groups whose |v| has reached 0.3 `group` ends with the largest",
    "sd of v": "the standard deviation of v over the neurons, at the start and at the end",
    "both sides": "v of the groups ends below −0.1 and above 0.1",
    "near best": "from low to high the test error is within 10 % of its least value",
    "e-folding": "small differences between neurons grow by e in `time` on average from low to"
                 " high, or do not grow",
    "component": "`column`, one of v_1 … v_k: its value of largest size and when, and its end",
    "better": "which of two runs has the smaller least test error, or neither by 2 %",
    "same end": "two runs end with γ within 5 % of each other",
}


@dataclass(frozen=True, init=False)
class Claim:
    """A predicate of `PREDICATES` with its arguments; `run` names one of several runs."""

    predicate: str
    values: Mapping[str, Any]
    run: str

    def __init__(self, predicate: str, run: str = "", **values: Any):
        if predicate not in PREDICATES:
            raise ValueError(f"predicate: must be one of PREDICATES; got {predicate!r}."
                             " Describe it there and give the tests a rule for it.")
        for name, value in (("predicate", predicate), ("values", values), ("run", run)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, init=False)
class Clause:
    """A piece of a sentence (Markdown) and the claims that it makes, at least one."""

    text: str
    claims: tuple[Claim, ...]

    def __init__(self, text: str, *claims: Claim):
        if not claims:
            raise ValueError(f"claims: a clause makes at least one; got none for {text!r}.")
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "claims", claims)


@dataclass(frozen=True, init=False)
class Statement:
    """A sentence or two: clauses in their order, under a key by which tests find it."""

    key: str
    clauses: tuple[Clause, ...]

    def __init__(self, key: str, *clauses: Clause):
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "clauses", clauses)

    @property
    def text(self) -> str:
        joined = "".join(clause.text for clause in self.clauses)
        return joined if joined.endswith(".") else joined + "."
