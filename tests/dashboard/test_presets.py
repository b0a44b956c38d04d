"""Each preset does what its line of why says."""

import pytest

from dashboard.links import read, write
from dashboard.presets import ALL, PRESETS_BY_NAME, preset_of
from engine import Parameters, solve
from engine.keyfigures import key_figures


def told(name):
    settings = PRESETS_BY_NAME[name].settings
    run = solve(settings.parameters, settings.rtol)
    return run, key_figures(run)


def test_all_names_and_settings_differ_and_survive_their_link():
    assert len(PRESETS_BY_NAME) == len({p.settings for p in ALL}) == len(ALL)
    for preset in ALL:
        assert read(write(preset.settings)) == (preset.settings, [])
        assert preset_of(preset.settings) == preset.name
        assert 20 < len(preset.why) < 120


@pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)
def test_every_preset_runs_to_its_end(preset):
    run = solve(preset.settings.parameters, preset.settings.rtol)
    assert run.status.complete


def test_lazy_noise_grows_to_the_threshold_from_below_and_not_from_above():
    below, above = (told(f"Lazy on pure noise, {side} γ* (appendix F)")[1]
                    for side in ("below", "above"))
    assert below.interpolation_time > 1024 and below.final_gamma == pytest.approx(0.6, abs=0.02)
    assert above.interpolation_time < 10 and above.interpolated_in_place


def test_with_a_frozen_second_layer_noise_fits_on_one_side_of_the_threshold_only():
    assert told("Frozen, n/d = 1: noise fits (H.3)")[1].interpolated
    run, figures = told("Frozen, n/d = 1.5: noise does not fit (H.3)")
    assert not figures.interpolated
    # "for good": the train error has stopped falling over the last decade of time.
    assert float(run.at([5_000.0])["train_error"].iloc[0]) < 1.3 * run.train_error[-1]


def test_failures_fail_as_they_say():
    linear, figures = told("Failure: linear activation")
    assert figures.gap_opens is None and abs(linear.v).max() > 0.7
    blind, figures = told("Failure: no direction to follow")
    assert abs(blind.v).max() == 0 and figures.interpolated
    loud, _ = told("Failure: far too loud a start")
    assert abs(loud.v).max() < 0.25 < 0.8 < abs(solve(Parameters()).v).max()
    noisy, figures = told("Failure: more noise than signal")
    gained = noisy.parameters.null_error - figures.best_test_error
    assert 0.4 * gained < figures.final_test_error - figures.best_test_error < 0.5 * gained


def test_the_papers_other_activations_do_as_said():
    cubic, quadratic, weak = (told(name)[0] for name in (
        "Learn, then overfit", "Quadratic activation (section 2)",
        "Weak linear part (appendix H)"))
    assert quadratic.test_error[-1] > cubic.test_error[-1]
    assert weak.v[-1] / weak.v.max() > quadratic.v[-1] / quadratic.v.max()
