"""From a plan to recipes: from single photons and from squeezers, each with its chances and what failed attempts cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from protocols.preparation.links import Links
from protocols.preparation.one_photon import local_chain, tree_along_links
from protocols.preparation.recipe import Found, LightRecipe, Preparation, Source
from protocols.preparation.two_photons import meeting_photons, squeezed_pairs, unused_name
from protocols.problem import DisplacementProblem, PhaseProblem
from protocols.schemes.plan import Part, Plan
from protocols.theory.squeezed_pairs import HERALDED_PHOTON, more_photons_chance, two_photon_chance
from protocols.theory.sums import error_sum, squared

if TYPE_CHECKING:
    from photonics.circuits.circuit import Circuit, Operation
    from photonics.states.fock import FockState

MOST_PHOTONS = 2
"""Photons of a state that a recipe is known for."""
CERTAIN = 1e-12
"""Rounding below which a success probability is 1."""
WEAK = 0.01
"""Success probability of a weakly pumped source that notes on losses speak of."""


class NoRecipeError(ValueError):
    """A state that no recipe here makes from a kind of source; the message says why."""


def why_no_recipe(plan: Plan) -> str | None:
    """Why nothing is said of how the light of a plan is made; None for photon plans with at most two photons in every part.

    Parameters
    ----------
    plan : Plan
    """
    from photonics import PrepareFock

    starts = [part.circuit.operations[0] for part in plan.parts]
    if not all(isinstance(start, PrepareFock) for start in starts):
        return "recipes are for states of photon number"
    most = max(part.photons for part in plan.parts)
    if most > MOST_PHOTONS:
        return f"recipes are for one and two photons; a state of this plan has {most}"
    return None


def preparations(plan: Plan, problem: PhaseProblem | DisplacementProblem) -> tuple[Preparation, ...]:
    """How the light of a plan is made, from each kind of source that can, the most probable first.

    Parameters
    ----------
    plan : Plan
        Of this problem.
    problem : Problem

    Returns
    -------
    tuple of Preparation
        Empty for displacements, for states of more than two photons, and where no recipe is known.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> problem = Problem.of(SensorNetwork.star([1, 1, 1, 1], sensing="phase", photons=1))
    >>> plan = find_scheme("phase", "multimode-noon").plan(problem)
    >>> preparations(plan, problem)[0].words
    'a single photon that enters at ref, 4 beam splitters along the links; success probability 1'
    """
    if not isinstance(problem, PhaseProblem) or why_no_recipe(plan) is not None:
        return ()
    links = Links(task=problem.task)
    made = []
    sources: tuple[Source, ...] = ("single photons", "squeezers")
    for source in sources:
        try:
            recipes = tuple(_recipe(part, links, source) for part in plan.parts)
        except NoRecipeError:
            continue
        made.append(_preparation(plan, problem, links, source, recipes))
    return tuple(sorted(made, key=lambda one: -one.success))


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
    return _recipe(part, Links(task=problem.task), source)


def _recipe(part: Part, links: Links, source: Source) -> LightRecipe:
    strings = _strings(part)
    if part.photons == 1:
        return _one_photon(part, {modes[0]: c * c for modes, c in strings.items()}, links, source)
    if source == "squeezers":
        return _squeezers(part, strings)
    return _two_photons(part, strings, links)


def _strings(part: Part) -> dict[tuple[str, ...], float]:
    """The strings of a state as modes that hold photons, each with its amplitude, which is real and positive in all plans here."""
    state = _state(part)
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


def _state(part: Part) -> FockState:
    from photonics import PrepareFock

    start = part.circuit.operations[0]
    assert isinstance(start, PrepareFock)
    return start.state


def _one_photon(part: Part, populations: dict[str, float], links: Links, source: Source) -> LightRecipe:
    from photonics import BeamSplitter, Squeeze

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
    r = math.atanh(math.sqrt(0.5))
    pair: tuple[Operation, ...] = (
        Squeeze(mode=root, r=r, angle_rad=math.pi),
        Squeeze(mode=herald, r=r),
        BeamSplitter(first=root, second=herald, theta_rad=math.pi / 4),
    )
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


# --- whole plans ---------------------------------------------------------------------------------------------


def _preparation(
    plan: Plan, problem: PhaseProblem, links: Links, source: Source, recipes: tuple[LightRecipe, ...]
) -> Preparation:
    chances = [recipe.success for recipe in recipes]
    # A heralded photon is certain whatever is lost behind; two photons found may have been four.
    two = source == "squeezers" and any(recipe.photons == 2 for recipe in recipes)
    lossy_pairs = two and not problem.is_lossless
    return Preparation(
        source=source,
        words=_words(source, recipes, plan),
        parts=recipes,
        success=_whole_success(plan, chances),
        mse_per_attempt=None if lossy_pairs else _attempt_mse(plan, problem, chances),
        notes=_notes(plan, problem, links, recipes),
    )


def _attempt_shares(plan: Plan, chances: Sequence[float]) -> list[float]:
    """Of the attempts, for parts in turn: ~ share/sqrt(p), the best where shares are the best at p = 1."""
    weights = [part.share / math.sqrt(p) for part, p in zip(plan.parts, chances, strict=True)]
    return [weight / math.fsum(weights) for weight in weights]


def _whole_success(plan: Plan, chances: Sequence[float]) -> float:
    if not plan.takes_turns:
        return math.prod(chances)
    return math.fsum(a * p for a, p in zip(_attempt_shares(plan, chances), chances, strict=True))


def _attempt_mse(plan: Plan, problem: PhaseProblem, chances: Sequence[float]) -> float:
    """sum v_k/(a_k p_k) over the parts, v_k the error of part k in a shot of its own, a_k its share of the attempts.

    With the shares ~ sqrt(v_k) of the schemes in turn it is the error of a shot times (sum share_k/sqrt(p_k))^2.
    """
    if not plan.takes_turns and len(plan.parts) == 1:
        return plan.predicted_mse / chances[0]
    if all(p == 1 for p in chances):
        return plan.predicted_mse
    if plan.takes_turns:
        return (
            plan.predicted_mse
            * math.fsum(part.share / math.sqrt(p) for part, p in zip(plan.parts, chances, strict=True)) ** 2
        )
    return error_sum(v / p for v, p in zip(_part_errors(plan, problem), chances, strict=True))


def _part_errors(plan: Plan, problem: PhaseProblem) -> list[float]:
    from photonics import get_engine, nuisance_aware_information
    from protocols.schemes.evaluation import probe_theta

    engine = get_engine("native")
    return [
        nuisance_aware_information(engine.qfi(part.circuit, theta), part.coefficients_of(problem.alpha)).mse
        for part, theta in zip(plan.parts, probe_theta(plan), strict=True)
    ]


def unattenuated_mse(plan: Plan, problem: PhaseProblem) -> float:
    """Mean squared error of q for one attempt when two photons meet on balanced beam splitters and nothing is attenuated.

    The state is then not the best for the losses, but no attempt fails: attenuation only throws information away, so this is
    never larger than the error per attempt of the state wanted. Links are taken without loss.

    Parameters
    ----------
    plan : Plan
        Of parts with two strings |2 in i>, |2 in k>, or of one photon.
    problem : PhaseProblem
    """
    from photonics import Circuit, FockState, PrepareFock

    parts = []
    for part in plan.parts:
        state = _state(part)
        terms = {tuple(row): math.sqrt(0.5) for row in state.occupations.tolist()}
        assert len(terms) == 2, "two strings"
        start = PrepareFock(state=FockState.from_terms(state.modes, dict(terms)))
        circuit = Circuit(modes=part.circuit.modes, operations=(start, *part.circuit.operations[1:]))
        parts.append(replace(part, circuit=circuit))
    errors = _part_errors(replace(plan, parts=tuple(parts)), problem)
    if plan.takes_turns:
        return squared(error_sum(math.sqrt(v) for v in errors))
    return error_sum(errors)


def _words(source: Source, recipes: Sequence[LightRecipe], plan: Plan) -> str:
    """Source, beam splitters and success probability, as the first sentence of the answer."""
    counts = sorted({len(recipe.splitters) for recipe in recipes})
    splitters = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    noun = "beam splitter" if counts == [1] else "beam splitters"
    where = " along the links" if all(recipe.along_links for recipe in recipes) and counts != [0] else ""
    chances = sorted(recipe.success for recipe in recipes)
    low, high = f"{chances[0]:.6g}", f"{chances[-1]:.6g}"
    chance = f"success probability {low}" + ("" if low == high else f" to {high}")
    several = "" if len(recipes) == 1 else " for each of the states " + ("in turn" if plan.takes_turns else "of a shot")
    return f"{_source_words(source, recipes)}, {splitters} {noun}{where}{several}; {chance}"


def _source_words(source: Source, recipes: Sequence[LightRecipe]) -> str:
    photons = max(recipe.photons for recipe in recipes)
    mixed = any(recipe.photons != photons for recipe in recipes)
    lone = len(recipes) == 1
    at = f" at {recipes[0].starts_from[0]}" if lone else ""
    if source == "single photons":
        if photons == 1:
            return f"a single photon that enters{at}" if lone else "a single photon"
        if mixed:
            return "one or two single photons"
        where = " and ".join(recipes[0].starts_from)
        return f"two single photons that enter at {where}" if lone else "two single photons"
    top = max(max(recipe.squeezing_db) for recipe in recipes)
    count = max(len(recipe.squeezing_db) for recipe in recipes)
    pair = "as a pair source, one photon of it heralded" if photons == 1 else "of one pump as pair sources"
    if mixed:
        pair = "of one pump as pair sources, single photons heralded"
    return f"{count} squeezers of up to {top:.3g} dB {pair}"


def _notes(plan: Plan, problem: PhaseProblem, links: Links, recipes: Sequence[LightRecipe]) -> tuple[str, ...]:
    from photonics import Loss

    notes = []
    squeezed = [recipe for recipe in recipes if recipe.squeezing_db]
    pairs = [recipe for recipe in squeezed if recipe.photons == 2]
    if pairs:
        notes.append(
            "post-selected: shots count in which photon-number-resolving detectors find two photons in all; the vacuum and four "
            "photons are discarded; the phases of the squeezers are those of one pump"
        )
    if len(pairs) < len(squeezed):
        notes.append(
            "heralded: a photon-number-resolving detector without loss has to find exactly one photon in the other beam"
        )
    if pairs and not problem.is_lossless:
        more = max(recipe.more_photons for recipe in pairs)
        weak = max(_weak_more(part) for part in plan.parts if part.photons == 2)
        notes.append(
            f"with losses four photons of which two are lost pass for two ({more:.3g} of the shots have four or more at this "
            f"pump, {weak:.2g} at a success probability of {WEAK:g}), so the state is the one wanted only for a weak pump"
        )
    drains = [one.mode for recipe in recipes for one in recipe.found if not one.photons]
    if drains:
        more_drains = f" and {len(drains) - 4} more" if len(drains) > 4 else ""
        notes.append(f"post-selected: shots count in which no photon leaves by {', '.join(drains[:4])}{more_drains}")
    if drains and not problem.has_lossy_links:
        notes.append(
            "balanced states without attenuation are better per attempt: mean squared error "
            f"{unattenuated_mse(plan, problem):.6g}"
        )
    if any(isinstance(op, Loss) for recipe in recipes for op in recipe.circuit.operations):
        notes.append("the losses of the links on the way are in the success probability")
    if any(not recipe.along_links for recipe in recipes):
        notes.append(
            "a pair over two nodes takes a way that is not laid out along the links; losses there are not counted"
            if pairs and not _has_arms(plan, links)
            else "the beam splitters between a sensor and its arm stand at the sensor"
        )
    if (switches := plan.switches) and not all(switch.passive for switch in switches):
        notes.append("the controls between passes are no mere permutations of modes; there is no recipe for them here")
    return tuple(notes)


def _has_arms(plan: Plan, links: Links) -> bool:
    """Whether parts of a plan have modes that are no nodes of the network, or that no links join."""
    return any(not links.join(part.circuit.modes) for part in plan.parts)


def _weak_more(part: Part) -> float:
    """Probability of four or more photons where the pump is so weak that two have the probability WEAK."""
    _, values, high = squeezed_pairs(_strings(part))
    low = 0.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if two_photon_chance(values, middle) < WEAK else (low, middle)
    return more_photons_chance(values, low)
