"""Trajectories: files give back every bit, broken files say what is wrong, arrays are safe."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine import Parameters, Status, Trajectory, TrajectoryError, solve
from engine.results.trajectory import COLUMNS

HEADER = ("t,a,gamma,v,nu,train_error,test_error,"
          "first_layer_displacement,second_layer_displacement,gamma_displacement,overlap")


@pytest.fixture(scope="module")
def run() -> Trajectory:
    return solve(Parameters(m=16, t_max=20.0))


def made(status=Status.REACHED_T_MAX, **columns) -> Trajectory:
    """A trajectory with the given columns; the others are zero."""
    zero = np.zeros(len(columns["t"]))
    return Trajectory(**(dict.fromkeys(COLUMNS, zero) | columns), status=status,
                      parameters=Parameters())


def assert_same(one: Trajectory, other: Trajectory) -> None:
    """Bit for bit: no tolerance."""
    for name in COLUMNS:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    for name in ("status", "parameters", "rtol", "label", "work", "versions"):
        assert getattr(one, name) == getattr(other, name), name
    assert type(other.status) is Status


@pytest.mark.parametrize("ending", [".csv", ".json"])
@pytest.mark.parametrize("parameters", [
    Parameters(m=16, t_max=20.0),
    Parameters(init="lazy", gamma0=0.7, m=8, h=(0, 0.9, 0.5), phi=(0, 1, -0.3), t_max=5),
    Parameters(target="noise", tau=1.0, m=4, train_second_layer=False, t_max=5),
], ids=["mean-field", "lazy", "noise"])
def test_a_file_gives_back_every_bit(tmp_path, parameters, ending):
    run = solve(parameters)
    run.save(tmp_path / f"run{ending}")
    assert_same(run, Trajectory.load(tmp_path / f"run{ending}"))


@given(arrays(float, (len(COLUMNS), 4), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_any_numbers_survive_a_dictionary_of_plain_values(values):
    one = made(**dict(zip(COLUMNS, values, strict=True)))
    assert_same(one, Trajectory.from_dict(json.loads(json.dumps(one.to_dict()))))


@given(arrays(float, (len(COLUMNS), 4), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_any_numbers_survive_a_csv(tmp_path_factory, values):
    one = made(**dict(zip(COLUMNS, values, strict=True)))
    path = tmp_path_factory.getbasetemp() / "any.csv"
    one.save(path)
    assert_same(one, Trajectory.load(path))


def test_a_partial_run_keeps_its_status_in_a_file(tmp_path):
    run = solve(Parameters(m=16, t_max=20.0), max_nodes=5)
    run.save(tmp_path / "run.csv")
    assert Trajectory.load(tmp_path / "run.csv").status is Status.NODE_LIMIT


def test_the_csv_has_the_promised_header_and_one_row_per_node(tmp_path, run):
    run.save(tmp_path / "run.csv")
    lines = (tmp_path / "run.csv").read_text().splitlines()
    assert lines[0] == HEADER
    assert len(lines) == len(run) + 1
    frame = pd.read_csv(tmp_path / "run.csv")
    assert frame["t"].is_monotonic_increasing
    assert not frame.isna().any(axis=None)


def test_another_ending_is_refused(tmp_path, run):
    with pytest.raises(ValueError, match=r"run\.txt: the name must end in \.csv or \.json"):
        run.save(tmp_path / "run.txt")
    assert not list(tmp_path.iterdir())


def _cut(folder):
    path = folder / "run.json"
    path.write_text(path.read_text()[:200])
    return path


def _without(key):
    def breaking(folder):
        path = folder / "run.json"
        data = json.loads(path.read_text())
        del data[key]
        path.write_text(json.dumps(data))
        return path
    return breaking


def _with(change):
    def breaking(folder):
        path = folder / "run.json"
        data = json.loads(path.read_text())
        change(data)
        path.write_text(json.dumps(data))
        return path
    return breaking


def _no_companion(folder):
    (folder / "run.csv.json").unlink()
    return folder / "run.csv"


def _lost_row(folder):
    path = folder / "run.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    return path


def _lost_column(folder):
    path = folder / "run.csv"
    pd.read_csv(path).drop(columns="nu").to_csv(path, index=False)
    return path


def _text_in_a_column(folder):
    path = folder / "run.csv"
    path.write_text(path.read_text().replace("0.0,", "zero,", 1))
    return path


BROKEN = {
    "cut off": _cut,
    "binary": lambda folder: _write(folder / "run.json", b"\xff\xfe\x00\x01"),
    "empty": lambda folder: _write(folder / "run.json", b""),
    "a list": lambda folder: _write(folder / "run.json", b"[1, 2]"),
    "null": lambda folder: _write(folder / "run.json", b"null"),
    "missing": lambda folder: folder / "nothing.json",
    "missing csv": lambda folder: folder / "nothing.csv",
    "without columns": _without("columns"),
    "without parameters": _without("parameters"),
    "of another format": _with(lambda data: data.update(format=99)),
    "with an unknown status": _with(lambda data: data.update(status="perfect")),
    "with columns of different lengths": _with(lambda data: data["columns"]["a"].pop()),
    "with text for numbers": _with(lambda data: data["columns"].update(a=["x"])),
    "with bad parameters": _with(lambda data: data["parameters"].update(alpha=-1)),
    "with parameters of another kind": _with(lambda data: data.update(parameters=3)),
    "csv without its companion": _no_companion,
    "csv with a lost row": _lost_row,
    "csv with a lost column": _lost_column,
    "csv with text for a number": _text_in_a_column,
    "of another kind": lambda folder: _write(folder / "run.txt", b"t,a\n0,1\n"),
}


def _write(path, content: bytes):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("breaking", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_named_in_the_error(tmp_path, run, breaking):
    run.save(tmp_path / "run.json")
    run.save(tmp_path / "run.csv")
    path = breaking(tmp_path)
    with pytest.raises(TrajectoryError) as caught:
        Trajectory.load(path)
    assert str(caught.value).startswith(f"{path.name}: ")
    assert len(str(caught.value)) > len(path.name) + 5


def test_arrays_are_read_only_and_apart_from_what_was_given():
    t = np.linspace(0, 1, 5)
    one = made(t=t)
    t[0] = 99.0
    assert one.t[0] == 0.0
    for name in COLUMNS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(one, name)[0] = 1.0
    with pytest.raises(AttributeError):
        one.t = t


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="v must have the shape of t"):
        made(t=np.linspace(0, 1, 5), v=np.zeros(4))


def test_a_frame_has_every_column_and_the_gap_is_test_minus_train(run):
    frame = run.to_frame()
    assert tuple(frame.columns) == COLUMNS
    for name in COLUMNS:
        assert frame[name].to_numpy().tobytes() == getattr(run, name).tobytes()
    np.testing.assert_array_equal(run.generalization_gap, run.test_error - run.train_error)


def test_the_columns_at_the_nodes_are_the_nodes(run):
    """At a node the interpolating cubic is the value; the tolerance is its rounding."""
    frame = run.at(run.t)
    for name in COLUMNS:
        np.testing.assert_allclose(frame[name], getattr(run, name), rtol=1e-12, atol=1e-12)


def test_the_columns_between_nodes_are_of_the_order_of_the_solver():
    """Halving the distance of the nodes divides the error by about 2² or more."""
    curve = lambda t: np.exp(-t)  # noqa: E731
    times = np.geomspace(0.02, 50, 301)

    def error(nodes):
        t = np.concatenate([[0.0], np.geomspace(0.01, 100, nodes)])
        one = made(t=t, train_error=curve(t))
        return np.abs(one.at(times)["train_error"] - curve(times)).max()

    errors = np.array([error(nodes) for nodes in (40, 80, 160)])
    assert np.all(errors[:-1] / errors[1:] > 3.5)
    assert errors[-1] < 1e-3


def test_a_monotone_curve_stays_monotone_between_nodes(run):
    times = np.geomspace(run.t[1], run.t[-1], 2000)
    assert np.all(np.diff(run.at(times)["train_error"]) <= 0)


def test_times_of_any_shape_are_flattened_and_kept(run):
    times = np.array([[0.0, 1.0], [2.0, 20.0]])
    assert run.at(times)["t"].tolist() == [0.0, 1.0, 2.0, 20.0]
    assert len(run.at(3.0)) == 1


@pytest.mark.parametrize("time", [-1e-9, 20.1, math.nan, math.inf])
def test_a_time_outside_the_run_is_refused(run, time):
    with pytest.raises(ValueError, match="times must lie from 0 to 20"):
        run.at([1.0, time])


def test_the_last_values_hold_after_interpolation_only():
    t = np.array([0.0, 1.0, 2.0])
    late = made(status=Status.INTERPOLATED, t=t, gamma=t).at([2.0, 1e9])
    assert late["gamma"].tolist() == [2.0, 2.0]
    assert late["t"].tolist() == [2.0, 1e9]
    for status in set(Status) - {Status.INTERPOLATED}:
        with pytest.raises(ValueError, match="times must lie from 0 to 2"):
            made(status=status, t=t, gamma=t).at(3.0)


def test_every_status_has_advice_and_two_are_complete():
    assert all(status.advice.endswith(".") for status in Status)
    assert {s for s in Status if s.complete} == {Status.REACHED_T_MAX, Status.INTERPOLATED}


def test_a_run_carries_the_versions_that_made_it(run):
    from importlib.metadata import version

    import engine

    assert run.versions["engine"] == engine.__version__
    assert run.versions["numpy"] == version("numpy")
    assert run.rtol == 1e-2
    assert run.work["nodes"] == len(run)
