"""Devices as data: what is on the chip, which values its gates take, and how lossy it was when it was measured.

The cloud of these machines has been closed since January 2026. X8 and X12 are described as they were; the Borealis-like device is
there because users ask for it. Certificates here are examples: real ones differed from day to day.
"""

from __future__ import annotations

import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from networks import InputError
from networks.errors import short_repr
from networks.files.text import read_text
from networks.values import Value
from protocols.documents.printed import Printed

X_COMPILERS = ("Xunitary", "Xcov", "Xstrict")
MAX_LAYOUT = 100_000
"""Signs of the layout of a device."""
_SPEC_KEYS = ("target", "modes", "compiler", "gate_parameters", "layout")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCertificate(Value, Printed):
    """What was measured of a device.

    Attributes
    ----------
    transmissivity : (modes,) floats in [0, 1]
        Energy transmissivity of each mode, signal modes first, with the detector's efficiency in it.
    dark_counts : (modes,) floats >= 0
        On average, in a shot.
    note : str
    known : bool
        False where a device's file has no certificate: the numbers are then those of no loss at all, which no error of the
        device may be said to follow from.
    """

    DOCUMENT = ("transmissivity", "dark_counts", "note")

    transmissivity: tuple[float, ...]
    dark_counts: tuple[float, ...]
    note: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Value, ABC):
    """A device; ``XSeriesDevice`` and ``TimeBinDevice`` are the two kinds, named by ``kind`` in documents.

    Attributes
    ----------
    name, target : str
        What people call it, and its name on the cloud.
    modes : int >= 1
    squeezing : tuple of float >= 0
        Values of r that its gates take, 0 among them.
    compiler : tuple of str
        Names of the compilers that it takes programs of.
    certificate : DeviceCertificate
    most_shots : int >= 1
        In one job.
    source : str
        Where this description is from.
    """

    kind: ClassVar[str]

    name: str
    target: str
    modes: int
    squeezing: tuple[float, ...]
    compiler: tuple[str, ...]
    certificate: DeviceCertificate
    most_shots: int = 1_000_000
    source: str = "built in"

    @property
    @abstractmethod
    def pairs(self) -> int:
        """Squeezed pairs of a signal and an idler mode with the same phases; 0 where there are none."""

    @property
    @abstractmethod
    def layout(self) -> str:
        """The Blackbird template that programs are compiled to; empty where none is known."""

    @abstractmethod
    def gate_parameters(self) -> dict[str, list[Any]]:
        """What each parameter of the layout may be: values, and ranges as pairs."""

    @property
    def signal_modes(self) -> int | None:
        """How many sensors, the reference among them, it has a signal mode for; None where it has no such modes."""
        return self.pairs or None

    def limits(self) -> tuple[str, ...]:
        """Why it cannot count differences of phases at all; none where it can."""
        return ()

    def specification(self) -> dict[str, Any]:
        """The document that the cloud gives for it, with the Blackbird layout."""
        return {
            "target": self.target,
            "modes": self.modes,
            "compiler": list(self.compiler),
            "gate_parameters": self.gate_parameters(),
            "layout": self.layout,
            "kind": self.kind,
            "max_shots": self.most_shots,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class XSeriesDevice(Device):
    """Squeezed pairs, the same interferometer on signal and idler, photon counting.

    Attributes
    ----------
    name, target : str
        What people call it, and its name on the cloud.
    modes : int >= 1
    squeezing : tuple of float >= 0
        Values of r that its gates take, 0 among them.
    compiler : tuple of str
        Names of the compilers that it takes programs of.
    certificate : DeviceCertificate
    most_shots : int >= 1
        In one job.
    source : str
        Where this description is from.

    Examples
    --------
    >>> DEVICES["X8"].pairs, DEVICES["X8"].signal_modes, DEVICES["X8"].limits()
    (4, 4, ())
    """

    kind: ClassVar[str] = "x-series"

    @property
    def pairs(self) -> int:
        """Half of the modes."""
        return self.modes // 2

    @property
    def layout(self) -> str:
        """As ``x_layout`` gives it."""
        return x_layout(self.pairs, self.target)

    def gate_parameters(self) -> dict[str, list[Any]]:
        """As ``x_gate_parameters`` gives them."""
        return x_gate_parameters(self.pairs, self.squeezing)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBinDevice(Device):
    """Squeezed pulses through delay loops, photon counting.

    Attributes
    ----------
    name, target : str
        What people call it, and its name on the cloud.
    modes : int >= 1
    squeezing : tuple of float >= 0
        Values of r that its gates take, 0 among them.
    compiler : tuple of str
        Names of the compilers that it takes programs of.
    certificate : DeviceCertificate
    most_shots : int >= 1
        In one job.
    source : str
        Where this description is from.
    """

    kind: ClassVar[str] = "time-bin"

    @property
    def pairs(self) -> int:
        """None."""
        return 0

    @property
    def layout(self) -> str:
        """None is known."""
        return ""

    def gate_parameters(self) -> dict[str, list[Any]]:
        """None are known."""
        return {}

    def limits(self) -> tuple[str, ...]:
        """Its pulses make no pairs with the same phases."""
        return (
            "its pulses pass delay loops one after the other: signal and idler modes with the same phases, which counting "
            "needs to be sensitive to a difference, cannot be made; it has no homodyne detector and no Fock preparation",
        )


def x_mesh(pairs: int) -> list[tuple[int, int]]:
    """The neighbours that each MZgate of one side joins, in time order: the rectangular mesh of Strawberry Fields' compiler.

    Parameters
    ----------
    pairs : int >= 1

    Examples
    --------
    >>> x_mesh(4)
    [(0, 1), (2, 3), (1, 2), (0, 1), (2, 3), (1, 2)]
    """
    return [(k, k + 1) for layer in range(pairs) for k in range(layer % 2, pairs - 1, 2)]


def x_layout(pairs: int, target: str) -> str:
    """The template of an X device: S2gates, a mesh of MZgates and phases on the signal and the same on the idler, MeasureFock.

    Parameters
    ----------
    pairs : int >= 1
    target : str
    """
    lines = [f"name template_{pairs}x2_{target}", "version 1.0", f"target {target} (shots=1)", ""]
    lines += [f"S2gate({{squeezing_amplitude_{k}}}, 0.0) | [{k}, {k + pairs}]" for k in range(pairs)]
    for side in (0, pairs):
        lines += [
            f"MZgate({{phase_{2 * g}}}, {{phase_{2 * g + 1}}}) | [{a + side}, {b + side}]"
            for g, (a, b) in enumerate(x_mesh(pairs))
        ]
        lines += [f"Rgate({{final_phase_{k}}}) | {k + side}" for k in range(pairs)]
    lines.append(f"MeasureFock() | [{', '.join(map(str, range(2 * pairs)))}]")
    return "\n".join(lines) + "\n"


def x_gate_parameters(pairs: int, squeezing: tuple[float, ...]) -> dict[str, list[Any]]:
    """What each parameter of the layout may be: values, and ranges as pairs.

    Parameters
    ----------
    pairs : int >= 1
    squeezing : tuple of float
    """
    turn = [0.0, [0.0, 2 * math.pi]]
    gates = pairs * (pairs - 1) // 2
    return {
        **{f"squeezing_amplitude_{k}": list(squeezing) for k in range(pairs)},
        **{f"phase_{k}": turn for k in range(2 * gates)},
        **{f"final_phase_{k}": turn for k in range(pairs)},
    }


def _x_device(name: str, target: str, pairs: int, transmissivity: float) -> Device:
    return XSeriesDevice(
        name=name,
        target=target,
        modes=2 * pairs,
        squeezing=(0.0, 1.0),
        compiler=X_COMPILERS,
        certificate=DeviceCertificate(
            transmissivity=(transmissivity,) * (2 * pairs),
            dark_counts=(1e-4,) * (2 * pairs),
            note="example values; real certificates were not published for every day",
        ),
    )


DEVICES: dict[str, Device] = {
    "X8": _x_device("X8", "X8_01", 4, 0.35),
    "X12": _x_device("X12", "X12_02", 6, 0.35),
    "Borealis": TimeBinDevice(
        name="Borealis",
        target="borealis",
        modes=216,
        squeezing=(0.0, 0.5, 0.75, 1.1),
        compiler=("borealis",),
        certificate=DeviceCertificate(transmissivity=(0.33,) * 216, dark_counts=(1e-4,) * 216, note="example values"),
    ),
}
"""Those that are built in, by name."""


def find_device(name: str, *, certified: bool = True) -> Device:
    """A built-in device by name or target, or one in a JSON file.

    Parameters
    ----------
    name : str
        Case does not matter; a path ends in .json.
    certified : bool
        Whether a file without a certificate is a fault; otherwise the losses of its device are unknown.

    Raises
    ------
    InputError
        When there is none, or listing every fault of the file.

    Examples
    --------
    >>> find_device("x8").target, find_device("X12_02").pairs
    ('X8_01', 6)
    """
    for device in DEVICES.values():
        if name.lower() in (device.name.lower(), device.target.lower()):
            return device
    if name.endswith(".json") or Path(name).exists():
        return load_device(Path(name), certified=certified)
    raise InputError([f"there is no device {name!r}; known are {', '.join(DEVICES)}, or a .json file from a provider"])


def load_device(path: Path, *, certified: bool = True) -> Device:
    """A device from a provider's file: {"specification": {...}, "certificate": {...}} as the cloud gives them.

    Parameters
    ----------
    path : pathlib.Path
    certified : bool
        As in ``find_device``.

    Raises
    ------
    InputError
        Listing every fault of the file.
    """
    text = read_text(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError([f"{path}: not valid JSON: {error}"]) from None
    if not isinstance(document, dict) or not isinstance(document.get("specification"), dict):
        raise InputError([f"{path}: a device file is an object with 'specification' and 'certificate'"])
    try:
        return device_from_documents(
            document["specification"], document.get("certificate"), source=str(path), certified=certified
        )
    except InputError as error:
        raise error.within(str(path)) from None


def device_from_documents(
    specification: Mapping[str, Any], certificate: Mapping[str, Any] | None, *, source: str, certified: bool = True
) -> Device:
    """A device of the X series from the documents of a cloud.

    Parameters
    ----------
    specification : mapping
        With target, modes, compiler, gate_parameters and layout.
    certificate : mapping or None
        With transmissivity and dark_counts; None is a fault where a certificate is needed.
    source : str
        Where they are from.
    certified : bool
        As in ``find_device``.

    Raises
    ------
    InputError
        Listing every fault: missing keys, a layout that is not that of an X device, squeezing values, a certificate whose
        numbers do not fit.
    """
    faults = [f"specification: {key!r} is missing" for key in _SPEC_KEYS if key not in specification]
    if faults:
        raise InputError(faults)
    modes = specification["modes"]
    if isinstance(modes, bool) or not isinstance(modes, int) or not 4 <= modes <= 32 or modes % 2:
        raise InputError([f"specification: modes must be an even integer from 4 to 32, got {short_repr(modes)}"])
    pairs, target = modes // 2, specification["target"]
    if not isinstance(target, str) or not re.fullmatch(r"\w{1,60}", target, re.ASCII):
        raise InputError([f"specification: target must be a name of letters, digits and _, got {short_repr(target)}"])
    if not _same_layout(specification["layout"], x_layout(pairs, target)):
        faults.append(
            "specification: the layout is not that of an X device (pairs, the same mesh on both sides, MeasureFock)"
        )
    squeezing = _squeezing(specification["gate_parameters"], pairs, faults)
    measured = _certificate(certificate, modes, faults, certified=certified)
    compiler = specification["compiler"]
    if not isinstance(compiler, list) or not all(isinstance(name, str) for name in compiler):
        faults.append(f"specification: compiler must be a list of names, got {short_repr(compiler)}")
    most = specification.get("max_shots", 1_000_000)
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        faults.append(f"specification: max_shots must be a positive integer, got {short_repr(most)}")
    if faults:
        raise InputError(faults)
    assert measured is not None
    return XSeriesDevice(
        name=target,
        target=target,
        modes=modes,
        squeezing=squeezing,
        compiler=tuple(compiler) or X_COMPILERS,
        certificate=measured,
        most_shots=most,
        source=source,
    )


def _same_layout(given: Any, wanted: str) -> bool:
    """Whether two layouts are the same circuit: the same gates in turn on every mode, parameters alike up to their names."""
    if not isinstance(given, str) or len(given) > MAX_LAYOUT:
        return False
    try:
        ours, theirs = _gates(wanted), _gates(given)
    except ValueError:
        # Modes that are no integers, as in "| [0, 4,]".
        return False
    names: dict[str, str] = {}
    for mode in {m for _, _, modes in (*ours, *theirs) for m in modes}:
        here, there = ([gate for gate in gates if mode in gate[2]] for gates in (ours, theirs))
        if [(name, modes) for name, _, modes in here] != [(name, modes) for name, _, modes in there]:
            return False
        for (_, wanted_parameters, _), (_, parameters, _) in zip(here, there, strict=True):
            if len(wanted_parameters) != len(parameters):
                return False
            for one, other in zip(wanted_parameters, parameters, strict=True):
                if names.setdefault(one, other) != other:
                    return False
    # Two parameters of ours may not be one of theirs; fixed values stand for themselves.
    free = {one: other for one, other in names.items() if one.startswith("{")}
    fixed_agree = all(
        float(one) == float(other) for one, other in names.items() if one not in free and _is_text_number(other)
    )
    return fixed_agree and len(set(free.values())) == len(free) and all(v.startswith("{") for v in free.values())


def _gates(text: str) -> list[tuple[str, list[str], list[int]]]:
    """(gate, parameters, modes) of each line of a layout that has a gate."""
    gates = []
    for match in re.finditer(r"^\s*(\w+)\(([^)]*)\)\s*\|\s*\[?([\d,\s]+)\]?\s*$", text, re.MULTILINE):
        parameters = [part.strip() for part in match[2].split(",") if part.strip()]
        gates.append((match[1], parameters, [int(part) for part in match[3].split(",")]))
    return gates


def _is_text_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _squeezing(parameters: Any, pairs: int, faults: list[str]) -> tuple[float, ...]:
    if not isinstance(parameters, Mapping):
        faults.append(f"specification: gate_parameters must be an object, got {short_repr(parameters)}")
        return (0.0,)
    offered: list[set[float]] = []
    for k in range(pairs):
        values = parameters.get(f"squeezing_amplitude_{k}")
        if not isinstance(values, list) or not all(_is_number(v) and 0 <= v <= 3 for v in values) or not values:
            faults.append(
                f"specification: squeezing_amplitude_{k} must list numbers from 0 to 3, got {short_repr(values)}"
            )
        else:
            offered.append({float(v) for v in values})
    return tuple(sorted(set.intersection(*offered) | {0.0})) if offered else (0.0,)


def _certificate(
    certificate: Mapping[str, Any] | None, modes: int, faults: list[str], *, certified: bool
) -> DeviceCertificate | None:
    if certificate is None and not certified:
        certificate = {}
    if not isinstance(certificate, Mapping):
        faults.append("certificate: it is missing; losses are needed to say what a device can measure")
        return None
    kept, known = {}, True
    for key, low, high in (("transmissivity", 0.0, 1.0), ("dark_counts", 0.0, 10.0)):
        values = certificate.get(key)
        if values is None and key == "dark_counts":
            values = [0.0] * modes
        elif values is None and not certified:
            values, known = [1.0] * modes, False
        if (
            not isinstance(values, list)
            or len(values) != modes
            or not all(_is_number(v) and low <= v <= high for v in values)
        ):
            faults.append(
                f"certificate: {key} must be {modes} numbers from {low:g} to {high:g}, got {short_repr(values)}"
            )
            values = [0.0] * modes
        kept[key] = tuple(float(v) for v in values)
    return DeviceCertificate(
        transmissivity=kept["transmissivity"],
        dark_counts=kept["dark_counts"],
        note=str(certificate.get("note", "")),
        known=known,
    )


def _is_number(value: Any) -> bool:
    # Integers are compared as they are: those of 400 digits are no floats.
    return not isinstance(value, bool) and (
        isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    )
