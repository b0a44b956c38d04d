"""The drawings of σ, φ, h and φ̂, and what is said beside them."""

import re

import pytest

from dashboard.components.functions import drawing, in_words
from engine import Parameters


def test_what_is_drawn_are_the_functions_themselves():
    """h(1) = 0.4646 (arcsine law) and erf(3) = 0.99998, in the words for those who do not see."""
    said = re.search('aria-label="([^"]*)"', drawing(Parameters(activation="erf")))[1]
    assert said == ("σ = φ goes from −1.00 at x = -3 over 0 at 0 to 1.00 at 3."
                    " h = φ̂ goes from −0.465 at q = -1 over 0 at 0 to 0.465 at 1.")


@pytest.mark.parametrize(("values", "curves"), [
    ({}, 2), ({"target": "noise"}, 2), ({"activation": "tanh", "target_function": "relu"}, 4),
    ({"phi": (0, -0.5, 0.2)}, 4), ({"h": (0, 1)}, 2)], ids=str)
def test_a_target_that_is_not_the_activation_has_its_own_curves(values, curves):
    assert drawing(Parameters(**values)).count("<polyline") == curves


def test_the_words_state_what_the_polynomial_leaves_out_and_what_was_taken_off():
    said = in_words(Parameters(activation="tanh", target_function="relu"))
    assert "φ = max(x, 0) − 0.399" in said and "h to degree 39, which leaves out" in said
    unit = in_words(Parameters(activation="hermite3", target_function="erf", normalise=True))
    assert "(erf x)/0.682" in unit and "leaves out" not in unit
