"""What is kept of finished cells, and how files of others are met."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.sweep import Store, SweepError, cell, kinds, store
from engine.sweep.kinds import FAILED, Outcome

CELL, OTHER = cell("solve", m=16), cell("solve", m=32)


def outcome(one=CELL, status="reached t_max", **figures):
    return Outcome(one.text, kinds.results_version(), status, "", figures, 0.5)


def test_numbers_come_back_to_the_last_bit(tmp_path):
    with Store(tmp_path / "s.sqlite") as kept:
        kept.keep([outcome(x=0.1 + 0.2, y=None, z=float("nan"))])
    with Store(tmp_path / "s.sqlite") as kept:
        found, = kept.outcomes([OTHER, CELL])
    assert found == outcome(x=0.1 + 0.2, y=None, z=None)


def test_failed_cells_are_missing_only_on_request(tmp_path):
    with Store(tmp_path / "s.sqlite") as kept:
        kept.keep([outcome(status=FAILED)])
        assert kept.missing([CELL, OTHER]) == [OTHER]
        assert kept.missing([CELL, OTHER], retry=True) == [CELL, OTHER]


def test_another_engine_computes_anew(tmp_path, monkeypatch):
    with Store(tmp_path / "s.sqlite") as kept:
        kept.keep([outcome()])
        monkeypatch.setattr(store, "results_version", lambda: "other")
        assert kept.missing([CELL]) == [CELL]


@pytest.mark.parametrize("content", ["text", "table", "stamp"])
def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "notes.sqlite"
    if content == "text":
        path.write_text("notes " * 1000)
    else:
        with sqlite3.connect(path) as notes:
            notes.execute("CREATE TABLE notes (x)" if content == "table" else
                          "PRAGMA application_id = 77")
        notes.close()
    before = path.read_bytes()
    with pytest.raises(SweepError, match="store"):
        Store(path)
    assert path.read_bytes() == before


def test_the_file_holds_json_and_no_code(tmp_path):
    with Store(tmp_path / "s.sqlite") as kept:
        kept.keep([outcome(x=1.0)])
    rows = sqlite3.connect(tmp_path / "s.sqlite")
    row, = rows.execute("SELECT * FROM cells")
    rows.close()
    assert json.loads(row[2]) == CELL.content
    assert json.loads(row[5]) == {"x": 1.0}
    assert isinstance(row[0], bytes) and len(row[0]) == 32


def test_several_may_make_one_file_at_once(tmp_path):
    """Each may find it empty, half made or made: 32 of 40 files had a worker refused before."""
    together = Barrier(4)

    def make(path):
        together.wait()
        Store(path).close()

    with ThreadPoolExecutor(4) as workers:
        for path in (tmp_path / f"{i}.sqlite" for i in range(40)):
            assert list(workers.map(make, [path] * 4)) == [None] * 4
