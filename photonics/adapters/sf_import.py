"""The one place that imports Strawberry Fields, with what it needs on today's packages. Costs 1 to 4 s: call it late."""

from __future__ import annotations

import importlib.util
import sys
import types
import warnings
from functools import lru_cache
from typing import Any


def import_strawberryfields() -> Any:
    """The strawberryfields module, which ``import strawberryfields`` finds afterwards too.

    Version 0.23.0, the last, uses ``scipy.integrate.simps`` (gone since SciPy 1.14) and ``pkg_resources`` (absent on
    Python 3.12 and with setuptools 82). Both are supplied while it loads and taken away again. The first call takes 1 to 4 s.

    Returns
    -------
    module
        With ``ops`` loaded.

    Raises
    ------
    ImportError
        When it is missing, or is installed but does not load, with its own error.

    Examples
    --------
    >>> import_strawberryfields().__version__
    '0.23.0'
    """
    return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Any:
    """The module; it loads once."""
    import scipy.integrate

    borrowed_simps = not hasattr(scipy.integrate, "simps")
    if borrowed_simps:
        scipy.integrate.simps = _simps  # type: ignore[attr-defined]  # gone from SciPy, lent here
    missing = importlib.util.find_spec("pkg_resources") is None
    if missing:
        sys.modules["pkg_resources"] = _pkg_resources()
    try:
        with warnings.catch_warnings():
            # lark and pkg_resources announce their own deprecations; nothing a user of ours can act on.
            warnings.simplefilter("ignore")
            import strawberryfields
            import strawberryfields.ops
    except Exception as error:
        why = f"Strawberry Fields does not load on this installation ({type(error).__name__}: {error})"
        raise ImportError(
            f"{why}; pip install photonic-sensor-networks brings it, and the native engine needs none"
        ) from error
    finally:
        if borrowed_simps:
            del scipy.integrate.simps  # type: ignore[attr-defined]  # taken back
        if missing:
            sys.modules.pop("pkg_resources", None)
    return strawberryfields


def _simps(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    from scipy.integrate import simpson

    return simpson(y, x=x, dx=dx, axis=axis)


def _pkg_resources() -> types.ModuleType:
    stub = types.ModuleType("pkg_resources")

    def resource_filename(package: str, name: str) -> str:
        import importlib.resources

        return str(importlib.resources.files(package).joinpath(name))

    stub.resource_filename = resource_filename  # type: ignore[attr-defined]  # a module made by hand
    return stub
