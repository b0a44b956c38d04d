"""The object that progress, cancellation and published results travel in."""

import pytest

from engine.monitor import Monitor, Stopped


def test_a_monitor_left_out_watches_nothing_and_never_stops():
    monitor = Monitor()
    monitor.progress(0.5)
    monitor.publish("half")
    assert not monitor.cancel()
    monitor.check()


def test_parts_fill_the_whole_in_order_and_publish_nothing():
    shares, published = [], []
    whole = Monitor(shares.append, publish=published.append)
    for n in range(4):
        part = whole.part(n, 4)
        part.progress(0.5)
        part.progress(1.0)
        part.publish(n)
    assert shares == [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0]
    assert published == []


def test_who_stops_the_whole_stops_its_parts():
    answers = iter([False, True])
    part = Monitor(cancel=lambda: next(answers)).part(0, 2).part(1, 2)
    part.check()
    with pytest.raises(Stopped):
        part.check()
