"""The least photon number for a target precision, compared with closed forms and with whole designs on both sides of it."""

import math

import numpy as np
import pytest

from networks import InputError, SensorNetwork
from protocols import design, photons_needed, template_network


@pytest.mark.parametrize(("rmse", "shots"), [(0.3, 1), (1e-3, 10_000), (0.01, 7)])
@pytest.mark.parametrize(
    ("scheme", "photons"),
    [
        # (||alpha||_1/N)^2 and ||alpha||_P^2/N of one interferometer are 1/N^2 and 1/N.
        ("noon", lambda size: 1 / size),
        ("coherent", lambda size: 1 / size**2),
    ],
)
def test_one_interferometer_without_loss(rmse, shots, scheme, photons):
    network = SensorNetwork.star([1], sensing="phase", photons=3)
    needed = photons_needed(network, rmse, shots=shots, schemes=[scheme])
    assert needed == math.ceil(photons(rmse * math.sqrt(shots)) * (1 - 1e-9))
    assert isinstance(needed, int)


def test_laser_light_of_four_interferometers():
    """Shot noise 1/(eta nbar) with detectors of 90 %."""
    network = template_network("fibre-star", sensors=4)
    needed = photons_needed(network, 1e-3, shots=10_000, schemes=["coherent"])
    assert needed == pytest.approx(1 / 0.9 / 0.01, rel=1e-3)
    assert needed >= 1 / 0.9 / 0.01


def test_squeezed_light_that_comes_over_fibre_as_ten_jobs_says():
    """The difference of photocurrents has the variance b V + n and the slope b - n, of b coherent and n squeezed photons."""
    network = template_network("fibre-star", sensors=4, distance_km=2.5)
    needed = photons_needed(network, 1e-3, shots=10_000)
    assert needed == 41.16

    def mse(photons):
        r = np.linspace(0, math.log(10) / 2, 4001)
        arriving = 0.9 * 10**-0.05
        b, n = 0.9 * (photons - np.sinh(r) ** 2), arriving * np.sinh(r) ** 2
        return float(np.min((b * (1 - arriving + arriving * np.exp(-2 * r)) + n) / (b - n) ** 2))

    assert mse(41.155) > 0.01 > mse(41.16)


def test_squeezed_light_of_two_field_sensors():
    """||alpha||_2^2 e^{-2r}/d, with e^{2r} = (sqrt n + sqrt(n + 1))^2 of n photons, all of them in one squeezer."""
    network = SensorNetwork.star(["1/2", "1/2"], sensing="displacement", mean_photons=1.0)
    needed = photons_needed(network, 0.1, shots=4, schemes=["entangled-squeezed"])
    assert (math.sqrt(needed) + math.sqrt(needed + 1)) ** -2 / 2 == pytest.approx(0.04, rel=2e-3)
    # The vacuum has 1/2.
    assert photons_needed(network, 0.8) == 1e-9


@pytest.mark.parametrize(
    ("network", "rmse"),
    [
        (template_network("interferometer-chain", sensors=3, function="gradient", photons=5), 0.05),
        (template_network("rf-array", sensors=3), 0.5),
        (template_network("two-armed-pair"), 1e-3),
    ],
)
def test_whole_designs_agree_on_both_sides(network, rmse):
    needed = photons_needed(network, rmse)
    if network.photons is None:
        there, below = (network.replace(mean_photons=n) for n in (needed, needed * (1 - 2e-3)))
    else:
        there, below = (network.replace(photons=n) for n in (needed, needed - 1))
    assert design(there).chosen.mse <= rmse**2 < design(below).chosen.mse


def test_what_no_light_reaches_and_wrong_input():
    limited = template_network("rf-array", sensors=5, squeezing_db=5, detector_efficiency=0.8)
    # 5 dB seen by detectors of 80 %, over five sensors.
    left = (0.2 + 0.8 * 10**-0.5) / 0.8 / 5
    with pytest.raises(InputError, match=f"entangled-squeezed is left with {left:.4g}; take more shots"):
        photons_needed(limited, 0.3)
    with pytest.raises(InputError) as caught:
        photons_needed(limited, -1, shots=0)
    assert caught.value.faults == (
        "rmse must be a positive number, got -1",
        "shots must be an integer from 1 to 1000000000, got 0",
    )
