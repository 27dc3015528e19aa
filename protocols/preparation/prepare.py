"""How the light of a plan is made, from each kind of source, in words: sources, chances, what failed attempts cost."""

from __future__ import annotations

from collections.abc import Sequence

from protocols.preparation.attempts import attempt_mse, success_of, unattenuated_mse
from protocols.preparation.links import Links
from protocols.preparation.parts import NoRecipeError, recipe_along, strings_of
from protocols.preparation.recipe import LightRecipe, Preparation, Source
from protocols.preparation.two_photons import squeezed_pairs
from protocols.problem import AnyProblem, PhaseProblem
from protocols.schemes.plan import Part, Plan
from protocols.theory.squeezed_pairs import more_photons_chance, two_photon_chance

MOST_PHOTONS = 2
"""Photons of a state that a recipe is known for."""
WEAK = 0.01
"""Success probability of a weakly pumped source that notes on losses speak of."""


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


def preparations(plan: Plan, problem: AnyProblem) -> tuple[Preparation, ...]:
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
            recipes = tuple(recipe_along(part, links, source) for part in plan.parts)
        except NoRecipeError:
            continue
        made.append(_preparation(plan, problem, links, source, recipes))
    return tuple(sorted(made, key=lambda one: -one.success))


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
        success=success_of(plan, chances),
        mse_per_attempt=None if lossy_pairs else attempt_mse(plan, problem, chances),
        notes=_notes(plan, problem, links, recipes),
    )


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
    from scipy.optimize import brentq

    _, values, most = squeezed_pairs(strings_of(part))
    return more_photons_chance(values, brentq(lambda pump: two_photon_chance(values, pump) - WEAK, 0.0, most))
