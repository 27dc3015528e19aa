"""How work runs beside the server: each in a process of its own, which can be stopped at any moment.

Dash would fork the server itself. A fork of a process with threads has their locks without the threads, and may wait for them
forever; here a process without threads, which has loaded and warmed up what is needed, is forked instead (a fresh process where
the system has no fork).
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import multiprocess
from dash import DiskcacheManager
from diskcache import Cache

WARM = "protocols.explorer.warm"
"""The module that the process loads from which others are forked."""
FORGOTTEN_S = 180.0
"""After so long without a question for its result, work is of a page that was closed; hidden pages ask once a minute."""


@dataclass(kw_only=True)
class _Job:
    """Work that goes on, or has ended and not been asked for its result."""

    process: Any
    key: str
    asked_at: float = field(default_factory=time.monotonic)


class Jobs(DiskcacheManager):
    """What Dash asks to start, ask after and end its work.

    Parameters
    ----------
    folder : str
        Where results wait for the page.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(Cache(folder))  # type: ignore[no-untyped-call]  # of Dash
        self._context = multiprocess.get_context("spawn" if sys.platform == "win32" else "forkserver")
        self._jobs: dict[int, _Job] = {}
        # Requests come in threads, and a process is asked by one of them at a time.
        self._lock = threading.RLock()
        self._closed = threading.Event()
        if sys.platform != "win32":
            self._context.set_forkserver_preload([WARM])
            # Now rather than with the first work: it loads while the browser does.
            multiprocess.forkserver.ensure_running()
        threading.Thread(target=self._end_forgotten, daemon=True).start()

    def call_job_fn(self, key: str, job_fn: Any, args: Any, context: Any) -> int:
        """Start work; the number of its process."""
        progress = self._make_progress_key(key)  # type: ignore[no-untyped-call]  # of Dash
        process = self._context.Process(target=job_fn, args=(key, progress, args, context), daemon=True)
        with self._lock:
            process.start()
            number: int = process.pid
            self._jobs[number] = _Job(process=process, key=key)
        return number

    def get_result(self, key: str, job: int | str | None) -> Any:
        """The result of work, or Dash's sign that there is none yet."""
        with self._lock:
            if (known := self._jobs.get(int(job or 0))) is not None:
                known.asked_at = time.monotonic()
        return super().get_result(key, job)  # type: ignore[no-untyped-call]  # of Dash

    def job_running(self, job: int | str | None) -> bool:
        """Whether there will be a result: work goes on, or has ended since it was asked for one.

        What ended otherwise, as for want of memory, leaves an error as its result.
        """
        with self._lock:
            known = self._jobs.get(int(job or 0))
            if known is None:
                return False
            if not known.process.is_alive() and known.process.exitcode != 0:
                why = f"it ended by itself (exit code {known.process.exitcode}), perhaps for want of memory"
                self.handle.add(known.key, {"background_callback_error": {"msg": why, "tb": ""}})
            return True

    def terminate_job(self, job: int | str | None) -> None:
        """End work, which may have ended by itself; nobody asks for it any more."""
        with self._lock:
            known = self._jobs.pop(int(job or 0), None)
            if known is not None and known.process.is_alive():
                known.process.kill()
                known.process.join(1)

    def terminate_unhealthy_job(self, job: int | str | None) -> bool:
        """Whether there is no such work."""
        return not self.job_running(job)

    def close(self) -> None:
        """End what is still running."""
        self._closed.set()
        for number in list(self._jobs):
            self.terminate_job(number)
        self.handle.close()

    def _end_forgotten(self) -> None:
        """End work of pages that were closed."""
        while not self._closed.wait(10):
            late = time.monotonic() - FORGOTTEN_S
            for number, known in list(self._jobs.items()):
                if known.asked_at < late:
                    self.terminate_job(number)
