"""Runs solved beforehand: what the engine gives, and used only while it cannot."""

import gzip

import pytest

from dashboard.service import jobs, kernels, stored
from dashboard.service.links import Settings
from engine import Parameters, solve

SOUND = stored.worth_storing()


@pytest.mark.parametrize("settings", SOUND, ids=map(str, range(len(SOUND))))
def test_a_stored_run_is_what_the_engine_gives(settings):
    """Other kernels may take other steps: the two agree as well as the tolerance says, which holds
    at each step; a plateau that is left late multiplies what has gathered by then."""
    kept, fresh = stored.stored(settings), solve(settings.parameters, settings.rtol)
    assert kept is not None, "the examples have changed: python -m dashboard.service.stored"
    assert kept.status is fresh.status and kept.label == fresh.label
    assert stored.differs(fresh, kept) < 10 * settings.rtol
    assert set(kept.versions) == set(fresh.versions)


def test_the_default_run_is_there_before_the_kernels_are(monkeypatch):
    def no_kernels(*_, **__):
        raise AssertionError("asked for a kernel")

    monkeypatch.setattr(jobs, "solve", no_kernels)
    kernels._ready["identical"].clear()
    try:
        assert jobs.solved(Settings()) is stored.stored(Settings())
    finally:
        kernels._ready["identical"].set()


def test_other_settings_are_not_stored():
    assert stored.stored(Settings(Parameters(alpha=0.123))) is None


@pytest.mark.parametrize("content", [
    None, b"", b"no gzip", gzip.compress(b"{"), gzip.compress(b"[{}]"),
    stored.FILE.read_bytes()[:5000]], ids=["missing", "empty", "other", "cut", "strange", "short"])
def test_a_file_that_is_missing_or_damaged_is_passed_over(tmp_path, monkeypatch, content):
    file = tmp_path / "runs.json.gz"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(stored, "FILE", file)
    stored._runs.cache_clear()
    try:
        assert stored.stored(Settings()) is None
    finally:
        stored._runs.cache_clear()
