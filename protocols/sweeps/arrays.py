"""The numbers of a sweep as labelled arrays of xarray (extra ``xarray``): an axis for everything that varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from networks import InputError
from protocols.sweeps.axes import AXES, IN_WORDS

if TYPE_CHECKING:
    import xarray as xr

_UNITS = {"_rad2": "rad^2", "_rad": "rad", "_vac2": "vacuum variances", "_vac": "vacuum standard deviations", "_s": "s"}
"""By the ends of the names of columns, the first that fits."""


def dataset(rows: Sequence[Mapping[str, Any]], axes: Mapping[str, str], title: str) -> xr.Dataset:
    """Rows as arrays over the axes.

    Parameters
    ----------
    rows : sequence of mappings
        Of a report.
    axes : mapping of axis to column
        What varies, in its order.
    title : str

    Returns
    -------
    xarray.Dataset
        Points that are missing or failed are NaN. What describes all points alike is in ``attrs``.

    Raises
    ------
    InputError
        When two rows are at one place, as of networks of one name.
    ImportError
        Without the extra ``xarray``.
    """
    try:
        import xarray as xr
    except ModuleNotFoundError:
        raise ImportError("xarray is not installed; pip install 'photonic-sensor-networks[xarray]'") from None
    import numpy as np

    values = {name: list(dict.fromkeys(row[column] for row in rows)) for name, column in axes.items()}
    places = [tuple(values[name].index(row[column]) for name, column in axes.items()) for row in rows]
    if len(set(places)) < len(places):
        first = next(place for place in places if places.count(place) > 1)
        where = ", ".join(f"{name} {values[name][k]}" for name, k in zip(axes, first, strict=True))
        raise InputError([f"several points are at {where or 'one place'}; give networks of a sweep names that differ"])
    shape = tuple(len(listed) for listed in values.values())
    index = tuple(np.array(places, dtype=int).reshape(len(places), len(axes)).T)
    arrays, shared = {}, {"title": title}
    for column in dict.fromkeys(name for row in rows for name in row):
        entries = [row.get(column) for row in rows]
        if column == "task" or column in axes.values():
            continue
        if _describes(column) and len(set(entries)) == 1:
            if entries[0] is not None:
                shared[column] = entries[0]
            continue
        array = _empty(shape, entries)
        array[index] = [np.nan if entry is None and array.dtype == float else entry for entry in entries]
        arrays[column] = (tuple(axes), array, _attributes(column))
    coordinates = {name: ((name,), listed, _attributes(name)) for name, listed in values.items()}
    # In ascending order where that means something; other values as the sweep lists them.
    result = xr.Dataset(arrays, coordinates, shared)
    numeric = [name for name, listed in values.items() if all(isinstance(value, int | float) for value in listed)]
    return result.sortby(numeric)


def _describes(column: str) -> bool:
    """Whether a column says what a point is rather than what came out."""
    return column in AXES or column in ("photons_per_shot", "mean_photons_per_shot", "trials")


def _empty(shape: tuple[int, ...], entries: Sequence[object]) -> Any:
    import numpy as np

    if all(entry is None or isinstance(entry, int | float) for entry in entries):
        return np.full(shape, np.nan)
    return np.full(shape, None, dtype=object)


def _attributes(name: str) -> dict[str, str]:
    """What a variable is, and its units."""
    found = {"long_name": IN_WORDS[name]} if name in IN_WORDS else {}
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), None)
    return found if unit is None else {**found, "units": unit}
