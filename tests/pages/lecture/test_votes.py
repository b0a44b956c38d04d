"""Votes of classes: one for each ballot, bounded, forgotten, and safe among threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.service.links import WORDS
from pages.lecture.votes import KEPT, Host, Rooms, VoteError, ballot


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(clock):
    return Rooms(most=3, ballots=4, clock=clock)


@pytest.fixture
def host(rooms):
    """Of a room in which the first scene is voted on."""
    host = rooms.start()
    rooms.ask(host, 0, 3)
    return host


def test_nothing_is_to_be_seen_before_something_is_asked(rooms):
    assert rooms.seen(rooms.start().code) is None


def test_a_ballot_counts_once_and_can_be_changed_until_the_vote_is_closed(rooms, host):
    rooms.cast(host.code, "a", 0, 2)
    rooms.cast(host.code, "b", 0, 2)
    rooms.cast(host.code, "a", 0, 1)
    assert rooms.seen(host.code, "a") == (0, True, (0, 1, 1), None, 1)
    rooms.close(host, 0)
    with pytest.raises(VoteError, match="closed"):
        rooms.cast(host.code, "a", 0, 0)
    rooms.reopen(host, 0)
    rooms.cast(host.code, "a", 0, 0)
    assert rooms.seen(host.code).counts == (1, 0, 1)


def test_the_answer_is_told_once_it_is_revealed_and_then_the_vote_stays_closed(rooms, host):
    rooms.close(host, 0)
    assert rooms.seen(host.code).right is None
    rooms.reveal(host, 0, 1)
    rooms.reopen(host, 0)
    rooms.ask(host, 0, 3)
    assert rooms.seen(host.code)[1:4] == (False, (0, 0, 0), 1)


def test_students_see_the_scene_last_asked_about_and_the_lecturer_any(rooms, host):
    rooms.cast(host.code, "a", 0, 2)
    rooms.ask(host, 1, 3)
    assert rooms.seen(host.code).scene == 1
    assert rooms.seen(host.code, scene=0).counts == (0, 0, 1)
    assert rooms.seen(host.code, scene=5) is None


def test_only_the_key_makes_a_host(rooms, host):
    other = Host(host.code, rooms.start().key)
    assert rooms.hosts(host) and not rooms.hosts(other)
    for change in (lambda: rooms.close(other, 0), lambda: rooms.reveal(other, 0, 1),
                   lambda: rooms.ask(other, 1, 3)):
        change()
    assert rooms.seen(host.code)[:4] == (0, True, (0, 0, 0), None)


@pytest.mark.parametrize("choice", [-1, 3])
def test_no_answer_but_those_that_are_there_is_taken(rooms, host, choice):
    with pytest.raises(VoteError):
        rooms.cast(host.code, "a", 0, choice)


@pytest.mark.parametrize("scene", [1, -1])
def test_nothing_that_is_not_asked_is_taken(rooms, host, scene):
    with pytest.raises(VoteError):
        rooms.cast(host.code, "a", scene, 0)


def test_rooms_and_ballots_are_bounded(rooms, host):
    for name in "abcd":
        rooms.cast(host.code, name, 0, 0)
    with pytest.raises(VoteError, match="no place"):
        rooms.cast(host.code, "e", 0, 0)
    rooms.cast(host.code, "a", 0, 1)
    assert rooms.seen(host.code).counts == (3, 1, 0)
    rooms.start(), rooms.start()
    with pytest.raises(VoteError, match="3 classes"):
        rooms.start()


def test_a_room_is_forgotten_when_neither_lecturer_nor_votes_come(rooms, host, clock):
    clock.now = 0.9 * KEPT
    rooms.cast(host.code, "a", 0, 0)
    clock.now = 1.8 * KEPT
    assert rooms.seen(host.code).counts == (1, 0, 0), "looking at it does not keep it"
    clock.now = 2 * KEPT
    with pytest.raises(VoteError, match="not any more"):
        rooms.seen(host.code)
    assert not rooms.hosts(host)
    rooms.start(), rooms.start(), rooms.start()


def test_threads_lose_no_vote():
    rooms = Rooms()
    host = rooms.start()
    rooms.ask(host, 0, 3)

    def student(number: int) -> None:
        own = ballot()
        for choice in (0, 1, 2, number % 3):
            rooms.cast(host.code, own, 0, choice)
            assert sum(rooms.seen(host.code).counts) <= 300

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(student, range(300)))
    assert rooms.seen(host.code).counts == (100, 100, 100)


@pytest.mark.parametrize("text", ["", "kxtr", "kxtrpp", "KXTRP", "aeiou", "kxtrp~", "kxtrp~short",
                                  "kxtrp~bcdfghjkmnpq~x", "kxtrp\n", "<b>x</"])
def test_a_code_that_nobody_was_given_is_refused(text):
    for word in ("room", "host"):
        with pytest.raises(ValueError, match="it must"):
            WORDS[word].read(text)


def test_codes_come_back_from_a_link():
    host = Rooms().start()
    assert WORDS["host"].read(WORDS["host"].write(host)) == host
    assert WORDS["room"].read(host.code) == (host.code,)
    with pytest.raises(ValueError, match="key"):
        WORDS["host"].read(host.code)
