"""What the sidebar's sliders offer."""

import pytest

from dashboard.components.controls import _stops
from engine import TABLE


@pytest.mark.parametrize("name", ["alpha", "tau", "a0", "gamma0", "m"])
def test_a_slider_leads_back_to_its_default(name):
    """Once it has been left the present value is no longer a stop of its own."""
    assert TABLE[name].default in _stops(name)
