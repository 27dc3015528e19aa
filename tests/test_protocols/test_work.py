"""The error of photons at noisy detectors in closed form, and how much work designs do: counts of calls, never times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from drawn import seeds

from networks import Link, Mode, SensorNetwork
from photonics import engines
from protocols import design
from protocols.built import build as building
from protocols.built.built import Built
from protocols.built.detected_turns import error_of_photons
from protocols.layout import paths
from protocols.layout.paths import Paths
from protocols.layout.photon.routes import Routes
from protocols.layout.strings.layout import StringSearch
from protocols.problem import PhaseProblem
from protocols.ranking.candidates import rank_plans
from protocols.schemes import find_scheme, readouts
from protocols.schemes.evaluation import probe_theta
from protocols.schemes.plan import Plan
from protocols.theory.detected_pairs import detected_pair_mse, detected_pair_mses, log_laguerre

TURNS = ("noon-in-turn", "pairs-in-turn", "separable-phase")


def noisy_network(rng: Random) -> SensorNetwork:
    """Up to four sensors and a reference, lossy links, every number of the detectors drawn."""
    d = rng.randint(1, 4)
    arms = [rng.choice([None, None, None, 2]) for _ in range(d)]
    modes = [
        Mode(
            id=f"s{j}",
            alpha=rng.choice([1, 2, -1]),
            coupling="mach-zehnder",
            arms=arms[j],
            transmissivity=rng.uniform(0.4, 1.0),
            visibility=rng.uniform(0.5, 1.0),
            dark_counts=rng.choice([0.0, 1e-4, 0.1, 2.0]),
            detector_efficiency=rng.uniform(0.5, 1.0),
        )
        for j in range(d)
    ]
    modes.append(Mode(id="r", role="reference", transmissivity=rng.uniform(0.4, 1.0)))
    return SensorNetwork(
        sensing="phase",
        modes=modes,
        links=[Link(ends=(f"s{j}", "r"), transmissivity=rng.uniform(0.5, 1.0)) for j in range(d)],
        photons=rng.randint(d, 12),
        passes=rng.randint(1, 3),
        phase_jitter_rad=rng.choice([0.01, 0.1, 0.3]),
        transmissivity_before=rng.uniform(0.5, 1.0),
        dark_counts=0.01,
    )


@seeds(12)
def test_noisy_pairs_in_closed_form_have_the_error_of_the_engine(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the projection of the native engine, whose probabilities know nothing of Laguerre."""
    problem = PhaseProblem(network=noisy_network(Random(seed)))
    compared = 0
    for name in TURNS:
        plan = find_scheme("phase", name).plan(problem)
        if not isinstance(plan, Plan):
            continue
        for part, theta in zip(plan.parts, probe_theta(plan), strict=True):
            arguments = part, theta, part.coefficients_of(problem.alpha), problem.detectors(part.circuit.modes)
            with monkeypatch.context() as without:
                without.setattr(readouts, "_pair_mse", lambda *_: None)
                engine = readouts.detected_mse(*arguments)
            with monkeypatch.context() as no_engine:
                no_engine.setattr(readouts, "_mid_fringe", None)
                closed = readouts.detected_mse(*arguments)
            assert closed == pytest.approx(engine, rel=1e-12)
            compared += 1
    assert compared


@pytest.mark.parametrize(("n", "x"), [(1, 0.3), (5, 2.0), (40, 1e-3), (400, 2.5e3)])
def test_laguerre_of_many_photons(n: int, x: float) -> None:
    """By exact integers, also where the polynomial is beyond floating point."""
    exact = sum(Fraction(x) ** k * math.comb(n, k) / math.factorial(k) for k in range(n + 1))
    scale = 10 ** max(0, len(str(int(exact))) - 1)
    assert log_laguerre(n, x) == pytest.approx(math.log(exact / scale) + math.log(scale), rel=1e-13)


def test_no_fringe_is_an_infinite_error() -> None:
    """Where nothing arrives, or jitter leaves nothing of the fringe."""
    assert detected_pair_mse(3, 1, (0.5, 0.5), (0.0, 1.0)) == math.inf
    assert detected_pair_mse(3, 1, (0.5, 0.5), (1.0, 1.0), contrast=0.0) == math.inf
    assert detected_pair_mse(10**4, 1, (0.5, 0.5), (1e-3, 1.0)) == math.inf


@seeds(20)
def test_many_noisy_pairs_at_once_are_those_one_by_one(seed: int) -> None:
    """From no dark count to so many that their sum has hundreds of terms, and with light that does not arrive."""
    rng = Random(seed)
    rows = []
    for _ in range(30):
        p = rng.choice([rng.random(), 1e-200, 0.0])
        survival = tuple(rng.choice([1.0, rng.random(), 1e-6, 1e-310, 0.0]) for _ in range(2))
        dark = rng.choice([0.0, 1e-6, 0.1, 3.0, 400.0])
        rows.append(
            (rng.choice([1, 2, 7, 300, 10**6]), (p, 1 - p), survival, rng.choice([1.0, 0.3, 0.0, 1e-170]), dark)
        )
    passes = rng.randint(1, 3)
    photons, populations, survivals, contrast, dark_counts = (np.array(column) for column in zip(*rows, strict=True))
    together = detected_pair_mses(
        photons, passes, populations, survivals, contrast=contrast, dark_counts=dark_counts
    ).tolist()
    for found, (n, both, survival, left, dark) in zip(together, rows, strict=True):
        alone = detected_pair_mse(n, passes, both, survival, contrast=left, dark_counts=dark)
        assert found == pytest.approx(alone, rel=1e-9)
        assert math.isinf(found) == math.isinf(alone)


def test_branches_that_are_too_rare_to_compare() -> None:
    """One of two branches is 1e300 times rarer than the other: an error beyond use, and no warning of numpy."""
    chain = SensorNetwork.chain([2, -1, -1], sensing="phase", photons=4, visibility=0.9)
    first, second = chain.links
    dark = chain.replace(links=(Link(ends=first.ends, transmissivity=1e-160), second))
    made = building.build(find_scheme("phase", "noon"), dark)
    assert isinstance(made, Built)
    assert made.mse > 1e150


@pytest.mark.parametrize("name", TURNS)
@seeds(6)
def test_the_search_for_photons_knows_what_is_built(seed: int, name: str) -> None:
    """Errors by which the number of photons is sought are those of plans built with so many."""
    problem = PhaseProblem(network=noisy_network(Random(100 + seed)))
    scheme = find_scheme("phase", name)
    error = error_of_photons(scheme, problem, None)
    assert error is not None
    for photons in {1, 2, problem.photons // 2 + 1, problem.photons}:
        made = building._built(scheme, problem.with_budget(photons, problem.passes), None, None, fewer=True)
        sought = error(photons) if scheme.why_not(problem) is None else None
        if isinstance(made, Built) and sought is not None:
            assert sought.mse == pytest.approx(made.mse, rel=1e-9)
            assert sought.photons == building.photons_sent(made.as_built)
        elif sought is not None:
            assert sought.mse == math.inf


def star(sensors: int, sensing: str, **more: Any) -> SensorNetwork:
    """A hub with lossy links of its own to all sensors."""
    coupling = "mach-zehnder" if sensing == "phase" else "displacement"
    modes = [
        Mode(id=f"s{j}", alpha=(1, 2, -1)[j % 3], coupling=coupling, transmissivity=0.95 - 0.001 * j)
        for j in range(sensors)
    ]
    modes.append(Mode(id="hub", role="reference" if sensing == "phase" else "ancilla"))
    links = [Link(ends=("hub", f"s{j}"), transmissivity=0.9 - 0.002 * j) for j in range(sensors)]
    budget = {"photons": 24} if sensing == "phase" else {"mean_photons": 5.0}
    return SensorNetwork(sensing=sensing, modes=modes, links=links, **budget, **more)


def counted(
    monkeypatch: pytest.MonkeyPatch, network: SensorNetwork, *schemes: str, run: Callable[..., Any] = design
) -> Counter[str]:
    """How often a design, or a part of it, asks for what takes long."""
    calls: Counter[str] = Counter()

    def count(owner: Any, name: str, what: str) -> None:
        asked: Callable[..., Any] = getattr(owner, name)

        def counting(*args: Any, **options: Any) -> Any:
            calls[what] += 1
            return asked(*args, **options)

        monkeypatch.setattr(owner, name, counting)

    count(engines.native, "qfi", "Fisher matrices")
    count(engines.native, "output", "outputs")
    count(Paths, "_shortest", "searches for paths")
    # Networks of other tests have the same links.
    paths._shared.cache_clear()
    count(Routes, "spread", "ways of photons")
    count(StringSearch, "rates", "rates of strings")
    count(building, "plan_of", "plans")
    count(building, "strings_as_built", "layouts of strings")
    run(network, schemes=schemes or None)
    return calls


NOISY = {"visibility": 0.95, "dark_counts": 1e-3, "phase_jitter_rad": 0.05, "detector_efficiency": 0.9}


def test_noisy_detectors_do_not_build_every_number_of_photons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scheme is planned with N photons, once more with the best number, and without loss; layouts likewise."""
    schemes = (*TURNS, "coherent", "noon")
    calls = counted(monkeypatch, star(24, "phase", **NOISY), *schemes, run=rank_plans)
    assert len(schemes) <= calls["plans"] <= 3 * len(schemes)
    assert 1 <= calls["layouts of strings"] <= 2
    # Layouts ask for every pair, twice; the search for the photons once for all pairs.
    assert 24 <= calls["rates of strings"] <= 2 * calls["layouts of strings"] * 24 + 4


@pytest.mark.parametrize(
    ("sensing", "laboratory"),
    [
        ("phase", {}),
        ("phase", NOISY),
        ("displacement", {}),
        ("displacement", {"squeezers": 3, "squeezing_db": 8.0, "detector_efficiency": 0.9, "phase_jitter_rad": 0.02}),
    ],
)
def test_work_grows_no_faster_than_sensors(
    sensing: str, laboratory: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the sensors take at most twice as many engine runs, and searches for paths: one for each link that may fail."""
    small = counted(monkeypatch, star(12, sensing, **laboratory))
    monkeypatch.undo()
    large = counted(monkeypatch, star(24, sensing, **laboratory))
    assert small["Fisher matrices"] >= 12
    for what in small:
        assert large[what] <= 2.2 * small[what], what
    assert large["Fisher matrices"] <= (6 if sensing == "phase" else 5) * 3 * 24
