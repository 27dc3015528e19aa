"""A topology: nodes and links as a file has them, before anything is said of sensing. Readers of formats make these values.

``placing`` makes networks of topologies; ``plain_network`` reads one that is a network file of ours already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from networks.errors import InputError, short_repr
from networks.files.attributes import network_from_parts
from networks.files.known import Place, own_names
from networks.laboratory import ATTRIBUTES, LOSSES_DB
from networks.modes import ModeId, is_mode_id
from networks.sensor_network import SensorNetwork
from networks.values import Value

MEANT = frozenset({"transmissivity", "loss_db_per_km", "distance_km", *LOSSES_DB, *ATTRIBUTES})
"""What a loss, a length or a detector is called here means the same in files of other programs."""

Attributes = Mapping[str, Any] | tuple[tuple[str, Any], ...]


class _WithAttributes(Value):
    """What a file gives attributes. They are pairs, so that nothing changes any more; a mapping becomes pairs."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def attributes(self) -> Attributes: ...

    @property
    def data(self) -> dict[str, Any]:
        """The attributes by name."""
        return dict(cast("tuple[tuple[str, Any], ...]", self.attributes))


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologyNode(_WithAttributes):
    """A node of a file.

    Attributes
    ----------
    id : str or int
    attributes : tuple of (name, value); a mapping is taken too
        Whatever the file says of it.
    """

    id: ModeId
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologyEdge(_WithAttributes):
    """An edge of a file.

    Attributes
    ----------
    ends : pair of str or int
    directed : bool
    attributes : tuple of (name, value); a mapping is taken too
        Whatever the file says of it.
    """

    ends: tuple[ModeId, ModeId]
    directed: bool = False
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology(_WithAttributes):
    """What a file says, in any format.

    Attributes
    ----------
    format : str
        In words, "GraphML" say.
    nodes : tuple of TopologyNode
    edges : tuple of TopologyEdge
    attributes : tuple of (name, value); a mapping is taken too
        Of the graph.
    decisions : tuple of str
        What the reader decided where the file and networks of ours differ.
    """

    format: str
    nodes: tuple[TopologyNode, ...]
    edges: tuple[TopologyEdge, ...]
    attributes: Attributes = ()
    decisions: tuple[str, ...] = ()

    def with_attributes(self, change: Callable[[dict[str, Any], Place], dict[str, Any]]) -> Topology:
        """The topology with other attributes of the graph, of every node and of every edge.

        Parameters
        ----------
        change : function of attributes and of what has them
            The attributes instead.
        """
        return replace(
            self,
            attributes=change(self.data, "graph"),
            nodes=tuple(replace(node, attributes=change(node.data, "node")) for node in self.nodes),
            edges=tuple(replace(edge, attributes=change(edge.data, "edge")) for edge in self.edges),
        )

    @property
    def says_what_is_sensed(self) -> bool:
        """Whether its graph has the attributes of a network of ours."""
        return any(key in self.data for key in ("sensing", "photons", "mean_photons", "passes", "parameters")) or any(
            "coupling" in node.data for node in self.nodes
        )


def several(count: int, noun: str) -> str:
    """A count with its noun.

    >>> several(1, "node"), several(2, "node")
    ('1 node', '2 nodes')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def structure_faults(topology: Topology) -> list[str]:
    """Nodes of one id, and edges that end nowhere."""
    names = Counter(str(node.id) for node in topology.nodes)
    faults = [f"node id {short_repr(name)} is given {times} times" for name, times in names.items() if times > 1]
    known = {node.id for node in topology.nodes}
    missing = Counter(end for edge in topology.edges for end in edge.ends if end not in known)
    faults += [
        f"{'an edge names' if times == 1 else f'{times} edges name'} the node {short_repr(end)}, which is not there"
        for end, times in missing.items()
    ]
    return faults


def foreign_fault(topology: Topology, source: str) -> str:
    """The sentence that refuses a topology without sensing: which format, and what to do."""
    return (
        f"{topology.format} of {several(len(topology.nodes), 'node')} and {several(len(topology.edges), 'edge')}, which does not "
        f"say what is sensed; psn convert {source} --alpha NODE=1,NODE=-1 --sensing phase --photons 2 --out network.json makes a "
        "network of it"
    )


def plain_network(topology: Topology, faults: list[str], *, source: str = "FILE") -> SensorNetwork:
    """The network that a topology already is: undirected, one edge a link, its attributes those of network files.

    Raises
    ------
    InputError
        In one sentence when the topology says nothing of sensing, else listing every fault.
    """
    if not topology.says_what_is_sensed and not faults and topology.nodes:
        raise InputError([foreign_fault(topology, source)])
    faults += structure_faults(topology)
    if any(edge.directed for edge in topology.edges):
        faults.append(
            f"links have no direction, but edges of this {topology.format} are directed; set edgedefault to undirected, or "
            "psn convert makes them undirected and lists what it decides"
        )
    pairs = Counter(frozenset(edge.ends) for edge in topology.edges)
    if doubled := [pair for pair, times in pairs.items() if times > 1]:
        named = ", ".join(" - ".join(map(short_repr, pair)) for pair in doubled[:8])
        faults.append(
            f"one edge stands for one link, but {several(len(doubled), 'pair')} of nodes have several ({named}); merge them, or "
            "psn convert keeps the best of each and lists what it decides"
        )
        # What the rules would say of every one of them has been said.
        edges = {frozenset(edge.ends): edge for edge in topology.edges}
        topology = replace(topology, edges=tuple(edges.values()))
    if other := [node for node in topology.nodes if "id" in node.data]:
        faults.append(
            f"the attribute 'id' of {several(len(other), 'node')} differs from the node's own id "
            f"({short_repr(other[0].data['id'])} at {short_repr(other[0].id)}); give it another name, or psn convert keeps "
            "it as file_id"
        )
    for end in ("source", "target"):
        if any(end in edge.data for edge in topology.edges):
            faults.append(f"an attribute of edges may not be called {end!r}; give it another name")
    return network_of(topology, faults)


def network_of(topology: Topology, faults: list[str], *, foreign: bool = False) -> SensorNetwork:
    """The network of attributes that are those of network files; edges that end nowhere are left out, other arguments as of
    ``network_from_parts``.
    """
    known = {node.id for node in topology.nodes}
    return network_from_parts(
        topology.data,
        [{**node.data, "id": node.id} for node in topology.nodes],
        [
            {**edge.data, "source": edge.ends[0], "target": edge.ends[1]}
            for edge in topology.edges
            if known.issuperset(edge.ends)
        ],
        faults,
        foreign=foreign,
    )


def own_id(name: ModeId, attributes: dict[str, Any]) -> ModeId:
    """The id of a node: an attribute ``id`` that says the same gives it its kind (text or integer) and is taken out.

    >>> own_id("7", {"id": 7}), own_id("7", {"id": "x"})
    (7, '7')
    """
    given = attributes.get("id")
    if is_mode_id(given) and str(given) == str(name):
        del attributes["id"]
        return given
    return name


def set_aside(topology: Topology) -> Topology:
    """The topology with attributes that are called like fields of networks, but mean other things, under names of their own."""
    moved: Counter[str] = Counter()

    taken: dict[Place, set[str]] = {
        "graph": set(),
        "node": set(own_names("node")) - MEANT,
        "edge": set(own_names("edge")) - MEANT,
    }

    def renamed(attributes: dict[str, Any], place: Place) -> dict[str, Any]:
        moved.update(key for key in attributes if key in taken[place])
        return {f"file_{key}" if key in taken[place] else key: value for key, value in attributes.items()}

    result = topology.with_attributes(renamed)
    said = [f"the attribute {key!r}, which means something else in networks, is kept as file_{key}" for key in moved]
    return replace(result, decisions=(*topology.decisions, *said))
