"""Pages take turns, and only so many are open."""

import threading

import pytest

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
