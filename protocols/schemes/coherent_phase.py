"""Coherent light at every sensor, with the reference paid for: the classical baseline of phase sensing."""

from __future__ import annotations

import math
from typing import ClassVar

from protocols.problem import GaussianProblem, PhaseProblem, SensedPhases
from protocols.schemes.photon import passes_of, require_simulated_photons
from protocols.schemes.plan import Interference, Part, Plan, Unavailable
from protocols.schemes.readouts import Readout, interference_readouts
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.stages import StagedPhase
from protocols.theory.task import PhaseTask, SensedPhases as SensedPhasesTask
from protocols.theory.turns import coherent_populations, pairs_of

ON_AVERAGE = "N photons on average: the others have exactly N, and (12), which is for exactly N, does not bound it"
"""What has to be said wherever this light is ranked beside photon states."""


class CoherentPhase(PhaseScheme):
    """Coherent light of N photons on average over sensors and reference, made at each site, amplitudes as losses make it best.

    Its common phase is unknown: the light of the reference is what tells the phase of the others, and it counts.
    """

    name: ClassVar[str] = "coherent"
    title: ClassVar[str] = "coherent light of N photons on average, its reference counted"
    entangles: ClassVar[bool] = False
    counts_interference: ClassVar[bool] = True

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One circuit for all shots.

        Parameters
        ----------
        problem : PhaseProblem
        """
        require_simulated_photons(problem.photons, problem.passes)
        return beams_plan(problem, self.name, self.title, (ON_AVERAGE,))

    def mse(self, task: PhaseTask) -> float:
        """The shot noise: (sum |alpha_j| eta_j^(-M/2) + |sum alpha_j| eta_0^(-M/2))^2/(4 N M^2).

        Parameters
        ----------
        task : PhaseTask
        """
        return task.shot_noise

    def note(self, task: PhaseTask) -> str:
        """That N is a mean photon number.

        Parameters
        ----------
        task : PhaseTask
        """
        return "N photons on average"

    def measurements(self, plan: Plan) -> tuple[Readout, ...]:
        """Beam splitters for positive sensors with negative ones or the reference, photons counted.

        Parameters
        ----------
        plan : Plan
        """
        return interference_readouts(plan)

    def stages(self, problem: PhaseProblem, order: str = "photons") -> tuple[StagedPhase, ...] | Unavailable:
        """None: more photons do not make the fringes of coherent light narrower.

        Parameters
        ----------
        problem : PhaseProblem
        order : "photons" or "passes"
        """
        return self.unavailable("the fringes of coherent light have one gain, M, so that there are no stages")


def beams_plan(problem: SensedPhases, scheme: str, title: str, notes: tuple[str, ...]) -> Plan:
    """Coherent light whose beams meet at beam splitters, the reference paid for.

    Parameters
    ----------
    problem : SensedPhases
    scheme, title : str
    notes : tuple of str
    """
    from photonics import Circuit, Displace

    task, modes, passes = problem.task, problem.circuit_modes, problem.passes
    assert isinstance(task, SensedPhasesTask), "phases are sensed"
    photons = [problem.budget * p for p in coherent_populations(task)]
    light = [Displace(mode=mode, x=2 * math.sqrt(n)) for mode, n in zip(modes, photons, strict=False) if n]
    losses = {mode: problem.losses_of[mode] for mode in modes}
    circuit = Circuit(modes=modes, operations=(*light, *passes_of(losses, problem.sensor_modes, passes)))
    beams = [f"{n:.6g} in {mode}" for mode, n in zip(modes, photons, strict=False) if n]
    more = f", ... {len(beams) - 8} more" if len(beams) > 8 else ""
    return Plan(
        scheme=scheme,
        title=title,
        parts=(Part(circuit=circuit, sensors=tuple(range(len(problem.function)))),),
        probes=("coherent light, photons on average: " + ", ".join(beams[:8]) + more,),
        controls=0,
        modes_per_pass=(1,) * passes,
        predicted_mse=task.shot_noise,
        formula="||alpha||_P^2/(N t^2)"
        if problem.is_lossless
        else "(sum |alpha_j| eta_j^(-M/2) + |sum alpha_j| eta_0^(-M/2))^2/(4 N t^2)",
        measurement=_measurement(problem),
        reaches_bound=False,
        notes=notes,
        mean_photons=float(problem.budget),
        common_phase_unknown=True,
        interference=_interference(problem),
    )


def _measurement(problem: SensedPhases) -> str:
    function = problem.function
    partners = [
        *(["light of the negative sensors"] if function.norm_negative else []),
        *([] if function.is_balanced else ["its share of the reference's light"]),
    ]
    what = "every positive sensor's light" if function.norm_negative else "every sensor's light"
    # Light of a mean photon number may be of any brightness.
    seen = (
        "the photocurrents of both ports are subtracted"
        if isinstance(problem, GaussianProblem)
        else "photons are counted"
    )
    return f"{what} meets {' and '.join(partners)} at 50:50 beam splitters, at mid-fringe; {seen}"


def _interference(problem: SensedPhases) -> tuple[Interference, ...]:
    """The terms c_k (theta_i - theta_k) of q, for each of which mode i gives the share c_k/|alpha_i| of its light."""
    function = problem.function
    spare = function.norm_positive - function.norm_negative
    beams = []
    for pair in pairs_of(function, problem.sites):
        if pair.negative is None:
            second, whole = problem.reference_name, spare
        else:
            second, whole = problem.sensor_modes[pair.negative], -function.alpha[pair.negative]
        assert second is not None, "unbalanced functions have a reference"
        beams.append(
            Interference(
                first=problem.sensor_modes[pair.positive],
                second=second,
                first_share=float(pair.weight / function.alpha[pair.positive]),
                second_share=float(pair.weight / whole),
                weight=float(pair.weight),
            )
        )
    return tuple(beams)
