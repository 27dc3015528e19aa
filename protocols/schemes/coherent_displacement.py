"""No squeezing: vacuum or coherent light at every sensor, the baseline of displacement sensing."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import DisplacementProblem
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.scheme import DisplacementScheme
from protocols.schemes.squeezed import formula_of, homodyne_words, sensing_passes
from protocols.theory.task import DisplacementTask


class CoherentDisplacement(DisplacementScheme):
    """Homodyne detection of the vacuum, or of coherent light of known amplitude, at every sensor: no squeezer is used."""

    name: ClassVar[str] = "coherent"
    title: ClassVar[str] = "vacuum or coherent light at every sensor, no squeezing"
    entangles: ClassVar[bool] = False

    def plan(self, problem: DisplacementProblem) -> Plan | Unavailable:
        """One circuit a sensor that q depends on, from the vacuum.

        Parameters
        ----------
        problem : DisplacementProblem
        """
        from photonics import Circuit

        parts = tuple(
            Part(circuit=Circuit(modes=(mode,), operations=sensing_passes(problem, (mode,))), sensors=(j,))
            for j, mode in enumerate(problem.sensor_modes)
            if problem.alpha[j]
        )
        return Plan(
            scheme=self.name,
            title=self.title,
            parts=parts,
            probes=(
                "no light but the local oscillators: the vacuum, or coherent light of any known amplitude, in each sensor",
            ),
            controls=0,
            modes_per_pass=(1,) * problem.passes,
            predicted_mse=self.mse(problem.task),
            formula=formula_of(problem, "||alpha||_2^2/t^2"),
            reaches_bound=False,
            measurement=homodyne_words(problem),
            mean_photons=0.0,
            notes=("none of the nbar photons are used: coherent light of any amplitude has the noise of the vacuum",),
        )

    def mse(self, task: DisplacementTask) -> float:
        """sum (alpha_j/g_j)^2, the vacuum noise of homodyne detectors: ||alpha||_2^2/t^2 without loss.

        Parameters
        ----------
        task : DisplacementTask
        """
        return task.shot_noise

    def note(self, task: DisplacementTask) -> str:
        """That the photons are not used.

        Parameters
        ----------
        task : DisplacementTask
        """
        return "uses none of the photons"
