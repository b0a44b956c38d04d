"""Interpolation thresholds: section 2.3, (2.8) and H.3."""

import json
import math

import pytest
from click.testing import CliRunner

from engine import Parameters
from engine.commands.threshold import command
from engine.limits import LimitError, alpha_threshold, gamma_threshold
from engine.limits.threshold import WINDOW
from engine.monitor import Monitor, Stopped

NOISE = Parameters(init="lazy", target="noise", tau=1.0, alpha=0.5, h="weak")
RTOL = 1e-2
"""Changes γ* by less than 1e-4 against rtol 3e-3."""


@pytest.fixture(scope="module")
def noise():
    return gamma_threshold(NOISE, rtol=RTOL)


def test_threshold_lies_between_runs_that_keep_and_lose_their_train_error(noise):
    assert noise.low < noise.value < noise.high
    # 1 % above is the nearest of the fit's window, 2 % below the first that is tried; between
    # them runs of any affordable length look alike.
    assert noise.high - noise.low < 0.035 * noise.value


def test_relaxation_time_diverges_with_an_exponent_near_two(noise):
    """ν ≈ 2 in the paper; the fit's own error is stated and small."""
    assert noise.nu == pytest.approx(2, abs=0.35)
    assert 0 < noise.nu_error < 0.15 and 0 < noise.error < 0.005 * noise.value
    assert noise.t_rel[0] > 100 * noise.t_rel[-1]
    assert len(noise.x) == len(WINDOW)


def test_a_signal_only_rescales_the_threshold_by_its_unexplained_part(noise):
    """(2.8): γ*(α, φ, τ) = τ' γ*(α, 0, 1); both sides from their own runs and fits."""
    p = Parameters(init="lazy", tau=0.4, alpha=0.5, h="weak")
    found = gamma_threshold(p, rtol=RTOL)
    expected = math.sqrt(p.reduced_noise) * noise.value
    assert found.value == pytest.approx(expected, rel=2e-3)


def test_alpha_threshold_is_the_inverse_of_gamma_threshold(noise):
    found = alpha_threshold(NOISE, noise.value, rtol=RTOL)
    assert found.value == pytest.approx(NOISE.alpha, rel=4e-3)
    assert found.low < found.value < found.high


def test_finite_width_tends_to_the_limit(noise):
    """The distance falls like 1/m: γ*(64) to γ*(256) must lose most of it."""
    near, far = (abs(gamma_threshold(NOISE, m, rtol=RTOL).value - noise.value) for m in (256, 64))
    assert far > 0.005 and near < 0.4 * far


def test_fixed_second_layer_interpolates_up_to_the_papers_sample_ratio():
    """a = 1, τ = 1, weak h: n/d → ≈ 1.18 as m → ∞ (H.3).  Here 1.168 at m = 100 and 1.172 to 1.173
    at 1000 and 10 000, errors 0.001 to 0.002; the paper's two digits leave 0.01."""
    ratio = {}
    for m in (100, 10_000):
        result = CliRunner().invoke(command, [
            "--in", "alpha", "--init", "mean-field", "--a0", "1", "--m", str(m), "--h", "weak",
            "--tau", "1", "--target", "noise", "--rtol", "0.01"])
        values = json.loads(result.output)
        ratio[m] = values["n_over_d_star"], values["n_over_d_star_error"]
        assert values["alpha_star"] * m == pytest.approx(ratio[m][0])
    assert ratio[10_000][0] == pytest.approx(1.18, abs=0.01)
    assert 0 < ratio[10_000][1] < 0.004
    assert 0.002 < ratio[10_000][0] - ratio[100][0] < 0.01


def test_a_search_reports_its_progress_and_stops_when_asked():
    seen = []
    with pytest.raises(Stopped):
        gamma_threshold(NOISE, rtol=RTOL, monitor=Monitor(seen.append, lambda: len(seen) > 3))
    assert len(seen) == 4 and seen == sorted(seen) and seen[-1] < 0.2


def test_without_noise_or_landscape_there_is_no_threshold():
    with pytest.raises(LimitError, match="linear term"):
        gamma_threshold(NOISE.replace(h=(0, 1.0)))
    with pytest.raises(LimitError, match="linear model explains"):
        gamma_threshold(NOISE.replace(tau=0.0))


def test_more_labels_than_weights_are_never_fitted():
    """n = αmd ≥ md; close below, γ* is finite but the solver may need γ beyond the range."""
    with pytest.raises(LimitError, match="α = 1: n ≥ md"):
        gamma_threshold(NOISE.replace(alpha=1.0))


def test_the_command_prints_json():
    result = CliRunner().invoke(command, ["--h", "0,0.3,0.5", "--tau", "1", "--alpha", "0.5",
                                          "--target", "noise", "--m", "64", "--rtol", "0.01"])
    values = json.loads(result.output)
    assert values["low"] < values["gamma_star"] < values["high"] and values["m"] == 64
    assert values["gamma_star"] == pytest.approx(gamma_threshold(NOISE, 64, RTOL).value)


def test_a_search_that_was_stopped_ends_the_command_with_130(monkeypatch):
    def stopped(*arguments, **options):
        raise Stopped

    monkeypatch.setattr("engine.commands.threshold.gamma_threshold", stopped)
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 130 and "cancelled" in result.stderr


@pytest.mark.parametrize("wrong", [["--m", "many"], ["--in", "alpha"], ["--h", "0,1"]])
def test_the_command_refuses_in_one_line(wrong):
    result = CliRunner().invoke(command, wrong)
    assert result.exit_code == 2 and "Error:" in result.output
