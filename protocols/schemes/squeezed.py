"""Displacement sensing with nbar photons on average: one squeezed vacuum split over the sensors, or one for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.problem import Problem
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.theory.displacement import best_separable_split, entangled_mse, separable_mse, signal_weights

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation


def entangled(problem: Problem) -> Plan | Unavailable:
    """All photons in one squeezed vacuum, split along alpha, or as loss makes it best (docs/theory.md, section 6)."""
    from photonics import Circuit, split_squeezed_vacuum
    from photonics.conventions import squeezing_db, squeezing_for

    alpha = [float(a) for a in problem.function.alpha]
    r = squeezing_for(problem.mean_photons)
    modes = problem.sensor_modes
    eta = [mode.transmissivity for mode in problem.network.sensors]
    plain = problem.passes == 1 or len(set(eta)) == 1
    if not any(signal_weights(alpha, eta, problem.passes)):
        return Unavailable(scheme="entangled-squeezed", reason="next to no light arrives through these losses")
    preparation = split_squeezed_vacuum(modes, signal_weights(alpha, eta, problem.passes), r)
    circuit = Circuit(modes=modes, operations=(*preparation, *_passes(problem, modes)))
    source = next(mode for mode, a in zip(modes, alpha, strict=True) if a)
    occupied = int(problem.function.norm(0))
    probe = (
        f"squeezed vacuum of {problem.mean_photons:g} photons ({squeezing_db(r):.4g} dB) in {source}, "
        f"through {len(preparation) - 1} beam splitters along {'alpha/||alpha||_2' if plain else 'z/||z||_2'}"
    )
    best = entangled_mse(alpha, eta, r, problem.passes)
    return Plan(
        scheme="entangled-squeezed",
        title="one squeezed vacuum through a beam-splitter array",
        parts=(Part(circuit=circuit, sensors=tuple(range(len(modes)))),),
        probes=(probe,),
        controls=0,
        modes_per_pass=(occupied,) * problem.passes,
        predicted_mse=best,
        formula=_formula(problem, "||alpha||_2^2/(t^2 f(nbar))"),
        reaches_bound=True,
        measurement="homodyne x on every sensor, weighted sum of the outcomes",
        notes=() if plain else (_split_note(alpha, eta, r, problem.passes, best),),
    )


def separable(problem: Problem) -> Plan | Unavailable:
    """A squeezed vacuum for each sensor, the photons split by the convex optimum of docs/theory.md, section 2."""
    from photonics import Circuit, Squeeze
    from photonics.conventions import squeezing_db, squeezing_for

    alpha = [float(a) for a in problem.function.alpha]
    eta = [mode.transmissivity for mode in problem.network.sensors]
    split = best_separable_split(signal_weights(alpha, eta, problem.passes), problem.mean_photons)
    parts, probes = [], []
    for j, (mode, photons) in enumerate(zip(problem.sensor_modes, split.mean_photons, strict=True)):
        if not alpha[j]:
            continue
        r = squeezing_for(photons)
        operations = (Squeeze(mode=mode, r=r), *_passes(problem, (mode,)))
        parts.append(Part(circuit=Circuit(modes=(mode,), operations=operations), sensors=(j,)))
        probes.append(f"squeezed vacuum of {photons:.6g} photons ({squeezing_db(r):.4g} dB) in {mode}")
    return Plan(
        scheme="separable-squeezed",
        title="a squeezed vacuum for each sensor",
        parts=tuple(parts),
        probes=tuple(probes),
        controls=0,
        modes_per_pass=(1,) * problem.passes,
        predicted_mse=separable_mse(alpha, eta, split.mean_photons, problem.passes),
        formula=_formula(problem, "sum alpha_j^2/(t^2 f(n_j))"),
        reaches_bound=False,
        measurement="homodyne x on every sensor, weighted sum of the outcomes",
    )


def _split_note(alpha: list[float], eta: list[float], r: float, passes: int, best: float) -> str:
    plain = entangled_mse(alpha, eta, r, passes, split=alpha)
    return (
        "the losses differ, so the light is split along z_j = alpha_j eta_j^(M/2)/g_j (docs/theory.md, section 6); "
        f"along alpha the MSE would be {plain:.6g}, {plain / best - 1:.2g} more of it"
    )


def _passes(problem: Problem, modes: tuple[str, ...]) -> tuple[Operation, ...]:
    from photonics import Loss, Sense

    transmissivity = {str(mode.id): mode.transmissivity for mode in problem.network.modes}
    losses = [Loss(mode=mode, transmissivity=transmissivity[mode]) for mode in modes if transmissivity[mode] < 1]
    each_pass: tuple[Operation, ...] = (Sense(modes=modes, generator="momentum"), *losses)
    return each_pass * problem.passes


def _formula(problem: Problem, lossless: str) -> str:
    return (
        lossless if problem.network.is_lossless else lossless + ", with the loss of each pass added (displacement.py)"
    )
