"""The votes of classes, without names.

    rooms = Rooms()
    host = rooms.start()                      # the lecturer's code and key
    rooms.ask(host, scene=0, choices=3)       # students can choose
    rooms.cast(host.code, "k3rw…", scene=0, choice=2)
    rooms.close(host, scene=0)
    rooms.reveal(host, scene=0, right=0)
    rooms.seen(host.code)                     # what there is to draw, for all who know the code

One vote for each ballot, a random word that a student's address keeps; it can be changed until the
vote is closed.  Rooms, and ballots in a room, are bounded; a room without a lecturer and new votes
for `KEPT` seconds is forgotten.  Any thread may call, and any process that shares the file.
"""

import hmac
import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from dashboard.service import worker
from dashboard.service.links import CODE_LENGTH, KEY_LENGTH, LETTERS

MOST_ROOMS = 50
MOST_BALLOTS = 1000
"""In a room."""
KEPT = 3 * 3600.0
PATIENCE = 5.0
"""Seconds to wait for another process that writes."""
TABLES = """
CREATE TABLE IF NOT EXISTS rooms (code PRIMARY KEY, key, used REAL, scene INTEGER);
CREATE TABLE IF NOT EXISTS questions (
    code REFERENCES rooms ON DELETE CASCADE, scene INTEGER, choices INTEGER, open INTEGER,
    answer INTEGER, PRIMARY KEY (code, scene)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ballots (
    code REFERENCES rooms ON DELETE CASCADE, scene INTEGER, ballot, choice INTEGER,
    PRIMARY KEY (code, scene, ballot)) WITHOUT ROWID;
"""
"""`scene` of a room is the one last asked about; `answer` the right choice, once it is revealed."""

log = logging.getLogger("dashboard.votes")


class VoteError(ValueError):
    """A vote cannot be taken; says why."""


class Host(NamedTuple):
    """What makes someone the lecturer of a room."""

    code: str
    key: str


class Seen(NamedTuple):
    """A question as it stands: how often each answer was chosen, and what one ballot says."""

    scene: int
    open: bool
    counts: tuple[int, ...]
    right: int | None
    own: int | None


class Rooms:
    """All rooms of a port; in memory, or in a file that its workers share.  What a lecturer does
    goes unheard where that cannot be written; who begins or votes is told.

    clock  seconds, the same in all processes and through a change of the time of day
    """

    def __init__(self, most: int = MOST_ROOMS, ballots: int = MOST_BALLOTS,
                 clock: Callable[[], float] = time.monotonic, file: Path | None = None):
        self._most, self._ballots, self._clock = most, ballots, clock
        self._file = file
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def start(self) -> Host:
        """A new room.  Raises VoteError if there are too many."""
        with self._change() as database:
            if database.execute("SELECT COUNT(*) FROM rooms").fetchone()[0] >= self._most:
                raise VoteError(f"{self._most} classes are voting on this server already. Try"
                                " again later.")
            code = _word(CODE_LENGTH)
            while self._key(code):
                code = _word(CODE_LENGTH)
            host = Host(code, _word(KEY_LENGTH))
            database.execute("INSERT INTO rooms VALUES (?, ?, ?, NULL)", (*host, self._clock()))
            return host

    def end(self, host: Host) -> None:
        """Forget a room at once."""
        with suppress(VoteError), self._change() as database:
            if self._own(host):
                database.execute("DELETE FROM rooms WHERE code = ?", (host.code,))

    def hosts(self, host: Host) -> bool:
        """Whether this is the key of a room that there is."""
        try:
            with self._change():
                return self._own(host)
        except VoteError:
            return False

    def ask(self, host: Host, scene: int, choices: int) -> None:
        """Let students vote on a scene; one that was closed before stays closed."""
        with suppress(VoteError), self._change() as database:
            if self._own(host):
                database.execute("UPDATE rooms SET scene = ? WHERE code = ?", (scene, host.code))
                database.execute("INSERT OR IGNORE INTO questions VALUES (?, ?, ?, 1, NULL)",
                                 (host.code, scene, choices))

    def close(self, host: Host, scene: int) -> None:
        self._open(host, scene, is_open=False)

    def reopen(self, host: Host, scene: int) -> None:
        """Unless the answer has been revealed."""
        self._open(host, scene, is_open=True)

    def reveal(self, host: Host, scene: int, right: int) -> None:
        """Close the vote on a scene and tell the answer."""
        with suppress(VoteError), self._change() as database:
            if self._own(host):
                database.execute("UPDATE questions SET open = 0, answer = ? WHERE code = ?"
                                 " AND scene = ?", (right, host.code, scene))

    def cast(self, code: str, ballot: str, scene: int, choice: int) -> None:
        """Count a ballot, in place of what it said before.  Raises VoteError."""
        with self._change() as database:
            question = database.execute("SELECT choices, open FROM questions WHERE code = ?"
                                        " AND scene = ?", (code, scene)).fetchone()
            if question is None or not question[1]:
                raise VoteError("This vote is closed.")
            if choice not in range(question[0]):
                raise VoteError("There is no such answer.")
            others, = database.execute("SELECT COUNT(DISTINCT ballot) FROM ballots WHERE code = ?"
                                       " AND ballot <> ?", (code, ballot)).fetchone()
            if others >= self._ballots:
                raise VoteError(f"More than {self._ballots} have voted: there is no place left.")
            self._use(code)
            database.execute("INSERT OR REPLACE INTO ballots VALUES (?, ?, ?, ?)",
                             (code, scene, ballot, choice))

    def seen(self, code: str, ballot: str = "", scene: int | None = None) -> Seen | None:
        """A scene, or the one last asked about; None where nothing has been asked.

        Raises VoteError for a room that there is not.
        """
        with self._lock, told():
            database = self._anew()
            room = database.execute("SELECT scene FROM rooms WHERE code = ? AND used >= ?",
                                    (code, self._oldest())).fetchone()
            if room is None:
                raise VoteError("There is no such vote, or not any more.")
            scene = room[0] if scene is None else scene
            question = database.execute(
                "SELECT choices, open, answer FROM questions WHERE code = ? AND scene = ?",
                (code, scene)).fetchone()
            if scene is None or question is None:
                return None
            choices, is_open, right = question
            votes = dict(database.execute(
                "SELECT ballot, choice FROM ballots WHERE code = ? AND scene = ?", (code, scene)))
        counts = [0] * choices
        for choice in votes.values():
            counts[choice] += 1
        return Seen(scene, bool(is_open), tuple(counts), right, votes.get(ballot))

    # ---- in a transaction

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction, which begins with forgetting.  Raises VoteError."""
        with self._lock, told():
            database = self._anew()
            database.execute("BEGIN IMMEDIATE")
            with database:
                database.execute("DELETE FROM rooms WHERE used < ?", (self._oldest(),))
                yield database

    def _anew(self) -> sqlite3.Connection:
        """The database; its file is opened again where it is not the one that was opened, which
        what tidies up may have taken away while others go on in a new one."""
        if self._connection is not None and _identity(self._file) != self._opened:
            self._connection.close()
            self._connection = None
        return self._database()

    def _database(self) -> sqlite3.Connection:
        """Opened with the first vote.  Raises sqlite3.Error."""
        if self._connection is None:
            opened = sqlite3.connect(self._file or ":memory:", timeout=PATIENCE,
                                     isolation_level=None, check_same_thread=False)
            opened.executescript(f"PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF;{TABLES}")
            self._connection, self._opened = opened, _identity(self._file)
        return self._connection

    def _open(self, host: Host, scene: int, *, is_open: bool) -> None:
        with suppress(VoteError), self._change() as database:
            if self._own(host):
                database.execute("UPDATE questions SET open = ? WHERE code = ? AND scene = ?"
                                 " AND answer IS NULL", (is_open, host.code, scene))

    def _own(self, host: Host) -> bool:
        """Whether the key is the room's; the room is used then."""
        key = self._key(host.code)
        if not key or not hmac.compare_digest(key, host.key):
            return False
        self._use(host.code)
        return True

    def _key(self, code: str) -> str:
        """Of a room, or nothing."""
        found = self._database().execute("SELECT key FROM rooms WHERE code = ?", (code,)).fetchone()
        return found[0] if found else ""

    def _use(self, code: str) -> None:
        self._database().execute("UPDATE rooms SET used = ? WHERE code = ?", (self._clock(), code))

    def _oldest(self) -> float:
        return self._clock() - KEPT


@contextmanager
def told() -> Iterator[None]:
    """Why a vote cannot be taken, where the database cannot be used."""
    try:
        yield
    except sqlite3.Error as error:
        log.warning("votes", extra={"error": str(error)})
        raise VoteError("The server cannot keep votes just now, as its log says.") from None


def _identity(file: Path | None) -> tuple[int, int] | None:
    """What tells a file from another of its name; None where there is none."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def ballot() -> str:
    """A new one."""
    return _word(KEY_LENGTH)


def _word(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


rooms = Rooms(file=worker.FOLDER and worker.FOLDER / "votes.sqlite")
"""Those of the port."""
