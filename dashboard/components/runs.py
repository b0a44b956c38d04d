"""The runs from both initialisations, computed in the queue."""

from dashboard.service import visitor
from dashboard.service.jobs import solved
from dashboard.service.links import Settings
from engine import Trajectory


def counterpart(settings: Settings) -> Settings:
    """The same settings from the other initialisation, at the scale last chosen for it."""
    init = "mean-field" if settings.parameters.init == "lazy" else "lazy"
    scale = "gamma0" if init == "lazy" else "a0"
    return Settings(settings.parameters.replace(init=init, **{scale: visitor.get(scale)}),
                    settings.rtol)


def pair(settings: Settings) -> dict[str, Trajectory]:
    """The runs from both initialisations, "lazy" first; one is left out if it was stopped."""
    both = sorted((settings, counterpart(settings)), key=lambda s: s.parameters.init)
    runs = {s.parameters.init: solved(s, f"Solving from the {s.parameters.init} start")
            for s in both}
    return {init: run for init, run in runs.items() if run is not None}
