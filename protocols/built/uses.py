"""Which attributes of the laboratory results depend on, by the kind of problem: commands name the others as not used.

Transmissivities of modes and links are in all of these; what is listed here stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocols.problem import Kind

AS_BUILT: Mapping[Kind, frozenset[str]] = {
    "phase": frozenset(
        {
            *("arms", "transmissivity_before", "mean_photons_max"),
            *("detector_efficiency", "visibility", "dark_counts", "phase_jitter_rad"),
        }
    ),
    "gaussian": frozenset(
        {
            *("mean_photons", "arms", "phase_reference"),
            *("squeezers", "squeezing_db", "squeezer", "squeezer_efficiency"),
            *("transmissivity_before", "mean_photons_max"),
            *("detector_efficiency", "visibility", "dark_counts", "electronic_noise", "phase_jitter_rad"),
        }
    ),
    "displacement": frozenset(
        {
            *("squeezers", "squeezing_db", "squeezer", "squeezer_efficiency"),
            *("transmissivity_before", "mean_photons_max"),
            *("detector_efficiency", "visibility", "electronic_noise", "phase_jitter_rad"),
        }
    ),
}
"""What errors as built depend on: of exactly N photons, of Gaussian light for phases, and of squeezed light for displacements."""
DESIGNED: Mapping[Kind, frozenset[str]] = {**AS_BUILT, "phase": AS_BUILT["phase"] | AS_BUILT["gaussian"]}
"""What designs depend on: beside photon states they list Gaussian light."""
OF_MODES: Mapping[Kind, frozenset[str]] = {
    "phase": frozenset({"arms", "transmissivity_before", "detector_efficiency"}),
    "gaussian": frozenset({"mean_photons", "arms", "transmissivity_before", "detector_efficiency"}),
    "displacement": frozenset(),
}
"""What closed forms of the losses of modes depend on, the transmissivities of modes beside."""
