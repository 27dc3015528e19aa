"""Candidates with their evaluation and checks, ranked; above layouts and losses, below designs."""
