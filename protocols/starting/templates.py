"""Network files to start from: a layout of a laboratory with its usual numbers, to be edited.

A template is a function from its options to the document of a network file; what is written is what a person would write, so that
every number can be changed in place. The document is read as any file before it is given to anybody, so that all rules of networks
hold. To add one, write such a function and name it in ``TEMPLATES``.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from networks import InputError, LinearFunction, SensorNetwork
from networks.errors import meant, short_repr
from networks.files.load import network_of_text

MAX_SENSORS = 1000
"""Sensors of a network that a template makes."""

Value: TypeAlias = str | int | float | bool
Option: TypeAlias = Value | Sequence[object] | LinearFunction | None
"""What a template may be given."""
Record: TypeAlias = dict[str, Value]
_OWN = frozenset({"sensors", "function", "alpha", "rows", "columns", "sensing"})
"""Options of templates that are no attributes of network files; all others are checked by the rules of networks."""
SOURCE = "the file that would be written"
"""What messages call it."""
FUNCTIONS = ("average", "sum", "gradient")
"""Functions by name: weights 1/d; weights 1; the slope of the line that fits values at equal distances best."""


@dataclass(frozen=True, kw_only=True)
class NetworkDocument:
    """The parts of a network file.

    Attributes
    ----------
    graph, nodes, edges : attributes by name, of the graph, and of each node and edge
    """

    graph: Record
    nodes: Sequence[Record]
    edges: Sequence[Record]

    def text(self) -> str:
        """Node-link JSON, a node and an edge a line."""
        parts = [f' "graph": {json.dumps(self.graph)}']
        for name, records in (("nodes", self.nodes), ("edges", self.edges)):
            lines = ",\n".join(f"  {json.dumps(record)}" for record in records)
            parts.append(f' "{name}": [\n{lines}\n ]' if records else f' "{name}": []')
        return "{\n" + ",\n".join(parts) + "\n}\n"


@dataclass(frozen=True, kw_only=True)
class Template:
    """A kind of network to start from.

    Attributes
    ----------
    name : str
    line : str
        What it is, in a line.
    make : function of options, all of which have defaults, to a NetworkDocument
    """

    name: str
    line: str
    make: Callable[..., NetworkDocument]

    @property
    def options(self) -> Mapping[str, Option]:
        """The options that it takes, with their defaults.

        Examples
        --------
        >>> TEMPLATES["rf-array"].options["squeezing_db"]
        5.0
        """
        return {name: parameter.default for name, parameter in inspect.signature(self.make).parameters.items()}


def template_text(template: str, **options: Option) -> str:
    """The text of a network file made from a template.

    Parameters
    ----------
    template : str
        A name of ``TEMPLATES``.
    options
        What the template takes (``TEMPLATES[name].options``): ``sensors`` from 1 to 1,000, ``function`` ("average", "sum" or
        "gradient") or ``alpha`` (d,) coefficients, and attributes of network files such as ``mean_photons`` or ``squeezing_db``.

    Returns
    -------
    str
        Node-link JSON with a node a line.

    Raises
    ------
    InputError
        For an unknown template, naming all; for options that it does not take, or values that break a rule, listing each.

    Examples
    --------
    >>> for line in template_text("two-armed-pair", mean_photons=50).splitlines()[2:8]:
    ...     print(line)
     "nodes": [
      {"id": "left", "coupling": "mach-zehnder", "alpha": "1", "arms": 2},
      {"id": "right", "coupling": "mach-zehnder", "alpha": "-1", "arms": 2}
     ],
     "edges": [
      {"source": "left", "target": "right"}
    """
    return _checked(template, options)[0]


def template_network(template: str, **options: Option) -> SensorNetwork:
    """The network of a template, as its file would be read.

    Parameters
    ----------
    template : str
        A name of ``TEMPLATES``.
    options
        As in ``template_text``.

    Returns
    -------
    SensorNetwork

    Raises
    ------
    InputError
        As ``template_text``.

    Examples
    --------
    >>> template_network("interferometer-chain", sensors=3, function="gradient").function
    LinearFunction(('-1/2', '0', '1/2'))
    """
    return _checked(template, options)[1]


def find_template(name: str) -> Template:
    """The template of this name.

    Parameters
    ----------
    name : str

    Returns
    -------
    Template

    Raises
    ------
    InputError
        Naming all templates.
    """
    if name not in TEMPLATES:
        raise InputError(
            [f"there is no template {short_repr(name)}; there are {', '.join(TEMPLATES)}{meant(str(name), TEMPLATES)}"]
        )
    return TEMPLATES[name]


def _checked(name: str, options: Mapping[str, Option]) -> tuple[str, SensorNetwork]:
    """The text, and the network that is read from it."""
    template = find_template(name)
    faults = []
    if unknown := [option for option in options if option not in template.options]:
        faults.append(
            f"{name} does not take {', '.join(unknown)}; it takes {', '.join(template.options)}: edit the file for anything else"
        )
    given = {option: value for option, value in options.items() if option not in unknown}
    try:
        document = template.make(**given)
    except InputError as error:
        faults += error.faults
        # Its own options are wrong: with the usual ones in their place the rules of networks look at the others.
        document = template.make(**{option: value for option, value in given.items() if option not in _OWN})
    try:
        text = document.text()
        network = network_of_text(text, SOURCE)
    except InputError as error:
        raise InputError([*faults, *error.faults]) from None
    if faults:
        raise InputError(faults)
    return text, network


# --- coefficients --------------------------------------------------------------------------------------------


def _coefficients(
    sensors: object, function: object, alpha: Sequence[object] | LinearFunction | None, usual: int
) -> list[str]:
    """Coefficients as network files have them, of a named function or of a sequence; every fault of these options at once."""
    faults = []
    count = usual if sensors is None else sensors
    if alpha is not None:
        if function is not None:
            faults.append("alpha and function both say what is measured: give one of them")
        try:
            given = alpha if isinstance(alpha, LinearFunction) else LinearFunction(list(alpha))
            if sensors is not None and sensors != len(given.alpha):
                faults.append(f"alpha has {len(given.alpha)} coefficients for sensors = {sensors!r}; leave sensors out")
            count = len(given.alpha)
        except InputError as error:
            faults += [f"alpha: {fault}" for fault in error.faults]
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_SENSORS:
        faults.append(f"sensors must be an integer from 1 to {MAX_SENSORS}, got {short_repr(count)}")
    elif function == "gradient" and count < 2:
        faults.append("a gradient needs at least 2 sensors, got sensors = 1")
    if function is not None and function not in FUNCTIONS:
        faults.append(f"function must be one of {', '.join(FUNCTIONS)}, got {short_repr(function)}")
    if faults:
        raise InputError(faults)
    assert isinstance(count, int)
    if alpha is not None:
        return [str(coefficient) for coefficient in given.alpha]
    return [str(weight) for weight in _weights(str(function or "average"), count)]


def _weights(function: str, count: int) -> list[Fraction]:
    """The coefficients of a function by name, for ``count`` sensors at equal distances of 1."""
    if function == "gradient":
        middle = Fraction(count - 1, 2)
        scale = sum((k - middle) ** 2 for k in range(count))
        return [(k - middle) / scale for k in range(count)]
    return [Fraction(1, count) if function == "average" else Fraction(1)] * count


def _words(function: object, alpha: object, things: str) -> str:
    """What is measured, for the name of the network."""
    return f"{'function' if alpha is not None else function or 'average'} of {things}"


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _given(**attributes: Value | None) -> Record:
    """Attributes that have a value; what is left out of a file is ideal or without limit."""
    return {name: value for name, value in attributes.items() if value is not None}


# --- the templates -------------------------------------------------------------------------------------------


def _fibre_star(
    *,
    sensing: str = "phase",
    sensors: int | None = None,
    function: str | None = None,
    alpha: Sequence[object] | LinearFunction | None = None,
    mean_photons: float | None = None,
    squeezers: int | None = 1,
    squeezing_db: float | None = 10.0,
    distance_km: float = 1.0,
    loss_db_per_km: float = 0.2,
    detector_efficiency: float | None = 0.9,
) -> NetworkDocument:
    """Two-armed interferometers, or field sensors, each on a fibre from a hub, where the one squeezer stands."""
    if sensing not in ("phase", "displacement"):
        raise InputError([f"sensing must be phase or displacement, got {short_repr(sensing)}"])
    coefficients = _coefficients(sensors, function, alpha, 4)
    is_phase = sensing == "phase"
    # Light of lasers is of many photons; of displacements only the squeezed photons count.
    photons = (1000 if is_phase else 4) if mean_photons is None else mean_photons
    own: Record = {"coupling": "mach-zehnder"} if is_phase else {"coupling": "displacement"}
    arms: Record = {"arms": 2} if is_phase else {}
    things = _number(len(coefficients), "fibre-linked interferometer" if is_phase else "fibre-linked field sensor")
    return NetworkDocument(
        graph=_given(
            name=_words(function, alpha, things),
            sensing=sensing,
            mean_photons=photons,
            squeezers=squeezers,
            squeezing_db=squeezing_db,
            loss_db_per_km=loss_db_per_km,
            detector_efficiency=detector_efficiency,
        ),
        nodes=[
            {"id": "hub", "role": "ancilla"},
            *(
                {"id": f"s{k}", **own, "alpha": value, **arms, "squeezer": False}
                for k, value in enumerate(coefficients, 1)
            ),
        ],
        edges=[
            {"source": "hub", "target": f"s{k}", "distance_km": distance_km} for k in range(1, len(coefficients) + 1)
        ],
    )


def _interferometer_chain(
    *,
    sensors: int | None = None,
    function: str | None = None,
    alpha: Sequence[object] | LinearFunction | None = None,
    photons: int = 6,
    passes: int | None = None,
    link_loss_db: float | None = 0.1,
    transmissivity: float | None = 0.95,
) -> NetworkDocument:
    """One-armed interferometers in a row, read against one reference at its end where the coefficients do not sum to zero."""
    coefficients = _coefficients(sensors, function, alpha, 3)
    names = [f"s{k}" for k in range(1, len(coefficients) + 1)]
    references: list[Record] = [] if LinearFunction(coefficients).is_balanced else [{"id": "ref", "role": "reference"}]
    chain = [str(reference["id"]) for reference in references] + names
    return NetworkDocument(
        graph=_given(
            name=_words(function, alpha, f"{_number(len(names), 'interferometer')} in a chain"),
            sensing="phase",
            photons=photons,
            passes=passes,
        ),
        nodes=[
            *references,
            *(
                {"id": name, "coupling": "mach-zehnder", "alpha": value, **_given(transmissivity=transmissivity)}
                for name, value in zip(names, coefficients, strict=True)
            ),
        ],
        edges=[{"source": one, "target": other, **_given(loss_db=link_loss_db)} for one, other in pairwise(chain)],
    )


def _grid_chip(
    *,
    rows: int = 3,
    columns: int = 3,
    function: str = "gradient",
    mean_photons: float = 4,
    squeezers: int | None = None,
    squeezing_db: float | None = None,
    link_loss_db: float | None = 0.05,
    detector_efficiency: float | None = 0.9,
) -> NetworkDocument:
    """Field sensors on a chip, neighbours joined by waveguides; the gradient is the one from column to column."""
    faults = [
        f"{name} must be an integer of at least 1, got {short_repr(value)}"
        for name, value in (("rows", rows), ("columns", columns))
        if isinstance(value, bool) or not isinstance(value, int) or value < 1
    ]
    if not faults and rows * columns > MAX_SENSORS:
        faults.append(f"rows times columns must be at most {MAX_SENSORS}, got {rows * columns}")
    if function not in FUNCTIONS:
        faults.append(f"function must be one of {', '.join(FUNCTIONS)}, got {short_repr(function)}")
    elif not faults and function == "gradient" and columns < 2:
        faults.append("a gradient from column to column needs at least 2 columns, got columns = 1")
    if faults:
        raise InputError(faults)
    across = _weights(function, columns)
    # Every row measures the same; their mean is the average or the gradient, their sum the sum.
    share = Fraction(1) if function == "sum" else Fraction(1, rows)
    link = _given(loss_db=link_loss_db)
    return NetworkDocument(
        graph=_given(
            name=f"{function} {'across' if function == 'gradient' else 'over'} a {rows} x {columns} grid chip",
            sensing="displacement",
            mean_photons=mean_photons,
            squeezers=squeezers,
            squeezing_db=squeezing_db,
            detector_efficiency=detector_efficiency,
        ),
        nodes=[
            {"id": f"r{i}c{k}", "coupling": "displacement", "alpha": str(across[k - 1] * share), "x": k, "y": -i}
            for i in range(1, rows + 1)
            for k in range(1, columns + 1)
        ],
        edges=[
            *(
                {"source": f"r{i}c{k}", "target": f"r{i}c{k + 1}", **link}
                for i in range(1, rows + 1)
                for k in range(1, columns)
            ),
            *(
                {"source": f"r{i}c{k}", "target": f"r{i + 1}c{k}", **link}
                for i in range(1, rows)
                for k in range(1, columns + 1)
            ),
        ],
    )


def _rf_array(
    *,
    sensors: int | None = None,
    function: str | None = None,
    alpha: Sequence[object] | LinearFunction | None = None,
    mean_photons: float = 1,
    squeezers: int | None = 1,
    squeezing_db: float | None = 5.0,
    detector_efficiency: float | None = 0.8,
    transmissivity: float | None = None,
) -> NetworkDocument:
    """Radio-frequency antennas whose fields displace light in electro-optic modulators; the wave differs from shot to shot."""
    coefficients = _coefficients(sensors, function, alpha, 3)
    return NetworkDocument(
        graph=_given(
            name=_words(function, alpha, _number(len(coefficients), "radio-frequency antenna")),
            sensing="displacement",
            mean_photons=mean_photons,
            parameters="snapshot",
            squeezers=squeezers,
            squeezing_db=squeezing_db,
            detector_efficiency=detector_efficiency,
        ),
        nodes=[
            {"id": "source", "role": "ancilla"},
            *(
                {
                    "id": f"antenna {k}",
                    "coupling": "displacement",
                    "alpha": value,
                    **_given(transmissivity=transmissivity),
                    "squeezer": False,
                }
                for k, value in enumerate(coefficients, 1)
            ),
        ],
        edges=[{"source": "source", "target": f"antenna {k}"} for k in range(1, len(coefficients) + 1)],
    )


def _two_armed_pair(
    *,
    mean_photons: float = 100,
    squeezers: int | None = 1,
    squeezing_db: float | None = 6.0,
    detector_efficiency: float | None = 0.9,
    transmissivity: float | None = None,
    link_loss_db: float | None = None,
) -> NetworkDocument:
    """Two interferometers with two arms each, whose difference is wanted; squeezed light goes into their dark ports."""
    return NetworkDocument(
        graph=_given(
            name="difference of two interferometers",
            sensing="phase",
            mean_photons=mean_photons,
            squeezers=squeezers,
            squeezing_db=squeezing_db,
            detector_efficiency=detector_efficiency,
        ),
        nodes=[
            {
                "id": name,
                "coupling": "mach-zehnder",
                "alpha": alpha,
                "arms": 2,
                **_given(transmissivity=transmissivity),
            }
            for name, alpha in (("left", "1"), ("right", "-1"))
        ],
        edges=[{"source": "left", "target": "right", **_given(loss_db=link_loss_db)}],
    )


TEMPLATES = {
    template.name: template
    for template in (
        Template(
            name="fibre-star",
            line="interferometers (or field sensors, sensing = displacement) on fibres from a hub with one squeezer; their average",
            make=_fibre_star,
        ),
        Template(
            name="interferometer-chain",
            line="one-armed interferometers in a row, N photons in a shot; their average, against a reference",
            make=_interferometer_chain,
        ),
        Template(
            name="grid-chip",
            line="field sensors on a chip with waveguides between neighbours; the gradient across its columns",
            make=_grid_chip,
        ),
        Template(
            name="rf-array",
            line="radio-frequency antennas with 5 dB of squeezing and detectors of 80 %; the average of one shot",
            make=_rf_array,
        ),
        Template(
            name="two-armed-pair",
            line="two interferometers with two arms each, laser light and one squeezer; the difference of their phases",
            make=_two_armed_pair,
        ),
    )
}
"""The templates by name."""
