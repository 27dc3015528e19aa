"""``psn simulate``: what it takes, and how it says what came out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console
from rich.text import Text

from networks import InputError, LinearFunction, SensorNetwork, load_network
from protocols import tables
from protocols.cli.terminal import about, console, numbers_of, working
from protocols.estimation.analytic import FunctionSimulation, simulate_function
from protocols.estimation.arguments import common_faults
from protocols.estimation.expressions import AnalyticFunction
from protocols.estimation.several import TargetsSimulation, simulate_targets
from protocols.estimation.simulation import RANDOM, Simulation, choice_faults, simulate
from protocols.reports.summaries import estimates_tables, vector
from protocols.tables import Table, cell, to_rich, with_error


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationAsked:
    """The options of ``psn simulate``."""

    network: str
    shots: int
    trials: int
    seed: int
    scheme: str | None
    estimator: str | None
    theta: str | None
    engine: str
    order: str
    workers: int
    function: str | None
    rough_shots: int | None
    target: tuple[str, ...]
    weights: str | None
    json: bool


def simulate_answer(asked: SimulationAsked) -> None:
    """Read, simulate and print."""
    faults = _faults(asked)
    network: SensorNetwork | None = None
    try:
        network = load_network(asked.network)
    except InputError as error:
        faults += about(asked.network, error.faults)
    theta = asked.theta if asked.theta == RANDOM else _numbers("--theta", asked.theta, faults)
    weights = _numbers("--weights", asked.weights, faults)
    targets = []
    for text in asked.target:
        try:
            targets.append(LinearFunction.from_text(text))
        except InputError as error:
            faults += [f"--target {text}: {fault}" for fault in error.faults]
    if network is not None:
        given = None if isinstance(theta, str) else theta
        faults += common_faults(network, asked.shots, asked.trials, asked.seed, given, asked.workers)
        faults += choice_faults(network, asked.scheme, asked.estimator)
        sensors = len(network.sensors)
        faults += [
            f"--target {f} has {len(f)} coefficients, the network has {sensors} sensors"
            for f in targets
            if len(f) != sensors
        ]
        if asked.function is not None:
            try:
                AnalyticFunction.from_text(asked.function, sensors, [str(mode.id) for mode in network.sensors])
            except InputError as error:
                faults += [f"--function: {fault}" for fault in error.faults]
    if faults:
        raise InputError(faults)
    assert network is not None
    with working() as tell:
        if asked.function is not None:
            assert not isinstance(theta, str)
            of_function = simulate_function(
                network,
                asked.function,
                shots=asked.shots,
                trials=asked.trials,
                seed=asked.seed,
                theta=theta,
                rough_shots=asked.rough_shots,
                workers=asked.workers,
                progress=tell,
            )
            document: dict[str, object] = of_function.to_dict()
            show: Callable[[Console], None] = partial(_show_function, found=of_function)
        elif targets:
            several = simulate_targets(
                network,
                targets,
                weights,
                shots=asked.shots,
                trials=asked.trials,
                seed=asked.seed,
                workers=asked.workers,
                progress=tell,
            )
            document, show = several.to_dict(), partial(_show_targets, found=several)
        else:
            found = simulate(
                network,
                shots=asked.shots,
                trials=asked.trials,
                seed=asked.seed,
                scheme=asked.scheme,
                estimator=asked.estimator,
                theta=theta,
                engine=asked.engine,
                order=asked.order,
                workers=asked.workers,
                progress=tell,
            )
            document, show = found.to_dict(), partial(_show, found=found)
    if asked.json:
        print(tables.to_json(document))
    else:
        show(console())


def _faults(asked: SimulationAsked) -> list[str]:
    """Options that do not go together."""
    faults = []
    if asked.function is not None and asked.target:
        faults.append("give --function or --target, not both")
    other = asked.function is not None or bool(asked.target)
    given = [
        name
        for name, value in (("--scheme", asked.scheme), ("--estimator", asked.estimator))
        if value is not None and other
    ]
    if other and asked.engine != "native":
        given.append("--engine")
    if asked.theta is not None and (asked.target or (asked.function is not None and asked.theta == RANDOM)):
        given.append(f"--theta{' random' if asked.theta == RANDOM else ''}")
    if given:
        faults.append(f"{', '.join(given)} do{'es' if len(given) == 1 else ''} not go with --function or --target")
    if asked.rough_shots is not None and asked.function is None:
        faults.append("--rough-shots goes with --function")
    if asked.weights is not None and not asked.target:
        faults.append("--weights go with --target")
    return faults


def _numbers(option: str, text: str | None, faults: list[str]) -> list[float] | None:
    if text is None:
        return None
    try:
        return numbers_of(option, text)
    except InputError as error:
        faults += error.faults
        return None


def _head(where: Console, network: SensorNetwork, about_it: str) -> None:
    where.print(Text(str(network), style="bold"))
    where.print(Text(about_it))


def _show(where: Console, found: Simulation) -> None:
    network, first = found.network, found.first
    alpha = vector([str(a) for a in network.function.alpha])
    theta = "new in every trial" if isinstance(first.theta, str) else vector([f"{t:.4g}" for t in first.theta])
    _head(where, network, f"q = alpha . theta, alpha = {alpha}; theta {theta}")
    trials = f"{first.tally.trials:,} trials of {first.resources.shots} shots, seed {found.seed}, {found.engine} engine"
    where.print(Text(f"{trials}\n"))
    where.print(to_rich(estimates_tables(found)))
    for line in _explained(found):
        where.print(Text(line))
    for missing in found.unavailable:
        where.print(Text(f"not offered: {missing.scheme} ({missing.reason})", style="dim"))


def _explained(found: Simulation) -> Sequence[str]:
    lines = [
        "/bound: over (12), or the exact (15), for all these shots; /probes: over what this light and its losses allow;"
    ]
    if found.network.sensing == "phase":
        lines += [
            "/floor: n RMSE/(pi ||alpha||_P), at best one for many photon passes n when the phase is not known beforehand;",
            "mistaken: share of the trials that took one fringe for another;",
        ]
    lines.append("95 % held: how often the 95 % interval of a trial held the truth.")
    for result in found.results:
        if result.guaranteed_mse is not None and result.published_bound is not None:
            lines.append(
                f"{result.scheme}, robust: below {cell(result.guaranteed_mse)} at any phase (pi/3 criterion, exact sums); "
                f"as published, (10.7 pi ||alpha||_P/n)^2 = {cell(result.published_bound)}, whose pi/2 criterion does not suffice"
            )
    known = {note for result in found.results for note in result.notes}
    periods = sorted({result.period for result in found.results if result.period is not None}, reverse=True)
    if periods:
        lines.append(f"q is told modulo {' or '.join(f'{p:.6g}' for p in periods)}; errors are taken modulo it.")
    return [*lines, *(f"note: {note}" for note in sorted(known))]


def _show_function(where: Console, found: FunctionSimulation) -> None:
    theta = vector([f"{t:.4g}" for t in found.theta])
    slope = vector([f"{g:.4g}" for g in found.gradient])
    _head(where, found.network, f"f = {found.function} = {found.value:.6g} at theta {theta}, gradient {slope}")
    phase = found.network.sensing == "phase"
    rows = tuple(
        (
            way,
            with_error(t.mse, t.mse_stderr),
            f"{t.mse / found.bound:.4g}",
            with_error(t.bias, t.bias_stderr),
            with_error(t.coverage, t.coverage_stderr),
            f"{t.fringe_errors / t.trials:.2g}" if phase and way == "two steps" else "-",
        )
        for way, t in (("two steps", found.tally), ("one by one", found.plug_in))
    )
    columns = ("way", "MSE", "MSE/bound", "bias", "95 % held", "mistaken")
    title = f"{found.tally.trials:,} trials of {found.shots} shots, {found.rough_shots} of them for the rough look"
    where.print(to_rich([Table(title=title, columns=columns, rows=rows)]))
    where.print(
        Text(
            f"bound {cell(found.bound)}: of the linear function along the gradient, for all shots; what the gradient leaves "
            f"out after the rough look is about {found.second_order:.2g}, its square {found.second_order**2:.2g}"
        )
    )
    for note in found.notes:
        where.print(Text(f"note: {note}", style="dim"))


def _show_targets(where: Console, found: TargetsSimulation) -> None:
    _head(where, found.network, f"{len(found.functions)} functions at once, {found.shots} shots")
    rows = tuple(
        (str(f), w, with_error(j.mse, j.mse_stderr), bound / found.shots, with_error(t.mse, t.mse_stderr), n)
        for f, w, j, t, n, bound in zip(
            found.functions, found.weights, found.joint, found.turns, found.turn_shots, found.theory.errors, strict=True
        )
    )
    columns = ("alpha", "weight", "joint MSE", "joint, theory", "MSE in turns", "shots of its turn")
    title = f"{found.joint[0].trials:,} trials"
    where.print(to_rich([Table(title=title, columns=columns, rows=rows)]))
    where.print(
        Text(
            f"weighted sums: joint probe {cell(found.joint_mse)} (theory {cell(found.joint_bound)}), "
            f"in turns {cell(found.turns_mse)} (theory {cell(found.turns_bound)})"
        )
    )
