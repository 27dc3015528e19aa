"""The squeezed light of a network of phases along its links; coherent light is made at each site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import SensorNetwork
from protocols.layout.layout import Section
from protocols.layout.squeezed import summary
from protocols.layout.squeezed.layouts import SqueezedLayouts
from protocols.layout.squeezed.phase_robustness import PhaseLightRobustness
from protocols.problem import Problem

if TYPE_CHECKING:
    from photonics import Circuit


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PhaseLightLayouts(SqueezedLayouts):
    """One squeezed vacuum along links into the dark ports, or to the sensors, of a network of phases.

    Attributes
    ----------
    light : photonics.Circuit
        The whole circuit, coherent light and sensing included.
    layout, forests, alternatives, shown
        As of ``SqueezedLayouts``.
    robustness : PhaseLightRobustness or None
        What imperfect elements and failing links do to the light of one squeezer, coherent light as it is; without a link the best
        light is found anew, the squeezer where it is. None for several squeezers.
    """

    light: Circuit
    robustness: PhaseLightRobustness | None

    def circuit_size(self, problem: SensorNetwork | Problem) -> int:
        """Modes of the circuit."""
        return len(self.light.modes)

    def circuit(self, problem: SensorNetwork | Problem) -> Circuit:
        """The whole circuit, made for this problem."""
        return self.light

    def drawn_on(self, network: SensorNetwork) -> SensorNetwork:
        """The network itself: squeezed light enters a sensor with two arms at its dark port, named as the sensor."""
        return network

    def sections(self) -> tuple[Section, ...]:
        """The tree, or the trees of several squeezers."""
        if len(self.shown.sources) == 1:
            return (summary.tree_section(self.layout, self.robustness),)
        return (summary.forest_section(self.shown),)
