"""Squeezed pairs counted: exact distributions and samples."""
