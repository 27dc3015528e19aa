"""Where ``psn`` begins: Ctrl-C ends it with exit code 130 from the first moment on, while what it needs is still being imported.

Nothing else belongs here, and nothing is imported at the top but what Python has loaded already.
"""

import os
import signal


def main() -> None:
    """Run ``psn``; see ``protocols.cli.app``."""
    # Where a shell has it ignored, as for commands in the background, it stays so.
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, _leave)
    try:
        from protocols.cli.app import main as run
    except ModuleNotFoundError as error:
        os.write(2, f"psn: {error.name} is not installed; pip install photonic-sensor-networks brings it\n".encode())
        raise SystemExit(2) from None

    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def _leave(*_: object) -> None:
    """Nothing has begun that had to be ended; an exception would run into whatever import was under way."""
    os.write(2, b"psn: interrupted\n")
    os._exit(130)
