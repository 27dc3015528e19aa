"""The average of four phases with displaced squeezed light, one squeezer shared or four: the experiment of Guo et al. 2020.

Guo et al., Nat. Phys. 16, 281 (2020); fits from their published analysis (qpit/distributed-quantum-sensing). The network file has
their phases, 2.5 photons a node counted behind a transmissivity of 0.735; ``guo_four_nodes.py`` has displacements.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from networks import load_network
from protocols import design, rank_plans

NODES = 4


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A setting of the experiment, in units of the vacuum's amplitude and degrees.

    Signal amp |sin(phi + signal_deg)|, noise of variance v_sq^2 cos^2 + v_anti^2 sin^2 at phi + noise_deg; ``photons`` and
    ``sigma`` are read off their figure, to 4 % and to 1 %.
    """

    shared: bool
    amp: float
    v_sq: float
    v_anti: float
    signal_deg: float
    noise_deg: float
    photons: float
    sigma: float

    @property
    def photons_fitted(self) -> float:
        """Of a node: squeezed and coherent ones. The signal of shared light is that of the mean of four nodes."""
        return (self.v_sq**2 + self.v_anti**2 - 2 + self.amp**2) / (4 * NODES if self.shared else 4)

    @property
    def sigma_fitted(self) -> float:
        """Noise over slope at phi = 0, of the mean of four phases."""
        at = math.radians(self.noise_deg)
        noise = math.hypot(self.v_sq * math.cos(at), self.v_anti * math.sin(at))
        return noise / (self.amp * math.cos(math.radians(self.signal_deg))) / (1 if self.shared else math.sqrt(NODES))

    @property
    def transmissivity(self) -> float:
        """Of light that was pure: 1 - v_sq^2 = eta (1 - e^(-2r)) and v_anti^2 - 1 = eta (e^(2r) - 1), solved for eta."""
        less, more = 1 - self.v_sq**2, self.v_anti**2 - 1
        return less * more / (more - less)

    @property
    def squeezing_db(self) -> float:
        """Before the loss, 20 r/ln 10: the ratio of the same two is e^(2r)."""
        return 10 * math.log10((self.v_anti**2 - 1) / (1 - self.v_sq**2))


FITS = (
    Fit(shared=True, amp=3.87, v_sq=0.64, v_anti=1.99, signal_deg=3.18, noise_deg=0.78, photons=1.08, sigma=0.167),
    Fit(shared=True, amp=4.37, v_sq=0.61, v_anti=2.25, signal_deg=3.45, noise_deg=1.22, photons=1.47, sigma=0.141),
    Fit(shared=True, amp=5.91, v_sq=0.59, v_anti=2.51, signal_deg=3.04, noise_deg=1.94, photons=2.48, sigma=0.100),
    Fit(shared=True, amp=6.99, v_sq=0.58, v_anti=2.72, signal_deg=3.52, noise_deg=2.00, photons=3.56, sigma=0.0845),
    Fit(shared=True, amp=8.02, v_sq=0.56, v_anti=3.00, signal_deg=3.22, noise_deg=2.39, photons=4.56, sigma=0.072),
    Fit(shared=False, amp=2.09, v_sq=0.81, v_anti=1.33, signal_deg=4.71, noise_deg=-1.77, photons=1.19, sigma=0.195),
    Fit(shared=False, amp=2.38, v_sq=0.75, v_anti=1.49, signal_deg=4.70, noise_deg=-2.06, photons=1.58, sigma=0.159),
    Fit(shared=False, amp=2.98, v_sq=0.70, v_anti=1.65, signal_deg=4.06, noise_deg=-2.09, photons=2.53, sigma=0.119),
    Fit(shared=False, amp=3.30, v_sq=0.68, v_anti=1.76, signal_deg=4.21, noise_deg=-1.86, photons=3.10, sigma=0.104),
)
SIGMAS = (0.1658, 0.1402, 0.1009, 0.0842, 0.0716, 0.1946, 0.1584, 0.1181, 0.1036)
PHOTONS = (1.084, 1.408, 2.474, 3.412, 4.477, 1.198, 1.612, 2.523, 3.112)
TRANSMISSIVITIES = (0.737, 0.743, 0.743, 0.740, 0.751, 0.622, 0.682, 0.725, 0.723)


def main() -> None:
    """The fits against what was measured, and the network's design against both."""
    for fit, sigma, photons, eta in zip(FITS, SIGMAS, PHOTONS, TRANSMISSIVITIES, strict=True):
        assert abs(fit.sigma_fitted - sigma) < 6e-5
        assert abs(fit.photons_fitted - photons) < 6e-4
        assert abs(fit.transmissivity - eta) < 6e-4
        assert abs(fit.sigma_fitted / fit.sigma - 1) < 0.012
        assert abs(fit.photons_fitted / fit.photons - 1) < 0.045

    network = load_network(Path(__file__).with_name("guo_four_phases.json"))
    result = design(network)
    best = {one.plan.scheme: math.sqrt(one.mse) for one in result.candidates}
    shared, separate = best["displaced-squeezed-shared"], best["displaced-squeezed-local"]
    # (eta e^(-2r) + 1 - eta)/(4 m a^2) at the best r; 10.03 and 6.47 dB.
    assert abs(shared - 0.099710) < 1e-6
    assert abs(separate - 0.115697) < 1e-6
    assert result.chosen.plan.scheme == "displaced-squeezed-shared"
    assert result.verdict.entanglement_pays
    for fit, had, best_db in ((FITS[2], 9.10, 10.03), (FITS[7], 5.29, 6.47)):
        designed = shared if fit.shared else separate
        # Neither had the best squeezing, nor exactly 2.5 photons.
        assert abs(fit.squeezing_db - had) < 0.01 < best_db - had
        assert 0.98 < fit.sigma / designed < 1.05
        print(
            f"{'one squeezer' if fit.shared else 'four squeezers'}, {fit.photons:g} photons a node: measured {fit.sigma:.3f}, "
            f"fitted {fit.sigma_fitted:.4f}; the best of 2.5 {designed:.6f}"
        )

    # The network at the photons and transmissivity of each fit: no setting is below the best light.
    for fit in FITS:
        at = network.replace(mean_photons=NODES * fit.photons_fitted / fit.transmissivity)
        limits = {one.plan.scheme: one.mse for one in rank_plans(at.with_transmissivity(fit.transmissivity)).built}
        best_of_kind = limits["displaced-squeezed-shared" if fit.shared else "displaced-squeezed-local"]
        assert 1 < fit.sigma_fitted**2 / best_of_kind < 1.1


if __name__ == "__main__":
    main()
