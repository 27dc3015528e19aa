"""One squeezed vacuum through a beam-splitter array."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import DisplacementProblem
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.scheme import DisplacementScheme
from protocols.schemes.squeezed import formula_of, homodyne_words, sensing_passes
from protocols.theory.displacement import entangled_mse
from protocols.theory.task import DisplacementTask


class EntangledSqueezed(DisplacementScheme):
    """All photons in one squeezed vacuum, split along alpha, or as loss makes it best (docs/theory/theory.md, section 6)."""

    name: ClassVar[str] = "entangled-squeezed"
    title: ClassVar[str] = "one squeezed vacuum through a beam-splitter array"

    def why_not(self, problem: DisplacementProblem) -> str | None:
        """Light has to survive the losses at some sensor.

        Parameters
        ----------
        problem : DisplacementProblem
        """
        return None if any(problem.task.weights) else "the transmission is below numerical precision at every sensor"

    def plan(self, problem: DisplacementProblem) -> Plan | Unavailable:
        """One circuit over all sensors.

        Parameters
        ----------
        problem : DisplacementProblem
        """
        from photonics import Circuit, split_squeezed_vacuum
        from photonics.conventions import squeezing_db, squeezing_for

        reason = self.why_not(problem)
        if reason is not None:
            return self.unavailable(reason)
        alpha, eta = problem.alpha, problem.transmissivity
        r = squeezing_for(problem.mean_photons)
        modes = problem.sensor_modes
        plain = problem.passes == 1 or len(set(eta)) == 1
        preparation = split_squeezed_vacuum(modes, problem.task.weights, r)
        circuit = Circuit(modes=modes, operations=(*preparation, *sensing_passes(problem, modes)))
        source = next(mode for mode, a in zip(modes, alpha, strict=True) if a)
        probe = (
            f"squeezed vacuum of {problem.mean_photons:g} photons ({squeezing_db(r):.4g} dB) in {source}, "
            f"through {len(preparation) - 1} beam splitters along {'alpha/||alpha||_2' if plain else 'z/||z||_2'}"
        )
        best = self.mse(problem.task)
        return Plan(
            scheme=self.name,
            title=self.title,
            parts=(Part(circuit=circuit, sensors=tuple(range(len(modes)))),),
            probes=(probe,),
            controls=0,
            modes_per_pass=(int(problem.function.norm(0)),) * problem.passes,
            predicted_mse=best,
            formula=formula_of(problem, "||alpha||_2^2/(t^2 f(nbar))"),
            reaches_bound=True,
            measurement=homodyne_words(problem),
            notes=() if plain else (_split_note(problem, r, best),),
        )

    def mse(self, task: DisplacementTask) -> float:
        """One squeezed vacuum, split as the losses make it best.

        Parameters
        ----------
        task : DisplacementTask
        """
        from photonics.conventions import squeezing_for

        return entangled_mse(task.alpha, task.transmissivity, squeezing_for(task.photons), task.passes)


def _split_note(problem: DisplacementProblem, r: float, best: float) -> str:
    plain = entangled_mse(problem.alpha, problem.transmissivity, r, problem.passes, split=problem.alpha)
    return (
        "the losses differ, so the light is split along z_j = alpha_j eta_j^(M/2)/g_j (docs/theory/theory.md, section 6); "
        f"along alpha the MSE would be {plain:.6g}, {plain / best - 1:.2g} more of it"
    )
