"""The squeezed light of a displacement problem along its links: the best tree, more squeezers, and the layouts to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from networks import InputError, SensorNetwork
from protocols.documents.printed import Entry, Inline
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.layout import Layouts, Section, Step
from protocols.layout.paths import Paths, PathTable, require_nodes
from protocols.layout.squeezed import summary
from protocols.layout.squeezed.beam_splitters import (
    Element,
    TreeLayout,
    elements_of,
    forest_circuit,
    layout_of_forest,
    tree_layout,
)
from protocols.layout.squeezed.forests import Forest, best_forests
from protocols.layout.squeezed.robustness import SqueezedRobustness, layout_robustness
from protocols.layout.squeezed.trees import pruned_tree, tree_mse, used_sensors
from protocols.problem import DisplacementProblem, Problem
from protocols.tables import Table
from protocols.theory.displacement import best_separable_split
from protocols.theory.task import DisplacementTask

if TYPE_CHECKING:
    from photonics import Circuit

MAX_SOUGHT = 3
"""Squeezers looked for when no number is asked for, and the file says of none how many are at hand."""
MAX_AT_HAND = 8
"""Squeezers looked for when no number is asked for, of those that the file says are at hand."""
MAX_SHARED = 300
"""Nodes of a network up to which further squeezers and other layouts are looked at; seconds for three squeezers."""


def _squeezers(layouts: SqueezedLayouts) -> list[dict[str, object]]:
    """Every number of squeezers, each squeezer with its beam splitters."""
    return [
        {
            "sources": [
                {
                    "node": source.tree.root,
                    "mean_photons": source.mean_photons,
                    "sensors": [name for name, _ in source.shares],
                    "elements": elements_of(source.tree, dict(source.shares)),
                }
                for source in forest.sources
            ],
            "mse": forest.mse,
        }
        for forest in layouts.forests
    ]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SqueezedLayouts(Layouts):
    """The squeezed light of a displacement network along its links.

    Attributes
    ----------
    layout : TreeLayout
        One squeezed vacuum over the best tree.
    robustness : SqueezedRobustness or None
        What imperfect elements and failing links do to it; None where light or noise at the sensors is limited, or homodyne angles
        jitter, as its formulas have none of that.
    forests : tuple of Forest
        The best layouts found with 1, 2, ... squeezers, as long as one more helps; empty without losses, and in large networks.
    alternatives : tuple of Alternative
        Layouts that no other one looked at is better than in every respect; empty in large networks.
    shown : Forest
        The layout that is drawn and written: the best found with as many squeezers as help and are allowed.
    """

    DOCUMENT = (
        Inline("layout"),
        "robustness",
        Entry("squeezers", of=_squeezers),
        "alternatives",
    )

    step_noun: ClassVar[str] = "beam splitter"
    layer_noun: ClassVar[str] = "layer"
    label_words: ClassVar[str] = "R: reflectivity of the beam splitter, the share of the light that goes over the link"

    layout: TreeLayout
    robustness: SqueezedRobustness | None
    forests: tuple[Forest, ...]
    alternatives: tuple[Alternative, ...]
    shown: Forest

    @property
    def mse(self) -> float:
        """Mean squared error of q in one shot with one squeezed vacuum."""
        return self.layout.mse

    @property
    def drawn_mse(self) -> float:
        """Mean squared error of q in one shot of the layout that is drawn and written."""
        return self.shown.mse

    @property
    def roots(self) -> tuple[str, ...]:
        """The nodes of the squeezers."""
        return tuple(source.tree.root for source in self.shown.sources)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every beam splitter with its link."""
        return tuple(summary.step(element) for _, element in self._elements())

    def _elements(self) -> Iterator[tuple[str, Element]]:
        """Every beam splitter after the node of its squeezer."""
        for source in self.shown.sources:
            for element in elements_of(source.tree, dict(source.shares)):
                yield source.tree.root, element

    @property
    def stage_depths(self) -> tuple[int, ...]:
        """Layers of the preparation."""
        return (max(source.tree.depth for source in self.shown.sources),)

    @property
    def on_the_way(self) -> frozenset[str]:
        """Nodes of the best tree that keep no light."""
        return frozenset(self.layout.relays)

    def circuit_size(self, problem: SensorNetwork | Problem) -> int:
        """Modes of the circuit."""
        return len({*_displacement(problem).sensor_modes, *self.shown.nodes})

    def circuit(self, problem: SensorNetwork | Problem) -> Circuit:
        """The layout that is drawn and written as a circuit of the problem it was made for, to run on any engine.

        Raises
        ------
        InputError
            For a problem of another kind of sensing.
        """
        made = _displacement(problem)
        before = {
            name: made.benches[place].transmissivity_before
            for place, name in zip(made.task.sensors, made.sensor_modes, strict=True)
        }
        return forest_circuit(made.task, self.shown, before)

    def steps_table(self) -> Table:
        """A row for every beam splitter."""
        return summary.elements_table(self.roots, self._elements())

    def sentences(self) -> tuple[str, ...]:
        """What the layout that is drawn and written reaches."""
        return summary.sentences(self.layout, self.shown)

    def sections(self) -> tuple[Section, ...]:
        """The best tree, what errors and failures do to it, and the squeezers that were asked for."""
        tree = summary.tree_section(self.layout, self.robustness)
        return (tree,) if len(self.shown.sources) == 1 else (tree, summary.forest_section(self.shown))


def _displacement(problem: SensorNetwork | Problem) -> DisplacementProblem:
    made = Problem.of(problem)
    if not isinstance(made, DisplacementProblem):
        raise InputError(["squeezed light is laid out for displacement sensing; photon_layouts is for phases"])
    return made


def squeezed_layouts(
    problem: SensorNetwork | Problem,
    *,
    roots: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> SqueezedLayouts | None:
    """Lay the squeezed light of a displacement network out along its links.

    Parameters
    ----------
    problem : SensorNetwork or Problem
        Of displacement sensing.
    roots : names of the nodes that may hold a squeezer; all nodes when left out.
    squeezers : int >= 1
        At most so many; when left out up to three are looked for, or up to eight of those that the file says are at hand, and one
        for each sensor compared.
    progress : called with a few words before each longer step.

    Returns
    -------
    SqueezedLayouts or None
        None when the transmission of the sensors is below numerical precision.

    Raises
    ------
    InputError
        For phases, roots that are no nodes or do not reach all sensors, or a number of squeezers below 1.

    Examples
    --------
    >>> layouts = squeezed_layouts(SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=1.0))
    >>> layouts.layout.tree.root, layouts.layout.depth, round(layouts.mse, 12)
    ('s1', 2, 0.514718625761)
    """
    made = _displacement(problem)
    task = made.task
    require_nodes(task.nodes, roots)
    report = progress or (lambda _: None)
    report("laying out the light along the links")
    if made.has_laboratory:
        return _limited_layouts(made, roots, squeezers)
    if not any(task.weights):
        return None
    paths = Paths.of(task)
    layout = tree_layout(task, roots=roots, paths=paths)
    robustness = layout_robustness(task, layout)
    forests: tuple[Forest, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    if len(task.nodes) <= MAX_SHARED:
        if squeezers != 1 and any(link.transmissivity < 1 for link in task.links):
            report("looking for places of further squeezers")
            forests = best_forests(task, MAX_SOUGHT if squeezers is None else squeezers, roots=roots, paths=paths)
        report("comparing layouts")
        alternatives = squeezed_alternatives(task, forests, roots=roots, squeezers=squeezers, paths=paths)
    buildable = [forest for forest in forests if forest.is_separate]
    return SqueezedLayouts(
        layout=layout,
        robustness=robustness,
        forests=forests,
        alternatives=alternatives,
        # As many squeezers as help, one where none of more can be built.
        shown=buildable[-1] if buildable else layout.as_forest(),
    )


def _limited_layouts(
    problem: DisplacementProblem, roots: Sequence[str] | None, squeezers: int | None
) -> SqueezedLayouts | None:
    """Under the limits of a laboratory; None where no squeezer does any good."""
    places = [name for name in problem.squeezer_places if roots is None or name in set(map(str, roots))]
    at_hand = problem.limits.squeezers
    sought = MAX_SOUGHT if at_hand is None else max(MAX_SOUGHT, min(at_hand, MAX_AT_HAND))
    most = sought if squeezers is None else squeezers
    if len(problem.names) > MAX_SHARED:
        most = 1
    if not places or problem.limits.squeezers == 0:
        return None
    forests = best_forests(
        problem.task,
        most,
        roots=places,
        readout=problem.readout,
        limits=problem.limits,
        efficiency=problem.squeezer_efficiency,
    )
    forests = tuple(forest for forest in forests if forest.sources)
    if not forests or len(forests[0].sources) != 1:
        return None
    layout = layout_of_forest(problem.task, problem.readout, problem.limits, forests[0])
    buildable = [forest for forest in forests if forest.is_separate]
    shown = min(buildable, key=lambda forest: forest.mse)
    return SqueezedLayouts(
        layout=layout,
        robustness=None,
        forests=forests,
        alternatives=best_of(map(_forest_alternative, buildable)),
        shown=shown,
    )


def squeezed_alternatives(
    task: DisplacementTask,
    forests: Sequence[Forest] = (),
    *,
    roots: Sequence[str] | None = None,
    squeezers: int | None = None,
    paths: Paths | None = None,
) -> tuple[Alternative, ...]:
    """Trees from every allowed root, along the most transmissive paths and along the fewest links, and these forests.

    Only those are given that no other is better than in every respect. A squeezer at each sensor is among them when sensors
    may hold squeezers and ``squeezers`` are enough.

    Parameters
    ----------
    task : DisplacementTask
    forests : layouts of several squeezers; those whose trees share a node are left out.
    roots : names of the nodes that may hold a squeezer; all nodes when left out.
    squeezers : int, optional
        At most so many.
    paths : Paths, optional
        Those of the task, where they are known already.

    Examples
    --------
    >>> from protocols.problem import Problem
    >>> task = Problem.of(SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=1.0)).task
    >>> [(a.title, a.depth, a.sources) for a in squeezed_alternatives(task)]
    [('squeezer at node s1', 2, 1), ('a squeezer at each sensor', 0, 3)]
    """
    paths = paths or Paths.of(task)
    require_nodes(task.nodes, roots)
    allowed = task.nodes if roots is None else tuple(map(str, roots))
    places = [paths.place[name] for name in allowed]
    rows = [
        *_tree_alternatives(task, paths, paths.best, places, ""),
        *_tree_alternatives(task, paths, paths.fewest_links, places, ", fewest links"),
    ]
    weights = [w for w in task.weights if w]
    holders = {task.nodes[place] for place in used_sensors(task)}
    enough = squeezers is None or squeezers >= len(weights)
    if enough and holders <= set(allowed):
        rows.append(
            Alternative(
                title="a squeezer at each sensor",
                mse=task.loss_noise + best_separable_split(weights, task.photons).variance,
                elements=0,
                depth=0,
                sources=len(weights),
                entangled_modes=1,
            )
        )
    # A forest of single sensors is that, too.
    several = [forest for forest in forests if len(forest.sources) > 1 and forest.is_separate]
    return best_of([*rows, *map(_forest_alternative, several)])


def _tree_alternatives(
    task: DisplacementTask, paths: Paths, table: PathTable, roots: Sequence[int], suffix: str
) -> Iterator[Alternative]:
    """A tree of these paths from each root that reaches every sensor."""
    used, z = used_sensors(task), np.array([w for w in task.weights if w])
    reached = np.isfinite(table.lengths[:, used])
    for root in roots:
        if reached[root].all():
            tree = pruned_tree(paths, used, z, table.before[root], root)
            yield Alternative(
                title=f"squeezer at node {tree.root}{suffix}",
                mse=tree_mse(task, [t for _, t in tree.arrives]),
                elements=len(tree.parents),
                depth=tree.depth,
                sources=1,
                entangled_modes=len(used),
            )


def _forest_alternative(forest: Forest) -> Alternative:
    return Alternative(
        title="squeezers at nodes " + ", ".join(source.tree.root for source in forest.sources),
        mse=forest.mse,
        elements=sum(len(source.tree.parents) for source in forest.sources),
        depth=max(source.tree.depth for source in forest.sources),
        sources=len(forest.sources),
        entangled_modes=max(len(source.shares) for source in forest.sources),
    )
