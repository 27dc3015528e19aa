"""The best protocols by an objective, and protocols drawn at random: the questions behind --objective and --sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from networks import InputError, LinearFunction
from networks.errors import short_repr
from protocols.conditions import NoProtocolError
from protocols.documents.printed import Entry, Inline, Printed
from protocols.documents.result import Result
from protocols.wmatrix.certificate import Certificate
from protocols.wmatrix.enumeration import LARGEST_LIMIT
from protocols.wmatrix.integers import plain_int
from protocols.wmatrix.limits import Limits
from protocols.wmatrix.otherwise import reached_otherwise
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.places import ProtocolOrder
from protocols.wmatrix.search.repeats import fewest_columns, modes_and_switches
from protocols.wmatrix.search.sparse_tables import Columns
from protocols.wmatrix.search.support import least_support
from protocols.wmatrix.task import PhotonTask

OBJECTIVES = {
    "modes": "fewest modes in the widest pass",
    "support": "fewest modes over all passes together, and so on average",
    "switches": "fewest switches between passes",
    "pareto": "every best trade-off between modes in the widest pass and switches",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Printed):
    """A protocol with what it costs.

    Attributes
    ----------
    protocol : PhotonProtocol
    value : int
        What the objective counts: modes, occupied modes over all passes, or switches.
    lower_bound : int
        Proved.
    decided : bool
        Whether it is proved that nothing is better.
    """

    DOCUMENT = (
        Inline("protocol"),
        "value",
        "lower_bound",
        "decided",
        Entry("modes", of=lambda choice: max(choice.protocol.modes_per_pass)),
        Entry("mean_modes", of=lambda choice: sum(choice.protocol.modes_per_pass) / choice.protocol.passes),
        Entry("switches", of="protocol.switches"),
        Entry("passive_switches", of=lambda choice: sum(control.passive for control in choice.protocol.controls())),
        Entry("modes_per_pass", of="protocol.modes_per_pass"),
    )

    protocol: PhotonProtocol
    value: int
    lower_bound: int
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Best(Result):
    """The best protocols by an objective.

    Attributes
    ----------
    task : PhotonTask
        What it is about: function, N, M and limits.
    objective : str
        One of OBJECTIVES.
    choices : tuple of Choice
        One, or for ``pareto`` the trade-offs, fewest switches first; none when no protocol was seen.
    certificate : Certificate or None
        For ``modes``, when it is proved: can be checked by ``verify_minimum`` and, as a document, by ``psn check``.
    exists : bool or None
        None when a search reached its limit before it came by any protocol.
    complete : bool
        Whether it is proved that there is nothing better, and for ``pareto`` no trade-off besides.
    minimum_modes, minimum_modes_decided, lower_bound_modes
        The fewest modes in the widest pass, a limit on them set aside, as in an ``Enumeration``.
    """

    DOCUMENT = (
        Inline("task"),
        "objective",
        "exists",
        Entry("count", of=lambda _: None),
        "minimum_modes",
        "minimum_modes_decided",
        "lower_bound_modes",
        "complete",
        Entry("protocols", of="choices"),
        "certificate",
        "reached_otherwise",
    )

    task: PhotonTask
    objective: str
    choices: tuple[Choice, ...]
    certificate: Certificate | None
    exists: bool | None
    complete: bool
    minimum_modes: int | None
    minimum_modes_decided: bool
    lower_bound_modes: int

    @property
    def reached_otherwise(self) -> tuple[str, ...]:
        """Schemes that reach the bound within the limits where it is proved that no protocol of columns does; none elsewhere."""
        return reached_otherwise(self.task) if self.exists is False else ()


def best_protocols(
    function: PhotonTask | LinearFunction | Sequence[object],
    photons: int | None = None,
    passes: int | None = None,
    objective: str = "modes",
    *,
    limits: Limits | None = None,
    seconds: float | None = None,
) -> Best:
    """The best optimal protocol of q = alpha . theta by an objective, or for ``pareto`` every best trade-off.

    Parameters
    ----------
    function : PhotonTask, LinearFunction or sequence of int, Fraction or str, length d
        q; or the whole task, and then no photons, passes and limits.
    photons, passes : int
        N and M, positive.
    objective : str
        One of OBJECTIVES: modes, support, switches or pareto. Among protocols that are equally good by it, any may be given.
    limits : Limits
        What every pass must keep to.
    seconds : float
        Time for the search for the fewest modes; without it the effort is fixed.

    Returns
    -------
    Best
        Without choices when no protocol lies within the limits, or a search reached its limit.

    Raises
    ------
    NoProtocolError
        When (34) fails, so that no protocol of columns exists with these N and M.
    InputError
        Faults of the arguments, or tables that are too large.

    Examples
    --------
    >>> [(c.value, c.decided) for c in best_protocols([1, 2, 4], 7, 2, "modes").choices]
    [(3, True)]
    >>> [(c.value, c.protocol.switches) for c in best_protocols([1, 1], 2, 2, "pareto").choices]
    [(3, 0), (2, 1)]
    """
    if objective not in OBJECTIVES:
        raise InputError([f"the objective must be one of {', '.join(OBJECTIVES)}, got {short_repr(objective)}"])
    task = PhotonTask.of(function, photons, passes, limits)
    max_modes = task.limits.modes

    def choice(columns: Columns, value: int, lower: int, decided: bool) -> Choice:
        protocol = PhotonProtocol.from_columns(task, columns)
        return Choice(protocol=protocol, value=value, lower_bound=lower, decided=decided)

    choices: list[Choice] = []
    certificate: Certificate | None = None
    least = least_modes(task, seconds=seconds)
    exists = least.exists
    narrow = least.columns
    if max_modes is not None and (least.modes is None or least.modes > max_modes):
        # What is known of wider protocols says that there is none, or nothing.
        narrow = None
        exists = False if least.exists is False or least.lower_bound > max_modes else None
    complete = False
    if objective == "support":
        support = least_support(task, narrow)
        if support is not None:
            choices.append(choice(support.columns, support.cells, support.lower_bound, support.decided))
    elif narrow is not None and objective == "switches":
        fewest = fewest_columns(task, narrow)
        assert fewest is not None, "a protocol is known"
        choices.append(choice(fewest.columns, fewest.distinct - 1, fewest.lower_bound - 1, fewest.decided))
    elif narrow is not None and objective == "pareto":
        points = modes_and_switches(task, narrow, least.lower_bound)
        complete = all(point.decided for point in points) and points[-1].modes <= least.lower_bound
        choices += [choice(point.columns, point.modes, least.lower_bound, point.decided) for point in points]
    elif narrow is not None:
        assert least.modes is not None
        choices.append(choice(narrow, least.modes, least.lower_bound, least.decided))
        certificate = Certificate.of(task, least)
    return Best(
        task=task,
        objective=objective,
        choices=tuple(choices),
        certificate=certificate,
        exists=True if choices else exists,
        minimum_modes=least.modes,
        minimum_modes_decided=least.decided,
        lower_bound_modes=least.lower_bound,
        complete=complete if objective == "pareto" else all(choice.decided for choice in choices) and bool(choices),
    )


def _placed(sample: Sample) -> list[dict[str, object]]:
    return [
        {**protocol.to_dict(), "place": place, "modes_per_pass": protocol.modes_per_pass}
        for place, protocol in zip(sample.places, sample.protocols, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sample(Result):
    """Protocols drawn with equal probability, with repetition.

    Attributes
    ----------
    task : PhotonTask
        What it is about: function, N, M and limits.
    count : int
        How many protocols there are to draw from.
    places : tuple of int
        The place of each drawn one in canonical order, from 0.
    protocols : tuple of PhotonProtocol
        The drawn ones.
    """

    DOCUMENT = (
        Inline("task"),
        Entry("exists", of=lambda _: True),
        "count",
        Entry("protocols", of=_placed),
    )

    task: PhotonTask
    count: int
    places: tuple[int, ...]
    protocols: tuple[PhotonProtocol, ...]


def sample_protocols(
    function: PhotonTask | LinearFunction | Sequence[object],
    photons: int | None = None,
    passes: int | None = None,
    size: int = 1,
    *,
    seed: int = 0,
    limits: Limits | None = None,
) -> Sample:
    """Draw protocols uniformly from all optimal ones within the limits, by drawing places and seeing what stands there.

    Parameters
    ----------
    function : PhotonTask, LinearFunction or sequence of int, Fraction or str, length d
        q; or the whole task, and then no photons, passes and limits.
    photons, passes : int
        N and M, positive.
    size : int
        How many to draw, with repetition, from 1 to 100,000.
    seed : int
        From 0 to 2^128; the same seed draws the same protocols.
    limits : Limits
        What every pass must keep to.

    Raises
    ------
    NoProtocolError
        When (34) fails, or no protocol lies within the limits.
    InputError
        Faults of the arguments, or more protocols than can be put into places.

    Examples
    --------
    >>> drawn = sample_protocols([1, 2, 3, 4, -2, -3], 5, 4, 2, seed=3)
    >>> drawn.count, len(drawn.protocols)
    (1397115, 2)
    """
    size, seed = plain_int(size), plain_int(seed)
    counts = (("sample", size, 1, LARGEST_LIMIT), ("seed", seed, 0, 2**128))
    task = PhotonTask.of(function, photons, passes, limits, counts=counts)
    order = ProtocolOrder(task)
    if not order.size:
        raise NoProtocolError(["there is no column protocol within these limits to draw from"])
    generator = Random(seed)
    places = tuple(generator.randrange(order.size) for _ in range(size))
    return Sample(
        task=task,
        count=order.size,
        places=places,
        protocols=tuple(PhotonProtocol.from_columns(task, order.unrank(place)) for place in places),
    )
