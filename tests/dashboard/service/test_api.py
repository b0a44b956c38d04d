"""The address for programs: the pages' runs as JSON, bounded, and a reason for what is refused."""

import asyncio
import gzip
import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from dashboard.service import api, kernels, links
from dashboard.service.api import PATH, VISITOR, Solver
from dashboard.service.jobs import Manager, Queue
from dashboard.service.links import Settings
from dashboard.service.turns import Turns
from engine import Parameters, Trajectory, solve
from engine.results.keyfigures import key_figures

LONG = 20.0


@pytest.fixture(autouse=True)
def compiled():
    """Another test's app may still be compiling the kernels."""
    kernels._ready["identical"].set()


@pytest.fixture
def solver():
    drawn = lambda run, other: json.dumps([len(run), other and len(other)]).encode()  # noqa: E731
    return Solver(drawn, Manager(workers=2), Turns(1), places=2)


def ask(solver: Solver, query: str, *, visitor: str = "", gzipped: bool = False):
    """Status, headers and content of the answer to a query."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(VISITOR.encode(), visitor.encode())]
    if gzipped:
        headers.append((b"accept-encoding", b"gzip"))
    scope = {"type": "http", "method": "GET", "path": PATH, "headers": headers,
             "query_string": query.encode(), "client": ("192.0.2.1", 1)}
    # In a thread of its own: Playwright leaves an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(
            Starlette(routes=solver.routes())(scope, receive, send))).result()
    body = b"".join(message.get("body", b"") for message in sent[1:])
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    if told.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return sent[0]["status"], told, json.loads(body)


def test_a_link_gives_its_run_to_the_last_bit_with_its_key_figures(solver):
    p = Parameters(m=32, tau=0.5)
    status, headers, told = ask(solver, urlencode(links.write(
        links.defaults() | links.values_of(Settings(p)))))
    assert status == 200 and headers["content-type"] == "application/json"
    run, expected = Trajectory.from_dict(told), solve(p)
    assert run.parameters == p
    assert list(run.test_error) == list(expected.test_error)
    k = key_figures(expected)
    assert told["figures"]["best_test_error"] == {"value": k.best_test_error,
                                                  "error": k.error("best_test_error")}


def test_an_event_that_does_not_happen_has_no_figure(solver):
    assert ask(solver, "alpha=3")[2]["figures"]["gap_opens"] is None


def test_the_view_of_the_explorer_is_drawn_over_the_pinned_run(solver):
    plain = ask(solver, "m=32&view=chart", gzipped=True)
    assert plain[2] == [len(solve(Parameters(m=32))), None]
    assert plain[1]["content-encoding"] == "gzip"
    assert ask(solver, "m=32&view=chart&pinned=m~16")[2] == [len(solve(Parameters(m=32))),
                                                            len(solve(Parameters(m=16)))]


@pytest.mark.parametrize(("query", "field", "rule", "fix"), [
    ("alpha=99", "alpha", "from 0.01 to 10", "nearest allowed value is 10"),
    ("tau=abc", "tau", "must be a number", ""),
    ("beta=1", "beta", "is not a parameter", "Use one of"),
    ("m=8&m=16", "m", "must be given once", "Leave one"),
    ("v=2", "v", "must be 1", "Leave it out"),
    ("view=svg", "view", "must be one of run, chart", "Leave it out"),
    ("pinned=m~16~m", "pinned", "names and values", "Copy it"),
    ("spread=0.1", "groups", "unequal neurons take long", "Leave out"),
    ("pinned=spread~0.1", "groups", "unequal neurons take long", "Leave out"),
    ("rtol=0.001", "rtol", "at least 0.003", "Use 0.003"),
    ("activation=relu", "activation", "kink", "gelu"),
])
def test_what_breaks_a_rule_is_told_with_field_rule_got_and_fix(solver, query, field, rule, fix):
    status, _, told = ask(solver, query)
    assert status == 400
    assert told["error"]["field"] == field and rule in told["error"]["rule"]
    assert told["error"]["got"] and fix in told["error"]["fix"]


def hostile(seed: int) -> str:
    """A query with at least one fault."""
    rng = random.Random(seed)
    texts = ["", "nan", "inf", "-1e999", "0x10", "1e400", "١٢", "'; DROP", "<script>", "\x00", "~",
             "9" * 500, "../../etc/passwd", "{{7*7}}", "1,2,3,4,5,6,7,8,9,10,11", "ünïcödé", "%s",
             "__class__", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]
    words = ["alpha", "tau", "m", "a0", "h", "phi", "t_max", "rtol", "init", "target", "activation",
             "groups", "overlaps", "pinned", "v", "view", "start_d", "weight_decay", "widths"]
    strange = ["", "__proto__", "alpha[]", "ALPHA", "α", "m\n", "key" * 100, "\x7f"]
    query = [(rng.choice(words), rng.choice(texts)) for _ in range(rng.randint(0, 4))]
    query.append((rng.choice(strange), rng.choice(texts)))
    rng.shuffle(query)
    return urlencode(query)


def test_hostile_queries_are_refused_with_a_reason_and_nothing_is_solved(solver):
    for seed in range(400):
        status, _, told = ask(solver, hostile(seed))
        assert status == 400, seed
        assert set(told["error"]) == {"field", "rule", "got", "fix"}, seed
        assert all(told["error"][name] for name in ("rule", "fix")), seed
        assert "Traceback" not in json.dumps(told) and len(json.dumps(told)) < 2000, seed
    assert solver._jobs.state()["cached"] == 0


def held(solver: Solver, query: str, visitor: str):
    """A request in a thread of its own that waits in the drawing until it is let go."""
    inside, go = threading.Event(), threading.Event()

    def draw(run, other):
        inside.set()
        go.wait(LONG)
        return b"{}"

    solver._draw = draw
    thread = threading.Thread(target=ask, args=(solver, query), kwargs={"visitor": visitor})
    thread.start()
    assert inside.wait(LONG)
    return go, thread


def test_a_visitor_asks_one_thing_at_a_time_and_places_are_few(solver):
    go, thread = held(solver, "m=8&view=chart", "a")
    status, headers, told = ask(solver, "m=8", visitor="a")
    assert status == 429 and headers["retry-after"] == "1"
    assert "one request at a time" in told["error"]["rule"] and told["error"]["fix"]
    assert ask(solver, "m=8", visitor="b")[0] == 200
    solver._places = 1
    assert ask(solver, "m=8", visitor="b")[0] == 503
    go.set()
    thread.join(LONG)
    assert ask(solver, "m=8", visitor="a")[0] == 200


def test_while_pages_are_drawn_programs_are_told_to_come_back(solver, monkeypatch):
    monkeypatch.setattr(api, "SECONDS", 0.5)
    ask(solver, "m=8")
    with solver._turns.taken():
        status, headers, _ = ask(solver, "m=8&view=chart")
    assert status == 503 and headers["retry-after"] == "1"


def test_while_others_solve_only_what_is_known_is_answered(solver):
    ask(solver, "m=8")
    go = threading.Event()
    jobs = [solver._jobs.submit(n, lambda monitor: go.wait(LONG), Queue.QUICK)
            for n in range(2)]
    assert ask(solver, "m=8")[0] == 200
    assert ask(solver, "m=9")[0] == 503
    go.set()
    assert all(job.join(LONG) for job in jobs)
    for job in jobs:
        job.release()


def test_a_run_that_takes_too_long_is_stopped(solver, monkeypatch):
    stopped = threading.Event()

    def endless(p, rtol, monitor):
        while not monitor.cancel():
            pass
        stopped.set()

    monkeypatch.setattr(api, "SECONDS", 0.05)
    monkeypatch.setattr(api, "solve", endless)
    status, headers, told = ask(solver, "m=8")
    assert status == 503 and headers["retry-after"] == "60"
    assert "longer than" in told["error"]["rule"]
    assert stopped.wait(LONG)


def test_before_the_kernels_are_there_programs_wait(solver):
    kernels._ready["identical"].clear()
    assert ask(solver, "m=8")[:2][0] == 503
    kernels._ready["identical"].set()
