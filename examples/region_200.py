"""A region of 200 nodes with distances: one squeezer, two, three, or one for each of 150 sensors."""

from pathlib import Path

from networks import load_network
from protocols import SqueezedLayouts, design


def main() -> None:
    """With so much fibre three squeezers beat one, and one for each sensor comes close."""
    network = load_network(Path(__file__).with_name("region_200.json"))
    physical = design(network).physical
    assert isinstance(physical, SqueezedLayouts)
    by_sources = {row.sources: row for row in reversed(physical.alternatives)}
    for count in sorted(by_sources):
        row = by_sources[count]
        print(f"{count:>3} squeezers: MSE {row.mse:.1f}, {row.elements} beam splitters in {row.depth} layers")
    errors = {count: row.mse for count, row in by_sources.items()}
    assert errors[3] < errors[150] < errors[2] < errors[1]
    assert len(physical.layout.elements) == 171


if __name__ == "__main__":
    main()
