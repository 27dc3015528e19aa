"""The command ``psn``: one module a command, and what they share. The only place that knows typer; it computes nothing itself.

``entry`` is where it begins, ``app`` registers and ends, ``groups`` imports the module of a word when it is said, ``options`` has
the option types that several commands take, ``terminal`` what their actions share.
"""
