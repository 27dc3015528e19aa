"""The one squeezer at one sensor after the other, over the shots; all sensors are read out in every shot."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from protocols.problem import DisplacementProblem
from protocols.schemes.in_turn import STATIC, why_no_turns
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.scheme import DisplacementScheme
from protocols.schemes.squeezed import formula_of, homodyne_words, sensing_passes
from protocols.theory.task import DisplacementTask

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation


class SqueezedInTurn(DisplacementScheme):
    """One squeezed vacuum of all photons, at sensor j in a share p_j of the shots; the others are read out in the vacuum meanwhile.

    Each theta_j is estimated from squeezed and from vacuum shots, weighed by what they tell; the shares are those of
    ``best_squeezer_turns``. Where one share is 1 the squeezer stays, which snapshots allow as well.
    """

    name: ClassVar[str] = "squeezed-in-turn"
    title: ClassVar[str] = "one squeezed vacuum at one sensor after the other, over the shots"
    entangles: ClassVar[bool] = False

    def why_not(self, problem: DisplacementProblem) -> str | None:
        """Parameters have to stay put over the shots, unless the squeezer is best left where it is.

        Parameters
        ----------
        problem : DisplacementProblem
        """
        return why_no_turns(problem, sum(share > 0 for share in problem.task.squeezer_turns.shares))

    def plan(self, problem: DisplacementProblem) -> Plan | Unavailable:
        """For each sensor a circuit with its squeezed shots, and one with its shots in the vacuum.

        Parameters
        ----------
        problem : DisplacementProblem
        """
        from photonics import Circuit, Squeeze
        from photonics.conventions import squeezing_db, squeezing_for

        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        r, turns = squeezing_for(problem.mean_photons), problem.task.squeezer_turns
        parts, probes = [], []
        for j, (mode, share, weight) in enumerate(
            zip(problem.sensor_modes, turns.shares, turns.squeezed_weights, strict=True)
        ):
            if not problem.alpha[j]:
                continue
            sensed = sensing_passes(problem, (mode,))
            cases: list[tuple[float, float, tuple[Operation, ...]]] = [
                (share, weight, (Squeeze(mode=mode, r=r),)),
                (1 - share, 1 - weight, ()),
            ]
            parts += [
                Part(
                    circuit=Circuit(modes=(mode,), operations=(*light, *sensed)),
                    sensors=(j,),
                    share=shots,
                    coefficients=(problem.alpha[j] * own,),
                )
                for shots, own, light in cases
                if shots
            ]
            if share:
                where = "all shots" if share == 1 else f"share {share:.6g} of the shots"
                light = f"squeezed vacuum of {problem.mean_photons:g} photons ({squeezing_db(r):.4g} dB) in {mode}"
                probes.append(f"{where}: {light}")
        if len(parts) > 1:
            probes.append("vacuum in all sensors where the squeezer is not, read out all the same")
        visits = sum(share > 0 for share in turns.shares)
        return Plan(
            scheme=self.name,
            title=self.title,
            parts=tuple(parts),
            probes=tuple(probes),
            controls=0,
            modes_per_pass=(1,) * problem.passes,
            predicted_mse=self.mse(problem.task),
            formula=formula_of(problem, "sum alpha_j^2/(t^2 (1 + p_j (f(nbar) - 1))), p_j the shares of the shots"),
            reaches_bound=False,
            measurement=f"{homodyne_words(problem)}; of each sensor the shots with squeezing count more",
            notes=(STATIC,) if visits > 1 else (),
        )

    def mse(self, task: DisplacementTask) -> float:
        """sum alpha_j^2/(p_j F_j + (1 - p_j) V_j) with the best shares p_j, F_j with the squeezer at sensor j and V_j without.

        Parameters
        ----------
        task : DisplacementTask
        """
        return task.squeezer_turns.mse
