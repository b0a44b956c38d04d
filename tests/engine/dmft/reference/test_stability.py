"""The linearisation about equal neurons against two halves that start slightly apart."""

import numpy as np
import pytest

from engine import Parameters
from engine.dmft.reference.groups import solve_groups
from engine.dmft.reference.stability import solve_differences

CUBIC = Parameters(m=16, alpha=0.3, tau=0.3, t_max=30.0)
SETTINGS = {
    "mean-field": CUBIC,
    "lazy with z²": CUBIC.replace(init="lazy", gamma0=0.3, h="quadratic"),
    "other target": CUBIC.replace(h="quadratic", phi=(0, 0.6, -0.5, 0.3)),
    "noise": CUBIC.replace(target="noise"),
    "fixed second layer": CUBIC.replace(train_second_layer=False),
}
STEPS = 80


@pytest.mark.parametrize("p", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("start", ["a", "v"])
def test_small_differences_between_halves_follow_the_linear_equations(p, start):
    """Halves at ±ε: their difference is odd in ε, so it errs by ε² relative to the linear one."""
    linear = solve_differences(p, STEPS, *((1, 0) if start == "a" else (0, 1)))
    errors = []
    for epsilon in (1e-3, 5e-4):
        apart = epsilon * np.array([1, -1])
        run = solve_groups(p, [8, 8], STEPS, p.a_start + apart if start == "a" else None,
                           apart if start == "v" else None)
        half = {name: (getattr(run, name) @ [0.5, -0.5]) / epsilon for name in ("a", "v", "nu")}
        errors.append(max(np.abs(half[name] - getattr(linear, f"delta_{name}")).max()
                          for name in half))
    size = max(np.abs(linear.delta_a).max(), np.abs(linear.delta_v).max())
    assert errors[0] < 1e-3 * size
    assert errors[1] < errors[0] / 3 + 1e-9 * size


def test_a_lone_neuron_among_many_is_the_same_linear_problem():
    """Any sum-zero spread: one neuron at ε against 15 at −ε/15.  No longer odd, so O(ε)."""
    linear = solve_differences(CUBIC, STEPS)
    errors = []
    for epsilon in (1e-4, 5e-5):
        run = solve_groups(CUBIC, [1, 15], STEPS,
                           CUBIC.a_start + epsilon * np.array([1, -1 / 15]))
        errors.append(np.abs((run.v @ [15 / 16, -15 / 16]) / epsilon - linear.delta_v).max())
    assert errors[0] < 1e-3 * np.abs(linear.delta_v).max()
    assert errors[1] == pytest.approx(errors[0] / 2, rel=0.1)
