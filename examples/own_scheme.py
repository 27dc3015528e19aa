"""A scheme and an estimator of your own: in a design, under losses, in simulated trials and in a sweep."""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from networks import load_network
from protocols import (
    Draw,
    Fringe,
    PhaseEstimates,
    PhaseEstimator,
    PhaseProblem,
    PhaseScheme,
    Plan,
    Schedule,
    Unavailable,
    design,
    find_scheme,
    load_results,
    loss_report,
    run_sweep,
    simulate,
)
from protocols.schemes.photon import photon_circuit
from protocols.theory.task import PhaseTask

FILE = Path(__file__).with_name("lossy_phases.json")


class TextbookNoon(PhaseScheme):
    """The N00N state with branches of equal weight, whatever the losses."""

    name, title = "textbook-noon", "N00N state with branches of equal weight"

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """As the registered scheme, with another state at the start."""
        plan = find_scheme("phase", "noon").plan(problem)
        if isinstance(plan, Unavailable):
            return self.unavailable(plan.reason)
        assert plan.photon_protocol is not None
        part = replace(plan.parts[0], circuit=photon_circuit(problem, plan.photon_protocol.pass_columns()))
        return replace(plan, scheme=self.name, title=self.title, parts=(part,), predicted_mse=self.mse(problem.task))

    def mse(self, task: PhaseTask) -> float:
        """(12) times (1/A + 1/B)/2, A and B the survival of the branches."""
        return task.bound * sum(math.exp(-log) for log in task.log_survival) / 2


class StageLikelihood(PhaseEstimator):
    """The phase of a grid that makes the counts of all stages together most likely."""

    name, title = "stage-likelihood", "maximum likelihood over all stages"

    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        """Half the shots of every stage in each quadrature."""
        grid = np.linspace(-np.pi, np.pi, 256 * fringes[-1].gain, endpoint=False)
        likely, information = np.zeros((1, len(grid))), 0.0
        for stage, (fringe, shots) in enumerate(zip(fringes, schedule.shots, strict=True)):
            for offset in (0.0, np.pi / 2):
                plus, minus = draw(stage, offset, shots // 2)
                swing = 0.999999 * fringe.visibility * np.cos(fringe.gain * grid - offset)
                likely = likely + np.outer(plus, np.log1p(swing)) + np.outer(minus, np.log1p(-swing))
            information += shots * fringe.survival * (fringe.gain * fringe.visibility) ** 2 / 2
        width = np.full(len(likely), 1.96 / math.sqrt(information))
        return PhaseEstimates(phase=grid[likely.argmax(axis=1)], half_width=width)

    def trials_at_once(self, schedule: Schedule) -> int:
        """The likelihoods of so many trials are held."""
        return 1000


def main() -> None:
    """Three phases behind unequal losses, with both beside what is registered."""
    network, scheme, estimator = load_network(FILE), TextbookNoon(), StageLikelihood()
    ranked = [c.plan.scheme for c in design(network, schemes=["noon", scheme, "separable-phase"]).candidates]
    print(f"candidates, best first: {', '.join(ranked)}")
    errors = {row.scheme: row.mse for row in loss_report(network, schemes=["noon", scheme]).rows}
    # The report has this row already, from a closed form that is not ours.
    assert math.isclose(errors["textbook-noon"], errors["noon-equal-weights"], rel_tol=1e-9)
    cost = errors["textbook-noon"] / errors["noon"]
    assert 1 < cost < 1.1
    print(f"equal weights cost {cost:.4f} times the error")

    ours = simulate(network, scheme=scheme, estimators=["robust", estimator], shots=400, trials=4000)
    robust, likely = (ours.result("textbook-noon", name) for name in ("robust", "stage-likelihood"))
    assert likely.mse < robust.mse
    print(f"400 shots: robust {robust.mse:.3g}, stage-likelihood {likely.mse:.3g}, bound {likely.probe_bound:.3g}")

    text = f"""
        network = "{FILE.as_posix()}"
        trials = 500
        estimator = "stage-likelihood"
        [axes]
        scheme = ["noon", "textbook-noon"]
        shots = [100, 200, 400]
    """
    with tempfile.TemporaryDirectory() as folder:
        run_sweep(text, folder, schemes=[scheme], estimators=[estimator])
        rows = load_results(folder)
    assert (rows["status"] == "ok").all()
    print(rows[["scheme", "shots", "mse_rad2", "probe_bound_rad2"]].to_string(index=False))


if __name__ == "__main__":
    main()
