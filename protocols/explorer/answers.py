"""What the page is told of a network, as plain JSON values: every number comes from the functions that the commands print.

Each answer carries the content id of the document it is about (``Checked.content``), so that one that comes late is known as such.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from networks import SensorNetwork
from protocols.reports.view import Gap, Heading, Item, Line, Picture, Verdict, View
from protocols.tables import Table, all_digits, cell, to_csv

if TYPE_CHECKING:
    from protocols.design import Design
    from protocols.estimation.tally import Errors

Answer: TypeAlias = dict[str, Any]
"""JSON values with the key "content"."""
Progress: TypeAlias = Callable[[str], None]
COARSE_NODES = 20
"""Nodes up to which errors are told at once, before designs."""
SLOW = ("w-matrix",)
"""Schemes whose search may take longer than a slider can wait; they come with the design."""
LISTED_PROTOCOLS = 6
"""Photon protocols that are shown as columns."""


def plain_table(table: Table) -> Answer:
    """A table with its cells as people read them, and its data in full precision.

    Parameters
    ----------
    table : Table

    Examples
    --------
    >>> plain_table(Table(title="t", columns=("scheme", "MSE"), rows=(("noon", 0.25),)))["rows"]
    [['noon', '0.25']]
    """
    return {
        "title": table.title,
        "columns": list(table.columns),
        "rows": [[cell(value) for value in row] for row in table.rows],
        "csv": to_csv(table),
    }


def plain_parts(view: View) -> list[list[Any]]:
    """The parts of a description as pairs of a kind and what is said; figures are drawn by the page.

    Parameters
    ----------
    view : View

    Examples
    --------
    >>> plain_parts(View(title="t", parts=(Line("MSE 0.5", "strong"), Item("light"))))
    [['strong', 'MSE 0.5'], ['item', 'light']]
    """
    found: list[list[Any]] = []
    for part in view.parts:
        match part:
            case Line(text, tone):
                found.append([tone, text])
            case Heading(text):
                found.append(["heading", text])
            case Item(text):
                found.append(["item", text])
            case Verdict(holds, text):
                found.append(["item", f"{'yes' if holds else 'NO'}: {text}"])
            case Table():
                found.append(["table", plain_table(part)])
            case Gap() | Picture():
                pass
    return found


def coarse(network: SensorNetwork, content: str) -> Answer:
    """Errors as built of the schemes that need no search, and the bound: within a fraction of a second.

    Parameters
    ----------
    network : SensorNetwork
    content : str
        The content id of its document.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> answer = coarse(SensorNetwork.chain([1, -1], sensing="phase", photons=2), "id")
    >>> answer["table"]["rows"][0]
    ['multimode-noon', '0.25', '2']
    >>> answer["later"], answer["bound"]
    (['w-matrix'], '0.25')
    """
    from protocols.conditions import NoProtocolError
    from protocols.problem import Problem
    from protocols.reports.view import UNITS
    from protocols.schemes.registry import choose_schemes
    from protocols.sweeps.curves import errors_as_built

    problem = Problem.of(network)
    schemes = choose_schemes(problem.kind, None)
    try:
        found, _ = errors_as_built(problem, [scheme for scheme in schemes if scheme.name not in SLOW])
    except NoProtocolError:
        found = []
    rows = tuple(
        (one.scheme, one.mse, one.modes_entangled) for one in sorted(found, key=lambda one: (one.mse, one.scheme))
    )
    unit = UNITS[network.sensing]
    return {
        "content": content,
        "table": plain_table(
            Table(
                title=f"Errors as built, least first; MSE in {unit} a shot",
                columns=("scheme", "MSE", "entangled between sites"),
                rows=rows,
            )
        ),
        "bound": None if problem.bound is None else cell(problem.bound),
        "unit": unit,
        "later": [scheme.name for scheme in schemes if scheme.name in SLOW],
    }


def exact(network: SensorNetwork, content: str, progress: Progress | None = None) -> Answer:
    """The design as ``psn design`` prints it, with the light of the chosen scheme layer by layer.

    Parameters
    ----------
    network : SensorNetwork
    content : str
    progress : called with a few words before each longer step.
    """
    from protocols.design import design
    from protocols.reports.design_view import design_view

    result = design(network, progress=progress)
    with all_digits():
        view = design_view(result)
    return {
        "content": content,
        "title": view.title,
        "parts": plain_parts(view),
        "chosen": result.chosen.scheme,
        "schemes": [candidate.scheme for candidate in result.candidates],
        "layers": layers_of(result),
        "starts": [] if result.chosen.built.starts_at is None else list(result.chosen.built.starts_at),
    }


def layers_of(result: Design) -> list[Answer]:
    """The layers of the light of the chosen scheme along the links, in the order of time; none where it takes no links.

    Parameters
    ----------
    result : Design
    """
    physical = result.physical
    if physical is None:
        return []
    site = _site_names(result.network)
    layers: dict[tuple[int, int], list[Answer]] = {}
    for step in physical.steps:
        ends = [site.get(end, end) for end in step.edge]
        layers.setdefault((step.stage, step.layer), []).append({"edge": ends, "words": step.words})
    return [
        {"title": f"{physical.stage_name(stage)}, {physical.layer_noun} {layer}", "steps": layers[stage, layer]}
        for stage, layer in sorted(layers)
    ]


def _site_names(network: SensorNetwork) -> dict[str, str]:
    """The nodes of the arms of sensors that have two."""
    from networks.arms import arm_names

    return {arm: str(mode.id) for mode in network.modes if mode.arms == 2 for arm in arm_names(mode.id)}


def curve(network: SensorNetwork, content: str, axis: str, progress: Progress | None = None) -> Answer:
    """Errors of all schemes along one axis, as ``psn plot NETWORK AXIS`` draws them.

    Parameters
    ----------
    network : SensorNetwork
    content : str
    axis : str
        One of ``curve_axes``.
    progress : called with a few words before each point.
    """
    from protocols.reports.frames import squared_unit
    from protocols.sweeps.curves import error_curves

    curves = error_curves(network, axis, progress=progress)
    table = Table(
        title=curves.axis_label,
        columns=(axis, *(one.label for one in curves.curves)),
        rows=tuple(zip(curves.values, *(one.errors for one in curves.curves), strict=True)),
    )
    return {
        "content": content,
        "axis": axis,
        "label": curves.axis_label,
        "unit": squared_unit(curves.unit),
        "values": list(curves.values),
        "curves": [{"label": one.label, "kind": one.kind, "errors": list(one.errors)} for one in curves.curves],
        "here": list(curves.here),
        "csv": to_csv(table),
    }


def axes_of(network: SensorNetwork) -> dict[str, str]:
    """The axes along which errors may differ, with their names for people.

    Parameters
    ----------
    network : SensorNetwork
    """
    from protocols.sweeps.axes import IN_WORDS
    from protocols.sweeps.curves import curve_axes

    return {axis: IN_WORDS[axis] for axis in curve_axes(network)}


def privacy(network: SensorNetwork, content: str, progress: Progress | None = None) -> Answer:
    """What the network reveals, as ``psn privacy`` prints it, and the frontier of what any light can know.

    Parameters
    ----------
    network : SensorNetwork
    content : str
    progress : called with a few words before each longer step.
    """
    from protocols.privacy.report import privacy_report
    from protocols.problem import GaussianProblem, Problem
    from protocols.reports.plotting import privacy_frontier
    from protocols.reports.privacy_views import privacy_view

    report = privacy_report(network, progress=progress)
    with all_digits():
        view = privacy_view(report)
    answer: Answer = {"content": content, "parts": plain_parts(view), "frontier": None}
    if len(network.sensors) > 1 and not isinstance(Problem.of(network), GaussianProblem):
        frontier = privacy_frontier(report)
        table = Table(title=frontier.label, columns=frontier.axes, rows=(*frontier.region, frontier.here))
        answer["frontier"] = {
            "axes": list(frontier.axes),
            "label": frontier.label,
            "region": [list(point) for point in frontier.region],
            "here": list(frontier.here),
            "scheme": report.scheme,
            "csv": to_csv(table),
        }
    return answer


def has_columns(network: SensorNetwork) -> bool:
    """Whether photon protocols by columns of W are asked for: phases with exactly N photons.

    Parameters
    ----------
    network : SensorNetwork
    """
    return network.sensing == "phase" and network.photons is not None


def columns(network: SensorNetwork, content: str, progress: Progress | None = None) -> Answer:
    """The first photon protocols in canonical order, each as a table: a line a sensor, a column a pass.

    Parameters
    ----------
    network : SensorNetwork
        Of phases with exactly N photons.
    content : str
    progress : called with a few words before the search.
    """
    from protocols.reports.protocol_views import enumeration_view
    from protocols.wmatrix.enumeration import enumerate_protocols

    if progress is not None:
        progress("searching for photon protocols")
    found = enumerate_protocols(network.function, network.photons, network.passes, limit=LISTED_PROTOCOLS)
    with all_digits():
        view = enumeration_view(found)
    names = [str(mode.id) for mode in network.sensors]
    tables = []
    for number, protocol in enumerate(found.protocols, 1):
        used = [(column, repeat) for column, repeat in zip(protocol.columns, protocol.repeats, strict=True) if repeat]
        tables.append(
            plain_table(
                Table(
                    title=f"Protocol {number}",
                    columns=("sensor", *(f"{repeat} x" for _, repeat in used)),
                    rows=tuple((name, *(column[k] for column, _ in used)) for k, name in enumerate(names)),
                )
            )
        )
    parts = [part for part in plain_parts(view) if part[0] != "item"]
    return {"content": content, "title": view.title, "parts": parts, "tables": tables}


# --- simulation ----------------------------------------------------------------------------------------------


class Convergence:
    """The mean squared error over the trials so far, at numbers of trials that grow by steady factors.

    Parameters
    ----------
    total : int >= 1
        Trials that there will be; the last point is at all of them.
    """

    def __init__(self, total: int) -> None:
        self.trials = 0
        self.points: list[tuple[int, float, float]] = []
        self._square = self._fourth = 0.0
        steps = (round(10 ** (1 + k / 10)) for k in range(100))
        self._places = [*(at for at in steps if at < total), total]

    def add(self, errors: Errors) -> None:
        """One more batch.

        Examples
        --------
        >>> import numpy as np
        >>> from protocols import Errors
        >>> seen = Convergence(20)
        >>> seen.add(Errors(error=np.ones(20), half_width=np.ones(20), fringe_error=np.zeros(20)))
        >>> seen.points
        [(10, 1.0, 0.0), (13, 1.0, 0.0), (16, 1.0, 0.0), (20, 1.0, 0.0)]
        """
        import numpy as np

        squares = errors.error**2
        sums, fourths = np.cumsum(squares), np.cumsum(squares**2)
        while self._places and self._places[0] <= self.trials + len(squares):
            at = self._places.pop(0)
            k = at - self.trials - 1
            mse = (self._square + float(sums[k])) / at
            spread = max((self._fourth + float(fourths[k])) / at - mse**2, 0.0)
            self.points.append((at, mse, math.sqrt(spread / (at - 1)) if at > 1 else 0.0))
        self.trials += len(squares)
        self._square += float(sums[-1])
        self._fourth += float(fourths[-1])


def simulation(
    network: SensorNetwork,
    content: str,
    *,
    scheme: str | None,
    shots: int,
    trials: int,
    seed: int,
    show: Callable[[Answer], None],
) -> Answer:
    """A simulation of one scheme with its first estimator that applies, shown as it goes on; its end is that of ``psn simulate``.

    Parameters
    ----------
    network : SensorNetwork
    content : str
    scheme : str, optional
        Its name; the network's main one when left out.
    shots, trials, seed : int
        As ``psn simulate`` has them.
    show : called with what there is so far, after each batch.
    """
    from protocols.estimation.simulation import simulate
    from protocols.reports.simulation_views import simulation_view

    # Which estimator is the first is known by one trial of all.
    first = simulate(network, scheme=scheme, shots=shots, trials=1, seed=seed).first
    seen = Convergence(trials)

    def so_far() -> Answer:
        return {
            "content": content,
            "scheme": first.scheme,
            "estimator": first.estimator,
            "shots": shots,
            "trials": seen.trials,
            "total": trials,
            "seed": seed,
            "points": [list(point) for point in seen.points],
            "bound": _finite(first.bound),
            "probe_bound": _finite(first.probe_bound),
            "predicted": _finite(first.predicted_mse),
            "unit": "rad^2" if network.sensing == "phase" else "vacuum variances",
            "parts": [],
            "csv": to_csv(_points_table(seen)),
        }

    def watch(errors: Errors) -> None:
        seen.add(errors)
        show(so_far())

    done = simulate(
        network, scheme=first.scheme, estimator=first.estimator, shots=shots, trials=trials, seed=seed, watch=watch
    )
    with all_digits():
        view = simulation_view(done)
    return {**so_far(), "parts": plain_parts(view), "mse": cell(done.first.mse)}


def _points_table(seen: Convergence) -> Table:
    return Table(title="convergence", columns=("trials", "mse", "mse_stderr"), rows=tuple(seen.points))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


# --- the same elsewhere --------------------------------------------------------------------------------------


def commands(file: str, *lines: Sequence[str]) -> str:
    """The command lines that give what the page shows, for a network that was saved.

    Parameters
    ----------
    file : str
    lines : words of further commands

    Examples
    --------
    >>> print(commands("net.json", ["privacy", "net.json"]))
    psn design net.json
    psn privacy net.json
    """
    return "\n".join(shlex.join(["psn", *words]) for words in (["design", file], *lines))


def python_lines(file: str) -> str:
    """The design of the page in Python.

    Parameters
    ----------
    file : str
    """
    return f"""from networks import load_network
from protocols import design, show

result = design(load_network({file!r}))
show(result)
print(result.verdict.sentence, result.chosen.mse)"""
