"""Photons along links: routes, orders of the columns, circuits, robustness."""
