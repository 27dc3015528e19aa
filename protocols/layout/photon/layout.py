"""Photon protocols on a graph: where the photons start, which links they take in each branch, and what the links leave.

A N00N-type state is made at one node and its branches A and B travel along links to the modes of the first column; a control
carries each branch on to the next column. No photon may be lost in any of it, so the links multiply into the survival of the
branches, and the mean squared error is (||alpha||_P/(N t))^2 over 4AB/(sqrt A + sqrt B)^2 (docs/theory.md, section 7). All optimal
protocols lose the same at the modes, so they differ by their links alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from protocols.layout.alternatives import Alternative
from protocols.layout.photon.candidates import is_joined
from protocols.layout.photon.orders import Ways
from protocols.layout.photon.routes import Transport
from protocols.layout.squeezed.trees import require_nodes
from protocols.problem import PhaseProblem
from protocols.schemes.photon import log_survival
from protocols.theory.phase import two_branch_mse
from protocols.theory.two_branches import best_branch_weights
from protocols.wmatrix.protocol import PhotonProtocol

if TYPE_CHECKING:
    pass

MAX_NODES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonLayout:
    """A photon protocol along links.

    Attributes
    ----------
    root : str
        The node where the state is made.
    reference : str or None
        The reference in use; of several the one with the best layout.
    protocol : PhotonProtocol
        Its columns in the order of use.
    preparation : Transport
        The branches on their way to the first column.
    controls : tuple of Transport
        From each column to the next.
    weights : (float, float)
        Of the branches, best for what survives.
    mse, without_links : float
        Mean squared error in one shot, with the losses of links and modes, and of modes alone.
    joined : bool
        Whether in every pass links join the occupied modes, directly or through references and ancillas.
    """

    root: str
    reference: str | None
    protocol: PhotonProtocol
    preparation: Transport
    controls: tuple[Transport, ...]
    weights: tuple[float, float]
    mse: float
    without_links: float
    joined: bool

    @property
    def depth(self) -> int:
        """Layers of the preparation and of all controls."""
        return self.preparation.depth + sum(control.depth for control in self.controls)

    @property
    def crossings(self) -> int:
        """How often a link is crossed, by one branch or both at once."""
        return len(self.preparation.moves) + sum(len(control.moves) for control in self.controls)

    def to_dict(self) -> dict[str, object]:
        """As in the ``physical`` section of ``psn design --json``."""
        return {
            "reference": self.reference,
            "source": {"node": self.root, "photons": self.protocol.photons, "weights": list(self.weights)},
            "protocol": self.protocol.to_dict(),
            "preparation": [move.to_dict() for move in self.preparation.moves],
            "controls": [[move.to_dict() for move in control.moves] for control in self.controls],
            "depth": self.depth,
            "crossings": self.crossings,
            "joined": self.joined,
            "mse": self.mse,
            "without_links": self.without_links,
        }

    def as_alternative(self) -> Alternative:
        """Its place among the alternatives."""
        switches = self.protocol.switches
        uses = zip(self.protocol.columns, self.protocol.repeats, strict=True)
        turns = " + ".join(f"{times} x {column}" for column, times in uses)
        named = turns if len(turns) <= 60 else f"{len(self.protocol.columns)} columns"
        return Alternative(
            title=f"made in {self.root}: {named}",
            mse=self.mse,
            elements=self.crossings,
            depth=self.depth,
            sources=1,
            entangled_modes=max(self.protocol.modes_per_pass),
            switches=switches,
        )


def with_reference(problem: PhaseProblem, reference: str | None) -> PhaseProblem:
    """The problem with this reference only; the others are nodes that sense nothing.

    Raises
    ------
    InputError
        When links do not join it to the sensors.
    """
    modes = tuple(
        replace(mode, role="ancilla") if mode.role == "reference" and str(mode.id) != reference else mode
        for mode in problem.network.modes
    )
    return PhaseProblem(network=problem.network.replace(modes=modes))


def lay_out(problem: PhaseProblem, protocol: PhotonProtocol, *, roots: Sequence[str] | None = None) -> PhotonLayout:
    """One protocol along the links, with the reference of the problem and the best source (of ``roots``) and order of columns."""
    require_nodes([str(mode.id) for mode in problem.network.modes], roots)
    return _laid_out(problem, protocol, Ways(problem, None if roots is None else tuple(map(str, roots))))


def _laid_out(problem: PhaseProblem, protocol: PhotonProtocol, ways: Ways) -> PhotonLayout:
    way = ways.best(protocol)
    times = dict(zip(protocol.columns, protocol.repeats, strict=True))
    at_modes = log_survival(problem, protocol)
    parts = (way.preparation, *way.controls)
    logs = [at_modes[k] + math.fsum(part.log_survival[k] for part in parts) for k in (0, 1)]
    return PhotonLayout(
        root=way.root,
        reference=problem.reference_name,
        protocol=replace(protocol, columns=way.order, repeats=tuple(times[column] for column in way.order)),
        preparation=way.preparation,
        controls=way.controls,
        weights=best_branch_weights(*logs),
        mse=two_branch_mse(problem.bound, *logs),
        without_links=two_branch_mse(problem.bound, *at_modes),
        joined=is_joined(problem, protocol),
    )
