"""Where ``psn`` begins: Ctrl-C ends it with exit code 130 from the first moment on, while what it needs is still being imported.

Nothing else belongs here, and nothing is imported at the top but what Python has loaded already.
"""

import atexit
import os
import signal
import sys


def main() -> None:
    """Run ``psn``; see ``protocols.cli.app``."""
    codes: list[object] = []
    # What is registered first is called last: whatever else has to end has ended then.
    atexit.register(_end, codes)
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
    try:
        run()
        codes.append(None)
    except SystemExit as end:
        codes.append(end.code)
        raise


def _end(codes: list[object]) -> None:
    """Leave without taking Arrow apart: now and then its threads abort a process whose work is done and on the disk.

    "terminate called without an active exception", exit code -6: once in some 150 sweeps on a machine with much to do.
    """
    code = codes[0] if codes else ""
    if "pyarrow" not in sys.modules or not (code is None or isinstance(code, int)):
        return
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code or 0)


def _leave(*_: object) -> None:
    """Nothing has begun that had to be ended; an exception would run into whatever import was under way."""
    os.write(2, b"psn: interrupted\n")
    os._exit(130)
