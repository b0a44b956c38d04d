"""Garbage in links, requests, command lines and files: a clear sentence and nothing else.

Some hundred seeded cases of each kind; FUZZ=10000 tries so many.
"""

import contextlib
import json
import os
import random
import string

import pytest
from click.testing import CliRunner

from dashboard.service import api, links
from engine import TABLE, ParameterError, Parameters, Trajectory, solve
from engine.cli import main
from engine.network import NETWORK
from engine.results.trajectory import TrajectoryError

CASES = int(os.environ.get("FUZZ", "300"))
LONGEST = 1000
"""Characters of a sentence about one fault, of which the list of all words takes most."""
TEXTS = ("", "0", "-1", "1e999", "nan", "inf", "-0", "1e-400", "0x10", "1_0", "١٢", "½", "∞", "½,½",
         "None", "true", "[]", "{}", "[[[[", "%00", "\0", "\ud800", "../../etc/passwd", "'; --",
         "<script>alert(1)</script>", "{{7*7}}", "$(id)", "__import__('os')", "0,0.9," * 400,
         "9" * 5000, "1:1," * 400, "~" * 400, "m~64~m~64", "pinned~pinned~x", "64:0.9,64:1.1:0:2")


def garbage(rng: random.Random) -> str:
    """A text that somebody might put where a value belongs; some are values."""
    match rng.randrange(4):
        case 0:
            return rng.choice(TEXTS)
        case 1:
            return "".join(rng.choices(string.printable + "αφ~,:½∞\0", k=rng.choice((1, 5, 200))))
        case 2:
            return f"{rng.choice((1, -1)) * 10 ** rng.uniform(-320, 308):g}"
        case _:
            # A right one with a fault in it.
            row = rng.choice([row for row in TABLE.values() if row.default is not None])
            text = list(row.write(row.default))
            text[rng.randrange(len(text))] = rng.choice(string.printable)
            return "".join(text)


@pytest.mark.parametrize("seed", range(4))
def test_a_link_of_garbage_gives_values_and_a_sentence_for_each_fault(seed):
    rng = random.Random(seed)
    for _ in range(CASES // 4):
        query = {rng.choice([*links.WORDS, garbage(rng)]): garbage(rng)
                 for _ in range(rng.randrange(1, 6))}
        values, warnings = links.read(query)
        links.settings_of(values)
        assert set(values) == set(links.WORDS), query
        assert all(0 < len(said) < LONGEST and "Traceback" not in said for said in warnings), query


@pytest.mark.parametrize("seed", range(4))
def test_a_request_of_garbage_is_answered_or_refused_by_name_rule_and_fix(seed):
    rng, refused = random.Random(seed), []
    for _ in range(CASES // 4):
        query = [(rng.choice([*links.WORDS, "view", garbage(rng)]), garbage(rng))
                 for _ in range(rng.randrange(1, 6))]
        try:
            api.read(query)
        except ParameterError as error:
            refused.append(error)
    assert refused
    for error in refused:
        assert error.field is not None and error.rule and error.fix, error
        assert len(str(error)) < LONGEST and "Traceback" not in str(error), error


OPTIONS = {
    "solve": [*TABLE, "rtol", "max_nodes"], "network": [*TABLE, *NETWORK],
    "limit": [*TABLE, "rtol", "regime", "t_end"], "stability": [*TABLE, "rtol"],
}


def command_line(rng: random.Random) -> list[str]:
    """Arguments that never start a run: the last of them names a folder that does not exist."""
    command = rng.choice([*OPTIONS, *OPTIONS, garbage(rng)])
    arguments = [command]
    for _ in range(rng.randrange(1, 5)):
        name = rng.choice([*OPTIONS.get(command, TABLE), "group", "overlaps"])
        arguments += [f"--{name.replace('_', '-')}", garbage(rng)]
    if rng.random() < 0.1:
        arguments.insert(rng.randrange(1, len(arguments)), garbage(rng))
    return [*arguments, "--out", "/no/such/folder/run.csv"]


@pytest.mark.parametrize("seed", range(4))
def test_a_command_line_of_garbage_gets_one_line_and_code_2(seed):
    rng, runner = random.Random(seed), CliRunner()
    for _ in range(CASES // 4):
        arguments = command_line(rng)
        result = runner.invoke(main, arguments)
        assert result.exit_code == 2, (arguments, result.exception)
        assert result.stdout == "" and "Traceback" not in result.stderr, arguments
        assert len(result.stderr.splitlines()) == 1, (arguments, result.stderr)


@pytest.fixture(scope="module")
def run() -> Trajectory:
    return solve(Parameters(m=8, t_max=1.0))


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Cut off, with bytes changed, doubled or replaced."""
    at, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    match rng.randrange(5):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + rng.randbytes(rng.choice((1, 4, 50))) + data[end:]
        case 2:
            return data[:at] + data[at:end] * 2 + data[end:]
        case 3:
            return data.replace(rng.choice((b"0", b",", b'"', b":", b".", b"t", b"1")),
                                rng.choice((b"", b"[", b"null", b"1e999", b"-", b"\xff")),
                                rng.choice((1, 5, -1)))
        case _:
            return rng.choice((b"", b"[" * 100_000, b"{}", b"[]", b"null", b"1", b'{"format": 1}',
                               b"\xff\xfe", b"t\n" * 1000, b'{"columns": {"t": [[1]]}}'))


@pytest.mark.parametrize(("saved", "hurt"), [
    ("run.json", "run.json"), ("run.csv", "run.csv"), ("run.csv", "run.csv.json")])
def test_a_damaged_file_of_a_run_is_read_as_a_run_or_refused_in_a_sentence(tmp_path, run, saved,
                                                                           hurt):
    rng, path, target = random.Random(18), tmp_path / saved, tmp_path / hurt
    run.save(path)
    sound = target.read_bytes()
    for _ in range(CASES // 3):
        target.write_bytes(damaged(rng, sound))
        with contextlib.suppress(TrajectoryError):
            assert len(Trajectory.load(path))


def test_a_damaged_file_of_overlaps_gets_one_line_and_code_2(tmp_path):
    rng, runner, path = random.Random(18), CliRunner(), tmp_path / "overlaps.json"
    sound = json.dumps([[1.0, 0.1], [0.1, 1.0]]).encode()
    for _ in range(CASES // 3):
        path.write_bytes(damaged(rng, sound))
        result = runner.invoke(main, ["solve", "--m", "128", "--group", "64:0.9", "--group",
                                      "64:1.1", "--overlaps", str(path), "--out", "/no/x.csv"])
        assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1, result.output
