"""Closed forms only: numbers in, numbers out."""
