"""Runs the points of a sweep on Dask: in this process, on a cluster of local processes, or on one that runs already.

Points go out in groups that take about a second, and a few groups per worker at a time, so that the client holds little however
many points there are. Each group that comes back is written before the next goes out.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import re
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

from networks import InputError
from networks.values import whole_number
from protocols.documents.result import Result
from protocols.estimation.estimators.estimator import Estimator
from protocols.schemes import AnyScheme
from protocols.sweeps.reading import read_spec
from protocols.sweeps.spec import SweepSpec, code_id
from protocols.sweeps.store import Store, check_folder, require_packages
from protocols.sweeps.tasks import FAILED, UNAVAILABLE, run_points, same, start_of_row

GROUP_SECONDS = 1.0
"""How long a group of points should take."""
LARGEST_GROUP = 2000
"""Points that go to a worker together."""
GROUPS_AHEAD = 3
"""Groups out at a time for each thread that works on them."""

MOST_ALONE = 2
"""Times that a point whose workers died is sent again with no other one out, to tell bad luck from a point that kills."""
MOST_CANCELLED = 20
"""Times that a group is sent again after it was cancelled, or the payload was given up."""

_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^\s/]+:(\d{1,5})")
WORKER_SECONDS = 15.0
"""How long a sweep waits for workers to come again that were killed all at once, before it begins local ones anew."""
POLL_SECONDS = 0.02
"""How often it is looked whether a group has come back."""
WORKER_TRIES = 12
"""How often it waits for them."""
STARTS = 3
"""How often local workers are started before that is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a sweep is, for those who watch.

    Parameters
    ----------
    total, done, computed, failed : int
        Points in all, with a row, computed by this run, and with a row that holds an error.
    seconds : float
        Since the start.
    """

    total: int
    done: int
    computed: int
    failed: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SweepOutcome(Result):
    """How a run of a sweep ended: points computed, kept from before and failed.

    Parameters
    ----------
    folder : Path
    total, kept, computed : int
        Points in all, with a row from before, and computed by this run.
    failed : int
        Rows of the whole sweep that hold an error.
    unavailable : int
        Points of this run whose scheme and estimator are not applicable.
    damaged : tuple of Path
        Parts that were put aside.
    seconds : float
        Of this run.
    """

    folder: Path
    total: int
    kept: int
    computed: int
    failed: int
    unavailable: int
    damaged: tuple[Path, ...]
    seconds: float


def run_sweep(
    spec: SweepSpec | Mapping[str, object] | str | Path,
    folder: str | Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    timeout: float = 20.0,
    retry_failed: bool = False,
    progress: Callable[[Progress], None] | None = None,
    schemes: Sequence[AnyScheme] = (),
    estimators: Sequence[Estimator] = (),
) -> SweepOutcome:
    """Compute every point of ``spec`` that ``folder`` has no row of, and write the rows as they come.

    Parameters
    ----------
    spec : SweepSpec, or as ``read_spec`` takes it
        The spec's file, its text, or a mapping.
    folder : str or Path
        Where the rows are kept; new, empty, or of this very sweep.
    workers : int from 1 to 1024, optional
        Local processes; without it the work is done in this one.
    scheduler : str, optional
        Address of a running Dask scheduler, tcp://host:port; its workers need this version of the package.
    timeout : float
        Seconds that the scheduler may take to answer.
    retry_failed : bool
        Whether points whose row holds an error are computed again.
    progress : callable, optional
        Called with a ``Progress`` after every group of points.
    schemes, estimators : objects of your own, optional
        Which the spec may name like registered ones. They travel to workers by pickle, so workers need to import their classes;
        their code is part of what a folder belongs to.

    Returns
    -------
    SweepOutcome

    Raises
    ------
    InputError
        Before anything is written: a folder of something else, one that another process writes, no answer from the scheduler, or
        missing packages.
    OSError
        When a row cannot be written (disk full); all rows before are kept.
    """
    require_packages()
    start = time.monotonic()
    spec, folder = read_spec(spec, schemes=schemes, estimators=estimators), Path(folder)
    if workers is not None and scheduler is not None:
        raise InputError(["give workers or a scheduler, not both"])
    if workers is not None:
        count = whole_number(workers)
        if count is None or not 1 <= count <= 1024:
            raise InputError([f"workers must be an integer from 1 to 1024, got {workers!r}"])
        workers = count
    if scheduler is not None and (fault := address_fault(scheduler)):
        raise InputError([fault])
    check_folder(folder, spec)
    computed = failed = unavailable = 0
    with contextlib.ExitStack() as stack:
        stop_if_interrupted = stack.enter_context(_remembered_interrupt())
        # Nothing is written before a scheduler has answered.
        client = stack.enter_context(_client(None, scheduler, timeout)) if scheduler is not None else None
        store = stack.enter_context(Store(folder, spec))
        done, failed_before, damaged = store.done(retry_failed=retry_failed)
        # Content ids differ from point to point, and the folder holds rows of this sweep only.
        kept = len(done)
        if kept < len(spec):
            client = client or stack.enter_context(_client(workers, None, timeout))
            for rows in _computed(client, spec, _missing(spec, done)):
                store.append(rows)
                stop_if_interrupted()
                computed += len(rows)
                failed += sum(row["status"] == FAILED for row in rows)
                unavailable += sum(row["status"] == UNAVAILABLE for row in rows)
                if progress is not None:
                    progress(
                        Progress(
                            total=len(spec),
                            done=kept + computed,
                            computed=computed,
                            failed=failed_before + failed,
                            seconds=time.monotonic() - start,
                        )
                    )
        store.put_together()
    return SweepOutcome(
        folder=folder,
        total=len(spec),
        kept=kept,
        computed=computed,
        failed=failed_before + failed,
        unavailable=unavailable,
        damaged=tuple(damaged),
        seconds=time.monotonic() - start,
    )


def _missing(spec: SweepSpec, done: set[str]) -> Iterator[int]:
    """Numbers of the points without a row, one by one as they are needed."""
    return (number for number, point in enumerate(spec.points()) if spec.task_id(point) not in done)


def ranges_of(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers as ranges, ends left out.

    >>> ranges_of([3, 4, 5, 9, 11, 12])
    [(3, 6), (9, 10), (11, 13)]
    """
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number:
            ranges[-1] = (ranges[-1][0], number + 1)
        else:
            ranges.append((number, number + 1))
    return ranges


def address_fault(scheduler: str) -> str | None:
    """What is wrong with the address of a scheduler, or None."""
    match = _ADDRESS.fullmatch(scheduler)
    if match is None or not 0 < int(match[2]) < 2**16:
        return f"the scheduler's address must look like tcp://host:8786, got {scheduler!r}"
    return None


def _require_scheduler(address: str, timeout: float) -> None:
    """Ask who is there before a client is made, which would go on asking for ever."""
    from distributed.core import rpc

    async def ask() -> Any:
        async with rpc(address, timeout=timeout) as there:
            return await there.identity()

    async def in_time() -> Any:
        return await asyncio.wait_for(ask(), timeout)

    try:
        answer = _run_apart(in_time)
    except Exception as error:  # noqa: BLE001 - whatever an unknown service answers, it is no scheduler
        raise InputError([f"no Dask scheduler answers at {address!r} within {timeout:g} s ({_short(error)})"]) from None
    if not isinstance(answer, dict) or answer.get("type") != "Scheduler":
        raise InputError([f"what answers at {address!r} is no Dask scheduler"])


def _run_apart(ask: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine to its end, in a thread of its own where this one has a loop that runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(ask())
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result()


@contextlib.contextmanager
def _remembered_interrupt() -> Iterator[Callable[[], None]]:
    """Remember Ctrl-C, and give a function that raises it again: what is raised in a finalizer or a callback Python drops."""
    heard = False
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: None
        return

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal heard
        heard = True
        signal.default_int_handler(number, frame)

    def stop() -> None:
        if heard:
            raise KeyboardInterrupt

    usual = sys.unraisablehook

    def quiet(dropped: Any) -> None:
        # It is not lost, so nobody has to be told.
        if dropped.exc_type is not KeyboardInterrupt:
            usual(dropped)

    signal.signal(signal.SIGINT, note)
    sys.unraisablehook = quiet
    try:
        yield stop
    finally:
        sys.unraisablehook = usual
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until the end: while workers start, which then never see it and leave it to us, and while they are closed.

    Blocking the signal is what the threads and processes started meanwhile inherit. A thread from before may still be given it,
    so it is noted as well.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    noted: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: noted.append(number))
    blocked: set[int] | None = None
    if hasattr(signal, "pthread_sigmask"):
        from multiprocessing import resource_tracker

        # Where it is not running yet, whichever thread starts it has Ctrl-C unblocked at the end.
        resource_tracker.ensure_running()
        blocked = set(signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}))
    try:
        yield
    finally:
        if blocked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGINT, before)
        if noted and callable(before):
            before(signal.SIGINT, None)


@contextlib.contextmanager
def _client(workers: int | None, scheduler: str | None, timeout: float) -> Iterator[Any]:
    """A Dask client, and a cluster of its own unless an address is given; both are closed at the end."""
    import distributed

    # Its logs report lost connections at length; what it means for the sweep is said once, by us.
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # So do those that hear of tasks of its own which nobody waited for; adding a filter again changes nothing.
    for name in ("asyncio", "tornado.application"):
        logging.getLogger(name).addFilter(_not_of_dask)
    if scheduler is not None:
        _require_scheduler(scheduler, timeout)
        client = distributed.Client(scheduler, timeout=timeout, set_as_default=False)
        try:
            _check_workers(client, timeout)
            yield client
        finally:
            _close(client)
        return
    # There is no dashboard to see, but small servers for it start all the same: on free ports of this machine alone.
    options: dict[str, Any] = {
        "threads_per_worker": 1,
        "dashboard_address": "127.0.0.1:0",
        "worker_dashboard_address": "127.0.0.1:0",
        "silence_logs": logging.CRITICAL,
    }
    if workers is None:
        options |= {"n_workers": 1, "processes": False}
    else:
        options |= {"n_workers": workers, "host": "127.0.0.1"}
    with contextlib.ExitStack() as stack:
        try:
            with _uninterrupted():
                # What has been started is closed, also when the Ctrl-C that waited comes now.
                cluster = _cluster(options)
                stack.callback(_close, cluster)
                client = distributed.Client(cluster, set_as_default=False)
                stack.callback(_close, client)
        except (RuntimeError, OSError, TimeoutError) as error:
            raise InputError([f"the local workers did not start ({_short(error)})"]) from None
        yield client


def _not_of_dask(record: logging.LogRecord) -> bool:
    """Whether a record is not about a connection of Dask's that was lost."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or kind.__module__.split(".")[0] not in ("distributed", "tornado")


def _cluster(options: dict[str, Any]) -> Any:
    """Local workers; one that is killed while it starts takes all down, so they are started again, twice at most."""
    from distributed import LocalCluster

    class Workers(LocalCluster):  # type: ignore[misc]  # distributed has no types
        """Local workers whose list survives the news that one is gone which was never on it.

        distributed 2026.8 looks up a worker that died and was replaced since; the KeyError ends the task that listens, and then
        the closing that waits for it, half-way.
        """

        def _update_worker_status(self, op: str, msg: Any) -> None:
            with contextlib.suppress(KeyError):
                super()._update_worker_status(op, msg)

    for _ in range(STARTS - 1):
        with contextlib.suppress(RuntimeError):
            return Workers(**options)
    return Workers(**options)


def _close(thing: Any) -> None:
    """Close a client or a cluster; rows are written before, so one that is gone already, or is slow to go, costs nothing."""
    with _uninterrupted(), contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
        thing.close()


def _check_workers(client: Any, timeout: float) -> None:
    """Every worker of a running cluster must have this package with this code, or its rows would not be ours."""
    try:
        client.wait_for_workers(1, timeout=timeout)
        versions = client.run(_version_here)
    except (TimeoutError, OSError) as error:
        raise InputError([f"the scheduler has no worker that answers within {timeout:g} s ({_short(error)})"]) from None
    except ModuleNotFoundError as error:
        raise InputError([f"the workers cannot import {error.name}; install photonic-sensor-networks there"]) from None
    ours = _version_here()
    other = sorted(f"{address} has {theirs}" for address, theirs in versions.items() if theirs != ours)
    if other:
        raise InputError([f"workers need photonic-sensor-networks {ours}, but {', '.join(other[:5])}"])


def _version_here() -> str:
    return f"{version('photonic-sensor-networks')} (code {code_id()})"


def _short(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _computed(client: Any, spec: SweepSpec, numbers: Iterator[int]) -> Iterator[list[dict[str, Any]]]:
    """Rows of the points, group by group, as they are finished."""
    work = _groups(client, spec, numbers)
    while True:
        try:
            rows = next(work, None)
        except (OSError, TimeoutError, CancelledError, asyncio.CancelledError, _GoneError):
            raise InputError(
                ["the Dask scheduler is gone; the rows so far are kept, repeat the command to go on"]
            ) from None
        if rows is None:
            return
        yield rows


class _GoneError(Exception):
    """The scheduler does not answer any more."""


def _groups(client: Any, spec: SweepSpec, numbers: Iterator[int]) -> Iterator[list[dict[str, Any]]]:
    """As ``_computed``; what comes of a scheduler that is gone is left to that."""
    from distributed import as_completed

    payload = _payload(client, spec)
    ahead = GROUPS_AHEAD * max(1, sum(client.nthreads().values()))
    size = 1.0
    sent = 0
    groups: dict[str, list[int]] = {}
    cancelled: dict[int, int] = {}
    alone: dict[int, int] = {}
    later: list[int] = []
    waiting = as_completed([], loop=client.loop, with_results=True, raise_errors=False)

    def send(group: list[int]) -> None:
        # A number of its own for each sending: a key that was cancelled is not to be met again.
        nonlocal sent
        sent += 1
        key = f"psn-{spec.spec_id[:16]}-{group[0]}-{len(group)}-{sent}"
        future = client.submit(run_points, payload, ranges_of(group), key=key, pure=False)
        groups[future.key] = group
        waiting.add(future)

    def refill() -> None:
        while len(groups) < ahead:
            group = list(itertools.islice(numbers, max(1, int(size))))
            if not group:
                return
            send(group)

    refill()
    while groups or later:
        if not groups:
            send([later.pop()])
        future, result = _next(waiting, client)
        group = groups.pop(future.key)
        future.release()
        # The result itself decides, not the status of its future: that is "lost" again when a worker dies whose rows are here.
        if isinstance(result, list):
            size = _per_second(result, size)
            refill()
            yield result
        elif isinstance(result, CancelledError | asyncio.CancelledError) or _was_killed(payload):
            # The scheduler is gone; or it is there, and the payload met too many kills.
            cancelled[group[0]] = cancelled.get(group[0], 0) + 1
            if client.status != "running" or cancelled[group[0]] > MOST_CANCELLED:
                raise _GoneError
            _wait_for_a_worker(client)
            if payload.status not in ("finished", "pending"):
                payload = _payload(client, spec)
            send(group)
        elif len(group) > 1:
            # One of them kills its workers; alone it cannot take the others with it.
            for number in group:
                send([number])
        elif alone.get(group[0], 0) < MOST_ALONE:
            # Its workers died, of it or of something else. With nothing else out it is seen which.
            alone[group[0]] = alone.get(group[0], 0) + 1
            later.append(group[0])
        else:
            yield [_lost(spec, group[0], result[1] if isinstance(result, tuple) else result)]


def _payload(client: Any, spec: SweepSpec) -> Any:
    """What all groups need, once on each worker, as a task: it is done again by itself where the workers that held it died.

    Scattering it to all would wait for ever when one of them dies meanwhile: distributed 2026.8 goes on replicating to it.
    """
    with warnings.catch_warnings():
        # Networks of many nodes make it large; it is sent once.
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
        return client.submit(same, spec.payload(), pure=False)


def _was_killed(payload: Any) -> bool:
    """Whether the payload was given up, as one whose workers died again and again."""
    from distributed.scheduler import KilledWorker

    return payload.status == "error" and isinstance(payload.exception(), KilledWorker)


def _next(waiting: Any, client: Any) -> tuple[Any, Any]:
    """The next future and its result, seeing to it that there are workers to wait for."""
    looked = time.monotonic()
    while not waiting.has_ready():
        time.sleep(POLL_SECONDS)
        if time.monotonic() - looked > WORKER_SECONDS:
            _wait_for_a_worker(client)
            looked = time.monotonic()
    future, result = next(waiting)
    return future, result


def _wait_for_a_worker(client: Any) -> None:
    """Until there is a worker again, nothing comes back.

    Killed workers come again by themselves, but not those that are killed while they start: local ones are begun anew then.

    Raises
    ------
    InputError
        When none stays.
    """
    for _ in range(WORKER_TRIES):
        with contextlib.suppress(TimeoutError):
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
            return
        if client.cluster is not None:
            count = len(client.cluster.worker_spec)
            client.cluster.scale(0)
            client.cluster.scale(count)
    raise InputError(["no worker stays alive; the rows so far are kept, repeat the command to go on"])


def _per_second(rows: list[dict[str, Any]], size: float) -> float:
    """Points that a group should have, from how long these took; never more than eight times as many as before."""
    seconds = sum(row["elapsed_s"] for row in rows) / len(rows)
    return float(min(LARGEST_GROUP, 8 * max(size, 1.0), GROUP_SECONDS / max(seconds, 1e-6)))


def _lost(spec: SweepSpec, number: int, error: object) -> dict[str, Any]:
    """The row of a point whose workers died of it, or whose result did not come back."""
    point = spec.point(number)
    message = f"{type(error).__name__}: {error}"
    return {
        **start_of_row(point, number, spec.task_id(point), spec.settings),
        "status": FAILED,
        "message": message[:500],
        "alpha": point.get("alpha"),
        "photons_per_shot": point.get("photons"),
        "mean_photons_per_shot": point.get("mean_photons"),
        "passes": point.get("passes"),
        "transmissivity": point.get("transmissivity"),
    }
