"""What people read first of a simulation: which estimate is the most accurate, and whether its fringe has to be known."""

from __future__ import annotations

import contextlib
import io
import math
import re

import pytest

from networks import SensorNetwork
from protocols import Simulation, show, simulate


def _text(result: Simulation) -> str:
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        show(result, "plain")
    return stream.getvalue()


def _first_sentence(result: Simulation) -> str:
    text = " ".join(_text(result).split()).replace("- ", "-")  # lines are broken at hyphens, too
    found = re.search(r"Smallest root mean squared error.*?light(?=[.,]).*?\.(?= Mean squared)", text)
    assert found is not None, text
    return found.group()


@pytest.mark.parametrize("photons", [2, 3])
def test_names_the_least_error_with_and_without_prior_knowledge(photons: int) -> None:
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=photons)
    result = simulate(network, schemes=["noon", "noon-in-turn"], shots=60, trials=400, seed=4)
    knowing = min(result.results, key=lambda row: row.mse)
    blind = min(
        (row for row in result.results if row.estimator in ("robust", "adaptive", "fixed-offsets")),
        key=lambda row: row.mse,
    )
    assert knowing.estimator in ("parity", "maximum-likelihood"), "otherwise the sentence needs no second half"
    before, after = _first_sentence(result).split("; where nothing is known of it, ")
    for words, row in ((before, knowing), (after, blind)):
        assert f"by {row.scheme} with {row.estimator}, {math.sqrt(row.mse / row.probe_bound):.3g} times" in words
        told = re.search(r"([\d.]+)(?:\(\d+\))? rad by", words)
        assert told is not None
        assert float(told.group(1)) == pytest.approx(math.sqrt(row.mse), rel=2e-2)
    assert before.endswith("where the phase is known to within a fringe beforehand")


def test_nothing_has_to_be_known_where_nothing_is_assumed() -> None:
    alone = simulate(
        SensorNetwork.chain([1, -1], sensing="phase", photons=2),
        scheme="noon",
        estimator="adaptive",
        shots=30,
        trials=50,
    )
    fields = simulate(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2), shots=30, trials=50)
    assert "known" not in _first_sentence(alone)
    assert "known" not in _first_sentence(fields)
    assert " standard deviations of the vacuum by " in _first_sentence(fields)


def test_a_table_holds_what_needs_no_prior_knowledge() -> None:
    result = simulate(SensorNetwork.chain([1, -1], sensing="phase", photons=2), scheme="noon", shots=40, trials=100)
    text = _text(result)
    table = text[text.index("Where nothing is known of the phase beforehand") :]
    robust = result.result("noon", "robust")
    assert robust.guaranteed_mse is not None
    assert f"{robust.guaranteed_mse:.7g}" in table
    assert "parity" not in table[: table.index("MSE/bound")]
    assert "62 of 80" in text


def test_errors_below_the_bound_of_the_light_say_why() -> None:
    """One trial, and light of which no photon was seen in any: the estimates are what was known before."""
    why = "times the root of the Cramer-Rao bound of this light (less than 1 by chance, or by what is known of q beforehand)"
    network = SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e-9)
    faint = simulate(network, scheme="coherent", estimator="linear", shots=30, trials=40, seed=1)
    (row,) = faint.results
    assert row.probe_bound is not None
    assert row.mse < 1e-6 * row.probe_bound
    assert why in " ".join(_text(faint).split())
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    for trials, is_said in ((1, True), (400, False)):
        result = simulate(pair, scheme="noon", estimator="parity", shots=60, trials=trials, seed=4)
        (row,) = result.results
        assert row.probe_bound is not None
        assert trials > 1 or row.mse < row.probe_bound, "another seed"
        assert (why in " ".join(_text(result).split())) == is_said
