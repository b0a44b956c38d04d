"""Each preset does what its line of why says."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.service.links import Settings, defaults, read, settings_of, values_of, write
from dashboard.service.presets import ALL, CUSTOM, PRESETS_BY_NAME, pin, preset_of
from engine import Parameters, solve
from engine.network import NetworkSettings, simulate
from engine.parameters import preset_name
from engine.results.keyfigures import key_figures


def told(name):
    settings = PRESETS_BY_NAME[name].settings
    run = solve(settings.parameters, settings.rtol)
    return run, key_figures(run)


def test_all_names_and_settings_differ_and_survive_their_link():
    assert len(PRESETS_BY_NAME) == len({p.settings for p in ALL}) == len(ALL)
    for preset in ALL:
        values, warnings = read(write(defaults() | values_of(preset.settings)))
        assert (settings_of(values), warnings) == (preset.settings, [])
        assert preset_of(preset.settings, preset.pinned) == preset.name
        assert 20 < len(preset.why) < 120


@pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)
def test_every_preset_runs_to_its_end(preset):
    run = solve(preset.settings.parameters, preset.settings.rtol)
    assert run.status.complete


def test_a_pair_pins_its_own_run_and_takes_it_along():
    pair = PRESETS_BY_NAME["Unequal neurons: identical against 10 % spread"]
    other, mine = ALL[0], Settings(Parameters(m=16))
    assert pair.pinned == Settings(pair.settings.parameters.alike)
    assert pin(pair, other.settings, mine) == pair.pinned
    assert pin(other, pair.settings, pair.pinned) is None
    assert pin(other, pair.settings, mine) == pin(other, ALL[1].settings, mine) == mine
    assert preset_of(pair.settings) == preset_of(pair.settings, mine) == CUSTOM


def test_of_a_pair_the_identical_neurons_stay_and_the_others_overfit():
    pair = PRESETS_BY_NAME["Unequal neurons: identical against 10 % spread"]
    alike, unlike = (key_figures(solve(s.parameters, s.rtol)) for s in (pair.pinned, pair.settings))
    assert not alike.interpolated and unlike.interpolated


def test_figures_have_the_settings_of_their_captions():
    """The captions of the paper: start, target, h, τ, α and, where given, γ₀."""
    captions = {
        "Fig. 2": ("mean-field", "noise", "cubic", 0.6, 0.4, None),
        "Figs. 3, 13, 14": ("lazy", "single-index", "quadratic", 0.3, 0.3, 1.0),
        "Fig. 4": ("mean-field", "single-index", "cubic", 0.3, 0.3, None),
        "Figs. 8, 9": ("lazy", "noise", "weak", 1.0, 0.5, 1.0),
        "Figs. 11, 12": ("lazy", "noise", "quadratic", 2.5, 0.3, 1.0),
        "Figs. 16, 17": ("lazy", "single-index", "quadratic", 2.5, None, None),
        "Figs. 18–23": ("mean-field", "noise", "cubic", 0.6, 0.3, None),
        "Figs. 24–31": ("mean-field", "single-index", "cubic", 0.6, 0.3, None),
        "Fig. 32": (None, "noise", "weak", 1.0, None, None),
    }
    named = {preset: preset.name.split(":")[0] for preset in ALL if preset.name.startswith("Fig")}
    assert set(named.values()) == set(captions)
    for preset, figures in named.items():
        p = preset.settings.parameters
        found = (p.init, p.target, preset_name(p.h), p.tau, p.alpha, p.gamma0)
        assert all(expected in (None, value)
                   for value, expected in zip(found, captions[figures], strict=True)), preset.name


def test_lazy_noise_grows_to_the_threshold_from_below():
    _, figures = told("Figs. 11, 12: noise below γ*")
    assert figures.interpolation_time > 1024
    assert figures.final_gamma == pytest.approx(1.5, abs=0.02)


def test_above_the_threshold_the_train_error_falls_at_one_over_m_and_again_at_one():
    run, figures = told("Figs. 8, 9: noise above γ*")
    p = run.parameters
    # (F.14): the first fall ends at ½[τ² + γ₀²(h(1) − h'(0))]; at t = 10/m little is missing.
    plateau = 0.5 * (p.tau**2 + p.gamma0**2 * sum(p.h[2:]))
    at = run.at([0.0, 10 / p.m, 10.0])["train_error"]
    assert at[0] > 1.15 * plateau and at[1] == pytest.approx(plateau, rel=0.02)
    assert at[2] < 0.02 * plateau and figures.interpolated_in_place


def test_lazy_with_loud_noise_pays_at_times_of_order_m():
    run, figures = told("Figs. 16, 17: lazy, loud noise")
    early, late = run.at([100.0, 3.0 * run.parameters.m])["test_error"]
    assert early < 1.01 * figures.best_test_error and late > 1.08 * figures.best_test_error
    assert figures.gamma_drift > 0.5


def test_unlearning_ends_with_v_at_one_over_a():
    run, _ = told("Figs. 24–31: feature unlearning")
    assert run.v[-1] < 0.2 * run.v.max()
    assert run.a[-1] * run.v[-1] == pytest.approx(1.0, abs=0.03)


def test_noise_is_memorised_the_later_the_wider():
    run, figures = told("Fig. 2: nothing to learn")
    narrow = key_figures(solve(replace(run.parameters, m=64, t_max=None)))
    assert figures.interpolated and figures.gap_opens > 4 * narrow.gap_opens
    assert run.at([figures.gap_opens])["a"][0] < 1.2 < 10 < run.a[-1]


def test_the_first_layer_drifts_and_a_grows_at_times_of_order_root_m():
    run, _ = told("Figs. 18–23: spin glass")
    root = run.parameters.m**0.5
    early, late = run.at([0.1 * root, 10 * root]).to_dict("records")
    assert early["first_layer_displacement"] < 0.1 and early["a"] < 1.01
    assert late["first_layer_displacement"] > 0.9 and late["a"] > 2


def test_with_a_frozen_second_layer_noise_fits_on_one_side_of_the_threshold_only():
    assert told("Fig. 32: frozen, n/d = 1")[1].interpolated
    run, figures = told("Fig. 32: frozen, n/d = 1.5")
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
        "Fig. 4: learn, then overfit", "Quadratic activation (section 2)",
        "Weak linear part (appendix H)"))
    assert quadratic.test_error[-1] > cubic.test_error[-1]
    assert weak.v[-1] / weak.v.max() > quadratic.v[-1] / quadratic.v.max()


def test_weight_decay_does_as_said():
    held, figures = told("Weight decay λ = 1: no need to stop")
    assert figures.final_test_error < (1 + 1 / 6) * figures.best_test_error and held.v[-1] > 0.75
    assert held.parameters.replace(weight_decay=0.0) == ALL[0].settings.parameters
    lazy, _ = told("Weight decay λ = 1: lazy, then not")
    early, late = lazy.at([10.0, lazy.t[-1]]).to_dict("records")
    assert early["train_error"] < 0.02 * lazy.train_error[0] and early["v"] < 0.2 < 0.7 < late["v"]
    assert late["gamma"] < 0.2 * early["gamma"] and late["test_error"] < early["test_error"] / 3


def test_plain_functions_do_as_said():
    tanh, erf, relu = (told(f"Plain functions: {name}") for name in (
        "tanh", "erf", "ReLU target"))
    cost = lambda k: k.final_test_error - k.best_test_error  # noqa: E731
    cubic = key_figures(solve(Parameters()))
    assert tanh[0].v[-1] < 0.2 * tanh[0].v.max()
    assert 0 < cost(tanh[1]) < 0.25 * cost(cubic)
    assert 1.9 < relu[1].best_test_error / relu[0].parameters.bayes_error < 2.3
    times = np.array([3.0, 12.0, 48.0, 160.0])

    def off(run):
        networks = simulate(run.parameters, NetworkSettings(d=100, seeds=8), times=times)
        mean = networks.frame.groupby("t").test_error.mean()[times]
        return np.abs(mean / run.at(times)["test_error"].to_numpy() - 1).max()

    # Eight networks of d = 100: standard errors below 2 %.
    assert off(erf[0]) < 0.06
    assert off(solve(Parameters(m=16, t_max=160.0))) > 0.5
