"""The layouts of superposed strings along links: in every shot, or as pairs that take turns over the shots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from networks import InputError, SensorNetwork
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.layout import Layouts, Section, Step, counted
from protocols.layout.light import NodeLight
from protocols.layout.paths import Paths, require_nodes
from protocols.layout.photon.circuit import lanes_circuit
from protocols.layout.photon.layout import phase_problem, references_tried
from protocols.layout.photon.layouts import MAX_NODES
from protocols.layout.photon.routes import Routes
from protocols.layout.strings import summary
from protocols.layout.strings.layout import StringLayout, StringSearch, mse_of_logs, mse_of_turns, shared_out
from protocols.layout.strings.pairing import Pairing, Pairs
from protocols.layout.strings.robustness import StringRobustness, string_robustness
from protocols.problem import PhaseProblem, Problem
from protocols.schemes.multimode_noon import MultimodeNoon
from protocols.schemes.pairs_in_turn import PairsInTurn
from protocols.schemes.photon import require_simulated_photons
from protocols.schemes.plan import Part
from protocols.tables import Table
from protocols.theory.equal_errors import ranked

if TYPE_CHECKING:
    from photonics import Circuit

SCHEMES = (MultimodeNoon.name, PairsInTurn.name)
"""The schemes that are laid out here."""
MAX_ROOTS = 60
"""Nodes of a network up to which superposed strings from every node are alternatives; otherwise those from the best one are."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StringLayouts(Layouts):
    """Superposed strings along the links, from the best nodes and with the best populations and shares for the losses.

    Attributes
    ----------
    scheme : str
        "multimode-noon" or "pairs-in-turn".
    reference : str or None
        The reference in use, or several that turns use, with commas; None without one.
    turns : tuple of StringLayout
        One superposition for all shots, or pairs with their shares of the shots.
    without_links : float
        Mean squared error in one shot of the same superpositions, with the losses of modes alone.
    passed : tuple of str
        Sensors where light starts, or that it passes, in some turn, without being used in it.
    complete : bool
        Whether all references that light can reach and all pairs were looked at.
    alternatives : tuple of Alternative
        Those that no other one looked at is better than in all respects.
    robustness : StringRobustness
        What imperfect and failing links do to it.
    """

    DOCUMENT = (
        "scheme",
        "reference",
        "turns",
        "passed",
        "mse",
        "without_links",
        "complete",
        "robustness",
        "alternatives",
    )

    step_noun: ClassVar[str] = "link traversal"
    layer_noun: ClassVar[str] = "time step"
    label_words: ClassVar[str] = "2 A: two photons of branch A"

    scheme: str
    # Without field() the property of the base class would be its default.
    reference: str | None = field()
    turns: tuple[StringLayout, ...]
    without_links: float
    passed: tuple[str, ...]
    complete: bool
    alternatives: tuple[Alternative, ...]
    robustness: StringRobustness

    @property
    def mse(self) -> float:
        """Mean squared error of q in one shot, (sum of the errors of the turns)^2."""
        return mse_of_turns(self.turns)

    @property
    def drawn_mse(self) -> float:
        """The same."""
        return self.mse

    @property
    def roots(self) -> tuple[str, ...]:
        """The nodes where the light of the turns is made."""
        return tuple(dict.fromkeys(turn.root for turn in self.turns))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every link traversal, turn by turn."""
        turns = enumerate(self.turns)
        return tuple(summary.step(stage, move) for stage, turn in turns for move in turn.preparation.moves)

    @property
    def stage_depths(self) -> tuple[int, ...]:
        """Time steps of each turn."""
        return tuple(turn.preparation.depth for turn in self.turns)

    @property
    def on_the_way(self) -> frozenset[str]:
        """Nodes that photons leave, pass or reach along links."""
        return frozenset().union(*(turn.on_the_way for turn in self.turns))

    def stage_name(self, stage: int) -> str:
        """The preparation, or the number of the turn."""
        return summary.stage_name(self.turns, stage)

    @property
    def turn_roots(self) -> tuple[str, ...]:
        """The node of each turn; empty for one superposition in every shot."""
        return () if len(self.turns) == 1 else tuple(turn.root for turn in self.turns)

    @property
    def size(self) -> str:
        """How many link traversals there are, in how many time steps of a shot."""
        turns = "" if len(self.turns) == 1 else f"{len(self.turns)} turns of up to "
        steps = counted(max(self.stage_depths), self.layer_noun)
        return f"{counted(len(self.steps), self.step_noun)} in {turns}{steps}"

    @property
    def effort(self) -> tuple[int, int, int, int]:
        """Modes entangled in a pass, mode switches, link traversals of all turns, time steps of a shot."""
        return max(len(turn.nodes) for turn in self.turns), 0, len(self.steps), max(self.stage_depths)

    def circuit_size(self, problem: SensorNetwork | Problem) -> int:
        """Link traversals of all turns; each has modes of its own."""
        return len(self.steps)

    def circuit(self, problem: SensorNetwork | Problem) -> Circuit:
        """The one circuit of superposed strings, or of a single pair.

        Raises
        ------
        InputError
            For pairs that take turns, which have a circuit each, and for a problem of another kind of sensing.
        """
        circuits = self.circuits(problem)
        if len(circuits) > 1:
            raise InputError([f"{len(circuits)} circuits take turns over the shots; `circuits` gives them"])
        return circuits[0]

    def circuits(self, problem: SensorNetwork | Problem) -> tuple[Circuit, ...]:
        """One of each turn, for the problem it was made for.

        Raises
        ------
        InputError
            For a problem of another kind of sensing.
        """
        return tuple(part.circuit for part in self.parts(problem))

    def parts(self, problem: SensorNetwork | Problem) -> tuple[Part, ...]:
        """The turns as parts of a plan: circuits with the links and their losses, shares of the shots, what each estimates.

        Parameters
        ----------
        problem : SensorNetwork or Problem
            Of phase sensing, the one that the layout was made for.

        Raises
        ------
        InputError
            For a problem of another kind of sensing.
        """
        made = phase_problem(problem)
        return tuple(_part(made, turn) for turn in self.turns)

    def steps_table(self) -> Table:
        """A row for every link traversal."""
        return summary.moves_table(self.turns)

    def sentences(self) -> tuple[str, ...]:
        """What the layout reaches, and its light."""
        return summary.sentences(self.scheme, self.turns, self.without_links)

    def sections(self) -> tuple[Section, ...]:
        """Where the light is made, which photons take which link when, what the links cost, and what is proved."""
        whole = summary.section(
            self.scheme,
            self.turns,
            self.robustness,
            without_links=self.without_links,
            passed=self.passed,
            complete=self.complete,
        )
        return (whole,)


def transmissivities(problem: PhaseProblem) -> dict[str, float]:
    """Of every node in one pass, with its share of what is lost before and after all passes.

    Parameters
    ----------
    problem : PhaseProblem
    """
    return {name: losses.effective(problem.passes) for name, losses in problem.losses_of.items()}


def _part(problem: PhaseProblem, turn: StringLayout) -> Part:
    used = [name for name in problem.sensor_modes if name in turn.nodes]
    circuit = lanes_circuit(
        turn.nodes,
        used,
        problem.losses_of,
        root=turn.root,
        photons=turn.photons,
        populations=turn.populations,
        transports=(turn.preparation,),
        passes=[(turn.strings, problem.passes)],
    )
    ends = [tuple(turn.photons * (mode == node) for mode in circuit.modes) for node in turn.nodes]
    return Part(
        circuit=circuit,
        sensors=tuple(problem.sensor_modes.index(name) for name in used),
        branches=(ends[0], ends[1]) if len(ends) == 2 else None,
        share=turn.share,
        coefficients=tuple(float(turn.terms[name]) for name in used),
    )


def string_layouts(
    problem: SensorNetwork | Problem,
    scheme: str,
    *,
    roots: Sequence[str] | None = None,
    fewer: bool = True,
) -> StringLayouts:
    """Lay superposed strings out along the links: of all modes in every shot, or of pairs of modes in turn.

    For all modes at once the node of the source, the reference and the photons up to N are those of the least error, and the
    populations the best for what survives. Pairs have a node each, a reference each, and their own best number of photons up to N;
    who is paired with whom is the least error along the links, and the shares of the shots are as the errors of the pairs.

    Parameters
    ----------
    problem : SensorNetwork or Problem
        Of phase sensing.
    scheme : "multimode-noon" or "pairs-in-turn"
    roots : names of the nodes where light may be made; any node when left out.
    fewer : bool
        Whether fewer than N photons may be sent, where losses make more of them a burden.

    Raises
    ------
    InputError
        For displacements, another scheme, pairs of parameters that are a snapshot, a network that is too large, or when no allowed
        node reaches all modes.

    Examples
    --------
    >>> chain = SensorNetwork.chain([1, 1, -2], sensing="phase", photons=3)
    >>> pairs = string_layouts(chain, "pairs-in-turn")
    >>> [(turn.root, turn.nodes, turn.share) for turn in pairs.turns], round(pairs.mse, 12)
    ([('s2', ('s1', 's3'), 0.5), ('s2', ('s2', 's3'), 0.5)], 0.444444444444)
    >>> string_layouts(chain, "multimode-noon").turns[0].root
    's2'
    """
    problem = phase_problem(problem)
    if scheme not in SCHEMES:
        raise InputError([f"superposed strings are laid out for {' and '.join(SCHEMES)}, got {scheme!r}"])
    if len(problem.names) > MAX_NODES:
        raise InputError([f"photons are laid out along links of up to {MAX_NODES} nodes, got {len(problem.names)}"])
    if scheme == PairsInTurn.name and (reason := PairsInTurn().why_not(problem)) is not None:
        raise InputError([f"{scheme}: {reason}"])
    require_nodes(problem.names, roots)
    require_simulated_photons(problem.photons, problem.passes)
    search = string_search(problem, roots=roots, fewer=fewer)
    references, all_references = references_tried(problem)
    if scheme == PairsInTurn.name:
        pairs = Pairing(problem=problem, search=search, references=references).with_photons(problem.photons)
        complete = all_references and pairs.complete
        turns = shared_out([search.best(pair) for pair in pairs.coefficients])
        rows = [alternative(scheme, turns), *_from_one_node(search, pairs, turns)]
    else:
        complete = all_references
        made = _superposed(problem, search, references)
        turns = (made[0],)
        rows = [alternative(scheme, (turn,)) for turn in made]
    used = [node for turn in turns for node in turn.nodes if node not in problem.sensor_modes]
    passed = {node for turn in turns for node in turn.on_the_way - set(turn.nodes)}
    return StringLayouts(
        scheme=scheme,
        reference=", ".join(dict.fromkeys(used)) or None,
        turns=turns,
        without_links=mse_of_logs([search.log_error_without_links(turn.terms) for turn in turns]),
        passed=tuple(name for name in problem.sensor_modes if name in passed),
        complete=complete,
        alternatives=best_of(rows),
        robustness=string_robustness(search, turns),
    )


def string_search(problem: PhaseProblem, *, roots: Sequence[str] | None = None, fewer: bool = True) -> StringSearch:
    """The search for the best sources and photons of a problem.

    Parameters
    ----------
    problem : PhaseProblem
    roots, fewer
        As in ``string_layouts``.
    """
    return StringSearch(
        routes=Routes(paths=Paths.of(problem.task)),
        transmissivity_of=transmissivities(problem),
        passes=problem.passes,
        photons=problem.photons,
        fewer=fewer,
        roots=None if roots is None else tuple(map(str, roots)),
        light=NodeLight.of(problem),
    )


def _superposed(problem: PhaseProblem, search: StringSearch, references: Sequence[str]) -> list[StringLayout]:
    """With each reference from the best node, and in small networks from every allowed one; the best first."""
    names, alpha = problem.sensor_modes, problem.function.alpha
    terms = {name: a for name, a in zip(names, alpha, strict=True) if a}
    spare = sum(terms.values(), Fraction(0))
    searches = [search]
    if len(problem.names) <= MAX_ROOTS:
        allowed = problem.names if search.roots is None else search.roots
        searches += [search.only_from(root) for root in allowed]
    made: list[StringLayout] = []
    faults: list[str] = []
    for one in searches:
        for reference in references if spare else [None]:
            whole: Mapping[str, Fraction] = terms if reference is None else {**terms, reference: -spare}
            try:
                made.append(one.best(whole))
            except InputError as error:
                faults += error.faults
    if not made:
        raise InputError(faults[:1])
    return ranked(made, error=lambda turn: turn.error, effort=lambda turn: turn.effort)


def _from_one_node(search: StringSearch, pairs: Pairs, turns: Sequence[StringLayout]) -> list[Alternative]:
    """The same pairs, all from the one node that is best for them; none where they are so already, or where no node reaches all."""
    import numpy as np

    if len({turn.root for turn in turns}) == 1:
        return []
    errors = [
        search.reached(tuple(pair), [abs(float(c)) for c in pair.values()]).log_errors for pair in pairs.coefficients
    ]
    top = max(float(one[np.isfinite(one)].max()) for one in errors)
    together = np.exp(np.array(errors) - top).sum(axis=0)
    best = int(np.argmin(together))
    if not np.isfinite(together[best]):
        return []
    from_there = search.only_from(search.routes.names[search.allowed[best]])
    moved = shared_out([from_there.best(pair) for pair in pairs.coefficients])
    return [alternative(PairsInTurn.name, moved)]


def alternative(scheme: str, turns: Sequence[StringLayout]) -> Alternative:
    """Its place among the alternatives.

    Parameters
    ----------
    scheme : str
    turns : sequence of StringLayout
    """
    what = "superposed strings" if scheme == MultimodeNoon.name else "pairs in turn"
    return Alternative(
        title=f"{what} prepared at {summary.sources(turns)}",
        mse=mse_of_turns(turns),
        elements=sum(len(turn.preparation.moves) for turn in turns),
        depth=max(turn.preparation.depth for turn in turns),
        sources=len({turn.root for turn in turns}),
        entangled_modes=max(len(turn.nodes) for turn in turns),
    )
