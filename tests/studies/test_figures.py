"""The figures of the documentation: each is drawn from its table and shown on a page."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from studies.figures import FIGURES, FOLDER

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_stored_and_shown(name):
    axes = Figure().subplots()
    FIGURES[name](axes)
    points = [line.get_xydata() for line in axes.get_lines() if len(line.get_xydata())]
    assert len(points) > 1 and all(np.isfinite(one).all() for one in points)
    assert (FOLDER / f"{name}.svg").read_text().lstrip().startswith("<?xml")
    assert any(f"figures/{name}.svg" in page.read_text() for page in DOCS.glob("*.md"))


def test_no_stored_figure_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(FIGURES)
