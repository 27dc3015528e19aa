"""One thing of a laboratory that is other than it is: losses of links, squeezing, efficiencies, transmissivities of modes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from networks import SensorNetwork
from networks.values import Value
from protocols.problem import AnyProblem

What = Literal[
    "link_loss_times",
    "link_loss_db",
    "squeezing_db",
    "squeezer_efficiency",
    "squeezer_loss_times",
    "detector_efficiency",
    "detector_loss_times",
    "transmissivity",
    "loss_times",
]
LOSSES_TIMES = {
    "squeezer_loss_times": "squeezer_efficiency",
    "detector_loss_times": "detector_efficiency",
    "loss_times": "transmissivity",
}
"""Changes that multiply losses in dB which differ between nodes, and the attribute of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Value):
    """What is changed, and the value it gets.

    Attributes
    ----------
    what : str
        ``link_loss_times``, ``squeezer_loss_times``, ``detector_loss_times`` and ``loss_times`` multiply the losses in dB of links,
        squeezers, detectors and modes; ``link_loss_db`` gives every link a loss; the others are attributes of a network that then
        hold everywhere, ``transmissivity`` for sensors and references.
    value : float >= 0

    Examples
    --------
    >>> from networks import Link
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> half = pair.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),))
    >>> Change(what="link_loss_times", value=2.0).of_network(half).links[0].transmissivity
    0.25
    """

    what: What
    value: float

    def of_network(self, network: SensorNetwork) -> SensorNetwork:
        """The network with this change.

        Parameters
        ----------
        network : SensorNetwork

        Raises
        ------
        InputError
            Where next to nothing would arrive, beyond what a network can say.
        """
        if self.what == "link_loss_times":
            links = (replace(link, transmissivity=link.transmissivity**self.value) for link in network.links)
            return network.replace(links=tuple(links))
        if (attribute := LOSSES_TIMES.get(self.what)) is None:
            return network.with_laboratory(**{self.what: self.value})
        modes = tuple(
            replace(mode, **{attribute: getattr(bench, attribute) ** self.value})
            for mode, bench in zip(network.modes, network.laboratory.benches, strict=True)
        )
        shared = None if attribute == "transmissivity" else getattr(network, attribute)
        # What holds for all nodes is that of arms which are no node, too.
        return network.replace(modes=modes, **({} if shared is None else {attribute: shared**self.value}))

    def of_problem(self, problem: AnyProblem) -> AnyProblem:
        """The problem with this change.

        Parameters
        ----------
        problem : Problem

        Raises
        ------
        InputError
            As ``of_network``.
        """
        return replace(problem, network=self.of_network(problem.network))
