"""Linked panels of curves under one time cursor: the Python, the script and the styles."""

from dashboard.components.chart.component import (
    Drawing,
    Guide,
    drawing,
    show,
    show_curves,
)
from dashboard.components.chart.panels import (
    BLUE,
    DASHES,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    Axis,
    Band,
    Line,
    Panel,
    Trace,
    describe,
    shades,
)

__all__ = ["BLUE", "DASHES", "GREEN", "GREY", "ORANGE", "PURPLE", "SKY", "VERMILION", "YELLOW",
           "Axis", "Band", "Drawing", "Guide", "Line", "Panel", "Trace", "describe", "drawing",
           "shades", "show", "show_curves"]
