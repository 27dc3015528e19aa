"""Reading a sweep: a TOML file, its text or its data, checked whole before anything starts; every fault is listed."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from networks import InputError, LinearFunction, SensorNetwork, load_network
from networks.benches import IN_DB
from networks.errors import short_repr
from networks.files.node_link import network_document, network_to_json
from networks.files.spelling import misspelling_of
from networks.files.text import read_text
from networks.values import whole_number
from photonics.engines import ENGINES
from protocols.estimation.arguments import LARGEST_TRIALS
from protocols.estimation.estimators.estimator import Estimator
from protocols.estimation.registry import estimators_of
from protocols.estimation.simulation import RANDOM
from protocols.estimation.trials import content_id
from protocols.problem import DisplacementProblem, PhaseProblem, Problem, kind_of
from protocols.schemes import AnyScheme, schemes_of
from protocols.schemes.named import IN_WORDS
from protocols.schemes.photon import LARGEST_SIMULATED_PHOTONS
from protocols.schemes.stages import ORDERS
from protocols.sweeps.axes import (
    AXES,
    LINKS,
    MAX_FAULTS,
    MAX_POINTS,
    OF_LABORATORY,
    OF_TRIALS,
    as_shares,
    axis_values,
    is_number,
)
from protocols.sweeps.own_objects import own_objects
from protocols.sweeps.spec import DESIGN, SIMULATE, TASKS, SweepSpec, network_of

SETTINGS = ("name", "task", "network", "trials", "seed", "theta", "engine", "stages", *AXES[1:], *IN_DB)
NOT_OF_DESIGNS = ("trials", "seed", "theta", "engine", "stages", *OF_TRIALS)
"""Settings and axes of simulations: a design has no trials, and says itself where an engine is needed."""
MAX_TRIED = 1000
"""Combinations of values of the laboratory that are tried before a sweep starts; of more, rows say what contradicts itself."""
BUDGETS = (PhaseProblem.photon_budget, DisplacementProblem.photon_budget)
_ALIASES = {"n": "photons", "m": "passes", "eta": "transmissivity", "nbar": "mean_photons", "networks": "network"}


def read_spec(
    path: str | Path | Mapping[str, object] | SweepSpec,
    *,
    schemes: Sequence[AnyScheme] = (),
    estimators: Sequence[Estimator] = (),
) -> SweepSpec:
    """Read and check a sweep.

    Parameters
    ----------
    path : Path, str, mapping or SweepSpec
        A TOML file, beside which network files are looked for; or its text, with network files looked for in the current folder: a
        string that has a line break or an equals sign and is no file is taken as text; or the same as a mapping, in which networks
        may be ``SensorNetwork``s and axes arrays. A spec is given back, with ``schemes`` and ``estimators`` added.
    schemes, estimators : objects of your own
        Which the spec may name like registered ones.

    Returns
    -------
    SweepSpec

    Raises
    ------
    InputError
        Listing every fault.

    Examples
    --------
    >>> read_spec("trials = 10")
    Traceback (most recent call last):
    ...
    networks.errors.InputError: network is missing; name a network file, or several in [axes]
    >>> network = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> len(read_spec({"network": network, "scheme": "noon", "axes": {"loss_db": [0, 1, 2], "shots": range(10, 50, 10)}}))
    12
    """
    if isinstance(path, SweepSpec):
        return path.with_own(schemes, estimators) if schemes or estimators else path
    if isinstance(path, Mapping):
        return spec_from(dict(path), schemes=schemes, estimators=estimators)
    if isinstance(path, str) and _is_text(path):
        return spec_from(_parsed(path), schemes=schemes, estimators=estimators)
    file = Path(path)
    text = read_text(file)
    try:
        return spec_from(_parsed(text), file.parent, schemes=schemes, estimators=estimators)
    except InputError as error:
        raise error.within(str(file)) from None


def _is_text(source: str) -> bool:
    """Whether a string is the text of a spec and not the name of its file."""
    if "\n" in source:
        return True
    return "=" in source and not Path(source).exists()


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Beside its own error, which is a ValueError, numbers of thousands of digits and very deep nesting end here.
        raise InputError([f"this is no TOML that can be read: {str(error)[:200]}"]) from None


def spec_from(
    given: dict[str, Any],
    folder: Path = Path(),
    *,
    schemes: Sequence[AnyScheme] = (),
    estimators: Sequence[Estimator] = (),
) -> SweepSpec:
    """A sweep from the data of its file, in which networks may be ``SensorNetwork``s; further as ``read_spec``.

    >>> network = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> spec = spec_from({"network": network, "scheme": "noon", "axes": {"photons": [2, 4], "shots": [10, 20, 30]}})
    >>> len(spec), spec.point(4)
    (6, {'network': 0, 'photons': 4, 'scheme': 'noon', 'estimator': 'robust', 'shots': 20})
    """
    faults: list[str] = []
    axes = given.get("axes", {})
    if not isinstance(axes, dict):
        faults.append(f"[axes] must be a table of lists, got {short_repr(axes)}")
        axes = {}
    settings = {key: value for key, value in given.items() if key != "axes"}
    faults += _unknown_settings(settings)
    faults += _unknown(axes, (*AXES, *IN_DB), "an axis", "[axes]")
    faults += [f"{key} is a setting and an axis; keep one" for key in settings if key in axes]
    # A setting that could be an axis is an axis of one value.
    every = {**{key: [value] for key, value in settings.items() if key in (*AXES, *IN_DB)}, **axes}
    if "network" in every and isinstance(every["network"], list) and len(every["network"]) == 1:
        inner = every["network"][0]
        every["network"] = inner if isinstance(inner, list) else [inner]
    networks = _networks(every.pop("network", None), folder, faults)
    task = given.get("task", SIMULATE)
    if task not in TASKS:
        faults.append(f"task must be {' or '.join(TASKS)}, got {short_repr(task)}")
    if task == DESIGN:
        faults += [
            f"{key} is for simulations, and this sweep has task = 'design': leave it out, or leave the task out"
            for key in NOT_OF_DESIGNS
            if key in settings or key in axes
        ]
    values = as_shares(
        {name: axis_values(name, every[name], faults) for name in (*AXES, *IN_DB) if name in every}, faults
    )
    settled = _settings(settings, networks, faults)
    if networks:
        problems = kind_of(networks[0])
        own_schemes, own_estimators = own_objects(problems, schemes, estimators, faults)
        known = {
            "scheme": (*schemes_of(problems), *own_schemes),
            "estimator": (*estimators_of(problems), *own_estimators),
        }
        faults += _against(networks, values, known)
        if not faults:
            faults += _contradictions(networks, values)
    if faults:
        raise InputError(faults)
    of_trials = {} if task == DESIGN else {"estimator": tuple(estimators_of(problems))[:1], "shots": (100,)}
    axes_of: dict[str, tuple[Any, ...]] = {
        "network": tuple(range(len(networks))),
        "scheme": tuple(schemes_of(problems)),
        **of_trials,
        **{name: tuple(listed) for name, listed in values.items()},
    }
    spec = SweepSpec(
        networks=tuple(networks),
        axes=tuple((name, axes_of[name]) for name in AXES if name in axes_of),
        schemes=tuple(one for name, one in own_schemes.items() if name in axes_of["scheme"]),
        estimators=tuple(one for name, one in own_estimators.items() if name in axes_of.get("estimator", ())),
        task=task,
        in_db=tuple(share for name, share in IN_DB.items() if name in every),
        **settled,
    )
    if len(spec) > MAX_POINTS:
        raise InputError([f"a sweep may have {MAX_POINTS:,} points, got {len(spec):,}"])
    return spec


def _unknown_settings(settings: dict[str, Any]) -> list[str]:
    """Tables too: of a sweep there is [axes] alone, and a setting below the head of another table belongs to that one."""
    faults = []
    for key, value in settings.items():
        of_axes, of_settings = [], []
        if isinstance(value, dict) and key not in SETTINGS:
            of_axes = [name for name in value if name in (*AXES, *IN_DB)]
            of_settings = [name for name in value if name in SETTINGS and name not in of_axes]
        if of_axes:
            faults.append(
                f"[{key}] is no table of a sweep; {', '.join(of_axes)} may be {'axes' if of_axes[1:] else 'an axis'}, in the "
                "table [axes]"
            )
        if of_settings:
            many = "are settings" if of_settings[1:] else "is a setting"
            faults.append(
                f"[{key}] is no table of a sweep; {', '.join(of_settings)} {many}, at the top of the file before any table"
            )
        if not of_axes and not of_settings:
            faults += _unknown({key: value}, SETTINGS, "a setting", "the top of the file")
    return faults


def _unknown(given: dict[str, Any], known: Sequence[str], what: str, where: str) -> list[str]:
    faults = []
    for key in given:
        if key in known:
            continue
        meant = _ALIASES.get(key.lower())
        fault = f"{where}: unknown attribute {key!r}; did you mean {meant!r}?" if meant in known else None
        fault = fault or misspelling_of(key, tuple(known), where)
        faults.append(fault or f"{key!r} is not {what}; known are {', '.join(known)}")
    return faults


def _networks(given: Any, folder: Path, faults: list[str]) -> list[SensorNetwork]:
    if given is None:
        faults.append("network is missing; name a network file, or several in [axes]")
        return []
    if not isinstance(given, list) or not given:
        faults.append("network must be a file name, or a list of at least one in [axes]")
        return []
    result = []
    for each in given:
        if isinstance(each, SensorNetwork):
            result.append(each)
            continue
        if not isinstance(each, str) or not each or not each.isprintable():
            faults.append(f"network must be a file name, got {short_repr(each)}")
            continue
        try:
            result.append(load_network(folder / each))
        except InputError as error:
            faults += [fault if each in fault else f"{each}: {fault}" for fault in error.faults]
    kinds = sorted({kind_of(network) for network in result})
    if len(kinds) > 1:
        words = " and ".join(IN_WORDS[kind] for kind in kinds)
        faults.append(f"all networks of a sweep must be of one kind, got {words}; make a sweep of each")
    refused = []
    for network in result:
        try:
            Problem.of(network)
        except InputError as error:
            refused += [f"network {network.name!r}: {fault}" for fault in error.faults]
    faults += refused
    ids = [content_id(network_document(network)) for network in result]
    if len(set(ids)) < len(ids):
        faults.append("two networks are the same; give each once")
    return result if len(result) == len(given) and len(kinds) == 1 and not refused else []


def _settings(given: dict[str, Any], networks: list[SensorNetwork], faults: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "name": given.get("name", "sweep"),
        "trials": given.get("trials", 10_000),
        "seed": given.get("seed", 0),
        "theta": given.get("theta"),
        "engine": given.get("engine", "native"),
        "stages": given.get("stages", "photons"),
    }
    if not isinstance(result["name"], str) or not result["name"].strip() or not result["name"].isprintable():
        faults.append(f"name must be printable text that is not empty, got {short_repr(result['name'])}")
    for key, least, most in (("trials", 1, LARGEST_TRIALS), ("seed", 0, 2**63 - 1)):
        value = whole_number(result[key])
        if value is None or not least <= value <= most:
            faults.append(f"{key} must be an integer from {least} to {most}, got {short_repr(result[key])}")
        result[key] = value
    for key, known in (("engine", ENGINES), ("stages", ORDERS)):
        if result[key] not in known:
            faults.append(f"{key} must be {' or '.join(known)}, got {short_repr(result[key])}")
    theta = result["theta"]
    if isinstance(theta, list) and theta and all(is_number(t, 1e6) for t in theta):
        result["theta"] = tuple(float(t) for t in theta)
        faults += [
            f"theta has {len(theta)} values, network {network.name!r} has {len(network.sensors)} sensors"
            for network in networks
            if len(network.sensors) != len(theta)
        ]
    elif theta is not None and theta != RANDOM:
        faults.append(f"theta must be a list of numbers or 'random', got {short_repr(theta)}")
    return result


def _against(
    networks: list[SensorNetwork], values: dict[str, list[Any]], known: dict[str, tuple[str, ...]]
) -> Iterator[str]:
    """Faults of values that no network of the sweep can take; ``known`` are the names of schemes and estimators."""
    first = Problem.of(networks[0])
    words, budget = IN_WORDS[first.kind], first.photon_budget
    for other in BUDGETS:
        if other != budget and other in values:
            yield f"{words} takes {budget}, not {other}"
    for name, names in known.items():
        for value in values.get(name, []):
            if value not in names:
                yield f"{words} has no {name} {value!r}; known are {', '.join(names)}"
    for text in values.get("alpha", []):
        for network in networks:
            try:
                network.with_function(LinearFunction.from_text(text))
            except InputError as error:
                yield f"alpha = {text} in network {network.name!r}: {error.faults[0]}"
    for name in LINKS:
        for network in networks if name in values else ():
            if not network.links:
                yield f"{name}: network {network.name!r} has no links"
            elif name == LINKS[1] and all(link.transmissivity == 1 for link in network.links):
                yield (
                    f"{name} multiplies losses of links, and no link of network {network.name!r} has any; give link_loss_db, "
                    "the dB of every link"
                )
    if isinstance(first, PhaseProblem):
        photons = max(values.get("photons", []) or [network.photons or 1 for network in networks])
        passes = max(values.get("passes", []) or [network.passes for network in networks])
        if photons * passes > LARGEST_SIMULATED_PHOTONS:
            yield (
                f"states are simulated with at most {LARGEST_SIMULATED_PHOTONS} photons in all passes together, "
                f"got photons = {photons} with passes = {passes}"
            )


def _contradictions(networks: list[SensorNetwork], values: dict[str, list[Any]]) -> list[str]:
    """What contradicts itself where values of the laboratory meet in a network, each once with the first place where it does."""
    axes = {name: values[name] for name in (*OF_LABORATORY, "alpha", "transmissivity") if name in values}
    if not any(name in OF_LABORATORY for name in axes):
        return []
    count = len(networks) * math.prod(len(listed) for listed in axes.values())
    faults: dict[str, str] = {}
    texts = [network_to_json(network) for network in networks]
    grid = itertools.product(range(len(networks)), *axes.values())
    for number, *chosen in itertools.islice(grid, min(count, MAX_TRIED)):
        point = dict(zip(axes, chosen, strict=True))
        try:
            Problem.of(network_of(texts[number], point))
        except InputError as error:
            where = ", ".join(f"{name} = {value}" for name, value in point.items() if name in OF_LABORATORY)
            for fault in error.faults:
                faults.setdefault(fault, f"network {networks[number].name!r} with {where}: {fault}")
    listed = list(faults.values())
    more = len(listed) - MAX_FAULTS
    return [*listed[:MAX_FAULTS], f"{more} more contradictions like these"] if more > 0 else listed
