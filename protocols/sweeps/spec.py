"""What a sweep is: networks, axes and settings, as one value with an id; points are made one by one. ``reading`` makes it."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from networks import InputError, LinearFunction, SensorNetwork
from networks.benches import values_of_parts
from networks.files.node_link import network_document, network_from_json, network_to_json
from networks.modes import Mode
from protocols.estimation.estimators.estimator import Estimator
from protocols.estimation.trials import content_id
from protocols.problem import Kind, kind_of
from protocols.schemes import AnyScheme
from protocols.sweeps.axes import LINKS, OF_LABORATORY
from protocols.sweeps.own_objects import code_hash, own_objects

SIMULATE, DESIGN = "simulate", "design"
TASKS = (SIMULATE, DESIGN)
"""What is done at every point: simulated trials of an estimate, or the errors of the schemes as they are built."""


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

    Two specs that describe the same work have one ``spec_id``, whatever the names of their files.

    Parameters
    ----------
    name : str
    networks : tuple of SensorNetwork
        All of one kind of problem.
    axes : tuple of (name, values)
        Of every axis that is given, in the order of AXES.
    trials, seed : int
    theta : (d,) floats, "random" or None
    engine, stages : str
        As for ``simulate``, where ``stages`` is called ``order``.
    task : "simulate" or "design"
        A design has no trials: what is for them alone decides nothing there.
    schemes, estimators : tuples of objects
        Those of the caller's own that the axes name.
    in_db : tuple of str
        Axes that were given in dB, and are shown in dB; the values here are the transmissivities, whichever was given.
    """

    name: str
    networks: tuple[SensorNetwork, ...]
    axes: tuple[tuple[str, tuple[Any, ...]], ...]
    trials: int
    seed: int
    theta: tuple[float, ...] | str | None
    engine: str
    stages: str
    task: str = SIMULATE
    schemes: tuple[AnyScheme, ...] = field(default=(), compare=False)
    estimators: tuple[Estimator, ...] = field(default=(), compare=False)
    in_db: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name in ("networks", "schemes", "estimators", "in_db"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "axes", tuple((name, tuple(values)) for name, values in self.axes))
        if self.theta is not None and not isinstance(self.theta, str):
            object.__setattr__(self, "theta", tuple(self.theta))

    @property
    def kind(self) -> Kind:
        """The one kind of problem of all networks."""
        return kind_of(self.networks[0])

    def with_own(self, schemes: Sequence[AnyScheme] = (), estimators: Sequence[Estimator] = ()) -> SweepSpec:
        """The same with those schemes and estimators of the caller's own that its axes name."""
        faults: list[str] = []
        own_schemes, own_estimators = own_objects(self.kind, schemes, estimators, faults)
        if faults:
            raise InputError(faults)
        own_schemes = {one.name: one for one in self.schemes} | own_schemes
        own_estimators = {one.name: one for one in self.estimators} | own_estimators
        axes = dict(self.axes)
        return replace(
            self,
            schemes=tuple(one for name, one in own_schemes.items() if name in axes["scheme"]),
            estimators=tuple(one for name, one in own_estimators.items() if name in axes.get("estimator", ())),
        )

    def __len__(self) -> int:
        return math.prod(len(values) for _, values in self.axes)

    @cached_property
    def settings(self) -> dict[str, object]:
        """What all points share; of a design the schemes that are ranked together."""
        if self.task == DESIGN:
            return {"task": DESIGN, "schemes": list(dict(self.axes)["scheme"])}
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
            "own_schemes": {one.name: code_hash(one) for one in self.schemes},
            "own_estimators": {one.name: code_hash(one) for one in self.estimators},
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


def network_of(text: str, point: dict[str, Any]) -> SensorNetwork:
    """The network of a point: the one in ``text`` with what the axes change, checked when all of it is."""
    return varied(network_from_json(text), point)


def varied(network: SensorNetwork, point: Mapping[str, Any]) -> SensorNetwork:
    """A network with what the axes of a point change; those in dB have been made shares (``as_shares``)."""
    everywhere = {name: point[name] for name in OF_LABORATORY if name in point and name not in ("parameters", LINKS[1])}
    changes = values_of_parts(network, everywhere) if everywhere else {}
    if "alpha" in point:
        changes["modes"] = _with_alpha(changes.get("modes", network.modes), LinearFunction.from_text(point["alpha"]))
    if LINKS[1] in point:
        changes["links"] = tuple(
            replace(link, transmissivity=link.transmissivity ** point[LINKS[1]]) for link in network.links
        )
    changes |= {name: point[name] for name in ("photons", "mean_photons", "passes", "parameters") if name in point}
    network = network.replace(**changes) if changes else network
    return network.with_transmissivity(point["transmissivity"]) if "transmissivity" in point else network


def _with_alpha(modes: Sequence[Mode], function: LinearFunction) -> tuple[Mode, ...]:
    own = iter(function.alpha)
    return tuple(replace(mode, alpha=next(own)) if mode.role == "sensor" else mode for mode in modes)
