"""Which attributes of the laboratory results depend on, by the kind of sensing: commands name the others as not used.

Transmissivities of modes and links are in all of these; what is listed here stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping

from networks.modes import Sensing

AS_BUILT: Mapping[Sensing, frozenset[str]] = {
    "phase": frozenset(
        {
            *("arms", "transmissivity_before", "mean_photons_max"),
            *("detector_efficiency", "visibility", "dark_counts", "phase_jitter_rad"),
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
"""What errors as built depend on: of exactly N photons, and of squeezed light read out by homodyne."""
OF_MODES: Mapping[Sensing, frozenset[str]] = {
    "phase": frozenset({"arms", "transmissivity_before", "detector_efficiency"}),
    "displacement": frozenset(),
}
"""What closed forms of the losses of modes depend on, the transmissivities of modes beside."""
