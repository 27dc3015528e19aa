"""What a sweep is about: a TOML file with axes, read and checked whole before anything starts. Points are made one by one."""

from __future__ import annotations

import hashlib
import inspect
import itertools
import math
import pickle
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from networks import InputError, LinearFunction, SensorNetwork, load_network
from networks.errors import short_repr
from networks.files.node_link import network_document, network_from_json, network_to_json
from networks.files.spelling import misspelling_of
from networks.files.text import read_text
from networks.modes import Sensing
from photonics.engines import ENGINES
from protocols.estimation.arguments import LARGEST_SHOTS, LARGEST_TRIALS, whole_number
from protocols.estimation.estimators.estimator import Estimator
from protocols.estimation.registry import choose_estimators, estimators_of
from protocols.estimation.simulation import RANDOM
from protocols.estimation.trials import content_id
from protocols.problem import DisplacementProblem, PhaseProblem, Problem
from protocols.schemes import AnyScheme, choose_schemes, schemes_of
from protocols.schemes.photon import LARGEST_SIMULATED_PHOTONS
from protocols.schemes.stages import ORDERS

AXES = ("network", "alpha", "photons", "mean_photons", "passes", "transmissivity", "scheme", "estimator", "shots")
"""What can be swept, the last one changing fastest."""
WHOLE = ("photons", "passes", "shots")
"""Axes of integers."""
SETTINGS = ("name", "network", "trials", "seed", "theta", "engine", "stages", *AXES[1:])
MAX_POINTS = 10_000_000
"""Points of one sweep."""
MAX_FAULTS = 5
"""Wrong values of one axis that are listed one by one."""
BUDGETS = (PhaseProblem.photon_budget, DisplacementProblem.photon_budget)
_ALIASES = {"n": "photons", "m": "passes", "eta": "transmissivity", "nbar": "mean_photons", "networks": "network"}


@cache
def code_id() -> str:
    """Hash of this package's source files: rows of one sweep come from one code, in a checkout that changes too."""
    import networks
    import photonics
    import protocols

    digest = hashlib.sha256()
    for package in (networks, photonics, protocols):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(f"{root.name}/{path.relative_to(root)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class SweepSpec:
    """A checked sweep, as ``read_spec`` makes it.

    Two specs that describe the same simulations have one ``spec_id``, whatever the names of their files.

    Parameters
    ----------
    name : str
    networks : tuple of SensorNetwork
        All of one kind of sensing.
    axes : tuple of (name, values)
        Of every axis that is given, in the order of AXES.
    trials, seed : int
    theta : (d,) floats, "random" or None
    engine, stages : str
        As for ``simulate``, where ``stages`` is called ``order``.
    schemes, estimators : tuples of objects
        Those of the caller's own that the axes name.
    """

    name: str
    networks: tuple[SensorNetwork, ...]
    axes: tuple[tuple[str, tuple[Any, ...]], ...]
    trials: int
    seed: int
    theta: tuple[float, ...] | str | None
    engine: str
    stages: str
    schemes: tuple[AnyScheme, ...] = field(default=(), compare=False)
    estimators: tuple[Estimator, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name in ("networks", "schemes", "estimators"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "axes", tuple((name, tuple(values)) for name, values in self.axes))
        if self.theta is not None and not isinstance(self.theta, str):
            object.__setattr__(self, "theta", tuple(self.theta))

    @property
    def sensing(self) -> Sensing:
        """The one kind of sensing of all networks."""
        return self.networks[0].sensing

    def with_own(self, schemes: Sequence[AnyScheme] = (), estimators: Sequence[Estimator] = ()) -> SweepSpec:
        """The same with those schemes and estimators of the caller's own that its axes name."""
        faults: list[str] = []
        own_schemes, own_estimators = _own(self.sensing, schemes, estimators, faults)
        if faults:
            raise InputError(faults)
        own_schemes = {one.name: one for one in self.schemes} | own_schemes
        own_estimators = {one.name: one for one in self.estimators} | own_estimators
        axes = dict(self.axes)
        return replace(
            self,
            schemes=tuple(one for name, one in own_schemes.items() if name in axes["scheme"]),
            estimators=tuple(one for name, one in own_estimators.items() if name in axes["estimator"]),
        )

    def __len__(self) -> int:
        return math.prod(len(values) for _, values in self.axes)

    @cached_property
    def settings(self) -> dict[str, object]:
        """What all points share."""
        theta = list(self.theta) if isinstance(self.theta, tuple) else self.theta
        return {"trials": self.trials, "seed": self.seed, "theta": theta, "engine": self.engine, "stages": self.stages}

    @cached_property
    def network_ids(self) -> tuple[str, ...]:
        """Content ids of the networks."""
        return tuple(content_id(network_document(network)) for network in self.networks)

    @cached_property
    def document(self) -> dict[str, object]:
        """Everything that decides about the rows, the package's version and code among it, and the name."""
        return {
            "name": self.name,
            "psn": version("photonic-sensor-networks"),
            "code": code_id(),
            "networks": [network_document(network) for network in self.networks],
            "axes": {name: list(values) for name, values in self.axes},
            **self.settings,
            **self._own,
        }

    @property
    def _own(self) -> dict[str, object]:
        """Names of the caller's own schemes and estimators with a hash of their code: rows of other code are another sweep's."""
        own = {
            "own_schemes": {one.name: _hash_of(one) for one in self.schemes},
            "own_estimators": {one.name: _hash_of(one) for one in self.estimators},
        }
        return {key: hashes for key, hashes in own.items() if hashes}

    @cached_property
    def spec_id(self) -> str:
        """Content id of the sweep."""
        return content_id(self.document)

    def point(self, index: int) -> dict[str, Any]:
        """The values of all axes at a place of the grid; the network as its number."""
        if not 0 <= index < len(self):
            raise IndexError(f"the sweep has points 0 to {len(self) - 1}, got {index}")
        return point_at(self.axes, index)

    def points(self) -> Iterator[dict[str, Any]]:
        """All points in order, one at a time."""
        names = [name for name, _ in self.axes]
        for values in itertools.product(*(values for _, values in self.axes)):
            yield dict(zip(names, values, strict=True))

    def task_id(self, point: dict[str, Any]) -> str:
        """Content id of a point: of the network it starts from, what is changed, and the settings."""
        return task_id_of(point, self.network_ids, self.settings)

    def payload(self) -> dict[str, Any]:
        """What workers need to make points from their numbers: text and numbers, and objects of the caller's own by pickle."""
        return {
            "networks": [network_to_json(network) for network in self.networks],
            "network_ids": self.network_ids,
            "axes": self.axes,
            "settings": self.settings,
            "schemes": {one.name: one for one in self.schemes},
            "estimators": {one.name: one for one in self.estimators},
        }


def _hash_of(own: AnyScheme | Estimator) -> str:
    """Of the text of its class, where there is one, and of what it holds."""
    try:
        text = inspect.getsource(type(own))
    except (OSError, TypeError):
        text = type(own).__qualname__
    return hashlib.sha256(text.encode() + pickle.dumps(sorted(vars(own).items()), protocol=4)).hexdigest()[:16]


def point_at(axes: Sequence[tuple[str, Sequence[Any]]], index: int) -> dict[str, Any]:
    """The values at a place of a grid, the last axis changing fastest.

    >>> point_at([("photons", (2, 4)), ("shots", (10, 20, 30))], 4)
    {'photons': 4, 'shots': 20}
    """
    point = {}
    for name, values in reversed(axes):
        index, place = divmod(index, len(values))
        point[name] = values[place]
    return dict(reversed(point.items()))


def task_id_of(point: dict[str, Any], network_ids: Sequence[str], settings: dict[str, Any]) -> str:
    """Content id of a point with these settings."""
    return content_id({**point, "network": network_ids[point["network"]], "settings": settings})


def read_spec(
    path: str | Path | SweepSpec,
    *,
    schemes: Sequence[AnyScheme] = (),
    estimators: Sequence[Estimator] = (),
) -> SweepSpec:
    """Read and check a sweep.

    Parameters
    ----------
    path : Path, str or SweepSpec
        A TOML file, beside which network files are looked for; or its text, with network files looked for in the current folder: a
        string that has a line break or an equals sign and is no file is taken as text. A spec is given back, with ``schemes`` and
        ``estimators`` added.
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
    """
    if isinstance(path, SweepSpec):
        return path.with_own(schemes, estimators) if schemes or estimators else path
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
    faults += _unknown(settings, SETTINGS, "a setting", "the top of the file")
    faults += _unknown(axes, AXES, "an axis", "[axes]")
    faults += [f"{key} is a setting and an axis; keep one" for key in settings if key in axes]
    # A setting that could be an axis is an axis of one value.
    every = {**{key: [value] for key, value in settings.items() if key in AXES}, **axes}
    if "network" in every and isinstance(every["network"], list) and len(every["network"]) == 1:
        inner = every["network"][0]
        every["network"] = inner if isinstance(inner, list) else [inner]
    networks = _networks(every.pop("network", None), folder, faults)
    values = {name: _values(name, every[name], faults) for name in AXES if name in every}
    settled = _settings(settings, networks, faults)
    if networks:
        sensing = networks[0].sensing
        own_schemes, own_estimators = _own(sensing, schemes, estimators, faults)
        known = {
            "scheme": (*schemes_of(sensing), *own_schemes),
            "estimator": (*estimators_of(sensing), *own_estimators),
        }
        faults += _against(networks, values, known)
    if faults:
        raise InputError(faults)
    axes_of: dict[str, tuple[Any, ...]] = {
        "network": tuple(range(len(networks))),
        "scheme": tuple(schemes_of(sensing)),
        "estimator": tuple(estimators_of(sensing))[:1],
        "shots": (100,),
        **{name: tuple(listed) for name, listed in values.items()},
    }
    spec = SweepSpec(
        networks=tuple(networks),
        axes=tuple((name, axes_of[name]) for name in AXES if name in axes_of),
        schemes=tuple(one for name, one in own_schemes.items() if name in axes_of["scheme"]),
        estimators=tuple(one for name, one in own_estimators.items() if name in axes_of["estimator"]),
        **settled,
    )
    if len(spec) > MAX_POINTS:
        raise InputError([f"a sweep may have {MAX_POINTS:,} points, got {len(spec):,}"])
    return spec


def _own(
    sensing: Sensing, schemes: Sequence[AnyScheme], estimators: Sequence[Estimator], faults: list[str]
) -> tuple[dict[str, AnyScheme], dict[str, Estimator]]:
    """Objects of a caller's own by name; faults of what is no such object, for other sensing, or under a name that is taken."""
    own_schemes: dict[str, AnyScheme] = {}
    own_estimators: dict[str, Estimator] = {}
    try:
        own_schemes = {one.name: one for one in choose_schemes(sensing, schemes)} if schemes else {}
    except InputError as error:
        faults += error.faults
    try:
        own_estimators = {one.name: one for one in choose_estimators(sensing, estimators)} if estimators else {}
    except InputError as error:
        faults += error.faults
    faults += [
        f"the scheme name {name!r} is taken; choose another" for name in own_schemes if name in schemes_of(sensing)
    ]
    faults += [
        f"the estimator name {name!r} is taken; choose another"
        for name in own_estimators
        if name in estimators_of(sensing)
    ]
    return own_schemes, own_estimators


def _unknown(given: dict[str, Any], known: Sequence[str], what: str, where: str) -> list[str]:
    faults = []
    for key in given:
        if key in known:
            continue
        meant = _ALIASES.get(key.lower())
        slip = f"{where}: unknown attribute {key!r}; did you mean {meant!r}?" if meant in known else None
        slip = slip or misspelling_of(key, tuple(known), where)
        faults.append(slip or f"{key!r} is not {what}; known are {', '.join(known)}")
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
    kinds = sorted({network.sensing for network in result})
    if len(kinds) > 1:
        faults.append(
            "all networks of a sweep must have one kind of sensing, got phase and displacement; make two sweeps"
        )
    ids = [content_id(network_document(network)) for network in result]
    if len(set(ids)) < len(ids):
        faults.append("two networks are the same; give each once")
    return result if len(result) == len(given) and len(kinds) == 1 else []


def _values(name: str, given: Any, faults: list[str]) -> list[Any]:
    """The values of an axis: a list, or a range {start, stop, step} or {start, stop, points, log}."""
    if isinstance(given, dict):
        given = _range(name, given, faults)
    elif isinstance(given, Iterable) and not isinstance(given, str):
        given = list(given)
    if not isinstance(given, list):
        if given is not None:
            faults.append(f"{name} must be a list of values or a range {{start, stop, step}}, got {short_repr(given)}")
        return []
    if not given:
        faults.append(f"{name} is an empty axis; give at least one value")
    result = []
    wrong = 0
    for value in given:
        fault = _value_fault(name, value)
        if fault:
            wrong += 1
            if wrong <= MAX_FAULTS:
                faults.append(fault)
            continue
        if name == "alpha":
            text = value if isinstance(value, str) else ",".join(str(entry) for entry in value)
            try:
                value = ",".join(str(a) for a in LinearFunction.from_text(text).alpha)
            except InputError as error:
                faults += [f"alpha = {short_repr(text)}: {fault}" for fault in error.faults]
                continue
        result.append(_plain(name, value))
    if wrong > MAX_FAULTS:
        faults.append(f"{name}: {wrong - MAX_FAULTS} more values like these")
    doubled = (
        sorted({str(value) for value in result if result.count(value) > 1}) if len(set(result)) < len(result) else []
    )
    faults += [f"{name} has the value {value} twice" for value in doubled]
    return result


def _plain(name: str, value: Any) -> Any:
    """A value of an axis as a plain number or text."""
    if name in WHOLE:
        return whole_number(value)
    return float(value) if name in ("mean_photons", "transmissivity") else value


def _value_fault(name: str, value: Any) -> str | None:
    whole = whole_number(value) is not None
    number = whole or (isinstance(value, float) and math.isfinite(value))
    if name in WHOLE:
        most = LARGEST_SHOTS if name == "shots" else LARGEST_SIMULATED_PHOTONS
        if not whole or not 1 <= value <= most:
            return f"{name} must be integers from 1 to {most}, got {short_repr(value)}"
    elif name == "mean_photons" and not (number and 1e-9 <= value <= 1e6):
        return f"mean_photons must be numbers between 1e-9 and 1e6, got {short_repr(value)}"
    elif name == "transmissivity" and not (number and 0 < value <= 1):
        return f"transmissivity must be numbers in (0, 1], got {short_repr(value)}"
    elif name in ("scheme", "estimator") and not isinstance(value, str):
        return f"{name} must be names, got {short_repr(value)}"
    elif name == "alpha" and not (
        isinstance(value, str) or (isinstance(value, list) and value and all(_is_coefficient(entry) for entry in value))
    ):
        return f'alpha must be texts such as "1,-1,1/2", or lists of integers and of texts, got {short_repr(value)}'
    return None


def _is_coefficient(entry: Any) -> bool:
    return (isinstance(entry, int) and not isinstance(entry, bool)) or (isinstance(entry, str) and "," not in entry)


_RANGE = ("start", "stop", "step", "points", "log")


def _range(name: str, given: dict[str, Any], faults: list[str]) -> list[Any] | None:
    if name not in ("photons", "mean_photons", "passes", "transmissivity", "shots"):
        faults.append(f"{name} must be a list of values, got {short_repr(given)}")
        return None
    own = [
        f"{name}: {key!r} is no part of a range; known are {', '.join(_RANGE)}" for key in given if key not in _RANGE
    ]
    numbers = [key for key in ("start", "stop", "step") if key in given and not _is_number(given[key], 1e18)]
    own += [f"{name}: {key} must be a number of at most 1e18 in size, got {short_repr(given[key])}" for key in numbers]
    if not isinstance(given.get("log", False), bool):
        own.append(f"{name}: log must be true or false, got {short_repr(given['log'])}")
    elif given.get("log") and "step" in given:
        own.append(f"{name}: a logarithmic range has points, not a step")
    if "start" not in given or "stop" not in given or ("step" in given) == ("points" in given):
        own.append(f"{name}: a range has start, stop and either step or points, got {short_repr(given)}")
    if not own and not given["start"] <= given["stop"]:
        own.append(f"{name}: start must not be above stop, got {given['start']} and {given['stop']}")
    points = given.get("points", 2)
    if not own and (isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= MAX_POINTS):
        own.append(f"{name}: points must be an integer from 2, got {short_repr(points)}")
    if not own and "step" in given and not given["step"] > 0:
        own.append(f"{name}: step must be positive, got {given['step']}")
    if not own and given.get("log") and not given["start"] > 0:
        own.append(f"{name}: a logarithmic range starts above zero, got {given['start']}")
    if not own and "step" in given and (given["stop"] - given["start"]) / given["step"] > MAX_POINTS:
        own.append(f"{name}: a sweep may have {MAX_POINTS:,} points")
    faults += own
    if own:
        return None
    start, stop = given["start"], given["stop"]
    if "step" in given:
        count = math.floor((stop - start) / given["step"] + 1e-9) + 1
        return [start + k * given["step"] for k in range(count)]
    if given.get("log"):
        result = [
            math.exp(math.log(start) + (math.log(stop) - math.log(start)) * k / (points - 1)) for k in range(points)
        ]
    else:
        result = [start + (stop - start) * k / (points - 1) for k in range(points)]
    result[0], result[-1] = start, stop
    if name in WHOLE:
        return list(dict.fromkeys(round(value) for value in result))
    return result


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
    if isinstance(theta, list) and theta and all(_is_number(t, 1e6) for t in theta):
        result["theta"] = tuple(float(t) for t in theta)
        faults += [
            f"theta has {len(theta)} values, network {network.name!r} has {len(network.sensors)} sensors"
            for network in networks
            if len(network.sensors) != len(theta)
        ]
    elif theta is not None and theta != RANDOM:
        faults.append(f"theta must be a list of numbers or 'random', got {short_repr(theta)}")
    return result


def _is_number(value: Any, most: float) -> bool:
    """Whether it is a number of at most this size; nan is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most


def _against(
    networks: list[SensorNetwork], values: dict[str, list[Any]], known: dict[str, tuple[str, ...]]
) -> Iterator[str]:
    """Faults of values that no network of the sweep can take; ``known`` are the names of schemes and estimators."""
    first = Problem.of(networks[0])
    sensing, budget = first.sensing, first.photon_budget
    for other in BUDGETS:
        if other != budget and other in values:
            yield f"{sensing} sensing takes {budget}, not {other}"
    for name, names in known.items():
        for value in values.get(name, []):
            if value not in names:
                yield f"{sensing} sensing has no {name} {value!r}; known are {', '.join(names)}"
    for text in values.get("alpha", []):
        for network in networks:
            try:
                network.with_function(LinearFunction.from_text(text))
            except InputError as error:
                yield f"alpha = {text} in network {network.name!r}: {error.faults[0]}"
    if isinstance(first, PhaseProblem):
        photons = max(values.get("photons", []) or [network.photons or 1 for network in networks])
        passes = max(values.get("passes", []) or [network.passes for network in networks])
        if photons * passes > LARGEST_SIMULATED_PHOTONS:
            yield (
                f"states are simulated with at most {LARGEST_SIMULATED_PHOTONS} photons in all passes together, "
                f"got photons = {photons} with passes = {passes}"
            )


def network_of(text: str, point: dict[str, Any]) -> SensorNetwork:
    """The network of a point: the one in ``text`` with what the axes change."""
    network = network_from_json(text)
    if "alpha" in point:
        network = network.with_function(LinearFunction.from_text(point["alpha"]))
    if "transmissivity" in point:
        network = network.with_transmissivity(point["transmissivity"])
    changes = {name: point[name] for name in ("photons", "mean_photons", "passes") if name in point}
    return network.replace(**changes) if changes else network
