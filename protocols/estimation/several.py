"""Several linear functions at once, simulated: one joint probe in all shots against turns, each function with a probe of its own.

With the losses of the modes, as the trade-off of docs/theory/privacy.md (``joint_targets``) has them; those of links are not in it.
Phases are taken to be known beforehand to within KNOWN/(N M), so that the measurement can be chosen for them; displacements
need no such knowledge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks import InputError, LinearFunction, SensorNetwork
from networks.errors import short_repr
from networks.files.node_link import network_document
from networks.values import Value, whole_number
from photonics.conventions import Real
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.estimation.arguments import common_faults, real_numbers
from protocols.estimation.estimators.homodyne import Homodyne
from protocols.estimation.estimators.maximum_likelihood import MaximumLikelihood
from protocols.estimation.experiments import Experiment, Repeatable
from protocols.estimation.fringes import NORMAL_95
from protocols.estimation.resources import whole_shares
from protocols.estimation.setups import make_setup
from protocols.estimation.simulation import default_theta
from protocols.estimation.superposed import SuperposedStrings
from protocols.estimation.tally import Errors, Tally
from protocols.estimation.trials import BATCH, content_id, run_trials
from protocols.problem import AnyProblem, DisplacementProblem, PhaseProblem, Problem, linear_functions
from protocols.schemes import AnyScheme, Unavailable
from protocols.schemes.entangled_squeezed import EntangledSqueezed
from protocols.schemes.multimode_noon import MultimodeNoon
from protocols.schemes.noon import Noon
from protocols.schemes.pairs_in_turn import PairsInTurn
from protocols.schemes.registry import all_photons_first
from protocols.schemes.w_matrix import WMatrix
from protocols.theory.displacement import displacement_gain
from protocols.theory.joint_targets import JointTargets, light_shares
from protocols.theory.task import DisplacementTask


def _targets_listed(result: TargetsSimulation) -> list[dict[str, object]]:
    return [
        {
            "alpha": f,
            "weight": w,
            "joint_mse": j.mse,
            "joint_bound": bound / result.shots,
            "turns_mse": t.mse,
            "turn_shots": n,
        }
        for f, w, j, t, n, bound in result.by_function
    ]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TargetsSimulation(Value, Result):
    """Weighted sums of mean squared errors, sum of weight_k MSE_k, of joint probe and turns, with what theory has for these shots.

    Attributes
    ----------
    network : SensorNetwork
    functions, weights : (K,) LinearFunction, (K,) floats > 0
    joint, turns : (K,) Tally
        Of each function: from the joint probe in all shots; from a probe of its own in its share of the shots.
    shots : int
    turn_shots : (K,) ints
        The shares, which sum to ``shots``.
    theory : JointTargets
        A shot, of both.
    seed : int
    """

    DOCUMENT = (
        Entry("scheme", of=lambda _: "joint-probe"),
        Entry("estimator", of=lambda result: _estimator(Problem.of(result.network)).name),
        Entry("mse", of="joint_mse"),
        Entry("mse_stderr", of=lambda result: _together(result.weights, result.joint)),
        Entry("bound", of="joint_bound"),
        "turns_mse",
        Entry("turns_mse_stderr", of=lambda result: _together(result.weights, result.turns)),
        "turns_bound",
        Entry("targets", of=_targets_listed),
        Entry("resources", of=lambda result: {"shots": result.shots}),
        Entry("trials", of=lambda result: result.joint[0].trials),
        "seed",
        Entry("notes", of=lambda result: list(result.notes)),
        "network",
    )

    network: SensorNetwork
    functions: tuple[LinearFunction, ...]
    weights: tuple[float, ...]
    joint: tuple[Tally, ...]
    turns: tuple[Tally, ...]
    shots: int
    turn_shots: tuple[int, ...]
    theory: JointTargets
    seed: int

    @property
    def by_function(self) -> Iterator[tuple[LinearFunction, float, Tally, Tally, int, float]]:
        """Each function with its weight, both tallies, the shots of its turn, and the least for the joint probe in one shot."""
        return zip(
            self.functions, self.weights, self.joint, self.turns, self.turn_shots, self.theory.errors, strict=True
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Which losses are in the errors, and what the joint probe is the best of."""
        return Problem.of(self.network).task.joint_targets_notes

    @property
    def joint_mse(self) -> float:
        """Of the joint probe in all shots."""
        return math.fsum(w * t.mse for w, t in zip(self.weights, self.joint, strict=True))

    @property
    def turns_mse(self) -> float:
        """Of turns over the shots."""
        return math.fsum(w * t.mse for w, t in zip(self.weights, self.turns, strict=True))

    @property
    def joint_bound(self) -> float:
        """The least for the joint probe, in all shots."""
        return self.theory.joint / self.shots

    @property
    def turns_bound(self) -> float:
        """The least for turns with these whole numbers of shots."""
        single = [share * share for share in self.theory.shares]
        scale = self.theory.taking_turns
        return math.fsum(scale * s / n for s, n in zip(single, self.turn_shots, strict=True))


def _together(weights: Sequence[float], tallies: Sequence[Tally]) -> float | None:
    # Errors of one trial may be correlated, so the standard errors add up at most.
    total = math.fsum(w * t.mse_stderr for w, t in zip(weights, tallies, strict=True))
    return total if math.isfinite(total) else None


def simulate_targets(
    network: SensorNetwork | AnyProblem,
    functions: Sequence[LinearFunction | Sequence[float | str]],
    weights: Sequence[float] | None = None,
    *,
    shots: int = 1000,
    trials: int = 10_000,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> TargetsSimulation:
    """Simulate several linear functions measured with one joint probe, and in turns.

    Parameters
    ----------
    network : SensorNetwork or Problem
        Its own function is not used.
    functions : (K,) LinearFunction or sequences of d coefficients
    weights : (K,) floats > 0, optional
        Of their mean squared errors; one each when left out.
    shots : int from K to 10^9
        Of the joint probe, and of all turns together.
    trials, seed, workers : int
        As for ``simulate``.
    progress : callable, optional
        Called with a few words before each longer step.

    Returns
    -------
    TargetsSimulation

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    >>> result = simulate_targets(network, [[1, 0], [0, 1]], shots=100, trials=4000)
    >>> abs(result.joint_mse / result.joint_bound - 1) < 0.05, result.joint_mse < result.turns_mse
    (True, True)
    """
    problem = Problem.of(network)
    report = progress or (lambda _: None)
    faults = common_faults(problem, shots, trials, seed, None, workers)
    targets = linear_functions("function", functions, faults)
    own = tuple(1.0 for _ in targets) if weights is None else real_numbers(weights)
    if own is None:
        faults.append(f"weights must be positive numbers, got {short_repr(weights)}")
    faults += _target_faults(problem, targets)
    if not faults and (whole_number(shots) or 0) < len(targets):
        faults.append(f"{len(targets)} functions taking turns need at least as many shots, got {shots}")
    # Of both arms where sensors have two; which are of another length is among the faults.
    fitting = all(len(f) == len(problem.sites) for f in targets)
    seen = [problem.function_of_modes(f) for f in targets] if fitting else targets
    if own is not None:
        try:
            theory = problem.task.joint_targets(seen, own)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    assert own is not None
    shots, trials, seed = (whole_number(value) or 0 for value in (shots, trials, seed))
    workers = whole_number(workers) or 1
    turn_shots = whole_shares(theory.shares, shots)
    rows = np.array([[float(a) for a in f.alpha] for f in seen])
    content = content_id(
        {
            "network": network_document(problem.network),
            "functions": [[str(a) for a in f.alpha] for f in targets],
            "weights": list(own),
            "shots": shots,
            "trials": trials,
            "batch": BATCH,
        }
    )
    joint, turns = [], []
    for which, (target, count) in enumerate(zip(targets, turn_shots, strict=True)):
        report(f"function {which + 1} of {len(targets)}")
        together = _joint(problem, rows, own, theory, shots, which)
        alone = _turn(Problem.of(_without_link_losses(problem.network).with_function(target)), count)
        # The joint data of a batch are the same for all functions, because their seeds are.
        joint.append(run_trials(together, trials, seed=seed, content=content, workers=workers))
        turns.append(run_trials(alone, trials, seed=seed, content=content_id([content, which]), workers=workers))
    return TargetsSimulation(
        network=problem.network,
        functions=targets,
        weights=own,
        joint=tuple(joint),
        turns=tuple(turns),
        shots=shots,
        turn_shots=turn_shots,
        theory=theory,
        seed=seed,
    )


def _without_link_losses(network: SensorNetwork) -> SensorNetwork:
    """As the joint probe is planned, which is not laid out along the links; the notes say so."""
    return network.replace(links=tuple(replace(link, transmissivity=1.0) for link in network.links))


def _target_faults(problem: AnyProblem, functions: Sequence[LinearFunction]) -> list[str]:
    """Functions of another length than the network."""
    sensors = len(problem.sites)
    return [f"{f} has {len(f)} coefficients, the network has {sensors} sensors" for f in functions if len(f) != sensors]


def _turn(problem: AnyProblem, shots: int) -> Experiment:
    """The optimal protocol of one function in its share of the shots: the first that exists of those that reach the bound."""
    theta = problem.phases(default_theta(problem))
    schemes: tuple[AnyScheme, ...] = (EntangledSqueezed(),)
    if isinstance(problem, PhaseProblem):
        schemes = (Noon(), WMatrix(), PairsInTurn(), MultimodeNoon())
    missing = []
    for scheme in all_photons_first(schemes, problem):
        setup = make_setup(problem, scheme, theta)
        ready = setup if isinstance(setup, Unavailable) else setup.experiment(_estimator(problem), shots=shots)
        if not isinstance(ready, Unavailable):
            return ready
        missing.append(ready)
    raise InputError([f"{problem.network.function}: {u.scheme}: {u.reason}" for u in missing])


def _estimator(problem: AnyProblem) -> Homodyne | MaximumLikelihood:
    """How both the joint probe and those of the turns are read out."""
    return Homodyne() if isinstance(problem, DisplacementProblem) else MaximumLikelihood()


def _joint(
    problem: AnyProblem,
    rows: Real,
    weights: Sequence[float],
    theory: JointTargets,
    shots: int,
    which: int,
) -> Repeatable:
    """The joint probe in all shots, read out for one of the functions."""
    if isinstance(problem, DisplacementProblem):
        root = joint_root(rows, weights, theory, problem.task, shots)
        return _JointDisplacements(rows=rows, root=root, which=which)
    assert isinstance(problem, PhaseProblem), "Gaussian light for phases is refused before"
    gain = problem.photons * problem.passes
    # A shot counts when all N photons arrive, wherever they are.
    arrived = np.array(theory.allocation) * np.array([*problem.transmissivity, problem.task.arm]) ** gain
    survival = 1.0 if problem.is_lossless else float(arrived.sum())
    return SuperposedStrings(
        along=rows[which],
        populations=arrived if problem.is_lossless else arrived / survival,
        survival=survival,
        gain=gain,
        shots=shots,
    )


def joint_root(rows: Real, weights: Sequence[float], theory: JointTargets, task: DisplacementTask, shots: int) -> Real:
    """(d, d), with losses (d, 2 d), root of the covariance of theta's estimates.

    A squeezer stands for each eigenvector of sum w_k z_k z_k^T, z_k = a_k times the shares of the light; losses add vacuum.
    """
    shares = light_shares(task.transmissivity, task.passes)
    seen = rows * shares
    vectors = np.linalg.eigh((seen.T * np.array(weights)) @ seen)[1]
    gains = np.array([displacement_gain(n) for n in theory.allocation])
    light = shares[:, None] * vectors / np.sqrt(gains * shots) / task.passes
    if task.is_lossless:
        return np.asarray(light)
    vacuum = np.sqrt(np.array(task.lost_shares) / shots) / np.array(task.gains)
    return np.hstack([light, np.diag(vacuum)])


@dataclass(frozen=True, eq=False, kw_only=True)
class _JointDisplacements:
    rows: Real
    root: Real
    which: int

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        noise = rng.standard_normal((trials, self.root.shape[1])) @ self.root.T
        along = self.rows[self.which]
        width = NORMAL_95 * float(np.linalg.norm(along @ self.root))
        return Errors(error=noise @ along, half_width=np.full(trials, width), fringe_error=np.zeros(trials, dtype=bool))
