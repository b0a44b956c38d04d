"""Pages take turns, and only so many are open."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from dashboard.service import worker
from dashboard.service.router import CHANNEL
from dashboard.service.turns import Doors, Turns

LONG = 20.0
"""Seconds after which a test that waits for another thread gives up."""


class Page(threading.Thread):
    """A page that is drawn until it is let go; `lend` lets others in meanwhile."""

    def __init__(self, turns: Turns, lend: bool = False):
        super().__init__(daemon=True)
        self.turns, self.lend = turns, lend
        self.drawing, self.go, self.drawn = (threading.Event() for _ in range(3))
        self.start()

    def run(self):
        with self.turns.taken():
            if self.lend:
                with self.turns.lent():
                    self.drawing.set()
                    assert self.go.wait(LONG)
            self.drawing.set()
            assert self.go.wait(LONG)
        self.drawn.set()


def test_a_page_waits_until_the_one_before_is_drawn():
    turns = Turns(1)
    first = Page(turns)
    assert first.drawing.wait(LONG)
    second = Page(turns)
    assert not second.drawing.wait(0.1)
    first.go.set()
    assert second.drawing.wait(LONG)
    second.go.set()
    assert second.drawn.wait(LONG)


def test_a_page_that_waits_for_a_computation_lets_others_be_drawn():
    turns = Turns(1)
    waiting = Page(turns, lend=True)
    assert waiting.drawing.wait(LONG)
    other = Page(turns)
    assert other.drawing.wait(LONG)
    waiting.go.set()
    assert not waiting.drawn.wait(0.1)
    other.go.set()
    assert waiting.drawn.wait(LONG)


def test_a_page_that_fails_gives_its_place_back():
    turns = Turns(1)
    with pytest.raises(ValueError, match="no"), turns.taken(), turns.lent():
        raise ValueError("no")
    with turns.taken(), turns.taken():  # a page within a page takes one place
        pass
    after = Page(turns)
    assert after.drawing.wait(LONG)
    after.go.set()


def test_who_comes_when_all_places_are_taken_waits_until_somebody_has_left():
    here = {"a", "b", "c"}
    doors = Doors(2, here.__contains__)
    assert doors.enter("a") and doors.enter("b") and not doors.enter("c")
    assert doors.enter("a") and doors.count() == 2
    here.remove("b")
    assert doors.enter("c") and not doors.enter("d")


def test_who_counts_visitors_does_not_wait_for_one_who_enters():
    """The event loop counts, and all connections would wait with it."""
    doors = Doors(2, lambda session: True)
    doors.enter("a")
    with ThreadPoolExecutor(1) as other, doors._lock:
        assert other.submit(doors.count).result(LONG) == 1


def test_a_worker_that_is_stopped_while_alone_does_not_stop_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "FOLDER", tmp_path)
    monkeypatch.setattr(worker, "COUNT", 2)
    monkeypatch.setattr(worker, "HELD", 1.0)
    with worker.alone("visitors"):  # the lock is a file's, as if another held it
        start = time.monotonic()
        for _ in range(50):
            with worker.alone("visitors"):
                assert "visitors" in worker._held_up
        assert time.monotonic() - start < 25.0, "each has waited"
    with worker.alone("visitors"):
        assert "visitors" not in worker._held_up
    doors = Doors(2, lambda session: True)
    assert doors.enter("a")
    with ThreadPoolExecutor(1) as other, doors._lock:  # somebody waits to enter
        assert other.submit(doors.enter, "a").result(LONG)


ROUNDS = 30
CROWD = f"""
import sys
from dashboard.service import turns, worker
worker.HELD = 60
for _ in range({ROUNDS}):
    doors = turns.Doors(20, lambda session: True)
    worker.put(turns.VISITORS, 0)
    print("here", flush=True)
    sys.stdin.readline()
    print(sum(doors.enter(str(visitor)) for visitor in range(100)), flush=True)
    sys.stdin.readline()
"""
"""A worker that a hundred visitors come to when it is told so, and that says how many found one of
twenty places."""


def test_workers_that_let_visitors_in_at_the_same_moment_give_no_place_twice(tmp_path):
    """Without a lock between them one round of three to five gives one too many away."""
    with ExitStack() as running:
        workers = [running.enter_context(subprocess.Popen(
            [sys.executable, "-c", CROWD], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"DASHBOARD_WORKERS": "2", CHANNEL: f"{number} 0 1 {tmp_path}"}))
            for number in range(2)]

        def hear():
            return [one.stdout.readline().strip() for one in workers]

        def tell():
            for one in workers:
                one.stdin.write("\n")
                one.stdin.flush()

        for _ in range(ROUNDS):
            assert hear() == ["here", "here"]
            tell()
            assert sum(map(int, hear())) == 20
            tell()
