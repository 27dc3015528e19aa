"""Superposed strings along links: all photons of a branch in one node, in every shot or in turns of two nodes."""
