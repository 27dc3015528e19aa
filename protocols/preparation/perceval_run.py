"""Experiments of one and two photons on Perceval's simulator, beside the native engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks.values import Value
from protocols.documents.printed import Entry, Printed
from protocols.preparation.experiment import PhotonExperiment
from protocols.theory.sums import error_sum, squared

if TYPE_CHECKING:
    from photonics.circuits.circuit import Circuit


@dataclass(frozen=True, slots=True, kw_only=True)
class PercevalRun(Value, Printed):
    """What Perceval's simulator counts in one experiment.

    Attributes
    ----------
    experiment : PhotonExperiment
    probabilities : pairs of photon numbers, one a mode, and probability
        Of the shots that post-selection keeps, in which all photons arrive and none is where none may be; the most probable first.
    performance : float
        Probability that a shot is kept, by Perceval.
    difference_to_native : float
        The largest between any of these numbers and the native engine's.
    mse_per_attempt : float or None
        Mean squared error by these counts of the part's share of q, for one attempt of its own, failed ones counted; None where
        more photons pass for those wanted.
    text : str
        The experiment for ``perceval.serialization``, with its light and its post-selection.
    """

    DOCUMENT = (
        Entry("part", of="experiment.part"),
        Entry("share", of="experiment.share"),
        Entry("modes", of="experiment.circuit.modes"),
        "light",
        Entry("photons", of="experiment.recipe.photons"),
        Entry("found", of="experiment.recipe.found"),
        Entry("success", of="experiment.recipe.success"),
        Entry("single_photons_enter", of="experiment.starts_from_photons"),
        Entry("readout", of="experiment.readout"),
        Entry(
            "probabilities",
            of=lambda run: [{"counts": list(string), "probability": p} for string, p in run.probabilities],
        ),
        "performance",
        "difference_to_native",
        "mse_per_attempt",
    )

    experiment: PhotonExperiment
    probabilities: tuple[tuple[tuple[int, ...], float], ...]
    performance: float
    difference_to_native: float
    mse_per_attempt: float | None
    text: str

    @property
    def light(self) -> tuple[tuple[tuple[int, ...], float], ...]:
        """The strings that enter, with their real amplitudes."""
        from photonics import PrepareFock

        start = self.experiment.circuit.operations[0]
        assert isinstance(start, PrepareFock)
        return tuple((string, c.real) for string, c in start.state.terms.items())


def run_on_perceval(experiment: PhotonExperiment, theta: Sequence[float]) -> PercevalRun:
    """Run an experiment on Perceval's simulator with Perceval's own post-selection, and natively.

    Parameters
    ----------
    experiment : PhotonExperiment
    theta : (d,) floats
        Phases of all sensors of the network in rad.

    Raises
    ------
    ImportError
        Without the extra ``perceval``.
    """
    from photonics import PhotonCounting, measure
    from photonics.adapters.perceval import perceval_counts, perceval_processor, serialized

    values = [theta[j] for j in experiment.sensors]
    photons, dark, place = experiment.recipe.photons, experiment.dark, experiment.circuit.place
    processor = perceval_processor(experiment.circuit, values, photons=photons, found=dark)
    kept = perceval_counts(processor)
    native = measure(experiment.circuit, PhotonCounting(), values)
    good = {
        tuple(string): float(p)
        for string, p in zip(native.labels.tolist(), native.probabilities, strict=True)
        if sum(string) == photons and all(string[place[mode]] == count for mode, count in dark.items())
    }
    chance, theirs = math.fsum(good.values()), dict(kept.probabilities)
    differences = [abs(theirs.get(string, 0.0) - good.get(string, 0.0) / chance) for string in {*good, *theirs}]
    return PercevalRun(
        experiment=experiment,
        probabilities=kept.probabilities,
        performance=kept.performance,
        difference_to_native=max(abs(kept.performance - chance), *differences),
        mse_per_attempt=None if experiment.takes_more_photons else experiment.attempt_mse(values),
        text=serialized(processor),
    )


def native_difference(circuit: Circuit, theta: Sequence[float]) -> float:
    """The largest difference between a probability of counts on Perceval's simulator and the native engine's, all shots kept.

    Parameters
    ----------
    circuit : Circuit
        From a Fock state on, passive.
    theta : (d,) floats
        In rad.

    Raises
    ------
    ImportError
        Without the extra ``perceval``.
    """
    from photonics import PhotonCounting, measure
    from photonics.adapters.perceval import perceval_probabilities

    theirs = perceval_probabilities(circuit, theta)
    native = measure(circuit, PhotonCounting(), theta)
    ours = {tuple(label): float(p) for label, p in zip(native.labels.tolist(), native.probabilities, strict=True)}
    return max(abs(theirs.get(label, 0.0) - ours.get(label, 0.0)) for label in {*ours, *theirs})


def counts_mse(runs: Sequence[PercevalRun], *, takes_turns: bool) -> float | None:
    """Mean squared error of q for one attempt by the counts of all parts; those in turn share the attempts out in the best way.

    Parameters
    ----------
    runs : sequence of PercevalRun
        One for each part of a plan.
    takes_turns : bool
        Whether parts share the attempts out; otherwise every attempt has all.

    Returns
    -------
    float or None
        None where that of a part is.
    """
    errors = [run.mse_per_attempt for run in runs if run.mse_per_attempt is not None]
    if len(errors) < len(runs):
        return None
    return squared(error_sum(map(math.sqrt, errors))) if takes_turns else error_sum(errors)
