"""Two runs beside each other: both initialisations, or one that is pinned."""

from dashboard.service import visitor
from dashboard.service.jobs import solved
from dashboard.service.links import NEURONS, Settings
from dashboard.words.neurons import start_of_neurons
from engine import TABLE, Trajectory


def counterpart(settings: Settings) -> Settings:
    """The same settings from the other initialisation, at the scale last chosen for it."""
    init = "mean-field" if settings.parameters.init == "lazy" else "lazy"
    scale = "gamma0" if init == "lazy" else "a0"
    return Settings(settings.parameters.replace(init=init, **{scale: visitor.get(scale)}),
                    settings.rtol)


def pair(settings: Settings, *, later: bool = False) -> dict[str, Trajectory]:
    """The runs from both initialisations, "lazy" first; one is left out if it was stopped.
    `later` as in `solved`."""
    both = sorted((settings, counterpart(settings)), key=lambda s: s.parameters.init)
    runs = {s.parameters.init: solved(s, f"Solving from the {s.parameters.init} start", later=later)
            for s in both}
    return {init: run for init, run in runs.items() if run is not None}


def pinned_beside(settings: Settings) -> Settings | None:
    """What is pinned as A, where that is not the run on the page."""
    pinned = visitor.get("pinned")
    return pinned if pinned != settings else None


def difference(a: Settings, b: Settings) -> str:
    """In which parameters a pinned run differs from the one shown, as "A: m = 128, α = 0.3"."""
    changed = _told(a, b)
    return f"A: {changed}" if changed else "A is the run shown; change a setting."


def told_apart(a: Settings, b: Settings) -> tuple[str, str]:
    """Both runs by what differs, as "A: m = 128" and "B: m = 512"."""
    return f"A: {_told(a, b)}", f"B: {_told(b, a)}"


def _told(one: Settings, other: Settings) -> str:
    """The parameters of `one` that `other` has not."""
    p, q = one.parameters, other.parameters
    changed = [f"{row.symbol} = {row.write(getattr(p, name))}" for name, row in TABLE.items()
               if getattr(p, name) != getattr(q, name) and getattr(p, name) is not None
               and name not in NEURONS and (name != "t_max" or p.t_max / p.m != q.t_max / q.m)]
    if any(getattr(p, name) != getattr(q, name) for name in NEURONS):
        changed.append(start_of_neurons(p))
    if one.rtol != other.rtol:
        changed.append(f"tolerance = {one.rtol:g}")
    return ", ".join(changed)
