"""Squeezed light along links: trees, several squeezers, beam splitters, robustness."""
