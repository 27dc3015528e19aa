"""Programs for devices of Xanadu's X series, through Strawberry Fields: made, compiled to the device's layout, read and written.

A program is a two-mode squeezer on each pair, the same interferometer on the signal and the idler modes, and counting on all.
"""

from __future__ import annotations

import cmath
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from photonics.adapters.sf_import import import_strawberryfields
from photonics.conventions import Complex

EXACT = 1e-8
"""The largest difference between entries of the compiled and the wanted light."""


def x_program(squeezing: Sequence[float], unitary: Complex) -> Any:
    """A Strawberry Fields program: S2gate(r_k) on (k, k + n), the unitary on both sides, MeasureFock.

    Parameters
    ----------
    squeezing : (n,) floats
        r of each pair.
    unitary : (n, n) complex

    Returns
    -------
    strawberryfields.Program
        On 2n modes.
    """
    sf = import_strawberryfields()
    count = len(squeezing)
    made = sf.Program(2 * count, name="psn_pairs")
    with made.context as q:
        for k, r in enumerate(squeezing):
            sf.ops.S2gate(float(r), 0.0) | (q[k], q[k + count])
        for side in (0, count):
            sf.ops.Interferometer(np.asarray(unitary, dtype=complex)) | tuple(q[side : side + count])
        sf.ops.MeasureFock() | q
    return made


def compile_x(
    program: Any, specification: Mapping[str, Any], certificate: Mapping[str, Any] | None, compiler: str
) -> Any:
    """The program compiled to the layout of a device; compiled alike for one device after another in one process.

    Parameters
    ----------
    program : strawberryfields.Program
    specification, certificate : mappings
        As the device gives them.
    compiler : str
        Xunitary, Xcov or Xstrict.

    Returns
    -------
    strawberryfields.Program

    Raises
    ------
    ValueError
        With the compiler's own reason when it refuses.
    """
    sf = import_strawberryfields()
    # The compiler classes keep the layout of the device before (docs/reference/engines.md).
    for name in ("Xunitary", "Xcov", "Xstrict"):
        sf.compilers.compiler_db[name].reset_circuit()
    device = sf.Device(spec=dict(specification), cert=dict(certificate or {}))
    try:
        with warnings.catch_warnings():
            # Pairs that are switched off are components of their own.
            warnings.filterwarnings("ignore", message="The circuit consists of")
            return program.compile(device=device, compiler=compiler)
    except (sf.program_utils.CircuitError, ValueError) as error:
        raise ValueError(str(error)) from None


def written(program: Any, shots: int | None = None) -> str:
    """A program as Blackbird text, for so many shots.

    Parameters
    ----------
    program : strawberryfields.Program
    shots : int, optional

    Returns
    -------
    str
    """
    sf = import_strawberryfields()
    blackbird = sf.io.to_blackbird(program)
    if shots is not None:
        blackbird._target["options"] = {"shots": shots}
    return str(blackbird.serialize())


def read_program(text: str) -> Any:
    """The program in a Blackbird text; raises ValueError when it is none.

    Parameters
    ----------
    text : str

    Returns
    -------
    strawberryfields.Program
    """
    sf = import_strawberryfields()
    try:
        return sf.io.loads(text)
    except Exception as error:  # noqa: BLE001  # Blackbird raises errors of its parser, of sympy and of its own
        raise ValueError(f"not a Blackbird program that can be read: {str(error) or type(error).__name__}") from None


def program_light(program: Any) -> tuple[tuple[float, ...], Complex]:
    """(r of each pair, unitary of a side) of a compiled program.

    Parameters
    ----------
    program : strawberryfields.Program
        Compiled.

    Returns
    -------
    (n,) floats, (n, n) complex

    Raises
    ------
    ValueError
        For gates that an X device has not, or sides that differ.
    """
    count = len(program.register) // 2
    squeezing = [0.0] * count
    sides: list[Any] = [np.eye(count, dtype=complex), np.eye(count, dtype=complex)]
    for command in program.circuit:
        name, modes = type(command.op).__name__, [register.ind for register in command.reg]
        values = [float(getattr(p, "val", p)) if not hasattr(p, "evalf") else float(p.evalf()) for p in command.op.p]
        if name == "S2gate":
            if modes[1] != modes[0] + count or abs(values[1]) > 1e-12:
                raise ValueError(f"S2gate joins modes {modes}; pairs are (k, k + {count}), with phase 0")
            squeezing[modes[0]] += values[0]
        elif name in ("MZgate", "Rgate"):
            side = modes[0] // count
            places = [mode - side * count for mode in modes]
            if not all(0 <= place < count for place in places):
                raise ValueError(f"{name} joins modes {modes} of different sides")
            sides[side][places] = _gate(name, values) @ sides[side][places]
        elif name not in ("MeasureFock", "Vacuum"):
            raise ValueError(f"an X device has no {name}")
    if abs(sides[0] - sides[1]).max() > EXACT:
        raise ValueError("the interferometers of signal and idler differ")
    unitary: Complex = sides[0]
    return tuple(squeezing), unitary


def _gate(name: str, values: Sequence[float]) -> Complex:
    if name == "Rgate":
        return np.array([[cmath.exp(1j * values[0])]])
    inner, outer = cmath.exp(1j * values[0]), cmath.exp(1j * values[1])
    rows = [[outer * (inner - 1), 1j * (1 + inner)], [1j * outer * (inner + 1), 1 - inner]]
    matrix: Complex = np.array(rows, dtype=complex)
    return matrix / 2


def light_matrix(squeezing: Sequence[float], unitary: Complex) -> Complex:
    """B = U diag(tanh r) U^T, which is all that counting sees, up to a phase of the whole.

    Parameters
    ----------
    squeezing : (n,) floats
    unitary : (n, n) complex

    Returns
    -------
    (n, n) complex, symmetric
    """
    light: Complex = unitary @ np.diag(np.tanh(np.asarray(squeezing, dtype=float))) @ unitary.T
    return light


def light_difference(first: Complex, second: Complex) -> float:
    """The largest difference between entries of two such matrices, aside from a phase of the whole and a complex conjugation.

    Counts are |permanents|^2 of them, so neither can be seen; Xcov gives the conjugate.

    Parameters
    ----------
    first, second : (n, n) complex

    Returns
    -------
    float
    """
    differences = []
    for one in (first, first.conj()):
        overlap = complex(np.vdot(one, second))
        turn = overlap / abs(overlap) if abs(overlap) > 0 else 1.0
        differences.append(float(abs(one * turn - second).max()))
    return min(differences)


def counted_shots(program: Any) -> int | None:
    """Shots that a program's text asks for.

    Parameters
    ----------
    program : strawberryfields.Program

    Returns
    -------
    int or None
    """
    shots = program.run_options.get("shots")
    return int(shots) if isinstance(shots, int | float) and math.isfinite(shots) else None
