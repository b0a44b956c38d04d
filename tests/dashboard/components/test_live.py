"""When a computation that a page watches is taken to be watched by nobody, and how one ends."""

from types import SimpleNamespace

import pytest

from dashboard.components import live
from dashboard.components.live import DESERTED, FAILED, GONE, Run, Watch
from dashboard.service.jobs import NO_MEMORY, Manager


@pytest.fixture
def world(monkeypatch):
    """The time, the sessions whose pages are open, and who looks."""
    world = SimpleNamespace(now=0.0, open={"a", "b"}, looks="a")
    monkeypatch.setattr(live.time, "monotonic", lambda: world.now)
    monkeypatch.setattr(live, "is_open", lambda session: session in world.open)
    monkeypatch.setattr(live, "get_script_run_ctx", lambda: SimpleNamespace(session_id=world.looks))
    return world


def test_it_goes_on_while_a_page_looks_and_stops_within_a_second_of_its_end(world):
    watch = Watch()
    watch.look()
    world.now = DESERTED - 1
    assert not watch.deserted()
    world.open = {"b"}
    world.now += GONE / 2
    assert not watch.deserted(), "a connection may come back"
    world.now += GONE
    assert GONE < 1 and watch.deserted()


def test_another_page_that_looks_keeps_it_going(world):
    watch = Watch()
    watch.look()
    world.looks = "b"
    watch.look()
    world.open, world.now = {"b"}, 2 * GONE
    assert not watch.deserted()


def test_a_page_that_has_not_looked_for_long_counts_for_nothing(world):
    watch = Watch()
    watch.look()
    world.now = DESERTED + 1
    assert watch.deserted()


def test_a_page_that_is_still_drawn_need_not_look(world):
    """Its timers start when it stands, and behind a compiler that takes longer than DESERTED."""
    watch = Watch()
    with live.drawing.page("a"):
        watch.look()
        world.now = 3 * DESERTED
        assert not watch.deserted()
        world.open, world.now = {"b"}, 3 * DESERTED + 2 * GONE
        assert watch.deserted(), "its visitor has gone"
    world.open = {"a", "b"}
    assert watch.deserted(), "it stands, and does not look"


def test_a_connection_that_comes_back_in_time_counts(world):
    watch = Watch()
    watch.look()
    world.open = set()
    world.now = GONE / 2
    assert not watch.deserted()
    world.open, world.now = {"a"}, 3 * GONE
    assert not watch.deserted()


@pytest.mark.parametrize(("fault", "said"), [
    (OSError("no such device"), FAILED), (MemoryError(), NO_MEMORY), (ValueError("why"), "why")])
def test_a_computation_that_fails_leaves_a_sentence_and_what_it_had_published(fault, said):
    watch = Watch()

    def fail(monitor):
        watch.put("part")
        raise fault

    run = Run("key", watch, Manager(workers=1).submit("key", fail))
    assert run.job.join(20)
    assert run.poll() == "part" and run.error == said and run.job is None
