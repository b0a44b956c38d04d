"""What the text says of runs that cannot be judged is what the stored curves say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studies.glassy import OFF, judged, verdict
from studies.maps import MAPS

DOC = Path(__file__).parents[2] / "docs" / "interpolation.md"


def test_a_power_law_is_told_by_its_limit():
    t = np.geomspace(0.03, 1e4, 40)
    assert verdict(t, 1 / (1 + t)) is None
    level = verdict(t, 0.2 + 1 / (1 + t))
    assert level is not None and abs(level - 0.2) < 1e-3


def test_the_counts_of_the_text():
    found = pd.concat([judged(name) for name in MAPS])
    said = found[found["said"].notna()]
    wrong = said[said["end"] < OFF * said["said"]]
    # One run may stand on either side of a limit, as rounding has it.
    for ending, counts in {"overfits": (1017, 144, 103), "rests": (352, 352, 8)}.items():
        assert [(rows["ending"] == ending).sum() for rows in (found, said, wrong)] == \
            pytest.approx(counts, abs=1)
    text = " ".join(DOC.read_text().split())
    assert "144 of the 1017 runs that overfit" in text and "and 103 of these" in text
    assert "Of the 352 that rest the same is said, and 8 end below" in text
