"""``psn simulate``: simulated measurements of a network, and the estimates that they allow."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.options import EngineName, EstimatorName, Json, Network, SchemeName, Targets, Weights
from protocols.cli.terminal import console, functions_of, given_network, given_numbers, working

if TYPE_CHECKING:
    from networks import LinearFunction, SensorNetwork
    from protocols.documents.result import Result

app = typer.Typer(add_completion=False)


class Order(StrEnum):
    """What smaller stages have less of."""

    photons = "photons"
    passes = "passes"


@app.command("simulate", epilog="Example: psn simulate examples/gradient_pair.json --shots 40 --trials 500 --seed 3")
def simulate(
    network: Network,
    shots: Annotated[
        int, typer.Option(help="The shots of one estimate; the stages of phase estimation share them.")
    ] = 100,
    trials: Annotated[int, typer.Option(help="The number of independent estimates.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers, for any number of --workers.")] = 0,
    scheme: SchemeName = None,
    estimator: EstimatorName = None,
    theta: Annotated[
        str | None,
        typer.Option(
            help="The true parameters, such as 0.1,0.2 (phases in rad; of Gaussian light what is left of known ones), or random: "
            "new ones in each trial.",
            show_default=False,
        ),
    ] = None,
    engine: EngineName = "native",
    stages: Annotated[
        Order, typer.Option(help="What smaller stages have less of, where both are possible.")
    ] = Order.photons,
    workers: Annotated[int, typer.Option(help="The number of processes.")] = 1,
    function: Annotated[
        str | None,
        typer.Option(
            help="A function that is not linear, such as theta1*sin(theta2), measured in two steps instead of q. Sensors go by "
            "their names or as theta1, theta2, ... in the order of the file; where a sensor is called like the place of another, "
            "only names are read."
        ),
    ] = None,
    rough_shots: Annotated[
        int | None, typer.Option(help="The shots of the pilot stage, the first step of --function.")
    ] = None,
    target: Targets = None,
    weights: Weights = None,
    json: Json = False,
) -> None:
    """How accurate are estimates of q from simulated measurements?

    Mean squared errors of every scheme and estimator are set beside every bound, with bias, the coverage of the 95 % interval and
    the share of fringe errors.
    """
    from protocols import tables
    from protocols.built.uses import AS_BUILT, OF_MODES
    from protocols.estimation.analytic import simulate_function
    from protocols.estimation.arguments import common_faults
    from protocols.estimation.several import simulate_targets
    from protocols.estimation.simulation import RANDOM, choice_faults, random_faults, simulate as simulate_network
    from protocols.reports.showing import show

    faults = []
    if function is not None and target:
        faults.append("give --function or --target, not both")
    faults += _idle(
        {
            "--scheme": scheme is not None,
            "--estimator": estimator is not None,
            "--engine": engine != "native",
            # Trials of a function all start from the same parameters.
            f"--theta{' random' if theta == RANDOM else ''}": bool(target and theta is not None) or theta == RANDOM,
        },
        other=function is not None or bool(target),
    )
    if rough_shots is not None and function is None:
        faults.append("--rough-shots goes with --function")
    if weights is not None and not target:
        faults.append("--weights go with --target")
    # Functions and several targets have closed forms of the losses of modes.
    given = given_network(network, faults, used=OF_MODES if function is not None or target else AS_BUILT)
    values = None if theta == RANDOM else given_numbers("--theta", theta, faults)
    shares = given_numbers("--weights", weights, faults)
    targets = functions_of("--target", target or (), faults)
    if given is not None:
        faults += common_faults(given, shots, trials, seed, values, workers)
        faults += choice_faults(given, scheme, estimator)
        faults += random_faults(given, theta)
        faults += _function_faults(given, function, targets)
    if faults or given is None:
        raise InputError(faults)
    with working() as report:
        result: Result
        if function is not None:
            result = simulate_function(
                given,
                function,
                shots=shots,
                trials=trials,
                seed=seed,
                theta=values,
                rough_shots=rough_shots,
                workers=workers,
                progress=report,
            )
        elif targets:
            result = simulate_targets(
                given, targets, shares, shots=shots, trials=trials, seed=seed, workers=workers, progress=report
            )
        else:
            result = simulate_network(
                given,
                shots=shots,
                trials=trials,
                seed=seed,
                scheme=scheme,
                estimator=estimator,
                theta=RANDOM if theta == RANDOM else values,
                engine=engine,
                order=stages.value,
                workers=workers,
                progress=report,
            )
    if json:
        print(tables.to_json(result.to_dict()))
    else:
        show(result, console=console())


def _idle(given: dict[str, bool], *, other: bool) -> list[str]:
    """The fault that options of the plain simulation were given with --function or --target."""
    names = [name for name, is_given in given.items() if is_given]
    if not names or not other:
        return []
    return [f"{', '.join(names)} do{'es' if len(names) == 1 else ''} not go with --function or --target"]


def _function_faults(network: SensorNetwork, function: str | None, targets: Sequence[LinearFunction]) -> list[str]:
    """Targets of another length than the network, and what is wrong with a function of its parameters."""
    from protocols.estimation.expressions import AnalyticFunction

    sensors = len(network.sensors)
    faults = [
        f"--target {target} has {len(target)} coefficients, the network has {sensors} sensors"
        for target in targets
        if len(target) != sensors
    ]
    if function is not None:
        try:
            AnalyticFunction.from_text(function, sensors, [str(mode.id) for mode in network.sensors])
        except InputError as error:
            faults += [f"--function: {fault}" for fault in error.faults]
    return faults
