"""Numbers of every kind where numbers go: each public call is repeated with those of numpy, pandas, fractions and decimals.

The answer must be the same, with plain numbers in it. A public function or class with a numeric parameter has to stand in
``CALLS``, or in ``NOT_BY_USERS`` where only our functions make it.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

import networks
import photonics
import protocols
from networks import LinearFunction, Link, Mode, SensorNetwork
from networks.files.load import topology_of_text
from photonics import Circuit, Homodyne, Loss, PhaseShift, PrepareFock, Sense, Squeeze
from protocols.documents.result import Result

PHASE = SensorNetwork.star([1, -1], sensing="phase", photons=2, transmissivity=0.75)
DISPLACED = SensorNetwork.star([1, -1], sensing="displacement", mean_photons=2.0)
DIFFERENTIAL = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
LIGHT = Circuit(
    modes=("a", "b"),
    operations=(
        Squeeze(mode="a", r=0.5),
        photonics.BeamSplitter(first="a", second="b", theta_rad=0.75),
        Sense(modes=("a", "b"), generator="momentum"),
    ),
)
NOON = Circuit(
    modes=("a", "b"),
    operations=(
        PrepareFock(state=photonics.noon_state(("a", "b"), 2)),
        PhaseShift(mode="a", angle_rad=0.25),
        Sense(modes=("a", "b"), generator="number"),
        Loss(mode="a", transmissivity=0.75),
    ),
)
F = [[2.0, 0.5], [0.5, 1.0]]
ROTATION = [[0.6, 0.8], [-0.8, 0.6]]
TOPOLOGY = topology_of_text(
    '{"nodes": [{"id": "a"}, {"id": "b"}], "links": [{"source": "a", "target": "b", "distance_km": 2}]}', "line"
)
MODES = [Mode(id="a", alpha=1, coupling="mach-zehnder"), Mode(id="b", alpha=-1, coupling="mach-zehnder")]


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# The call with its numbers, plain; all floats are exact in single precision, so that float32 means the same number.
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {}


def call(name: str, made: Callable[..., Any] | None = None, **numbers: Any) -> None:
    function = made
    if function is None:
        package, _, rest = name.partition(".")
        function = importlib.import_module(package)
        for part in rest.split(".")[: 1 if "[" in rest else None]:
            function = getattr(function, part.partition("[")[0])
    assert function is not None
    CALLS[name] = (function, numbers)


call("networks.parse_exact", value=0.75)
call("networks.parse_exact_vector", values=[1, 0.5])
call(
    "networks.draw_network",
    lambda w: float(
        networks.draw_network(SensorNetwork.chain([1, 1], sensing="phase", photons=1), width_cm=w).figure.get_figwidth()
    ),
    w=12.5,
)
DRAWN: dict[str, Callable[[], Any]] = {
    "photonics.draw_circuit": lambda: [LIGHT],
    "protocols.draw_bounds": lambda: [protocols.bounds_table([1, -1], photons=2)],
    "protocols.draw_comparison": lambda: [protocols.design(DIFFERENTIAL)],
    "protocols.draw_coverage": lambda: [protocols.simulate(DISPLACED, shots=4, trials=4)],
    "protocols.draw_curves": lambda: [protocols.error_curves(DIFFERENTIAL, "photons", points=2)],
    "protocols.draw_duality": lambda: [protocols.duality([1, 2], [2, -1])],
    "protocols.draw_information": lambda: [DIFFERENTIAL, F],
    "protocols.draw_layers": lambda: [DISPLACED, protocols.along_links(DISPLACED)],
    "protocols.draw_layout": lambda: [DISPLACED, protocols.along_links(DISPLACED)],
    "protocols.draw_loss": lambda: [protocols.loss_report(PHASE)],
    "protocols.draw_mesh": lambda: [photonics.mesh(ROTATION, ["a", "b"], [("a", "b")])],
    "protocols.draw_privacy": lambda: [protocols.privacy_report(DIFFERENTIAL)],
    "protocols.draw_protocol": lambda: [protocols.best_protocols([1, -1], photons=2, passes=1).choices[0].protocol],
    "protocols.draw_simulation": lambda: [protocols.simulate(DISPLACED, shots=4, trials=4)],
    "protocols.draw_tradeoff": lambda: [protocols.bounds_table([1, -1])],
    "protocols.plot": lambda: [protocols.bounds_table([1, -1], photons=2)],
}
"""What is drawn; the width is the number."""


def width_of(name: str, w: Any) -> float:
    """The width of the figure that a drawing function makes of what is above."""
    package, _, function = name.partition(".")
    drawing = getattr(importlib.import_module(package), function)(*DRAWN[name](), width_cm=w)
    return float(drawing.figure.get_figwidth())


for drawer in DRAWN:
    call(drawer, partial(width_of, drawer), w=12.5)
call("networks.LinearFunction", alpha=[1, -0.5])
call(
    "networks.Bench",
    networks.Bench,
    squeezer_efficiency=0.75,
    arms=2,
    transmissivity_before=0.5,
    transmissivity=0.75,
    mean_photons_max=2.5,
    detector_efficiency=0.875,
    dark_counts=0.125,
    visibility=0.75,
    electronic_noise=0.25,
    phase_jitter_rad=0.5,
)
call(
    "networks.Laboratory",
    lambda **n: networks.Laboratory(benches=(networks.Bench(),), **n),
    squeezers=1,
    squeezing_db=5.5,
)
call(
    "networks.place_sensors",
    lambda a, **n: networks.place_sensors(TOPOLOGY, alpha=a, sensing="phase", **n),
    a={"a": 1, "b": -1},
    photons=2,
    loss_db_per_km=0.25,
)
call(
    "photonics.pair_counts",
    lambda phi, **n: photonics.pair_counts(photonics.PairLight(squeezing=(0.5, 0.25)), phi, **n),
    phi=0.5,
    transmissivity=[0.75] * 4,
    dark_counts=[0.125] * 4,
    largest_lost_weight=0.0009765625,
)
call("photonics.Transmissivity", lambda **n: photonics.Transmissivity(mode="a", **n), at=0.75)
call("photonics.QubitState", lambda a: photonics.QubitState.from_vector(a), a=[0.5, 0.5, 0.5, -0.5])
call(
    "photonics.pure_qfi_matrix",
    lambda **n: photonics.pure_qfi_matrix(**{k: np.asarray(v) for k, v in n.items()}),
    amplitudes=[1.0, 0.0],
    derivatives=[[0.0], [0.5]],
)
call(
    "photonics.mixed_qfi_matrix",
    lambda **n: photonics.mixed_qfi_matrix(**{k: np.asarray(v) for k, v in n.items()}),
    density=[[0.75, 0.0], [0.0, 0.25]],
    derivatives=[[[0.0, 0.5], [0.5, 0.0]]],
)
call(
    "photonics.gaussian_qfi_matrix",
    lambda **n: photonics.gaussian_qfi_matrix(**{k: np.asarray(v) for k, v in n.items()}),
    covariance=[[2.0, 0.0], [0.0, 0.5]],
    mean_derivatives=[[0.0], [1.0]],
)
call(
    "protocols.enumerate_batches",
    lambda **n: list(map(written, protocols.enumerate_batches(**n))),
    function=[1, 1],
    photons=2,
    passes=2,
    batch=4,
)
call("protocols.Fringe", protocols.Fringe, gain=2, survival=0.75, visibility=0.875)
call(
    "protocols.guaranteed_mse",
    lambda s: protocols.guaranteed_mse(
        protocols.even_schedule(2, 8), [protocols.Fringe(gain=1), protocols.Fringe(gain=2)], criterion=s
    ),
    s=1.0,
)
call(
    "protocols.robust_mse",
    lambda x: protocols.robust_mse(
        protocols.even_schedule(2, 8), [protocols.Fringe(gain=1), protocols.Fringe(gain=2)], x
    ),
    x=0.5,
)

call("networks.Link", lambda t: Link(ends=("a", "b"), transmissivity=t), t=0.75)
call("networks.Mode", lambda **n: Mode(id="a", coupling="mach-zehnder", **n), alpha=0.5, transmissivity=0.75)
call(
    "networks.Mode[laboratory]",
    lambda **n: Mode(id="a", alpha=1, coupling="mach-zehnder", **n),
    squeezer_efficiency=0.75,
    arms=2,
    transmissivity_before=0.5,
    mean_photons_max=2.5,
    detector_efficiency=0.875,
    dark_counts=0.125,
    visibility=0.75,
    electronic_noise=0.25,
    phase_jitter_rad=0.5,
)
call(
    "networks.SensorNetwork[laboratory]",
    lambda **n: SensorNetwork(modes=MODES, links=[Link(ends=("a", "b"))], sensing="phase", photons=4, **n),
    squeezers=1,
    squeezing_db=5.5,
    squeezer_efficiency=0.75,
    transmissivity_before=0.5,
    detector_efficiency=0.875,
    dark_counts=0.125,
    visibility=0.75,
    electronic_noise=0.25,
    phase_jitter_rad=0.5,
)
call(
    "networks.SensorNetwork",
    lambda **n: SensorNetwork(modes=MODES, links=[Link(ends=("a", "b"))], sensing="phase", **n),
    photons=4,
    passes=2,
)
call(
    "networks.SensorNetwork.star",
    lambda **n: SensorNetwork.star(sensing="phase", **n),
    alpha=[1, 2],
    photons=3,
    passes=2,
    transmissivity=0.5,
)
call(
    "networks.SensorNetwork.chain",
    lambda **n: SensorNetwork.chain(sensing="displacement", **n),
    alpha=[1, 2],
    mean_photons=3.5,
)
call(
    "networks.SensorNetwork.complete",
    lambda **n: SensorNetwork.complete(sensing="displacement", **n),
    alpha=[1, 2],
    mean_photons=3.5,
)
call(
    "networks.least_rational",
    lambda e: networks.least_rational(LinearFunction(["sqrt(2)", 1]), relative_error=e),
    e=0.125,
)
call("networks.nearest_rational", lambda p: networks.nearest_rational(LinearFunction(["sqrt(2)", 1]), p), p=12)
call(
    "photonics.BeamSplitter",
    lambda **n: photonics.BeamSplitter(first="a", second="b", **n),
    theta_rad=0.5,
    phi_rad=0.25,
)
call("photonics.BranchProjection", photonics.BranchProjection, first=(2, 0), second=(0, 2), phase_rad=0.5)
call("photonics.Cutoff", photonics.Cutoff, photons=12)
call(
    "photonics.Detectors",
    photonics.Detectors,
    efficiency=0.75,
    dark_counts=0.125,
    visibility=0.5,
    electronic_noise=0.25,
    phase_jitter_rad=0.5,
)
call("photonics.Detectors[list]", lambda e: photonics.Detectors(efficiency=e), e=[0.5, 0.25])
call("photonics.Displace", lambda **n: photonics.Displace(mode="a", **n), x=0.5, p=0.25)
call(
    "photonics.FockState",
    lambda o, a: photonics.FockState(modes=("a",), occupations=o, amplitudes=a),
    o=[[0], [1], [2], [3]],
    a=[0.5, 0.5, 0.5, -0.5],
)
call(
    "photonics.GaussianState",
    lambda m, v: photonics.GaussianState(modes=("a",), mean=m, covariance=v),
    m=[0.5, 0],
    v=[[1.5, 0], [0, 1]],
)
call("photonics.Homodyne", photonics.Homodyne, angles_rad=0.5, efficiency=0.75)
call("photonics.Homodyne[list]", lambda a: Homodyne(angles_rad=a), a=[0.5, 0.25])
call(
    "photonics.IntensityDifference",
    lambda a: photonics.IntensityDifference(pairs=[("a", "b")], angles_rad=a),
    a=0.5,
)
call("photonics.RandomPhases", lambda s: photonics.RandomPhases(modes=("a", "b"), sigmas_rad=s), s=[0.5, 0.25])
call("photonics.Interference", lambda a: photonics.Interference(first="a", second="b", angle_rad=a), a=0.5)
call("photonics.Quadrature", lambda a: photonics.Quadrature(mode="a", angle_rad=a), a=0.5)
call(
    "photonics.Observable",
    lambda w: (
        photonics.Observable(terms=[(w, (photonics.PhotonNumber(mode="a"),))]) + w * photonics.Quadrature(mode="b")
    ),
    w=0.75,
)
call(
    "photonics.Moments",
    lambda a, e, t: photonics.measure(
        LIGHT,
        photonics.Moments(
            observables=[photonics.Quadrature(mode="a", angle_rad=a), photonics.PhotonNumber(mode="b")],
            detectors=photonics.Detectors(efficiency=e),
        ),
        t,
    ),
    a=0.25,
    e=[0.75, 0.5],
    t=[0.25, 0.5],
)
call(
    "photonics.number_covariance", photonics.number_covariance, mean=[0.5, 0.25], covariance=[[1.5, 0.25], [0.25, 1.0]]
)
call(
    "photonics.gaussian_qfi_matrices",
    photonics.gaussian_qfi_matrices,
    covariances=[[[2.0, 0.0], [0.0, 0.5]]],
    mean_derivatives=[[[0.0], [1.0]]],
)
call(
    "photonics.qfi_matrices",
    lambda t, r: photonics.qfi_matrices(LIGHT, t, {(0, "r"): r}),
    t=[0.25, 0.5],
    r=[0.25, 0.75],
)
call("photonics.Interferometer", lambda u: photonics.Interferometer(modes=("a", "b"), unitary=u), u=[[0, 1], [1, 0]])
call("photonics.Loss", lambda **n: Loss(mode="a", **n), transmissivity=0.75, background_photons=0.5)
call("photonics.Parity", lambda e: photonics.Parity(modes=("a",), efficiency=e), e=0.75)
call("photonics.PhaseDiffusion", lambda s: photonics.PhaseDiffusion(mode="a", sigma_rad=s), s=0.25)
call("photonics.PhaseShift", lambda a: PhaseShift(mode="a", angle_rad=a), a=0.25)
call(
    "photonics.PhotonCounting",
    photonics.PhotonCounting,
    efficiency=0.75,
    dark_counts=0.125,
    largest_lost_weight=0.0009765625,
    cutoff=6,
)
call("photonics.Squeeze", lambda **n: Squeeze(mode="a", **n), r=0.5, angle_rad=0.25)
call("photonics.ThresholdDetection", photonics.ThresholdDetection, efficiency=0.75, dark_counts=0.125)
call("photonics.PairLight", photonics.PairLight, squeezing=[0.5, 0.25], first_rad=0.5, second_rad=0.25)
call("photonics.bell_family", photonics.bell_family, phi_rad=0.5)
call(
    "photonics.best_homodyne_angles",
    lambda **n: photonics.best_homodyne_angles(LIGHT, **n),
    theta=[0.5, 0.25],
    function=[1, -1],
    starts=1,
    seed=3,
)
call(
    "photonics.branch_state",
    lambda **n: photonics.branch_state(("a", "b"), **n),
    first=(2, 0),
    second=(0, 2),
    phase_rad=0.5,
    weights=(0.25, 0.75),
)
call("photonics.classical_fisher", probabilities=[0.5, 0.5], jacobian=[[0.5], [-0.5]])
call("photonics.compare_engines", lambda t: photonics.compare_engines(LIGHT, theta=t).state, t=[0.5, 0.25])
call("photonics.conditioning", lambda f: photonics.conditioning(np.asarray(f)), f=F)
call("photonics.dicke_state", qubits=4, ones=2)
call("photonics.directional_qfi", information=F, direction=[1, -1])
call("photonics.estimable_functions", lambda f: photonics.estimable_functions(f), f=F)
call(
    "photonics.gaussian_classical_fisher",
    lambda **n: photonics.gaussian_classical_fisher(**{k: np.asarray(v) for k, v in n.items()}),
    covariance=[[2.0]],
    mean_derivatives=[[1.0]],
)
call("photonics.ghz_state", qubits=3, signs=(1, -1, 1))
call("photonics.measure", lambda t: photonics.measure(LIGHT, Homodyne(), t).fisher_matrix(), t=[0.5, 0.25])
call("photonics.mesh", lambda u: photonics.mesh(u, ("a", "b"), [("a", "b")]), u=[[0, 1], [1, 0]])
call("photonics.noon_state", lambda **n: photonics.noon_state(("a", "b"), **n), photons=3, weights=(0.25, 0.75))
call(
    "photonics.nuisance_aware_information",
    lambda **n: photonics.nuisance_aware_information(np.asarray(n["information"]), n["function"]),
    information=F,
    function=[1, -1],
)
call(
    "photonics.nuisance_aware_informations",
    lambda **n: photonics.nuisance_aware_informations(np.asarray(n["information"]), n["functions"]),
    information=F,
    functions=[[1, -1]],
)
call("photonics.product_state", qubits=3)
call("photonics.qfi_matrix", lambda p: photonics.qfi_matrix(photonics.noon_state(("a", "b"), 2), passes=p), p=2)
call("photonics.random_qubit_state", lambda q: photonics.random_qubit_state(q, generator()), q=3)
call(
    "photonics.sample_pairs",
    lambda **n: photonics.sample_pairs(generator=generator(), **n),
    squeezing=[0.5, 0.5],
    unitary=[[0, 1], [1, 0]],
    shots=7,
    transmissivity=[0.5] * 4,
    dark_counts=[0.25] * 4,
)
call(
    "photonics.saturation",
    lambda **n: photonics.saturation(LIGHT, measurements={"x": Homodyne()}, **n),
    theta=[0.5, 0.25],
    function=[1, -1],
)
call("photonics.split_amplitudes", lambda a: photonics.split_amplitudes(("a", "b"), a), a=[0.75, 1.0])
call(
    "photonics.split_squeezed_vacuum",
    lambda **n: photonics.split_squeezed_vacuum(("a", "b"), **n),
    amplitudes=[0.75, 1.0],
    r=0.5,
)
call("photonics.squeezing_db", r=0.5)
call("photonics.squeezing_for", mean_photons=2.5)
call(
    "photonics.with_channels",
    lambda p: photonics.with_channels(LIGHT, after=[Loss(mode="a", transmissivity=0.5)], passes=p),
    p=[1],
)
call("protocols.along_links", lambda s: protocols.along_links(protocols.Problem.of(DISPLACED), squeezers=s), s=1)
call("protocols.best_guaranteed_schedule", stages=2)
call(
    "protocols.best_mix",
    lambda **n: protocols.best_mix(protocols.Problem.of(PHASE).task, **n),
    max_rounds=10,
    max_steps=200,
)
call(
    "protocols.best_protocols",
    lambda **n: protocols.best_protocols(objective="modes", **n),
    function=[1, 1],
    photons=2,
    passes=2,
    seconds=60.0,
)
call("protocols.best_schedule", stages=2, survival=0.75, visibility=0.875, phases=8)
call(
    "protocols.best_states", lambda **n: protocols.best_states(protocols.Problem.of(PHASE).task, **n), starts=2, seed=3
)
call("protocols.bounds_table", function=[1, 0.5], photons=4, mean_photons=2.5, passes=2, arms=1)
call("protocols.candidates", lambda s: protocols.candidates(DISPLACED, squeezers=s).ranked, s=1)
call("protocols.rank_plans", lambda s: protocols.rank_plans(DISPLACED, squeezers=s), s=1)
call(
    "protocols.Interference",
    lambda **n: protocols.Interference(first="a", second="b", **n),
    first_share=0.5,
    second_share=0.25,
    weight=2.5,
)
call("protocols.two_photon_plan", lambda t: protocols.two_photon_plan(DIFFERENTIAL, transmissivity=t), t=0.5)
call(
    "protocols.hardware_table",
    lambda t: protocols.hardware_table(DIFFERENTIAL, schemes=["noon"], transmissivity=t),
    t=0.5,
)
call("protocols.design", lambda s: protocols.design(DISPLACED, squeezers=s), s=1)
call(
    "protocols.error_curves",
    lambda **n: protocols.error_curves(DISPLACED, "mean_photons", **n),
    start=0.5,
    stop=2.5,
    points=2,
)
call(
    "protocols.photons_needed",
    lambda **n: protocols.photons_needed(DIFFERENTIAL, **n),
    rmse=0.2,
    shots=4,
)
call("protocols.duality", w=[1, 2], v=[2, -1], photons=2, passes=1)
call("protocols.enumerate_protocols", function=[1, 1], photons=2, passes=2, limit=3, seconds=60.0)
call("protocols.even_schedule", stages=3, shots=8)
call("protocols.linear_schedule", stages=3, a=4, b=2)
call("protocols.network_mesh", lambda u: protocols.network_mesh(DIFFERENTIAL, u), u=[[0, 1], [1, 0]])
call(
    "protocols.pair_protocol",
    lambda **n: protocols.pair_protocol(LinearFunction([1, "-1/2"]), **n),
    photons=2,
    passes=1,
)
call(
    "protocols.privacy_report",
    lambda **n: protocols.privacy_report(PHASE, sensitive=[[1, 1]], targets=[[1, 0], [0, 1]], **n),
    noise=0.25,
    weights=[0.25, 0.75],
)
call(
    "protocols.private_design",
    lambda **n: protocols.private_design(DISPLACED, hide=[([1, 1], n["limit"])], at_least=n["least"]),
    limit=1000.5,
    least=0.25,
)
call(
    "protocols.robust_schedule",
    lambda n: protocols.robust_schedule([protocols.Fringe(gain=1), protocols.Fringe(gain=2)], n),
    n=64,
)
call("protocols.sample_protocols", function=[1, 1], photons=2, passes=2, size=2, seed=3)
call(
    "protocols.simulate",
    lambda **n: protocols.simulate(PHASE, **n),
    shots=20,
    trials=10,
    seed=3,
    theta=[0.25, 0.5],
    workers=1,
)
call(
    "protocols.simulate_function",
    lambda **n: protocols.simulate_function(DISPLACED, "theta1*theta2", **n),
    shots=20,
    trials=10,
    seed=3,
    theta=[0.25, 0.5],
    rough_shots=5,
    workers=1,
)
call(
    "protocols.simulate_targets",
    lambda **n: protocols.simulate_targets(DISPLACED, **n),
    functions=[[1, 0], [0, 1]],
    weights=[0.25, 0.75],
    shots=20,
    trials=10,
    seed=3,
    workers=1,
)
call("protocols.squeezed_layouts", lambda s: protocols.squeezed_layouts(DISPLACED, squeezers=s), s=1)
call(
    "protocols.two_photon_circuit",
    lambda **n: protocols.two_photon_circuit(DIFFERENTIAL, **n),
    transmissivity=0.75,
    bias_rad=0.25,
)
call("protocols.Limits", protocols.Limits, modes=3, photons_per_mode=2)
call("protocols.PhotonTask.of", lambda **n: protocols.PhotonTask.of(**n), given=[1, 1], photons=2, passes=2)
call(
    "protocols.PhotonProtocol",
    lambda **n: protocols.PhotonProtocol(function=LinearFunction([1, -1]), **n),
    photons=2,
    passes=1,
    columns=[[2, -2]],
    repeats=[1],
)
call("protocols.WMatrix", lambda n: protocols.WMatrix(function=LinearFunction([1, 1]), photons=n), n=2)
"""By the name of what is called; the lambdas take what the test varies."""


# --- kinds of numbers --------------------------------------------------------------------------------------------------------


def _pandas(value: Any) -> Any:
    pandas = pytest.importorskip("pandas")
    return pandas.Series([value]).iloc[0]


def _decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, float) else value


def _fraction(value: Any) -> Any:
    return Fraction(value) if isinstance(value, float) else value


def _of(integer: Callable[[Any], Any], real: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def kind(value: Any) -> Any:
        if isinstance(value, bool):
            return np.bool_(value)
        return integer(value) if isinstance(value, int) else real(value)

    return kind


KINDS: dict[str, Callable[[Any], Any]] = {
    "int64 and float64": _of(np.int64, np.float64),
    "int32 and float32": _of(np.int32, np.float32),
    "uint8 where not negative, longdouble": _of(lambda n: np.uint8(n) if 0 <= n < 256 else np.int16(n), np.longdouble),
    "0-d arrays": _of(np.array, np.array),
    "pandas": _of(_pandas, _pandas),
    "fractions": _fraction,
    "decimals": _decimal,
}


def varied(value: Any, kind: Callable[[Any], Any]) -> Any:
    """A value with every number in it of another kind."""
    if isinstance(value, dict):
        return {key: varied(one, kind) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(varied(one, kind) for one in value)
    return kind(value) if isinstance(value, int | float) else value


def written(result: Any) -> str:
    """A result as text in which numbers that are not plain show: a document of strict JSON, or the repr."""
    if isinstance(result, Result):
        document = result.to_dict()
        document.pop("seconds", None)
        return json.dumps(document)
    if isinstance(result, np.ndarray):
        return f"{result.dtype} {result.tolist()}"
    if isinstance(result, list | tuple):
        return f"{type(result)} {list(map(written, result))}"
    if " object at 0x" in (shown := repr(result)):
        slots = [name for kind in type(result).__mro__ for name in getattr(kind, "__slots__", ())]
        return (
            f"{type(result)} {[written(getattr(result, name)) for name in (*slots, *getattr(result, '__dict__', ()))]}"
        )
    return shown


PLAIN: dict[str, str] = {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_numbers_of_every_kind_are_the_same_numbers(name: str, kind: str) -> None:
    function, numbers = CALLS[name]
    if name not in PLAIN:
        PLAIN[name] = written(function(**numbers))
    # Numbers of numpy would show by their names.
    assert not re.search(r"np\.(float|int|uint|longdouble|bool)|dtype=", PLAIN[name])
    assert written(function(**varied(numbers, KINDS[kind]))) == PLAIN[name]


# --- the table is complete ---------------------------------------------------------------------------------------------------

NUMERIC = re.compile(r"\b(int|float|complex|Fraction|Scalar|ArrayLike|Real|Complex|NDArray|Decimal)\b")

NOT_BY_USERS = {
    # What our functions hand out; test_frozen_values.py and the golden documents look at it.
    "networks": "Irrational NearestRational NetworkParts",
    "photonics": "Block Conditioning DiscreteOutcomes EngineComparison FockDensity FockOutput GaussianOutcomes GaussianOutput "
    "ExportedProgram JitteredOutcomes MomentOutcomes Photocurrents Populations "
    "LowRank Mesh MeshElement NuisanceAwareInformation PairCounts Saturation StringProjection SymmetricState "
    "Truncation",
    "protocols": "Alternative Built Candidate CheckReport Compiled Curve Curves Damage Divisibility Element ElementSensitivity "
    "EntangledGroup EntanglementVerdict Errors Estimated Evaluation Feasibility Forest Found JointTargets LeastModes LightRecipe "
    "LinkFailure LinkSensitivity LossRow LossySplit Margins MeasuredPhase MeasuredShare Move Optimum PhaseEstimates "
    "PhotonSplit PhotonicCap Plan Part Preparation ProbeShare Progress QuadratureEstimates QuadratureMoments "
    "RegionSide Resources Robustness Schedule SourceTree Splitter Spread SqueezedRobustness Stage "
    "StageProbabilities StageUse StagedPhase Step StringLayout StringLayouts StringRobustness SweepCurve Switch "
    "Tally TaskLink TradeoffRow Transport Tree TreeLayout Variant Written BestMix BestSchedule BlockBound BoundRow "
    "Choice Connected Device DeviceCertificate TimeBinDevice XSeriesDevice DirectionRow Directions EntanglementRow "
    "PhotonLayout PhotonRobustness PrivateDesign Task PhaseTask DisplacementTask PairProtocol PairPlan PhotonTask "
    "Fringes GaussianTask LightEstimates OtherLight SweepSpec TurnedNoise "
    "ModeLosses TurningPoint Fading VerdictAxis Overtaking HardwareRow Place Reference TwoPhotonPlan",
}
NUMBERS_BY_NAME_OR_FILE = {
    # Parameters or generators by name, states, counts of devices and files; their own tests pass numpy's numbers.
    "photonics": "Sense Shift qubit_qfi_matrix to_qutip",
    "protocols": "compile_plan draw_sweep estimate_pairs run_sweep write_protocols",
}


def test_every_public_call_with_numbers_is_in_the_table() -> None:
    known = {re.split(r"\[", name)[0] for name in CALLS} | {".".join(name.split(".")[:2]) for name in CALLS}
    missing = []
    for package in (networks, photonics, protocols):
        name = package.__name__
        excused = f"{NOT_BY_USERS[name]} {NUMBERS_BY_NAME_OR_FILE.get(name, '')}".split()
        for public in package.__all__:
            value = getattr(package, public)
            if not callable(value) or public in excused or (inspect.isclass(value) and issubclass(value, Result)):
                continue
            try:
                parameters = inspect.signature(value).parameters.values()
            except (TypeError, ValueError):
                continue
            if any(NUMERIC.search(str(one.annotation)) for one in parameters) and f"{name}.{public}" not in known:
                missing.append(f"{name}.{public}")
        # Nobody is excused who is gone.
        assert set(excused) <= set(package.__all__)
    assert not missing, f"put these into CALLS: {missing}"
