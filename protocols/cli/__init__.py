"""The command ``psn``. The only place that knows typer; it computes nothing itself."""
