"""What is cited are the values of the finer run, and how far the coarser one is from them."""

import re

import pytest

from dashboard.words.citation import citation, with_error
from engine import Parameters, solve
from engine.results.keyfigures import key_figures


def test_a_citation_has_value_difference_settings_link_and_source():
    p = Parameters(m=32, tau=0.5)
    run, finer = solve(p, 1e-2), solve(p, 1e-3)
    text = citation(run, finer, "http://lab/?v=1&m=32")
    a, b = key_figures(run), key_figures(finer)
    value, error = map(float, re.search(r"learning ends at t = (\S+) ± (\S+)", text).groups())
    difference = abs(a.feature_learning_end - b.feature_learning_end)
    assert error == pytest.approx(difference, rel=0.5), "one digit"
    assert value == pytest.approx(b.feature_learning_end, abs=difference)
    assert "tolerances 0.01 and 0.001" in text and "m = 32" in text and "τ = 0.5" in text
    assert "http://lab/?v=1&m=32" in text and "montanari2025dynamical" in text
    assert f"engine {finer.versions['engine']}" in text


def test_what_does_not_happen_is_not_cited():
    run = solve(Parameters(alpha=3.0))
    assert "gap between" not in citation(run, run, "")


@pytest.mark.parametrize(("value", "other", "said"), [
    (0.051732, 0.0519, "0.0517 ± 0.0002"), (3963.2, 3941.0, "3960 ± 20"),
    (2.5, 2.5, "2.50000 (the same at both tolerances)"), (0.13, 0.39, "0.1 ± 0.3")])
def test_digits_end_where_the_difference_begins(value, other, said):
    assert with_error(value, other) == said
