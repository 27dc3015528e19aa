"""A laboratory in a network file: fibres, one squeezer in the hub, detectors of two kinds; what each node has, all filled in."""

from pathlib import Path

from networks import load_network


def main() -> None:
    """The benches that everything computed from this file is to use, and the links in dB turned to transmissivities."""
    network = load_network(Path(__file__).with_name("four_sites.json"))
    laboratory = network.laboratory
    print(
        f"{laboratory.squeezers} squeezer of at most {laboratory.squeezing_db:g} dB, reference {laboratory.phase_reference}"
    )
    for mode, bench in zip(network.modes, laboratory.benches, strict=True):
        print(
            f"{mode.id}: squeezer {'allowed' if bench.squeezer else 'not allowed'}, before {bench.transmissivity_before:.4f}, "
            f"after {bench.transmissivity:.4f}, detector {bench.detector_efficiency:g}, dark counts {bench.dark_counts:g}"
        )
    # The graph's value holds where a node says nothing, and the node's own wins.
    assert [bench.detector_efficiency for bench in laboratory.benches] == [0.9, 0.9, 0.9, 0.75, 0.9]
    assert [bench.squeezer for bench in laboratory.benches] == [False, False, False, False, True]
    before = [bench.transmissivity_before for bench in laboratory.benches]
    assert before == [10**-0.03] * 4 + [1]
    # 12 km of 0.2 dB/km are 2.4 dB; the measured loss of the last fibre, 5.6 dB over its 25 km, stands for itself.
    links = {str(link.ends[0]): link.transmissivity for link in network.links}
    assert abs(links["south"] - 10**-0.24) < 1e-12
    assert abs(links["west"] - 10**-0.56) < 1e-12


if __name__ == "__main__":
    main()
