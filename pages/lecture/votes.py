"""The votes of classes, in memory alone and without names.

    rooms = Rooms()
    host = rooms.start()                      # the lecturer's code and key
    rooms.ask(host, scene=0, choices=3)       # students can choose
    rooms.cast(host.code, "k3rw…", scene=0, choice=2)
    rooms.close(host, scene=0)
    rooms.reveal(host, scene=0, right=0)
    rooms.seen(host.code)                     # what there is to draw, for all who know the code

One vote for each ballot, a random word that a student's address keeps; it can be changed until the
vote is closed.  Rooms, and ballots in a room, are bounded; a room without a lecturer and new votes
for `KEPT` seconds is forgotten.  Any thread may call.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from dashboard.service.links import CODE_LENGTH, KEY_LENGTH, LETTERS

MOST_ROOMS = 50
MOST_BALLOTS = 1000
"""In a room."""
KEPT = 3 * 3600.0


class VoteError(ValueError):
    """A vote cannot be taken; says why."""


class Host(NamedTuple):
    """What makes someone the lecturer of a room."""

    code: str
    key: str


@dataclass
class Question:
    """A scene that is voted on.

    ballots  the choice of each ballot
    right    the answer, once it is revealed
    """

    choices: int
    open: bool = True
    ballots: dict[str, int] = field(default_factory=dict)
    right: int | None = None


@dataclass
class Room:
    """One lecture.

    scene      the one last asked about
    questions  by scene
    """

    key: str
    used: float
    scene: int | None = None
    questions: dict[int, Question] = field(default_factory=dict)
    ballots: set[str] = field(default_factory=set)


class Seen(NamedTuple):
    """A question as it stands: how often each answer was chosen, and what one ballot says."""

    scene: int
    open: bool
    counts: tuple[int, ...]
    right: int | None
    own: int | None


class Rooms:
    """All rooms of this server."""

    def __init__(self, most: int = MOST_ROOMS, ballots: int = MOST_BALLOTS,
                 clock: Callable[[], float] = time.monotonic):
        self._most, self._ballots, self._clock = most, ballots, clock
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()

    def start(self) -> Host:
        """A new room.  Raises VoteError if there are too many."""
        with self._lock:
            self._forget()
            if len(self._rooms) >= self._most:
                raise VoteError(f"{self._most} classes are voting on this server already. Try"
                                " again later.")
            code = _word(CODE_LENGTH)
            while code in self._rooms:
                code = _word(CODE_LENGTH)
            host = Host(code, _word(KEY_LENGTH))
            self._rooms[code] = Room(host.key, self._clock())
            return host

    def end(self, host: Host) -> None:
        """Forget a room at once."""
        with self._lock:
            if self._own(host):
                del self._rooms[host.code]

    def hosts(self, host: Host) -> bool:
        """Whether this is the key of a room that there is."""
        with self._lock:
            return self._own(host) is not None

    def ask(self, host: Host, scene: int, choices: int) -> None:
        """Let students vote on a scene; one that was closed before stays closed."""
        with self._lock:
            if room := self._own(host):
                room.scene = scene
                room.questions.setdefault(scene, Question(choices))

    def close(self, host: Host, scene: int) -> None:
        self._change(host, scene, is_open=False)

    def reopen(self, host: Host, scene: int) -> None:
        """Unless the answer has been revealed."""
        self._change(host, scene, is_open=True)

    def reveal(self, host: Host, scene: int, right: int) -> None:
        """Close the vote on a scene and tell the answer."""
        with self._lock:
            room = self._own(host)
            if room and scene in room.questions:
                room.questions[scene].open, room.questions[scene].right = False, right

    def cast(self, code: str, ballot: str, scene: int, choice: int) -> None:
        """Count a ballot, in place of what it said before.  Raises VoteError."""
        with self._lock:
            room = self._room(code)
            question = room.questions.get(scene) if room else None
            if room is None or question is None or not question.open:
                raise VoteError("This vote is closed.")
            if choice not in range(question.choices):
                raise VoteError("There is no such answer.")
            if ballot not in room.ballots and len(room.ballots) >= self._ballots:
                raise VoteError(f"More than {self._ballots} have voted: there is no place left.")
            room.used = self._clock()
            room.ballots.add(ballot)
            question.ballots[ballot] = choice

    def seen(self, code: str, ballot: str = "", scene: int | None = None) -> Seen | None:
        """A scene, or the one last asked about; None where nothing has been asked.

        Raises VoteError for a room that there is not.
        """
        with self._lock:
            room = self._room(code)
            if room is None:
                raise VoteError("There is no such vote, or not any more.")
            scene = room.scene if scene is None else scene
            question = room.questions.get(scene) if scene is not None else None
            if scene is None or question is None:
                return None
            counts = [0] * question.choices
            for choice in question.ballots.values():
                counts[choice] += 1
            return Seen(scene, question.open, tuple(counts), question.right,
                        question.ballots.get(ballot))

    # ---- with the lock held

    def _change(self, host: Host, scene: int, *, is_open: bool) -> None:
        with self._lock:
            room = self._own(host)
            if room and scene in room.questions and room.questions[scene].right is None:
                room.questions[scene].open = is_open

    def _own(self, host: Host) -> Room | None:
        room = self._room(host.code)
        if room is None or not hmac.compare_digest(room.key, host.key):
            return None
        room.used = self._clock()
        return room

    def _room(self, code: str) -> Room | None:
        self._forget()
        return self._rooms.get(code)

    def _forget(self) -> None:
        oldest = self._clock() - KEPT
        self._rooms = {code: room for code, room in self._rooms.items() if room.used >= oldest}


def ballot() -> str:
    """A new one."""
    return _word(KEY_LENGTH)


def _word(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


rooms = Rooms()
"""Those of the process."""
