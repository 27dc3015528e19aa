"""The main job: from a network to ranked, checked protocols. ``psn design`` prints what is made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from networks import InputError, Mode, SensorNetwork
from networks.errors import short_repr
from networks.values import whole_number
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.layout.along_links import why_not
from protocols.layout.layout import Layouts, counted, listed
from protocols.layout.paths import require_nodes
from protocols.problem import AnyProblem, PhaseProblem, Problem, SensedPhases
from protocols.ranking.candidates import Candidate, candidates
from protocols.ranking.needs import carried_from
from protocols.ranking.other_light import OtherLight, other_light
from protocols.ranking.verdict import EntanglementVerdict, entanglement_verdict
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme
from protocols.theory.bounds import BoundsTable

LAID_OUT = ("noon", "w-matrix", "multimode-noon", "pairs-in-turn", "entangled-squeezed")
"""Schemes whose light is laid out along links."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Design(Result):
    """The result of ``design``: bounds, candidates best first, and what is not applicable.

    Attributes
    ----------
    network : SensorNetwork
    bounds : BoundsTable
        Lower bounds at the network's resources, without loss.
    candidates : tuple of Candidate
        Plans with their evaluation and checks, least mean squared error first.
    unavailable : tuple of Unavailable
        Schemes that are not applicable, with their reasons.
    apart : tuple of Candidate
        Schemes of a user's own with a mean photon number among photon states, least error first: not ranked with them.
    sources, squeezers
        As the design was asked for.
    has_named_schemes : bool
        Whether it was asked for some schemes alone, so that other light is none of its business.
    verdict : EntanglementVerdict
        Whether entanglement between the sites pays here.
    why : str
        Why the first candidate is the best, to follow its name.
    notes : tuple of str
        What to know beside the numbers.
    """

    DOCUMENT = (
        "network",
        "bounds",
        "candidates",
        "unavailable",
        "other_light",
        Entry("chosen", of="chosen.plan.scheme"),
        "verdict",
        "why",
        "notes",
        "physical",
    )

    network: SensorNetwork
    bounds: BoundsTable
    candidates: tuple[Candidate, ...]
    unavailable: tuple[Unavailable, ...]
    apart: tuple[Candidate, ...] = ()
    sources: tuple[str, ...] | None = None
    squeezers: int | None = None
    has_named_schemes: bool = False
    verdict: EntanglementVerdict
    why: str
    notes: tuple[str, ...]

    @property
    def other_light(self) -> tuple[Candidate | OtherLight, ...]:
        """Light of the kind whose budget is not ranked here: a mean photon number and an exact one are not compared.

        It is worked out when it is asked for, in networks of up to ``MAX_OTHER`` nodes.
        """
        return self.apart if self.has_named_schemes else (*self.apart, *self._other_light())

    def _other_light(self) -> tuple[OtherLight, ...]:
        return other_light(self.network, self.sources, self.squeezers)

    @property
    def chosen(self) -> Candidate:
        """The best candidate."""
        return self.candidates[0]

    @property
    def physical(self) -> Layouts | None:
        """The light of the chosen scheme along the links."""
        return self.chosen.built.layout

    def candidate(self, scheme: str) -> Candidate:
        """The ranked candidate of one scheme.

        Parameters
        ----------
        scheme : str
            Its name.

        Returns
        -------
        Candidate

        Raises
        ------
        InputError
            For a scheme that is not among the candidates: with the reason, where it is not applicable here, else with the names of
            those that are.

        Examples
        --------
        >>> result = design(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
        >>> round(result.candidate("noon-in-turn").mse, 12)
        1.0
        """
        named = {one.scheme: one for one in self.candidates}
        if scheme in named:
            return named[scheme]
        reasons = {one.scheme: one.reason for one in self.unavailable}
        if scheme in reasons:
            raise InputError([f"{scheme} is not applicable to this network: {reasons[scheme]}"])
        raise InputError([f"{short_repr(scheme)} is no candidate of this design; candidates are {', '.join(named)}"])


def design(
    network: SensorNetwork | AnyProblem,
    *,
    engine: str = "native",
    schemes: Sequence[str | AnyScheme] | None = None,
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Design:
    """Find, simulate, check and rank the protocols for what ``network`` measures.

    Parameters
    ----------
    network : SensorNetwork or Problem
    engine : "native" or "strawberryfields"
        Who simulates the light; with the second, both do and their answers are compared. Others are a ValueError.
    schemes : names or ``Scheme`` objects; all registered ones when left out.
    sources : names of the nodes where light may start, for the layout along the links; any node when left out.
    squeezers : int, optional
        Displacement sensing: at most so many in the layout along the links; when left out 3, or up to 8 of those that the file
        says are at hand.
    progress : callable, optional
        Called with a few words before each longer step.

    Raises
    ------
    NoProtocolError
        When none of these schemes applies, with the reason of each.
    InputError
        For schemes, sources or squeezers that cannot be.
    photonics.CircuitTooLargeError, photonics.PrecisionError
        When the engine cannot hold the best candidate's circuit, or its squeezing in double precision.

    Examples
    --------
    >>> result = design(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> result.chosen.plan.scheme, round(result.chosen.mse, 12), round(result.chosen.ratio, 12)
    ('multimode-noon', 0.25, 1.0)
    """
    problem = Problem.of(network)
    if faults := option_faults(problem, sources, squeezers):
        raise InputError(faults)
    report = progress or (lambda _: None)
    best = candidates(problem, schemes, engine=engine, sources=sources, squeezers=squeezers, progress=report)
    report("comparing schemes with and without entanglement between sites")
    return Design(
        network=problem.network,
        bounds=problem.bounds,
        candidates=best.ranked,
        unavailable=best.unavailable,
        apart=best.other_light,
        sources=None if sources is None else tuple(map(str, sources)),
        squeezers=None if squeezers is None else whole_number(squeezers),
        has_named_schemes=schemes is not None,
        verdict=entanglement_verdict(
            problem,
            [candidate.built for candidate in best.ranked],
            choose_schemes(problem.kind, schemes),
            unavailable=best.unavailable,
            sources=sources,
            squeezers=squeezers,
        ),
        why=best.why,
        notes=_notes(problem, best.ranked),
    )


def option_faults(problem: AnyProblem, sources: Sequence[str] | None, squeezers: int | None) -> list[str]:
    """Everything that is wrong with the places and the number of sources of ``design``.

    Parameters
    ----------
    problem : Problem
    sources, squeezers
        As in ``design``.
    """
    faults: list[str] = []
    try:
        require_nodes(problem.names, problem.places(sources))
    except InputError as error:
        faults += error.faults
    may_stand = frozenset(problem.names if isinstance(problem, PhaseProblem) else problem.squeezer_places)
    if not faults and (forbidden := [name for name in dict.fromkeys(map(str, sources or ())) if name not in may_stand]):
        others = [repr(name) for name in problem.names if name in may_stand]
        named = f"name {' or '.join(others[:3])}{' or another' * (len(others) > 3)} as source, or " if others else ""
        faults.append(
            f"squeezed light cannot start at {', '.join(map(repr, forbidden))}, where squeezer is false; {named}let a squeezer "
            "stand there (squeezer: true)"
        )
    places = len(may_stand) if sources is None else len(set(map(str, sources)))
    if squeezers is None:
        pass
    elif (whole_number(squeezers) or 0) < 1:
        faults.append(f"the number of squeezers must be a positive integer, got {short_repr(squeezers)}")
    elif isinstance(problem, PhaseProblem):
        faults.append("squeezers are for displacement sensing; photon states are made without")
    elif squeezers > places:
        where = "" if sources is None else f" allowed as {'source' if places == 1 else 'sources'}"
        if sources is None and places < len(problem.names):
            where = " where a squeezer may stand (squeezer is false at the others)"
        there = "there is" if places == 1 else "there are"
        faults.append(f"{squeezers} squeezers need as many places, but {there} {counted(places, 'node')}{where}")
    return faults


def _notes(problem: AnyProblem, ranked: Sequence[Candidate]) -> tuple[str, ...]:
    notes, chosen = [], ranked[0]
    if problem.flipped:
        notes.append(
            "||alpha||_P < ||alpha||_Nn, so the protocols are written for -q, which has the same mean squared error"
        )
    physical = chosen.built.layout
    lossy = [link for link in problem.task.links if link.transmissivity < 1]
    if physical is None:
        carried = carried_from(chosen.built, problem)
        why = _why_no_layout(problem, chosen.plan, carried)
        unused = lossy and not carried
        notes.append(f"{why}, so the losses of {counted(len(lossy), 'link')} do not count for it" if unused else why)
    reference = problem.reference if isinstance(problem, SensedPhases) else None
    others = _lossy_others(problem, reference)
    passed = frozenset() if physical is None else physical.on_the_way
    for nodes, why in (
        ([m for m in others if m not in passed], "the design sends no light there"),
        ([m for m in others if m in passed], "light only passes there, before the sensing"),
    ):
        if nodes:
            notes.append(f"the transmissivity of {', '.join(nodes[:8])} does not count: {why}")
    if reference and len(problem.network.references) > 1:
        layout = "" if physical is None else f", the layout along the links {physical.reference}"
        notes.append(f"of {len(problem.network.references)} references the candidates use {reference.id}{layout}")
    if (ancilla := problem.network.ancilla_as_reference) is not None:
        notes.append(f"no node has the role reference: the ancilla {ancilla.id} holds its photons")
    if isinstance(problem, PhaseProblem):
        sent = "exactly N photons" if problem.is_lossless else "a known number of photons, at most N"
        notes.append(f"photon schemes send {sent}; Gaussian phase probes, with N only on average, may lie below (12)")
        if problem.has_noisy_detectors and chosen.plan.mean_photons is None:
            notes.append(
                "the populations of its strings are the best for the losses; for visibility, jitter and dark counts others may "
                "be better"
            )
        # Where it is chosen, its own notes say so.
        if chosen.plan.mean_photons is None and any(one.plan.mean_photons is not None for one in ranked):
            notes.append(
                "coherent has N photons on average, the others exactly N: it is ranked beside them all the same, as the "
                "light that anybody has, without a bound"
            )
    return tuple(notes)


def _why_no_layout(problem: AnyProblem, plan: Plan, carried: Mapping[str, Sequence[str]]) -> str:
    if carried and not plan.entangles:
        ways = "; ".join(f"from {place} to {listed(sites)}" for place, sites in carried.items())
        return (
            f"{plan.scheme} needs no beam splitters along the links, but its squeezed light goes over them ({ways}), and "
            "their losses count"
        )
    if not plan.entangles:
        return f"{plan.scheme} needs no links: every state is made at its sensor"
    if plan.scheme not in LAID_OUT:
        return f"no layout along links is known for {plan.scheme}, a scheme of your own"
    return why_not(problem)


def _lossy_others(problem: Problem, reference: Mode | None) -> list[str]:
    """Nodes that are no sensors, nor the reference in use, and have losses."""
    return [str(m.id) for m in problem.network.modes if m.role != "sensor" and m.transmissivity < 1 and m != reference]
