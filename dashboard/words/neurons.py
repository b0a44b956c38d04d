"""What neurons that differ do in a run: who leaves the feature first, who keeps it, at what cost.

And which theory a run speaks of: SymmDMFT, whose neurons are identical, or the general DMFT.
"""

from collections.abc import Iterator

from dashboard.words.claims import Claim, Clause, Statement
from dashboard.words.marks import SIDE
from dashboard.words.numbers import number
from engine import Parameters, Trajectory
from engine.results.departures import departures
from engine.results.groups import GroupCurves
from engine.results.keyfigures import USUAL_UNCERTAINTY, course

IDENTICAL = "identical"
"""The name of the run with identical neurons in claims."""


def theory_name(p: Parameters) -> str:
    """What the closed forms for m → ∞ are, beside a run of `p`: all suppose identical neurons."""
    return "theory" if p.identical else "theory of identical neurons"


def overlap_name(p: Parameters) -> str:
    """What v of a run is: common to identical neurons, else the mean."""
    return "overlap" if p.identical else "mean overlap"


def start_of_neurons(p: Parameters) -> str:
    """How neurons differ at the start, in words."""
    if p.identical:
        return "identical neurons"
    if isinstance(p.groups, tuple):
        return f"{len(p.groups)} groups of neurons given one by one"
    return f"{p.groups} groups of neurons " + (
        f"as in d = {p.start_d:,}" if p.start_d else f"with spread {p.spread:.3g}")


def unequal(run: Trajectory, identical: Trajectory | None) -> Iterator[Statement]:
    """The statements on a run of groups; `identical` is the same run of identical neurons."""
    if run.groups is None:
        return
    count = len(run.groups)
    yield Statement("theory", Clause(
        f"These curves are of {count} groups of neurons that differ: they solve the general DMFT,"
        " of which SymmDMFT is the case of identical neurons.",
        Claim("setting", name="unequal")))
    found = [d for d in departures(run) if d.climbed]
    left = [(d.time, d) for d in found if d.time is not None]
    if left:
        time, first = min(left, key=lambda pair: pair[0])
        yield Statement("leaves first", Clause(
            f"Group {first.group} turns away from u first: its |v| has fallen to half of its"
            f" maximum {_digits(run, first.most)} at t = {_digits(run, time)}, that is"
            f" {_digits(run, time / run.parameters.m)} m.",
            Claim("leaves first", group=first.group)))
    elif found:
        yield Statement("none leaves", Clause(
            "No group that has climbed towards u turns away from it.", Claim("none leaves")))
    if found:
        keeper = max(found, key=lambda d: abs(d.v))
        yield Statement("keeps", Clause(
            f"Group {keeper.group} keeps most of the feature: its v ends at"
            f" {_digits(run, keeper.v)}, and its a at {_digits(run, keeper.a)}.",
            Claim("keeps", group=keeper.group)))
    yield _spread(run, run.groups)
    if identical is not None:
        yield _against_identical(run, identical)


def instability(run: Trajectory, low: float, high: float, e_folding: float) -> Statement:
    """How unstable identical neurons are while the test error is near its least, from low to high;
    `e_folding` is the time in which small differences grow by e there (`engine.stability`)."""
    claims = (Claim("near best", low=low, high=high),
              Claim("e-folding", low=low, high=high, time=e_folding))
    said = (f"From t = {number(low, 2)} to {number(high, 2)} the test error of this run is within"
            " 10 % of its least. In that time small differences between neurons")
    if e_folding < 0 or e_folding > high - low:
        return Statement("instability", Clause(f"{said} do not grow by e.", *claims))
    return Statement("instability", Clause(
        f"{said} grow by e every {number(e_folding, 2)} on average, that is every"
        f" {number(e_folding / run.parameters.m, 2)} m: neurons that differ, by however little,"
        " leave SymmDMFT's path.", *claims))


def _spread(run: Trajectory, groups: GroupCurves) -> Statement:
    sd, v = groups.sd(groups.v), groups.v[-1]
    said = Clause(f"Over the neurons v has standard deviation {_digits(run, sd[0])} at the start"
                  f" and {_digits(run, sd[-1])} at the end", Claim("sd of v"))
    if v.min() < -SIDE and v.max() > SIDE:
        return Statement("spread", said, Clause(
            f", where the groups stand on both sides of u, with v from {_digits(run, v.min())} to"
            f" {_digits(run, v.max())}.", Claim("both sides")))
    return Statement("spread", said)


def _against_identical(run: Trajectory, identical: Trajectory) -> Statement:
    ends = [course(r, "test_error", r.t[-1], r.t[-1]) for r in (identical, run)]
    written = [number(c.end, error=c.error(c.end)) for c in ends]
    return Statement(
        "identical",
        Clause(f"Identical neurons (SymmDMFT) end at the test error {written[0]}",
               Claim("value", run=IDENTICAL, column="test_error", t=identical.t[-1])),
        Clause(f", these at {written[1]}.", Claim("value", column="test_error", t=run.t[-1])))


def _digits(run: Trajectory, x: float) -> str:
    return number(x, error=USUAL_UNCERTAINTY * (run.rtol or 0.0) * abs(x))
