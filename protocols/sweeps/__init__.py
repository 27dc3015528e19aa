"""Sweeps: one simulation or design for each point of a grid, on one machine or on a cluster, kept as rows in Parquet files."""
