"""A sensor network: modes, their couplings and coefficients, and the links between them.

The values live here and are checked once, when made. Reading files is in ``files/``, the rules in ``rules.py``.
"""

from __future__ import annotations

import dataclasses
import importlib
import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from networks import rules
from networks.benches import bench_of, laboratory_of, values_of_parts
from networks.errors import InputError
from networks.function import LinearFunction
from networks.laboratory import OF_GRAPH, OF_NODE, Bench, Laboratory, settle_numbers
from networks.modes import COUPLING_OF, Link, Mode, ModeId, NetworkParts, order_extra
from networks.pictures import Drawing
from networks.reach import reachable
from networks.values import freeze, make_real, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SensorNetwork(NetworkParts):
    """A validated network of sensor, reference and ancilla modes.

    Lists and other iterables become tuples, mappings tuples of pairs, numpy numbers plain ones, before anything is checked.

    Parameters
    ----------
    name : str
    sensing : "phase" or "displacement"
        "phase" needs ``photons`` (exactly N in every shot), ``mean_photons`` (Gaussian and coherent light) or both,
        "displacement" needs ``mean_photons``.
    modes : tuple of Mode
        In the order every vector and matrix of this package follows.
    links : tuple of Link
        In any order; kept in the order of the modes.
    photons : int from 1 to 1e30, or None
        N, exactly this many in every shot.
    mean_photons : float from 1e-9 to 1e6 (phase sensing: 1e30), or None
        nbar, on average in a shot: the light as prepared, before any loss, squeezed photons included.
    passes : int from 1 to 1e30
        M; one pass takes unit time, so t = M.
    parameters : "static" or "snapshot"
        "static": theta stays put over the shots, so that probes may take turns. "snapshot": every shot has to tell q by itself.
    phase_reference : "paid" or "free"
        "paid": light in reference modes counts. "free": a strong local oscillator is at hand at every site and not counted; for
        Gaussian and coherent light at one-armed sensors.
    squeezers : int >= 0, or None
        The most squeezers at hand.
    squeezing_db : float from 0 to 100, or None
        The most dB that each gives before its losses.
    squeezer_efficiency, transmissivity_before, detector_efficiency : float in (0, 1], or None
        As in ``Mode``, for all modes that say nothing of it; so are the next ones.
    dark_counts, electronic_noise : float >= 0, or None
    visibility : float in (0, 1], or None
    phase_jitter_rad : float in [0, pi], or None
    extra : tuple of (name, value)
        Whatever else the file said of the network, kept as it was.

    Raises
    ------
    InputError
        Listing every fault, not the first.

    Examples
    --------
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> pair.function, [mode.id for mode in pair.modes]
    (LinearFunction(('1', '-1')), ['s1', 's2'])
    """

    def __post_init__(self) -> None:
        make_real(self, "mean_photons")
        settle_numbers(self)
        freeze(self)
        order_extra(self)
        faults = rules.network_faults(self)
        if faults:
            raise InputError(faults)
        # Links have no direction and no order: one order of them, that of the modes, lets equal networks compare equal.
        place = {mode.id: index for index, mode in enumerate(self.modes)}
        turned = (
            k if place[k.ends[0]] < place[k.ends[1]] else dataclasses.replace(k, ends=k.ends[::-1]) for k in self.links
        )
        ordered = tuple(sorted(turned, key=lambda link: [place[end] for end in link.ends]))
        object.__setattr__(self, "links", ordered)

    # --- what is in it -------------------------------------------------------------------------------------

    @property
    def sensors(self) -> tuple[Mode, ...]:
        """The modes that carry a parameter, in order; theta_j belongs to sensors[j]."""
        return tuple(mode for mode in self.modes if mode.role == "sensor")

    @property
    def references(self) -> tuple[Mode, ...]:
        """The modes that carry no parameter and may hold photons of the probe."""
        return tuple(mode for mode in self.modes if mode.role == "reference")

    @property
    def function(self) -> LinearFunction:
        """q = alpha . theta, one coefficient a sensor."""
        return LinearFunction(mode.alpha for mode in self.sensors)

    @property
    def reference(self) -> Mode | None:
        """The reference that probes use: of those linked to the sensors, the first of the highest transmissivity.

        Where no node has the role "reference" and the coefficients do not sum to zero, an ancilla: it carries no parameter either.
        """
        reached = reachable(self, self.sensors[0].id)
        linked = [mode for mode in self.references or self._stand_ins if mode.id in reached]
        return max(linked, key=lambda mode: mode.transmissivity, default=None)

    @property
    def ancilla_as_reference(self) -> Mode | None:
        """The ancilla that holds the photons of the reference; None where a node with that role does, or none is needed."""
        used = self.reference
        return used if used is not None and used.role == "ancilla" else None

    @property
    def _stand_ins(self) -> tuple[Mode, ...]:
        """Ancillas, where the function needs a reference."""
        if not rules.is_reference_needed(self):
            return ()
        return tuple(mode for mode in self.modes if mode.role == "ancilla")

    @property
    def laboratory(self) -> Laboratory:
        """What is at hand, and everything that is lost, limited or noisy at each mode, with what the file leaves out filled in.

        Examples
        --------
        >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, detector_efficiency=0.9)
        >>> [bench.detector_efficiency for bench in pair.laboratory.benches], pair.laboratory.squeezers
        ([0.9, 0.9], None)
        """
        return laboratory_of(self)

    def bench(self, node: ModeId) -> Bench:
        """The bench at one mode; for many of them ask ``laboratory`` once.

        Parameters
        ----------
        node : str or int
            The id of the mode.

        Returns
        -------
        Bench

        Raises
        ------
        InputError
            When there is no such mode.

        Examples
        --------
        >>> SensorNetwork.chain([1, -1], sensing="phase", photons=2, visibility=0.97).bench("s2").visibility
        0.97
        """
        return bench_of(self, node)

    @property
    def is_lossless(self) -> bool:
        """Whether the modes that hold light, the sensors and the reference in use, have transmissivity 1 (links aside)."""
        used = (*self.sensors, self.reference) if self.sensing == "phase" and self.reference else self.sensors
        return all(mode.transmissivity == 1 for mode in used if mode)

    def __str__(self) -> str:
        return f"{self.name}: {self.summary}"

    @property
    def summary(self) -> str:
        """What it senses, with what, in one line."""
        budgets = [f"N = {self.photons}"] if self.photons is not None else []
        budgets += [f"nbar = {self.mean_photons:g}"] if self.mean_photons is not None else []
        counts = (("sensor", len(self.sensors)), ("reference", len(self.references)), ("link", len(self.links)))
        parts = [f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts if count]
        turns = ", snapshot" if self.parameters == "snapshot" else ""
        if (ancilla := self.ancilla_as_reference) is not None:
            parts.append(f"ancilla {ancilla.id} as reference")
        return f"{self.sensing} sensing, {', '.join((*parts, *budgets))}, M = {self.passes}{turns}"

    # --- other networks from this one ----------------------------------------------------------------------

    def replace(self, **changes: Any) -> SensorNetwork:
        """A copy with some fields changed, checked anew.

        Parameters
        ----------
        changes
            New values by the names of the fields.

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            For what the new network breaks.

        Examples
        --------
        >>> SensorNetwork.chain([1, -1], sensing="phase", photons=2).replace(photons=4).photons
        4
        """
        return dataclasses.replace(self, **changes)

    def with_function(self, alpha: Sequence[object] | LinearFunction) -> SensorNetwork:
        """A copy that measures another function, one coefficient a sensor.

        Parameters
        ----------
        alpha : LinearFunction, or iterable of int, Fraction or str, length d

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            For what the new network breaks.

        Examples
        --------
        >>> SensorNetwork.chain([1, -1], sensing="phase", photons=2).with_function([2, -2]).function
        LinearFunction(('2', '-2'))
        """
        function = alpha if isinstance(alpha, LinearFunction) else LinearFunction(alpha)
        if len(function) != len(self.sensors):
            raise InputError([f"alpha must have {len(self.sensors)} coefficients, one a sensor, got {len(function)}"])
        own = iter(function.alpha)
        modes = tuple(
            dataclasses.replace(mode, alpha=next(own)) if mode.role == "sensor" else mode for mode in self.modes
        )
        return self.replace(modes=modes)

    def with_transmissivity(self, transmissivity: float) -> SensorNetwork:
        """A copy whose sensors and references all have this transmissivity; ancillas and links keep theirs.

        An ancilla that serves as reference counts as one.

        Parameters
        ----------
        transmissivity : float in (0, 1]

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            For what the new network breaks.

        Examples
        --------
        >>> SensorNetwork.chain([1, -1], sensing="phase", photons=2).with_transmissivity(0.9).modes[1].transmissivity
        0.9
        """
        used = self.ancilla_as_reference
        modes = tuple(
            mode
            if mode.role == "ancilla" and mode is not used
            else dataclasses.replace(mode, transmissivity=transmissivity)
            for mode in self.modes
        )
        return self.replace(modes=modes)

    def with_laboratory(self, **values: Any) -> SensorNetwork:
        """A copy in which these hold at every node, whatever nodes say of themselves now.

        Parameters
        ----------
        values : by the names of attributes of the laboratory
            Those of the graph, and those of nodes: ``arms`` and ``mean_photons_max`` for all sensors, ``squeezer`` for all modes.
            Also ``transmissivity`` and ``loss_db`` (as ``with_transmissivity``), ``loss_before_db``, and ``link_transmissivity``
            and ``link_loss_db`` for all links. None takes an attribute away.

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            Listing names that are none of these, and what the new network breaks.

        Examples
        --------
        >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, detector_efficiency=[0.9, 0.8])
        >>> [bench.detector_efficiency for bench in pair.with_laboratory(detector_efficiency=0.7).laboratory.benches]
        [0.7, 0.7]
        >>> round(pair.with_laboratory(link_loss_db=3).links[0].transmissivity, 6)
        0.501187
        """
        changes = values_of_parts(self, values)
        transmissivity = changes.pop("transmissivity", None)
        network = self.replace(**changes)
        return network if transmissivity is None else network.with_transmissivity(transmissivity)

    def relabel(self, names: Mapping[ModeId, ModeId]) -> SensorNetwork:
        """A copy with modes renamed; ids not in ``names`` stay.

        Parameters
        ----------
        names : mapping of id to id
            From old to new.

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            For what the new network breaks.

        Examples
        --------
        >>> SensorNetwork.chain([1, -1], sensing="phase", photons=2).relabel({"s1": "north"}).modes[0].id
        'north'
        """
        unknown = [old for old in names if old not in {mode.id for mode in self.modes}]
        if unknown:
            raise InputError([f"there is no mode {old!r} to rename" for old in unknown])
        modes = tuple(dataclasses.replace(mode, id=names.get(mode.id, mode.id)) for mode in self.modes)
        links = tuple(
            dataclasses.replace(
                link, ends=(names.get(link.ends[0], link.ends[0]), names.get(link.ends[1], link.ends[1]))
            )
            for link in self.links
        )
        return self.replace(modes=modes, links=links)

    # --- files and pictures ---------------------------------------------------------------------------------

    def plot(self, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
        """Draw the nodes with their coefficients and limits, and the links; ``networks.draw_network`` says how.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure when left out.
        width_cm : float, optional
            Of the new figure, from 3 to 200; as wide as the network needs when left out.

        Returns
        -------
        Drawing
            ``figure, axes``; a notebook shows it.

        Raises
        ------
        InputError
            For another width, or a width beside axes.

        Examples
        --------
        >>> figure, axes = SensorNetwork.chain([1, -1], sensing="phase", photons=2).plot()
        >>> len(axes.texts)
        4
        """
        drawing: Drawing = _above("drawing").draw_network(self, ax=ax, width_cm=width_cm)
        return drawing

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a network file, as ``networks.save_network``.

        Parameters
        ----------
        path : str or path
            In a folder that exists; GraphML where it ends in .graphml or .xml, JSON otherwise.

        Raises
        ------
        InputError
            For attributes that the format cannot hold.
        OSError
            When the file cannot be written.
        """
        _above("files.load").save_network(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SensorNetwork:
        """Read a network file, as ``networks.load_network``.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            When the file is missing or no network, listing every fault.
        """
        network: SensorNetwork = _above("files.load").load_network(path)
        return network

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        text: str = _above("html").network_html(self)
        return text

    # --- usual shapes --------------------------------------------------------------------------------------

    @classmethod
    def star(cls, alpha: Sequence[object] | LinearFunction, **options: Any) -> SensorNetwork:
        """Sensors s1 ... sd, each linked to one hub: the reference "ref" (phase) or an ancilla "hub" (displacement).

        Parameters
        ----------
        alpha : LinearFunction, or iterable of int, Fraction or str, length d
        options
            Fields of the network (``sensing`` and its photons are needed), and attributes of sensors, one for all or (d,):
            ``transmissivity``, ``arms``, ``mean_photons_max``, ``squeezer``; as (d,) also those that the network has for all modes.

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            For what the options breaks.
        """
        return _shape(alpha, "star", options)

    @classmethod
    def chain(cls, alpha: Sequence[object] | LinearFunction, **options: Any) -> SensorNetwork:
        """Sensors s1 - s2 - ... - sd in a line; a reference follows the last one where the function needs it.

        Parameters
        ----------
        alpha : LinearFunction, or iterable of int, Fraction or str, length d
        options
            Fields of the network (``sensing`` and its photons are needed), and attributes of sensors, one for all or (d,):
            ``transmissivity``, ``arms``, ``mean_photons_max``, ``squeezer``; as (d,) also those that the network has for all modes.

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            For what the options breaks.
        """
        return _shape(alpha, "chain", options)

    @classmethod
    def complete(cls, alpha: Sequence[object] | LinearFunction, **options: Any) -> SensorNetwork:
        """Every pair of modes linked; with a reference where the function needs it.

        Parameters
        ----------
        alpha : LinearFunction, or iterable of int, Fraction or str, length d
        options
            Fields of the network (``sensing`` and its photons are needed), and attributes of sensors, one for all or (d,):
            ``transmissivity``, ``arms``, ``mean_photons_max``, ``squeezer``; as (d,) also those that the network has for all modes.

        Returns
        -------
        SensorNetwork

        Raises
        ------
        InputError
            For what the options breaks.
        """
        return _shape(alpha, "complete", options)


def _above(module: str) -> Any:
    """A module that imports this one. It is found by name, when it is used, so that imports run one way."""
    return importlib.import_module(f"networks.{module}")


def _shape(alpha: Sequence[object] | LinearFunction, shape: str, options: dict[str, Any]) -> SensorNetwork:
    """Build a star, chain or complete network. Attributes of nodes in options hold for every sensor, or are lists."""
    function = alpha if isinstance(alpha, LinearFunction) else LinearFunction(alpha)
    sensing = options.get("sensing")
    if sensing not in COUPLING_OF:
        raise InputError([f"sensing must be 'phase' or 'displacement', got {sensing!r}"])
    own = _of_sensors(options, len(function))
    modes = [
        Mode(
            id=f"s{j}", coupling=COUPLING_OF[sensing], alpha=a, **{name: values[j - 1] for name, values in own.items()}
        )
        for j, a in enumerate(function.alpha, 1)
    ]
    ids: list[ModeId] = [mode.id for mode in modes]
    one_armed = sum((a for mode, a in zip(modes, function.alpha, strict=True) if mode.arms != 2), Fraction(0))
    if sensing == "phase" and (shape == "star" or one_armed or not function.is_balanced):
        modes.append(Mode(id="ref", role="reference"))
    elif shape == "star":
        modes.append(Mode(id="hub", role="ancilla"))
    everyone: list[ModeId] = [mode.id for mode in modes]
    pairs: list[tuple[ModeId, ModeId]]
    if shape == "star":
        pairs = [(everyone[-1], sensor) for sensor in ids]
    elif shape == "chain":
        pairs = list(itertools.pairwise(everyone))
    else:
        pairs = [(a, b) for i, a in enumerate(everyone) for b in everyone[i + 1 :]]
    options.setdefault("name", shape)
    return SensorNetwork(modes=tuple(modes), links=tuple(Link(ends=pair) for pair in pairs), **options)


def _of_sensors(options: dict[str, Any], count: int) -> dict[str, list[Any]]:
    """Attributes of sensors, one value each, taken out of the options: those that only nodes have, and all that are lists."""
    own: dict[str, list[Any]] = {}
    for name in [name for name in options if name == "transmissivity" or name in OF_NODE]:
        value = plain(options[name])
        if not isinstance(value, tuple) and name in OF_GRAPH:
            continue
        own[name] = list(value) if isinstance(value, tuple) else [value] * count
        del options[name]
    wrong = [
        f"{name} must have {count} entries, one a sensor, got {len(values)}"
        for name, values in own.items()
        if len(values) != count
    ]
    if wrong:
        raise InputError(wrong)
    return own
