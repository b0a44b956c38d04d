"""The stored thresholds are those that the engine finds, above the bound, and as the text says."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from engine import Parameters
from engine.limits import alpha_threshold, gamma_threshold
from studies.phase import ACTIVATIONS, ALPHAS, TIMES, bound, exponent, markdown, ratio, settings
from studies.store import RESULTS

DOC = Path(__file__).parents[2] / "docs" / "interpolation.md"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(RESULTS / "phase.csv")


def test_every_cell_is_there_once_and_says_what_made_it(table):
    wanted = {(name, alpha) for name, (_, _, most) in ACTIVATIONS.items()
              for alpha in ALPHAS if alpha <= most}
    assert set(zip(table["activation"], table["alpha"], strict=True)) == wanted
    assert len(table) == len(wanted)
    made = json.loads((RESULTS / "phase.csv.json").read_text())
    assert made["rtol"] == {name: rtol for name, (_, rtol, _) in ACTIVATIONS.items()}


@pytest.mark.parametrize(("activation", "alpha"), [("cubic", 0.02), ("tanh", 0.05)])
def test_searching_again_finds_the_stored_threshold(table, activation, alpha):
    """To the error stored, and a tenth of rtol for another processor's rounding."""
    asked = settings(activation, alpha)
    rtol = asked.pop("rtol")
    found = gamma_threshold(Parameters(**asked), rtol=rtol)
    row = table[(table["activation"] == activation) & (table["alpha"] == alpha)].iloc[0]
    assert found.value == pytest.approx(row["gamma_star"], abs=row["error"], rel=rtol / 10)
    assert found.nu == pytest.approx(row["nu"], abs=row["nu_error"])


def test_read_the_other_way_round_the_curve_is_that_of_alpha_star(table):
    """To 1 %: γ* errs by less, and α* goes about as its square."""
    row = table[(table["activation"] == "quadratic") & (table["alpha"] == 0.05)].iloc[0]
    p = Parameters(target="noise", h="quadratic", tau=1.0)
    assert alpha_threshold(p, row["gamma_star"], rtol=1e-2).value == pytest.approx(0.05, rel=0.01)


def test_gradient_flow_needs_more_than_any_weights_need(table):
    assert (table["gamma_star"] > table["bound"]).all()
    # h̃'(1) = 3/6 and 2/2.
    assert bound("cubic", 0.08) == pytest.approx(math.sqrt(2 * 0.08))
    assert bound("quadratic", 0.08) == pytest.approx(math.sqrt(0.08))
    for row in table.itertuples():
        assert row.bound == pytest.approx(bound(row.activation, row.alpha), rel=1e-5)


@pytest.mark.parametrize(("activation", "p"), [("quadratic", 2), ("cubic", 3)])
def test_with_few_labels_it_reaches_the_energy_of_a_spherical_glass(table, activation, p):
    """γ*/bound → p/(2√(p − 1)) as α → 0; at 0.01 to 0.5 %, which is what α adds at 0.02."""
    own = table[(table["activation"] == activation) & (table["alpha"] == 0.01)].iloc[0]
    assert own["gamma_star"] / own["bound"] == pytest.approx(p / 2 / math.sqrt(p - 1), rel=0.005)


def test_relaxation_times_fall_with_the_distance(table):
    times = pd.read_csv(RESULTS / "phase_times.csv")
    for (activation, alpha), rows in times.groupby(["activation", "alpha"]):
        assert alpha in TIMES and activation in ACTIVATIONS and len(rows) >= 5
        assert rows.sort_values("distance")["t_rel"].is_monotonic_decreasing


def test_the_document_has_the_tables(table):
    text = DOC.read_text()
    assert markdown(table, ratio) in text and markdown(table, exponent) in text
