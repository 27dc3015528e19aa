"""The long profile itself: a failure is kept with its seed, is found again by it, and the next chunk begins all the same."""

import json

import pytest
import running
from hypothesis import strategies as st


def refuse_large(number, counts):
    counts["small"] += number < 5
    if number >= 50:
        # As ``pytest.raises`` does where nothing is raised.
        pytest.fail(f"{number} is large")


def fail(monkeypatch, folder, first=None):
    """The record of a run in which every chunk meets a number that is refused."""
    for name, value in {"IS_LONG": True, "MINUTES": 60.0, "FIRST_SEED": first, "RECORD": folder}.items():
        monkeypatch.setattr(running, name, value)
    monkeypatch.setattr(running, "FAILURES", folder / "failures.jsonl")
    with pytest.raises(AssertionError, match="3 chunks failed, of the seeds"):
        running.fuzz("large numbers", refuse_large, st.integers(0, 1000), short=1, share=1.0)
    return [json.loads(line) for line in (folder / "failures.jsonl").read_text().splitlines()]


def test_failures_are_kept_made_small_and_found_again(monkeypatch, tmp_path):
    record = fail(monkeypatch, tmp_path)
    assert [one["test"] for one in record] == ["large numbers"] * 3
    assert len({one["seed"] for one in record}) == 3
    assert "case=50" in " ".join(record[0]["notes"])
    again = fail(monkeypatch, tmp_path / "again", first=str(record[0]["seed"]))
    assert again[0] == record[0]


def test_the_long_profile_counts_and_ends(monkeypatch, tmp_path):
    for name, value in {"IS_LONG": True, "MOST_CHUNKS": 2, "FIRST_SEED": "1", "RECORD": tmp_path}.items():
        monkeypatch.setattr(running, name, value)
    counts = running.fuzz("small numbers", refuse_large, st.integers(0, 9), short=1, share=1.0)
    assert 10 <= counts["cases"] <= 2 * running.CHUNK
    assert 0 < counts["small"] < counts["cases"]
