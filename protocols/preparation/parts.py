"""From one part of a plan to its recipe, from single photons and from squeezers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from protocols.preparation.links import Links
from protocols.preparation.one_photon import local_chain, tree_along_links
from protocols.preparation.recipe import Found, LightRecipe, Source
from protocols.preparation.two_photons import meeting_photons, squeezed_pairs, unused_name
from protocols.problem import PhaseProblem
from protocols.schemes.plan import Part
from protocols.theory.squeezed_pairs import HERALDED_PHOTON, more_photons_chance, two_photon_chance

if TYPE_CHECKING:
    from photonics.circuits.circuit import Circuit, Operation
    from photonics.states.fock import FockState

CERTAIN = 1e-12
"""Rounding below which a success probability is 1."""


class NoRecipeError(ValueError):
    """A state that no recipe here makes from a kind of source; the message says why."""


def part_recipe(part: Part, problem: PhaseProblem, source: Source) -> LightRecipe:
    """How the light of one part is made from one kind of source.

    Parameters
    ----------
    part : Part
        Of a plan of this problem, with one or two photons.
    problem : PhaseProblem
    source : "single photons" or "squeezers"

    Raises
    ------
    NoRecipeError
        A ValueError that says why there is none.
    """
    return recipe_along(part, Links(task=problem.task), source)


def recipe_along(part: Part, links: Links, source: Source) -> LightRecipe:
    """The same along links that other parts take too.

    Parameters
    ----------
    part : Part
    links : Links
    source : "single photons" or "squeezers"

    Raises
    ------
    NoRecipeError
        As of ``part_recipe``.
    """
    strings = strings_of(part)
    if part.photons == 1:
        return _one_photon(part, {modes[0]: c * c for modes, c in strings.items()}, links, source)
    if source == "squeezers":
        return _squeezers(part, strings)
    return _two_photons(part, strings, links)


def strings_of(part: Part) -> dict[tuple[str, ...], float]:
    """The strings of a state as modes that hold photons, each with its amplitude, which is real and positive in all plans here.

    Parameters
    ----------
    part : Part

    Raises
    ------
    NoRecipeError
        For states of another kind.
    """
    state = state_of(part)
    if len(state.amplitudes) < 2:
        raise NoRecipeError("a single string is no superposition")
    strings, seen = {}, set[str]()
    for row, amplitude in zip(state.occupations.tolist(), state.amplitudes.tolist(), strict=True):
        modes = tuple(mode for mode, n in zip(state.modes, row, strict=True) if n)
        if sum(row) != part.photons or not math.isclose(abs(amplitude), amplitude.real):
            raise NoRecipeError("recipes are for strings of equal photon numbers with real, positive amplitudes")
        if seen & set(modes):
            raise NoRecipeError("recipes are for strings that share no mode")
        seen |= set(modes)
        strings[modes] = float(amplitude.real)
    return strings


def state_of(part: Part) -> FockState:
    """The state of photon numbers that a part starts from.

    Parameters
    ----------
    part : Part
    """
    from photonics import PrepareFock

    start = part.circuit.operations[0]
    assert isinstance(start, PrepareFock)
    return start.state


def _one_photon(part: Part, populations: dict[str, float], links: Links, source: Source) -> LightRecipe:
    linked = links.join(tuple(populations))
    root, spread, success = tree_along_links(populations, links) if linked else local_chain(populations)
    if source == "single photons":
        return LightRecipe(
            circuit=_circuit(part, spread, enter=(root,)),
            modes=part.circuit.modes,
            photons=1,
            success=_chance(success),
            along_links=linked,
        )
    herald = unused_name(f"{root} herald", [*part.circuit.modes, *links.task.nodes])
    # At this pump, tanh(r)^2 = 1/2, exactly one pair is most probable; two and more have (1/2)^2.
    pair, _, _ = squeezed_pairs({(root, herald): 1.0}, pump=1.0)
    return LightRecipe(
        circuit=_circuit(part, (*pair, *spread)),
        modes=part.circuit.modes,
        photons=1,
        found=(Found(mode=herald, photons=1),),
        success=HERALDED_PHOTON * _chance(success),
        along_links=linked,
        more_photons=0.25,
    )


def _two_photons(part: Part, strings: dict[tuple[str, ...], float], links: Links) -> LightRecipe:
    if len(strings) != 2 or any(len(modes) != 1 for modes in strings):
        raise NoRecipeError(
            "two single photons and beam splitters make at most two terms with both photons in one mode; "
            "further ones need squeezers or further photons"
        )
    amplitudes = {modes[0]: c for modes, c in strings.items()}
    linked = links.join(tuple(amplitudes))
    enter, operations, dark, success = meeting_photons(
        amplitudes, links if linked else None, (*part.circuit.modes, *links.task.nodes)
    )
    return LightRecipe(
        circuit=_circuit(part, operations, enter=enter),
        modes=part.circuit.modes,
        photons=2,
        found=dark,
        success=_chance(success),
        along_links=linked,
    )


def _squeezers(part: Part, strings: dict[tuple[str, ...], float], pump: float | None = None) -> LightRecipe:
    operations, values, strength = squeezed_pairs(strings, pump)
    return LightRecipe(
        circuit=_circuit(part, operations),
        modes=part.circuit.modes,
        photons=2,
        success=two_photon_chance(values, strength),
        along_links=all(len(modes) == 1 for modes in strings),
        more_photons=more_photons_chance(values, strength),
    )


def _chance(p: float) -> float:
    """A probability that is 1 up to rounding as 1."""
    return 1.0 if p > 1 - CERTAIN else p


def _circuit(part: Part, operations: Sequence[Operation], enter: Sequence[str] = ()) -> Circuit:
    """Over the modes of the part and then those that only the operations name; a photon enters in some of them."""
    import numpy as np

    from photonics import Circuit, FockState, PrepareFock

    modes = tuple(dict.fromkeys([*part.circuit.modes, *enter, *(mode for op in operations for mode in op.acts_on)]))
    if not enter:
        return Circuit(modes=modes, operations=tuple(operations))
    string = np.array([[int(mode in enter) for mode in modes]], dtype=np.int64)
    start = PrepareFock(state=FockState(modes, string, np.ones(1, dtype=complex)))
    return Circuit(modes=modes, operations=(start, *operations))
