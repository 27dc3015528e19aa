"""The best protocols by an objective, and protocols drawn at random: the questions behind --objective and --sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from networks import InputError, LinearFunction
from networks.errors import short_repr
from protocols.wmatrix.certificate import certificate
from protocols.wmatrix.enumeration import LARGEST_LIMIT, Question
from protocols.wmatrix.limits import Limits
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.least import LeastModes, least_modes
from protocols.wmatrix.search.places import ProtocolOrder
from protocols.wmatrix.search.repeats import fewest_columns, modes_and_switches
from protocols.wmatrix.search.support import least_support

OBJECTIVES = {
    "modes": "fewest modes in the widest pass",
    "support": "fewest modes over all passes together, and so on average",
    "switches": "fewest switches between passes",
    "pareto": "every best trade-off between modes in the widest pass and switches",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A protocol with what it costs.

    Attributes
    ----------
    value : int
        What the objective counts: modes, occupied modes over all passes, or switches.
    lower_bound : int
        Proved.
    decided : bool
        Whether it is proved that nothing is better.
    """

    protocol: PhotonProtocol
    value: int
    lower_bound: int
    decided: bool

    def to_dict(self) -> dict[str, object]:
        """As in the document of ``psn enumerate --objective``."""
        protocol = self.protocol
        return {
            **protocol.to_dict(),
            "value": self.value,
            "lower_bound": self.lower_bound,
            "decided": self.decided,
            "modes": max(protocol.modes_per_pass),
            "mean_modes": sum(protocol.modes_per_pass) / protocol.passes,
            "switches": protocol.switches,
            "modes_per_pass": list(protocol.modes_per_pass),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best protocols by an objective.

    Attributes
    ----------
    problem : dict
        The beginning of the document: function, |W|, target.
    certificate : dict or None
        For ``modes``, when it is proved: can be checked by ``verify_minimum`` and ``psn check``.
    exists : bool or None
        None when a search was cut before it found any protocol.
    complete : bool
        Whether it is proved that there is nothing better, and for ``pareto`` no trade-off besides.
    minimum_modes, minimum_modes_decided, lower_bound_modes
        The fewest modes in the widest pass, a limit on them set aside, as in an ``Enumeration``.
    """

    problem: dict[str, object]
    objective: str
    choices: tuple[Choice, ...]
    certificate: dict[str, object] | None
    exists: bool | None
    complete: bool
    minimum_modes: int | None
    minimum_modes_decided: bool
    lower_bound_modes: int

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn enumerate --objective --json``."""
        return {
            **self.problem,
            "objective": self.objective,
            "exists": self.exists,
            "count": None,
            "minimum_modes": self.minimum_modes,
            "minimum_modes_decided": self.minimum_modes_decided,
            "lower_bound_modes": self.lower_bound_modes,
            "complete": self.complete,
            "protocols": [choice.to_dict() for choice in self.choices],
            "certificate": self.certificate,
        }


def best_protocols(
    function: LinearFunction | Sequence[object],
    photons: int,
    passes: int,
    objective: str = "modes",
    *,
    limits: Limits | None = None,
    seconds: float | None = None,
) -> Best:
    """The best optimal protocol of q = alpha . theta by an objective, or for ``pareto`` every best trade-off.

    Parameters
    ----------
    objective : str
        One of OBJECTIVES. Among protocols that are equally good by it, any may be given.
    limits : Limits
        What every pass must keep to.
    seconds : float
        Time for the search for the fewest modes; without it the effort is fixed.

    Raises
    ------
    InputError
        Faults of the arguments, or when (34) fails.

    Examples
    --------
    >>> [(c.value, c.decided) for c in best_protocols([1, 2, 4], 7, 2, "modes").choices]
    [(3, True)]
    >>> [(c.value, c.protocol.switches) for c in best_protocols([1, 1], 2, 2, "pareto").choices]
    [(3, 0), (2, 1)]
    """
    if objective not in OBJECTIVES:
        raise InputError([f"the objective must be one of {', '.join(OBJECTIVES)}, got {short_repr(objective)}"])
    limits = limits or Limits()
    question = Question.of(function, photons, passes, limits)
    table = question.require_table(photons, passes)

    def choice(columns: Any, value: int, lower: int, decided: bool) -> Choice:
        protocol = PhotonProtocol.from_columns(question.oriented, table, columns)
        return Choice(protocol=protocol, value=value, lower_bound=lower, decided=decided)

    choices: list[Choice] = []
    proof: dict[str, object] | None = None
    least: LeastModes = least_modes(question.oriented, table, limits=limits, seconds=seconds)
    exists = least.exists
    narrow = least.columns
    if limits.modes is not None and (least.modes is None or least.modes > limits.modes):
        # What is known of wider protocols says that there is none, or nothing.
        narrow = None
        exists = False if least.exists is False or least.lower_bound > limits.modes else None
    complete = False
    if objective == "support":
        support = least_support(table, limits, narrow)
        if support is not None:
            choices.append(choice(support.columns, support.cells, support.lower_bound, support.decided))
    elif narrow is not None and objective == "switches":
        fewest = fewest_columns(table, limits, narrow)
        assert fewest is not None, "a protocol is known"
        choices.append(choice(fewest.columns, fewest.distinct - 1, fewest.lower_bound - 1, fewest.decided))
    elif narrow is not None and objective == "pareto":
        points = modes_and_switches(table, limits, narrow, least.lower_bound)
        complete = all(point.decided for point in points) and points[-1].modes <= least.lower_bound
        choices += [choice(point.columns, point.modes, least.lower_bound, point.decided) for point in points]
    elif narrow is not None:
        assert least.modes is not None
        choices.append(choice(narrow, least.modes, least.lower_bound, least.decided))
        if not limits.name_modes:
            proof = certificate(question.oriented, table, least, limits.photons_per_mode)
    return Best(
        problem=question.document(photons, passes),
        objective=objective,
        choices=tuple(choices),
        certificate=proof,
        exists=True if choices else exists,
        minimum_modes=least.modes,
        minimum_modes_decided=least.decided,
        lower_bound_modes=least.lower_bound,
        complete=complete if objective == "pareto" else all(choice.decided for choice in choices) and bool(choices),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Protocols drawn with equal probability, with repetition, from ``count`` of them; ``places`` in canonical order.

    ``problem`` is the beginning of the document: function, |W|, target.
    """

    problem: dict[str, object]
    count: int
    places: tuple[int, ...]
    protocols: tuple[PhotonProtocol, ...]

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn enumerate --sample --json``."""
        return {
            **self.problem,
            "exists": True,
            "count": self.count,
            "protocols": [
                {**protocol.to_dict(), "place": place, "modes_per_pass": list(protocol.modes_per_pass)}
                for place, protocol in zip(self.places, self.protocols, strict=True)
            ],
        }


def sample_protocols(
    function: LinearFunction | Sequence[object],
    photons: int,
    passes: int,
    size: int,
    *,
    seed: int = 0,
    limits: Limits | None = None,
) -> Sample:
    """Draw protocols uniformly from all optimal ones within the limits, by drawing places and finding what stands there.

    Examples
    --------
    >>> drawn = sample_protocols([1, 2, 3, 4, -2, -3], 5, 4, 2, seed=3)
    >>> drawn.count, len(drawn.protocols)
    (1397115, 2)
    """
    limits = limits or Limits()
    counts = (("sample", size, 1, LARGEST_LIMIT), ("seed", seed, 0, 2**128))
    question = Question.of(function, photons, passes, limits, counts=counts)
    table = question.require_table(photons, passes)
    order = ProtocolOrder(table, limits)
    if not order.size:
        raise InputError(["there is no protocol within these limits to draw from"])
    generator = Random(seed)
    places = tuple(generator.randrange(order.size) for _ in range(size))
    return Sample(
        problem=question.document(photons, passes),
        count=order.size,
        places=places,
        protocols=tuple(PhotonProtocol.from_columns(question.oriented, table, order.unrank(place)) for place in places),
    )
