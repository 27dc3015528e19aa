"""What people read first of ``psn loss`` and ``psn privacy``, against numbers worked out here."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from networks import SensorNetwork
from protocols import loss_report, privacy_report, show


def _words(result: object) -> str:
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        show(result, "plain")
    return " ".join(stream.getvalue().split()).replace("- ", "-")


def test_loss_of_a_noon_state_beside_the_shot_noise() -> None:
    eta, photons = 0.9, 4
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=photons, transmissivity=eta)
    noon, shot_noise = 1 / (photons**2 * eta**photons), 1 / (photons * eta)
    words = _words(loss_report(network))
    assert f"mean squared error {noon:.7g} rad^2 a shot, {shot_noise / noon:.4g} times below the shot noise" in words


def test_loss_that_leaves_nothing_above_the_shot_noise() -> None:
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=4, transmissivity=0.3)
    words = _words(loss_report(network))
    assert "Best scheme under these losses: coherent, " in words
    assert " as large as the shot noise" in words


def test_loss_names_all_schemes_that_are_as_good() -> None:
    """One photon: every state of it, and 0 dB of squeezing: coherent light under other names; none of them is the best alone."""
    one = loss_report(SensorNetwork.chain([1, -1], sensing="phase", photons=1))
    same = [
        row.scheme for row in one.rows if abs(row.mse - 1) < 1e-9 and not row.scheme.startswith(("best", "noon-equal"))
    ]
    assert {"noon", "coherent"} <= set(same)
    best = (
        f"Best schemes under these losses: {', '.join(same[:-1])} and {same[-1]}, mean squared error 1 rad^2 a shot, "
    )
    assert f"{best}as large as the shot noise and as large as" in _words(one)
    unsqueezed = SensorNetwork.star([1, -0.5], sensing="phase", mean_photons=10, squeezing_db=0)
    words = _words(loss_report(unsqueezed))
    assert "Best schemes under these losses: " in words
    assert "coherent" in words[: words.index(", mean squared error 0.1 rad^2 a shot")]


def test_privacy_of_squeezed_light_behind_loss() -> None:
    eta, nbar = 0.8, 2.0
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=nbar, transmissivity=eta)
    # Fisher information about displacements in front of the loss: eta/(1 - eta + eta e^{-2r}) along q, eta/(1 - eta + eta) across.
    squeezed = (np.sqrt(nbar + 1) - np.sqrt(nbar)) ** 2
    along, across = eta / (1 - eta + eta * squeezed), eta
    words = _words(privacy_report(network, scheme="entangled-squeezed"))
    assert f"privacy {along / (along + across):.7g} (1: q and nothing else)" in words
    assert f"of {along:.7g} along the unit vector of q and of up to {across:.7g} along one orthogonal to it" in words


def test_privacy_of_light_that_tells_nothing_else() -> None:
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=4)
    assert "noon reveals q and nothing else: privacy 1." in _words(privacy_report(network, scheme="noon"))


@pytest.mark.parametrize("scheme", ["noon-in-turn", "coherent"])
def test_privacy_of_light_that_tells_more(scheme: str) -> None:
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=4)
    words = _words(privacy_report(network, scheme=scheme))
    assert (f"{scheme} reveals more than q" in words) == (privacy_report(network, scheme=scheme).privacy < 1 - 1e-9)
