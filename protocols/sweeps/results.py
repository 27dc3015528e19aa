"""Reading a sweep: its rows as a pandas frame, and the table and curves of a report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.benches import IN_DB
from protocols.documents.result import Result
from protocols.sweeps.axes import NUMERIC
from protocols.sweeps.spec import DESIGN, SIMULATE
from protocols.sweeps.store import all_rows, read_document, require_packages, schema
from protocols.sweeps.tasks import FAILED, OK, UNITS
from protocols.tables import Table, with_error

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

_COLUMN = {"photons": "photons_per_shot", "mean_photons": "mean_photons_per_shot"}


def load_results(folder: str | Path) -> pd.DataFrame:
    """The rows of a sweep, in the order of its points, one each; units are in the names of the columns.

    Parameters
    ----------
    folder : str or Path
        Of a sweep, finished or not.

    Returns
    -------
    pandas.DataFrame
        ``frame.attrs`` holds ``spec``, ``spec_id``, ``seed`` (None for designs, which are not random), ``versions`` of the
        packages that began the sweep, and ``in_db``, the transmissivities that the sweep was given in dB.

    Raises
    ------
    InputError
        When the folder holds no sweep, or a part of it is damaged.
    """
    require_packages()
    import pyarrow as pa

    path = Path(folder)
    document = read_document(path)
    tables = list(all_rows(path, document["spec_id"]))
    # A sweep that has no rows yet has all the columns.
    whole = pa.concat_tables(tables).replace_schema_metadata(None) if tables else schema(document["spec"]).empty_table()
    frame: pd.DataFrame = whole.to_pandas()
    # Of two rows of one point, as after a retry or while parts are put together, one without an error counts.
    frame = frame.assign(_order=frame["status"] == FAILED).sort_values(["task", "_order"], kind="stable")
    frame = frame.drop_duplicates("id").drop(columns="_order").reset_index(drop=True)
    frame.attrs = {
        "spec": document["spec"],
        "spec_id": document["spec_id"],
        "seed": document["spec"].get("seed"),
        "versions": document["versions"],
        "in_db": _in_db(document),
    }
    return frame


def _in_db(document: dict[str, Any]) -> list[str]:
    """What the file says of it; sweeps that were begun before it did say nothing."""
    given = document.get("in_db")
    return [share for share in IN_DB.values() if isinstance(given, list) and share in given]


def _sensing(document: dict[str, Any]) -> str:
    return str(document["spec"]["networks"][0]["graph"]["sensing"])


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCurve:
    """Mean squared errors, or a bound on them, along one axis of a sweep.

    Parameters
    ----------
    label : str
    x, y : (K,) floats
        Values of the axis, and mean squared errors.
    stderr : (K,) floats or None
        Standard errors of y, where there are any.
    at : tuple of (str, value)
        Of a curve of errors: where it is on the other axes.
    curves : tuple of int
        Of a bound: the numbers of the curves that it belongs to.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    stderr: tuple[float, ...] | None
    at: tuple[tuple[str, Any], ...] = ()
    curves: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SweepReport(Result):
    """The table of a sweep, and curves of errors along one axis, with the bounds beside.

    Parameters
    ----------
    title : str
    table : Table
        A row for every point with numbers: axes that vary, error, bound (for the resources asked for) and coverage, and of phases
        the photon passes that the estimator left unused. Of designs the error of a shot as built, the quantum limit of the light
        that arrives, the error without loss, the bound, the scheme chosen among those of the sweep, and how many times lower the
        error is with entanglement between the sites than without.
    rows : tuple of dict
        All numbers of these points.
    axis : str
        Along which the curves are; empty when no numeric axis varies.
    curves, bounds : tuples of SweepCurve
    unit : str
        Of the errors: "rad2" or "vac2".
    counts : dict
        Points by status.
    missing : int
        Points without a row.
    is_of_designs : bool
        Whether errors are those of one shot as built, not of simulated trials.
    axes : tuple of str
        What varies, in the order of the sweep.
    in_db : tuple of str
        Those of them that are transmissivities here, and losses in dB where the report is shown or drawn.
    """

    title: str
    table: Table
    rows: tuple[dict[str, Any], ...]
    axis: str
    curves: tuple[SweepCurve, ...]
    bounds: tuple[SweepCurve, ...]
    unit: str
    counts: dict[str, int]
    missing: int
    is_of_designs: bool = False
    axes: tuple[str, ...] = ()
    in_db: tuple[str, ...] = ()

    def to_xarray(self) -> xr.Dataset:
        """The numbers of the report as labelled arrays (extra ``xarray``).

        Returns
        -------
        xarray.Dataset
            A dimension for each of ``axes``; variables as in ``rows``, with their units; what is the same at every point in
            ``attrs``. Points that are missing or failed are NaN.

        Raises
        ------
        InputError
            When two points are at one place, as of networks of one name.
        ImportError
            Without the extra ``xarray``.
        """
        from protocols.sweeps.arrays import dataset

        return dataset(self.rows, {name: _COLUMN.get(name, name) for name in self.axes}, self.title)


def sweep_report(folder: str | Path, *, axis: str | None = None) -> SweepReport:
    """The errors of a sweep: a table over the axes that vary, and curves along one of them.

    Parameters
    ----------
    folder : str or Path
        Of a sweep, finished or not.
    axis : str, optional
        Along which the curves are; the longest numeric one when left out. ``link_loss_db`` is ``link_transmissivity``, shown in dB.

    Returns
    -------
    SweepReport

    Raises
    ------
    InputError
        For a folder without rows, or an axis that does not vary.
    """
    frame = load_results(folder)
    spec = frame.attrs["spec"]
    squared = UNITS[_sensing({"spec": spec})][1]
    if frame.empty:
        raise InputError([f"{str(folder)!r} has no rows yet; run psn sweep first"])
    axes = {name: values for name, values in spec["axes"].items() if len(values) > 1}
    numeric = [name for name in NUMERIC if name in axes]
    in_db = tuple(name for name in axes if name in frame.attrs["in_db"] or name == IN_DB.get(axis or ""))
    given, axis = axis, IN_DB.get(axis or "", axis)
    if axis is not None and axis not in numeric:
        also = [name for name, share in IN_DB.items() if share in numeric]
        known = f"known are {', '.join([*numeric, *also])}" if numeric else "no numeric axis varies"
        raise InputError([f"there is no axis {given!r} to draw along; {known}"])
    along = axis or max(numeric, key=lambda name: len(axes[name]), default="")
    good = frame[frame["status"] == OK]
    places = [[_plain(value) for value in good[_COLUMN.get(name, name)]] for name in axes]
    columns, cells = (_design_cells if spec.get("task") == DESIGN else _simulated_cells)(good, squared)
    table = Table(
        title=f"{spec['name']}: mean squared errors of q{_OF_TASK[spec.get('task', SIMULATE)]} ({_IN_WORDS[squared]})",
        columns=(*(name.replace("_", " ") for name in axes), *columns),
        rows=tuple(zip(*places, *cells, strict=True)),
    )
    numbers = [column for column in good.columns if column not in ("id", "status", "message")]
    rows = [{str(name): _plain(value) for name, value in row.items()} for row in good[numbers].to_dict("records")]
    curves, bounds = _curves(good, along, [name for name in axes if name != along], squared) if along else ((), ())
    total = math.prod(len(values) for values in spec["axes"].values())
    return SweepReport(
        title=str(spec["name"]),
        table=table,
        rows=tuple(rows),
        axis=along,
        curves=curves,
        bounds=bounds,
        unit=squared,
        counts={str(status): int(n) for status, n in frame["status"].value_counts().items()},
        missing=total - len(frame),
        is_of_designs=spec.get("task") == DESIGN,
        axes=tuple(axes),
        in_db=in_db,
    )


_OF_TASK = {SIMULATE: "", DESIGN: " in one shot"}
_IN_WORDS = {"rad2": "rad^2", "vac2": "vacuum variances"}


def _simulated_cells(good: pd.DataFrame, squared: str) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Columns of a table of simulations beside the axes, with their cells."""
    mse, stderr, bound = (good[f"{name}_{squared}"].tolist() for name in ("mse", "mse_stderr", "bound"))
    cells = {
        "MSE": [with_error(value, spread) for value, spread in zip(mse, stderr, strict=True)],
        "bound": ["-" if _plain(value) is None else f"{value:.4g}" for value in bound],
        "coverage": [f"{value:.4g}" for value in good["coverage"]],
    }
    # Displacement sensing uses all its light.
    if squared == UNITS["phase"][1]:
        cells["photon passes unused"] = [f"{value:,.0f}" for value in good["photon_passes_unused"]]
    return tuple(cells), list(cells.values())


def _design_cells(good: pd.DataFrame, squared: str) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Columns of a table of designs beside the axes, with their cells."""
    errors = {"MSE as built": "mse", "quantum limit": "quantum_mse", "without loss": "ideal_mse", "bound": "bound"}
    cells = {title: [_cell(value) for value in good[f"{name}_{squared}"]] for title, name in errors.items()}
    cells["chosen"] = good["chosen"].tolist()
    cells["gain by entanglement"] = [_cell(value) for value in good["entanglement_factor"]]
    return tuple(cells), list(cells.values())


def _cell(value: float) -> str:
    return "-" if _plain(value) is None else f"{value:.4g}"


def _plain(value: Any) -> Any:
    """A cell of a frame as a plain value, None where it is missing."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and math.isnan(plain) else plain


def _curves(
    good: pd.DataFrame, along: str, others: Sequence[str], squared: str
) -> tuple[tuple[SweepCurve, ...], tuple[SweepCurve, ...]]:
    keys = [_COLUMN.get(name, name) for name in others]
    place = _COLUMN.get(along, along)
    curves: list[SweepCurve] = []
    sharing: dict[tuple[tuple[float, ...], ...], list[int]] = {}
    groups = good.groupby(keys, sort=False, dropna=False) if keys else [((), good)]
    for number, (key, group) in enumerate(groups):
        ordered = group.sort_values(place)
        label = ", ".join(_named(name, value) for name, value in zip(others, key, strict=True)) or "MSE"
        x = tuple(float(v) for v in ordered[place])
        y = tuple(map(float, ordered[f"mse_{squared}"]))
        spread = f"mse_stderr_{squared}"
        e = tuple(map(float, ordered[spread])) if spread in ordered else None
        at = tuple((name, _plain(value)) for name, value in zip(others, key, strict=True))
        curves.append(SweepCurve(label=label, x=x, y=y, stderr=e, at=at))
        limits = tuple(math.nan if _plain(v) is None else float(v) for v in ordered[f"bound_{squared}"])
        if not any(map(math.isnan, limits)):
            sharing.setdefault((x, limits), []).append(number)
    bounds = [
        SweepCurve(label="bound", x=x, y=y, stderr=None, curves=tuple(numbers)) for (x, y), numbers in sharing.items()
    ]
    return tuple(curves), tuple(bounds)


def _named(name: str, value: object) -> str:
    if name in ("scheme", "estimator", "network"):
        return str(value)
    return f"{name.replace('_', ' ')} {f'{value:g}' if isinstance(value, float | int) else value}"
