"""A squeezed vacuum for each sensor."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import DisplacementProblem
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.scheme import DisplacementScheme
from protocols.schemes.squeezed import formula_of, homodyne_words, sensing_passes
from protocols.theory.displacement import separable_mse
from protocols.theory.task import DisplacementTask


class SeparableSqueezed(DisplacementScheme):
    """A squeezed vacuum for each sensor, the photons split by the convex optimum of docs/theory/theory.md, section 2."""

    name: ClassVar[str] = "separable-squeezed"
    title: ClassVar[str] = "a squeezed vacuum for each sensor"
    entangles: ClassVar[bool] = False

    def plan(self, problem: DisplacementProblem) -> Plan | Unavailable:
        """One circuit a sensor that q depends on.

        Parameters
        ----------
        problem : DisplacementProblem
        """
        from photonics import Circuit, Squeeze
        from photonics.conventions import squeezing_db, squeezing_for

        split = problem.task.separable_split
        parts, probes = [], []
        for j, (mode, photons) in enumerate(zip(problem.sensor_modes, split.mean_photons, strict=True)):
            if not problem.alpha[j]:
                continue
            r = squeezing_for(photons)
            operations = (Squeeze(mode=mode, r=r), *sensing_passes(problem, (mode,)))
            parts.append(Part(circuit=Circuit(modes=(mode,), operations=operations), sensors=(j,)))
            probes.append(f"squeezed vacuum of {photons:.6g} photons ({squeezing_db(r):.4g} dB) in {mode}")
        return Plan(
            scheme=self.name,
            title=self.title,
            parts=tuple(parts),
            probes=tuple(probes),
            controls=0,
            modes_per_pass=(1,) * problem.passes,
            predicted_mse=self.mse(problem.task),
            formula=formula_of(problem, "sum alpha_j^2/(t^2 f(n_j))"),
            reaches_bound=False,
            measurement=homodyne_words(problem),
        )

    def mse(self, task: DisplacementTask) -> float:
        """A squeezed vacuum for each sensor, photons split as the losses make it best.

        Parameters
        ----------
        task : DisplacementTask
        """
        return separable_mse(task.alpha, task.transmissivity, task.separable_split.mean_photons, task.passes)
