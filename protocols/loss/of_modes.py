"""What closed forms of the losses of modes have in them: curves and crossings are made of these, errors as built are not."""

from __future__ import annotations

from protocols.problem import AnyProblem, GaussianProblem, PhaseProblem


def is_of_modes_alone(problem: AnyProblem) -> bool:
    """Whether closed forms of the losses of modes have everything in them: links lose nothing, and nothing is limited or noisy.

    For phases what is lost before the sensing and missed by detectors is among these losses.

    Parameters
    ----------
    problem : Problem
    """
    return not left_out(problem)


def left_out(problem: AnyProblem) -> str:
    """What of a network is not in the closed forms, in words; empty where they have everything.

    Parameters
    ----------
    problem : Problem

    Examples
    --------
    >>> from networks import Link, SensorNetwork
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, visibility=0.9)
    >>> left_out(PhaseProblem(network=pair.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),))))
    'losses of links, visibility, jitter and dark counts'
    """
    parts = ["losses of links"] if problem.has_lossy_links else []
    if isinstance(problem, PhaseProblem):
        parts += ["visibility, jitter and dark counts"] if problem.has_noisy_detectors else []
        parts += ["limits of the light at sensors"] if problem.has_light_limits else []
    elif isinstance(problem, GaussianProblem):
        parts.append("limits and detectors")
    elif problem.has_laboratory:
        parts.append("losses before the sensing, limits and detectors")
    return ", ".join(parts)
