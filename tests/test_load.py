"""A short load: websocket sessions on a server of its own."""

import asyncio

import pytest

from bench.load import Times, load
from tests.server import end, start_server


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server with places for four visitors."""
    process, address = start_server(tmp_path_factory.mktemp("load") / "log",
                                    DASHBOARD_VISITORS="4")
    yield address
    end(process)


@pytest.mark.parametrize("page", ["explorer", "lazy_vs_mean_field"])
def test_every_session_gets_its_curves_and_nobody_is_dropped(small, page):
    times = asyncio.run(load(small, page, sessions=4, seconds=20.0, arrive=0.5))
    assert not times.errors and times.turned_away == 0
    assert len(times.first) == len(times.page) == 4
    assert times.new and times.health


def test_more_visitors_than_places_are_told_and_not_dropped(small):
    times: Times = asyncio.run(load(small, "explorer", sessions=7, seconds=12.0, arrive=0.0))
    assert not times.errors
    assert times.turned_away == 3 and len(times.first) == 4
