"""Training: norms, monotone train error, the time axis, statuses, seeds."""

import numpy as np
import pandas as pd
import pytest

from engine import Parameters, Status
from engine.monitor import Monitor
from engine.network import NetworkSettings, observation_times, simulate
from engine.network.model import Network
from engine.network.runs import COLUMNS, observe
from engine.network.training import train

P = Parameters(m=8, alpha=0.5, tau=0.3, t_max=20.0)
SETTINGS = NetworkSettings(d=30, seeds=2, held_out=50)


def curvature(network: Network, rounds: int = 20) -> float:
    """The largest eigenvalue of the flow's linearisation, by power iteration on gradients.

    The network comes back as it was.
    """
    a, W = network.a, network.W
    _, g_a, g_W = network.gradient()
    x_a, x_W = np.ones_like(a), np.random.default_rng(0).standard_normal(W.shape)
    value, size = 0.0, 1e-3
    for _ in range(rounds):
        norm = np.sqrt(np.sum(x_a**2) + np.sum(x_W**2))
        network.move(-size / norm, x_a, x_W)
        _, new_a, new_W = network.gradient()
        network.a, network.W = a, W
        x_a, x_W = (new_a - g_a) / size, (new_W - g_W) / size
        value = float(np.sqrt(np.sum(x_a**2) + np.sum(x_W**2)))
    return value


def settings(**changes) -> NetworkSettings:
    return NetworkSettings(**({"d": 30, "seeds": 2, "held_out": 50} | changes))


@pytest.mark.parametrize("algorithm", ["gd", "sgd", "momentum", "adam", "gaussian"])
def test_every_row_of_w_keeps_norm_one(algorithm):
    network = Network(P, settings(algorithm=algorithm, d=15), 0)
    for _ in train(network, observation_times(P, 10)):
        np.testing.assert_allclose(np.linalg.norm(network.W, axis=1), 1.0, rtol=1e-13)


@pytest.mark.parametrize(("changes", "options"), [
    ({}, {}), ({"init": "lazy"}, {}), ({"target": "noise", "tau": 1.0}, {}),
    ({"h": "quadratic"}, {"algorithm": "gaussian", "d": 20}), ({}, {"step": 0.02}),
    ({"alpha": 2.0, "a0": 5.0}, {}),
])
def test_train_error_never_increases(changes, options):
    """At adaptive steps and at a small fixed one; 1e-6 is the rounding of float32 fields."""
    runs = simulate(P.replace(**changes), settings(**options))
    assert runs.complete
    for _, frame in runs.frame.groupby("seed"):
        e = frame["train_error"].to_numpy()
        assert np.all(np.diff(e) <= 1e-6 * e[0])


def test_the_train_error_alone_keeps_the_steps_stable(monkeypatch):
    """Without the rule about turning, steps grow until the error would rise, and are undone."""
    monkeypatch.setattr("engine.network.training.TURN", 100.0)
    monkeypatch.setattr("engine.network.training.LARGEST_TURN", np.inf)
    network = Network(P.replace(t_max=200.0), SETTINGS, 0)
    errors = [state.error for state in train(network, np.linspace(2.0, 200.0, 100))]
    assert np.all(np.diff(errors) <= 1e-6 * errors[0])


def test_adaptive_steps_follow_the_flow_of_tiny_steps():
    """The reference has a fixed step 30 times below the edge of stability, and both shrink the
    same flow's errors; a step may turn the gradient by 5 %, so times are 2.5 % off at most."""
    p = P.replace(t_max=5.0)
    adaptive = simulate(p, SETTINGS).frame
    rate = curvature(Network(p, SETTINGS, 0))
    fine = simulate(p, settings(step=2 / rate / 100)).frame
    for column in ("a", "v", "train_error", "test_error"):
        scale = fine[column].abs().max()
        assert (adaptive[column] - fine[column]).abs().max() < 0.01 * scale, column


def test_steps_grow_where_the_flow_is_slow():
    step = simulate(P, SETTINGS).frame.groupby("t")["step"].mean()
    assert step.iloc[-1] > 3 * step.iloc[1]


def test_too_large_a_fixed_step_diverges_and_keeps_what_it_has():
    p = P.replace(t_max=1000.0)
    runs = simulate(p, settings(step=50.0))
    assert set(runs.statuses.values()) == {Status.DIVERGED}
    assert not runs.complete
    numbers = runs.frame.drop(columns=["held_out_sd"]).to_numpy(float)
    assert np.isfinite(numbers).all()
    assert runs.frame["t"].max() < p.t_max


def test_a_network_that_interpolates_stays_at_its_last_values():
    p = P.replace(tau=0.0, alpha=0.05, t_max=20_000.0)
    runs = simulate(p, SETTINGS)
    assert set(runs.statuses.values()) == {Status.INTERPOLATED}
    last = runs.frame[runs.frame["seed"] == 0].tail(2)
    assert last["t"].iloc[1] == pytest.approx(p.t_max)
    assert last["a"].iloc[0] == last["a"].iloc[1]
    assert runs.frame.groupby("seed").size().nunique() == 1


def test_max_steps_ends_a_run_with_its_status():
    runs = simulate(P, settings(max_steps=20))
    assert set(runs.statuses.values()) == {Status.NODE_LIMIT}
    assert 0 < runs.frame["t"].max() < P.t_max


def test_cancel_keeps_what_was_recorded():
    seen = []
    watch = Monitor(publish=seen.append, cancel=lambda: len(seen) >= 5)
    runs = simulate(P, SETTINGS, monitor=watch)
    assert set(runs.statuses.values()) == {Status.CANCELLED}
    assert runs.frame.groupby("seed").size().tolist() == [6, 6]
    assert np.isfinite(runs.frame["train_error"]).all()


def test_progress_runs_from_zero_to_one_and_ensembles_grow():
    shares, seen = [], []
    simulate(P, SETTINGS, monitor=Monitor(shares.append, publish=seen.append))
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert [len(runs.frame) for runs in seen] == list(range(4, 2 * 101 + 1, 2))


@pytest.mark.parametrize("algorithm", ["gd", "sgd", "momentum", "adam", "gaussian"])
def test_seeds_reproduce_bit_for_bit_and_differ_from_each_other(algorithm):
    options = {"algorithm": algorithm, "d": 15}
    first, again = (simulate(P, settings(**options)).frame for _ in range(2))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    alone = simulate(P, settings(**options, seeds=1, first_seed=1)).frame
    pd.testing.assert_frame_equal(
        alone, first[first["seed"] == 1].reset_index(drop=True), check_exact=True)
    a = first.groupby("seed")["test_error"].last()
    assert a[0] != a[1]


def test_sgd_with_small_steps_follows_gradient_descent():
    """Mean over 4 seeds; the noise of a batch moves the errors by about η/b, far below 3 %."""
    p = P.replace(t_max=5.0)
    gd = simulate(p, settings(seeds=4)).frame.groupby("t").mean()
    sgd = simulate(p, settings(seeds=4, algorithm="sgd", batch=30, step=0.005)).frame
    sgd = sgd.groupby("t").mean()
    for column in ("train_error", "test_error"):
        assert (sgd[column] - gd[column]).abs().max() < 0.03 * gd[column].iloc[0], column


STEPS = 50


def papers_loop(monkeypatch, update, p, **options):
    """(network trained for STEPS steps, a, W of the same steps written out as in appendix I).

    θ ← θ − update(∇ Σ_S (y − f)²/(2·100) + weight decay), then rows of norm 1, on the network's own
    batches; update takes and gives a list [a's, W's].
    """
    batches = []
    gradient = Network.gradient
    monkeypatch.setattr(Network, "gradient", lambda self, rows=None: (
        batches.append(rows), gradient(self, rows))[1])
    own = settings(d=200, **options)
    network = Network(p, own, 0)
    X, y = network.X.astype(float), network.y
    a, W = network.a.copy(), network.W.copy()
    end, = train(network, np.array([STEPS * own.sgd_step(p)]))
    sigma = np.polynomial.Polynomial(network.sigma.coefficients)
    for rows in batches[1:STEPS + 1]:
        assert len(rows) == 100
        Z = X[rows] @ W.T
        r = (sigma(Z) @ a / p.m - y[rows]) / 100
        g_a = sigma(Z).T @ r / p.m + p.weight_decay * a / p.m**2
        g_W = a[:, None] / p.m * (sigma.deriv()(Z) * r[:, None]).T @ X[rows]
        da, dW = update([g_a, g_W])
        a, W = a - da, W - dW
        W /= np.linalg.norm(W, axis=1, keepdims=True)
    assert end.steps == STEPS
    return network, a, W


@pytest.mark.parametrize("decay", [0.0, 20.0])
def test_sgd_is_the_papers_loop_of_plain_steps(monkeypatch, decay):
    """With learning rate 0.1, and with weight decay as a term of the risk; a step takes 0.1/(αm)
    of the time.  Fields in float32 leave 1e-5 after 50 steps."""
    p = Parameters(m=16, alpha=0.3, tau=0.3, weight_decay=decay)
    network, a, W = papers_loop(monkeypatch, lambda g: (0.1 * x for x in g), p, algorithm="sgd")
    assert network.settings.sgd_step(p) == pytest.approx(0.1 / (p.alpha * p.m), rel=1e-12)
    np.testing.assert_allclose(network.a, a, rtol=1e-5)
    np.testing.assert_allclose(network.W, W, atol=1e-5)


def test_momentum_is_the_usual_loop(monkeypatch):
    """b ← βb + g, θ ← θ − 0.1 b, a step of which takes 0.1/(αm(1 − β)) of the time; tolerances as
    above, times the 1/(1 − β) steps that a deviation lasts."""
    beta, kept = 0.8, [0.0, 0.0]

    def update(g):
        kept[:] = [beta * b + x for b, x in zip(kept, g, strict=True)]
        return (0.1 * b for b in kept)

    p = Parameters(m=16, alpha=0.3, tau=0.3)
    network, a, W = papers_loop(monkeypatch, update, p, algorithm="momentum", momentum=beta)
    assert network.settings.sgd_step(p) == pytest.approx(0.5 / (p.alpha * p.m), rel=1e-12)
    np.testing.assert_allclose(network.a, a, rtol=5e-5)
    np.testing.assert_allclose(network.W, W, atol=5e-5)


def test_adam_is_the_papers_algorithm_1(monkeypatch):
    """Kingma & Ba, α_t = α√(1 − β₂ᵗ)/(1 − β₁ᵗ) and ε̂ = ε√(1 − β₂ᵗ).  A gradient that float32
    leaves uncertain by 1e-6 of the largest moves a weight by as much of 50 steps of 0.01."""
    m, v, steps = [0.0, 0.0], [0.0, 0.0], [0]

    def update(g):
        steps[0] += 1
        root = np.sqrt(1 - 0.999**steps[0])
        m[:] = [0.9 * old + 0.1 * x for old, x in zip(m, g, strict=True)]
        v[:] = [0.999 * old + 0.001 * x**2 for old, x in zip(v, g, strict=True)]
        return [0.01 * root / (1 - 0.9**steps[0]) * mean / (np.sqrt(square) + 1e-8 * root)
                for mean, square in zip(m, v, strict=True)]

    p = Parameters(m=16, alpha=0.3, tau=0.3)
    network, a, W = papers_loop(monkeypatch, update, p, algorithm="adam", rate=0.01)
    np.testing.assert_allclose(network.a, a, rtol=1e-4)
    np.testing.assert_allclose(network.W, W, atol=1e-4)


def test_momentum_with_small_steps_follows_gradient_descent():
    """As SGD does: inertia of ten steps of 0.002 delays the flow by 0.02 of a time of order 1."""
    p = P.replace(t_max=5.0)
    gd = simulate(p, settings(seeds=4)).frame.groupby("t").mean()
    inert = simulate(p, settings(seeds=4, algorithm="momentum", batch=30, step=0.002),
                     times=gd.index[1:].to_numpy()).frame.groupby("t").mean()
    for column in ("train_error", "test_error"):
        at = np.interp(inert.index, gd.index, gd[column])
        assert np.abs(inert[column] - at).max() < 0.04 * gd[column].iloc[0], column


def test_sgd_of_the_papers_figure_4_stays_stable_and_gives_known_errors():
    """m = 16 of that figure: the medians of ten other seeds are 0.1447 and 0.176, their scatter
    0.011 and 0.008; three seeds are within three standard errors of a median of three."""
    p = Parameters(m=16, alpha=0.3, tau=0.3, t_max=100.0)
    runs = simulate(p, NetworkSettings(d=200, seeds=3, algorithm="sgd", first_seed=100),
                    times=np.array([12.0, 100.0]))
    assert runs.complete
    late = runs.frame[runs.frame["t"] > 0].groupby("seed")["test_error"]
    assert late.first().median() == pytest.approx(0.1447, abs=0.023)
    assert late.last().median() == pytest.approx(0.176, abs=0.017)


def test_sgd_is_observed_after_whole_steps():
    """No observation cuts a step short, and early times before the first step are one time."""
    p, own = P, settings(algorithm="sgd", step=0.3)
    frame = simulate(p, own).frame
    steps = frame["t"].unique() / 0.3
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    assert p.t_max - 0.3 < frame["t"].max() <= p.t_max
    assert frame.groupby(["seed", "t"]).size().max() == 1


def test_sgd_noise_grows_with_the_step():
    late = [simulate(P, settings(algorithm="sgd", batch=10, step=step)).frame
            .groupby("t")["train_error"].mean().iloc[-1] for step in (0.005, 0.2)]
    assert late[1] > 1.1 * late[0]


def test_a_frozen_second_layer_stays():
    frame = simulate(P.replace(train_second_layer=False), SETTINGS).frame
    assert (frame["a"] == 1.0).all() and (frame["a_spread"] == 0.0).all()


def far(p=P, times=(1.0, 5.0), **options):
    """States at few times, so that no observation cuts a step short."""
    network = Network(p, settings(**options), 0)
    states = [(network.a.copy(), network.W.copy(), state.steps, state.evaluations)
              for state in train(network, np.array(times))]
    return network, states


def test_steps_stay_accurate_when_nothing_cuts_them_short():
    """A step that may turn the gradient by 5 % is off by half of that; steps as large as the
    train error allows are off by ten times more."""
    rate = curvature(Network(P, SETTINGS, 0))
    _, adaptive = far()
    _, fine = far(step=2 / rate / 100)
    for (a, W, *_), (a_fine, W_fine, *_) in zip(adaptive, fine, strict=True):
        np.testing.assert_allclose(a, a_fine, rtol=5e-3)
        assert np.abs(W - W_fine).max() < 0.01


def test_a_step_that_goes_too_far_is_taken_back(monkeypatch):
    """A first step that would jump to the end at once costs a few gradients: the run is the one
    from a small first step to 2 %."""
    _, normal = far(times=(20.0,))
    monkeypatch.setattr("engine.network.training.FIRST_SHARE", 1000.0)
    _, again = far(times=(20.0,))
    steps, evaluations = again[0][2:]
    assert evaluations > 1 + steps + 3
    np.testing.assert_allclose(again[0][0], normal[0][0], rtol=2e-2)


def test_late_steps_are_as_large_as_stability_allows():
    """Plenty of data, where the flow almost rests: the controller neither crawls on the rounding
    of a small gradient nor lets the error rise.

    Steps go up and down about the edge 2/λ, from a fifth of it to three times it: they grow as
    long as the stiffest direction is too small to be seen, and are cut when it has grown.  Where
    one stands in that is decided by rounding, so it is their mean over some twenty such turns that
    is compared with the edge, within a factor of two.
    """
    network = Network(P.replace(m=4, alpha=5.0), settings(), 0)
    seen = [(state.steps, state.error, curvature(network))
            for state in train(network, np.array([50.0, 75.0, 100.0]))]
    steps, errors, sharpness = np.array(seen).T
    assert np.all(np.diff(errors) < 0)
    assert 0.5 < 50.0 / (steps[-1] - steps[0]) / (2 / sharpness.mean()) < 2.0


def test_an_epoch_of_sgd_uses_every_sample_once(monkeypatch):
    used = []
    gradient = Network.gradient
    monkeypatch.setattr(Network, "gradient", lambda self, rows=None: (
        used.append(rows), gradient(self, rows))[1])
    network, _ = far(algorithm="sgd", batch=30)
    batches = [rows for rows in used if rows is not None and len(rows) == 30]
    epoch = network.n // 30
    orders = [np.concatenate(batches[k * epoch:(k + 1) * epoch]) for k in range(2)]
    for order in orders:
        assert sorted(order) == list(range(network.n))
    assert not np.array_equal(*orders)


def test_the_columns_are_what_they_say():
    """Every observable from the weights themselves, at a trained state."""
    network, _ = far()
    error, *_ = network.gradient()
    row = dict(zip(COLUMNS, observe(network, 3, 5.0, error, 0.1), strict=True))
    a, W, m = network.a, network.W, P.m
    moved = np.linalg.norm(W - network.W_start, axis=1)
    overlaps = [W[i] @ W[j] for i in range(m) for j in range(m) if i != j]
    expected = {
        "seed": 3, "t": 5.0, "a": a.mean(), "gamma": a.mean() / np.sqrt(m), "v": W[:, 0].mean(),
        "first_layer_displacement": np.sqrt(np.mean(moved**2)),
        "second_layer_displacement": abs(a.mean() - 1),
        "gamma_displacement": abs(a.mean() - 1) / np.sqrt(m), "overlap": np.mean(overlaps),
        "a_spread": a.std(), "v_spread": W[:, 0].std(), "overlap_spread": np.std(overlaps),
        "first_layer_displacement_spread": moved.std(), "train_error": error, "step": 0.1,
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-10)
    assert row["first_layer_displacement"] == pytest.approx(
        np.sqrt(2 - 2 * np.mean(np.sum(W * network.W_start, axis=1))), rel=1e-9)
