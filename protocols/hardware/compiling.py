"""A plan as a program of a device: compiled to its layout, compared with what was wanted, and written as Blackbird text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from networks import InputError
from networks.errors import short_repr
from networks.values import Value, plain
from protocols.documents.result import Result
from protocols.hardware.devices import X_COMPILERS
from protocols.hardware.pair_plan import PairPlan


@dataclass(frozen=True, kw_only=True, repr=False)
class Compiled(Value, Result):
    """A program compiled for a device, with its Blackbird text.

    Attributes
    ----------
    plan : PairPlan
    theta : (d,) floats
        In rad.
    compiler : str
    program : strawberryfields.Program
        What ``blackbird`` is the text of; not compared.
    blackbird : str
    difference : float
        How far its light is from the wanted one, at most 1e-8.
    """

    DOCUMENT = (
        "plan",
        "theta",
        "compiler",
        "difference",
        "blackbird",
    )

    plan: PairPlan
    theta: tuple[float, ...]
    compiler: str
    program: Any = field(compare=False, repr=False)
    blackbird: str
    difference: float


def compile_plan(
    plan: PairPlan,
    theta: Sequence[float],
    *,
    compiler: str = "Xunitary",
    shots: int = 1000,
    name: str = "psn_pairs",
    specification: Mapping[str, Any] | None = None,
) -> Compiled:
    """Compile the plan with these phases programmed into the chip.

    A chip has no sensors: its phases are set, and the phases of the network are set with them.

    Parameters
    ----------
    plan : PairPlan
    theta : (d,) floats
        In rad, one a sensor.
    compiler : str
        Xunitary, Xcov or Xstrict.
    shots : int
        From 1 to what the device allows.
    name : str
        Of the program.
    specification : mapping, optional
        The cloud's own document; the device's when left out.

    Raises
    ------
    InputError
        When the compiler refuses, or what it gives is not the light that was wanted.
    """
    from photonics.adapters.x_series import (
        EXACT,
        compile_x,
        light_difference,
        light_matrix,
        program_light,
        written,
        x_program,
    )

    device, shots, theta = plan.device, plain(shots), plain(theta)  # type: ignore[assignment]  # looked at below
    offered = [name for name in device.compiler if name in X_COMPILERS]
    faults = [] if compiler in offered else [f"the compiler must be one of {', '.join(offered)}, got {compiler!r}"]
    if isinstance(shots, bool) or not isinstance(shots, int) or not 1 <= shots <= device.most_shots:
        faults.append(f"shots must be an integer from 1 to {device.most_shots}, got {short_repr(shots)}")
    if faults:
        raise InputError(faults)
    unitary = plan.unitary(theta)
    wanted = x_program(plan.squeezing(), unitary)
    wanted.name = name
    document = specification if specification is not None else device.specification()
    try:
        # The strict compiler only checks, so the program is brought to the layout first.
        program = compile_x(wanted, document, None, "Xunitary" if compiler == "Xstrict" else compiler)
        if compiler == "Xstrict":
            program = compile_x(program, document, None, compiler)
        squeezing, compiled = program_light(program)
    except ValueError as error:
        raise InputError(
            [f"{device.name}: the compiler {compiler} refuses the program of this network: {error}"]
        ) from None
    difference = light_difference(light_matrix(squeezing, compiled), light_matrix(plan.squeezing(), unitary))
    if not difference <= EXACT:
        raise InputError([f"{device.name}: {compiler} gave other light than was wanted, by {difference:.2g}"])
    program.name = name
    return Compiled(
        plan=plan,
        theta=tuple(theta),
        compiler=compiler,
        program=program,
        blackbird=written(program, shots),
        difference=difference,
    )
