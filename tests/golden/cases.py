"""What the golden files are about: commands of psn and what they write. Every case is a file, named like it, in a folder a command.

Commands that refuse are cases too: their exit code and message are kept. Left out is what differs from run to run: jobs on a cloud
and its emulator, searches that stop after a time, and messages of the option parser, which are not ours.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NETWORKS = sorted(path.stem for path in (ROOT / "examples").glob("*.json"))
LARGE = "region_200"
"""The one example that takes seconds; its documents are thinned."""
SMALL = [name for name in NETWORKS if name != LARGE]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One golden file.

    Attributes
    ----------
    name : its folder and stem.
    lines : what comes after ``psn``, run one after the other in one folder.
    long : whether it takes seconds.
    thin : whether long lists are cut.
    free_angles : whether angles of its Blackbird program are free.
    """

    name: str
    lines: tuple[str, ...]
    long: bool = False
    thin: bool = False
    free_angles: bool = False


def _cases(
    command: str,
    lines: dict[str, str | tuple[str, ...]],
    *,
    long: tuple[str, ...] = (),
    free_angles: tuple[str, ...] = (),
) -> list[Case]:
    """Cases of a command from the rest of their lines, in which @ stands for the network that the case is named after."""
    result = []
    for name, rest in lines.items():
        texts = (rest,) if isinstance(rest, str) else rest
        network = name.partition("-")[0]
        whole = tuple(f"{command} {text}".replace("@", f"examples/{network}.json") for text in texts)
        result.append(
            Case(
                name=f"{command.replace(' ', '_')}/{name}",
                lines=whole,
                long=name in long,
                thin=network == LARGE,
                free_angles=name in free_angles,
            )
        )
    return result


def _on_all(rest: str) -> dict[str, str | tuple[str, ...]]:
    return dict.fromkeys(NETWORKS, rest)


# --- bounds and photon protocols ----------------------------------------------------------------------------

_ALPHAS = {
    "balanced": "1,-1",
    "one_sensor": "3",
    "fractions": "1/15,2/15,3/15,4/15,5/15",
    "mixed_signs": "-1,3,1/2,-2,0",
    "interpolation": "-1/16,9/16,9/16,-1/16",
    "floats": "0.1,-0.33333333,2e-3",
}

BOUNDS = _cases(
    "bounds",
    {
        **{name: f"--alpha {alpha} --photons 8 --mean-photons 2.5 --json" for name, alpha in _ALPHAS.items()},
        "passes": "--alpha 2,-1,1 --photons 7 --passes 3 --json",
        "without_photons": "--alpha 1,1 --json",
        "snapshot": "--alpha 2,-1,1 --photons 3 --mean-photons 2.5 --parameters snapshot --json",
        "two_arms": "--alpha 2,-1,1 --photons 4 --arms 2 --json",
        "free_reference": "--alpha 1,1 --photons 3 --phase-reference free --json",
        "table": "--alpha 3,-1,1/2 --photons 6 --mean-photons 2.5",
        "csv": "--alpha 1,-2 --photons 4 --mean-photons 4 --format csv",
        "markdown": "--alpha 1,-2 --photons 4 --mean-photons 4 --format markdown",
        "latex": "--alpha 1,-2 --photons 4 --mean-photons 4 --format latex",
        "refused": "--alpha 1,x,0/0 --photons 0 --mean-photons -1 --passes 0 --json",
    },
)

_FIVE = f"--alpha {_ALPHAS['fractions']} --photons 5 --passes 3"
_CUBIC = f"--alpha {_ALPHAS['interpolation']} --photons 6 --passes 3"
_THREE = "--alpha 3,1,-2 --photons 4 --passes 2"
_TURNED = "--alpha 1,-3 --photons 3 --passes 2"

ENUMERATE = _cases(
    "enumerate",
    {
        "three": f"{_THREE} --count --json",
        "turned": f"{_TURNED} --count --json",
        "five": f"{_FIVE} --count --json",
        "cubic": f"{_CUBIC} --count --limit 4 --json",
        "balanced": "--alpha 1,-1 --photons 2 --passes 1 --json",
        "none_at_all": "--alpha 1,1,1 --photons 100 --passes 1 --json",
        "few_modes": f"{_FIVE} --max-modes 4 --count --limit 3 --json",
        "few_modes_none": "--alpha 1,1,-1 --photons 1 --passes 1 --max-modes 2 --count --json",
        "few_photons": f"{_THREE} --max-photons-per-mode 3 --count --json",
        "forbidden": f"{_FIVE} --forbid 1,2 --forbid 3,5 --count --limit 3 --json",
        "required": f"{_CUBIC} --require 1,ref --count --limit 3 --json",
        "connected": f"{_CUBIC} --connected examples/field_interpolation.json --count --limit 3 --json",
        "modes": f"{_FIVE} --objective modes --json",
        "modes_of_cubic": f"{_CUBIC} --objective modes --json",
        "modes_of_primes": "--alpha 1,2,3,5,7,11 --photons 29 --passes 2 --objective modes --json",
        "support": f"{_CUBIC} --objective support --json",
        "switches": f"{_FIVE} --objective switches --json",
        "pareto": f"{_FIVE} --objective pareto --json",
        "pareto_with_limits": f"{_CUBIC} --objective pareto --max-modes 4 --max-photons-per-mode 5 --json",
        "sample": f"{_FIVE} --sample 5 --seed 7 --json",
        "sample_with_limits": f"{_CUBIC} --max-modes 4 --sample 4 --seed 8 --json",
        "written": f"{_THREE} --out protocols.jsonl --json",
        "written_in_parts": (f"{_TURNED} --out protocols.jsonl --limit 1 --json", "--resume protocols.jsonl --json"),
        "written_with_limits": f"{_FIVE} --max-modes 3 --forbid 1,2 --require 5 --out protocols.jsonl --json",
        "resumed": "--resume begun.jsonl --json",
        "refused": "--alpha 1,x --photons 0 --passes 1 --max-modes 0 --forbid 7 --seed 3 --limit -1 --json",
        "count_refused": f"--alpha {','.join(map(str, range(1, 15)))} --photons 105 --passes 20 --count --json",
    },
)

CHECK = _cases(
    "check",
    {
        name: f"{name}.json --json"
        for name in (
            "protocol",
            "protocol_wrong",
            "protocol_senseless",
            "pairs",
            "pairs_wrong",
            "certificate",
            "certificate_wrong",
            "nowhere",
        )
    },
)

# --- the main job, loss and privacy -------------------------------------------------------------------------

DESIGN = _cases(
    "design",
    {
        **_on_all("@ --json"),
        "field_interpolation-graphml": "examples/field_interpolation.graphml --json",
        "two_shifts": "two_shifts.json --json --out result",
        **{
            f"{name}-strawberryfields": "@ --engine strawberryfields --json"
            for name in SMALL
            if name != "field_interpolation"
        },
        "fibre_phases-source": "@ --source exchange --json",
        "fibre_phases-written": "@ --json --out result",
        "metro_ring-written": "@ --json --out result",
        "five_phases-written": "@ --json --out result",
        "metro_ring-sources": "@ --source exchange --source hill --squeezers 2 --json",
        "metro_ring-source_refused": "@ --source nowhere --squeezers 0 --json",
        "metro_ring-squeezers": "@ --squeezers 3 --json",
        "grid_chip-source": "@ --source c3 --squeezers 1 --json",
        "lossy_phases-refused": "@ --source a --json",
        "file_refused": "protocol.json --json",
    },
    long=(
        LARGE,
        "lossy_phases-strawberryfields",
        "four_sites-strawberryfields",
        "five_phases-strawberryfields",
        "fibre_phases-strawberryfields",
        "five_phases-written",
    ),
)

LOSS = _cases("loss", _on_all("@ --json") | {"two_shifts": "two_shifts.json --json"}, long=(LARGE,))

PRIVACY = _cases(
    "privacy",
    {
        **_on_all("@ --json"),
        f"{LARGE}-separable": "@ --scheme separable-squeezed --json",
        "gradient_pair-colluding": "@ --colluding right --json",
        "gradient_pair-noise": "@ --noise 0.1 --json",
        "gradient_pair-private": "@ --at-least 0.9 --json",
        "five_phases-separable": "@ --scheme separable-phase --sensitive 1,0,0,0,-1 --sensitive 1,1,1,1,1 --json",
        "five_phases-refused": "@ --scheme nono --sensitive 1,2 --colluding s9 --noise -1 --weights 1 --at-least 2 --json",
        "two_modes_suffice-targets": "@ --target 1,1,0 --target 0,1,-1 --weights 1,2 --json",
        "lossy_phases-noise": "@ --scheme noon --noise 0.05 --colluding a,b --json",
        "lossy_phases-engine": "@ --scheme separable-phase --engine strawberryfields --json",
        "guo_four_nodes-unreachable": "@ --at-least 0.95 --json",
        "guo_four_nodes-hide": "@ --hide 1,0,0,-1:0.5 --json",
        "guo_four_nodes-private": "@ --at-least 0.7 --json",
        "metro_ring-private": "@ --at-least 0.88 --json",
        "metro_ring-noise": "@ --engine strawberryfields --noise 0.05 --colluding mill,hill --json",
    },
    long=(LARGE, f"{LARGE}-separable", "metro_ring-private"),
)

DUALITY = _cases(
    "duality",
    {
        "three": "--w 1,-1,0 --v 1,1,-2 --json",
        "photons": "--w 1,-1 --v 1,1 --photons 4 --passes 2 --json",
        "without_reference": "--w 1,2,-1 --v 1,0,1 --photons 3 --no-reference --json",
        "balanced_without_reference": "--w 1,-1,0 --v 1,1,-2 --photons 2 --no-reference --json",
        "with_reference": "--w 1,2,-1 --v 1,0,1 --photons 3 --json",
        "many": "--w 1,1,1,1,1,1 --v 1,-1,2,-2,3,-3 --photons 2 --json",
        "parallel": "--w 1,1 --v 1,1 --json",
        "refused": "--w 1,x --v 0,0 --photons 0 --passes -1 --json",
    },
)

# --- experiments --------------------------------------------------------------------------------------------

_SHORT = "--trials 100 --shots 40 --seed 2 --json"

_ONE_BY_ONE = {"lossy_phases": "noon", "five_phases": "w-matrix", "two_modes_suffice": "separable-phase"}

SIMULATE = _cases(
    "simulate",
    {
        **_on_all("@ --trials 200 --shots 50 --seed 1 --json"),
        # One of each at a time draws the same as all together.
        **{
            f"{network}-{scheme}-{estimator}": f"@ --scheme {scheme} --estimator {estimator} {_SHORT}"
            for network, scheme in _ONE_BY_ONE.items()
            for estimator in ("robust", "adaptive", "fixed-offsets", "maximum-likelihood", "parity")
        },
        "lossy_phases-w-matrix": f"@ --scheme w-matrix {_SHORT}",
        "guo_four_nodes-entangled": f"@ --scheme entangled-squeezed --estimator homodyne {_SHORT}",
        "guo_four_nodes-separable": f"@ --scheme separable-squeezed {_SHORT}",
        "gradient_pair-engine": f"@ --engine strawberryfields {_SHORT}",
        "guo_four_nodes-engine": f"@ --engine strawberryfields {_SHORT}",
        "gradient_pair-random": f"@ --theta random {_SHORT}",
        "guo_four_nodes-random": f"@ --theta random {_SHORT}",
        "two_modes_suffice-theta": f"@ --theta 0.3,1/3,-0.5 {_SHORT}",
        "fibre_phases-passes": f"@ --stages passes {_SHORT}",
        "field_interpolation-passes": f"@ --stages passes --estimator robust {_SHORT}",
        "gradient_pair-workers": f"@ --scheme noon --estimator robust --workers 2 {_SHORT}",
        "gradient_pair-function": f"@ --function 'sin(theta1-theta2)' --theta 0.3,0.7 {_SHORT}",
        "gradient_pair-function_refused": f"@ --function theta1*theta2 --theta 0.3,0.7 {_SHORT}",
        "two_modes_suffice-function": f"@ --function theta1*theta2+theta3 --rough-shots 16 {_SHORT}",
        "guo_four_nodes-function": f"@ --function theta1*theta2 --theta 0.3,0.7,0.1,0.2 {_SHORT}",
        "two_modes_suffice-targets": f"@ --target 1,1,0 --target 0,1,-1 --weights 1,2 {_SHORT}",
        "metro_ring-targets": f"@ --target 1,1,0,0,0,0 --target 0,0,1,-1,0,1 {_SHORT}",
        "guo_four_nodes-targets": f"@ --target 1,1,0,0 --target 0,0,1,-1 {_SHORT}",
        "five_phases-refused": "@ --scheme nono --estimator homodyne --theta 1 --shots 0 --trials 1 --seed -1 --json",
        "five_phases-refused_together": f"@ --function theta1 --target 1,2 --scheme noon --weights 1,x {_SHORT}",
    },
    long=("gradient_pair-workers",),
)

SWEEP = [
    *_cases(
        "sweep",
        {
            "phases": ("sweep.toml --out rows --json", "report rows --axis photons --json"),
            "squeezed": (
                "sweep_squeezed.toml --out rows --json",
                "sweep_squeezed.toml --out rows --json",
                "report rows --json",
            ),
            "loss_sweep": ("examples/loss_sweep.toml --out rows --json",),
            "refused": ("nowhere.toml --out rows --workers 0 --json", "report rows --json"),
        },
        long=("loss_sweep",),
    )
]

# --- hardware, meshes, files, figures -----------------------------------------------------------------------

HARDWARE = [
    *_cases(
        "hardware devices",
        {
            "all": "--json",
            **_on_all("@ --json"),
            "lossy_phases-own_device": "@ --device device.json --json",
            "wrong_device": "--device device_wrong.json --json",
            "unknown_device": "--device X9 --json",
        },
    ),
    *_cases(
        "hardware candidates",
        {
            "gradient_pair": "@ --json",
            "lossy_phases": "@ --device X8_01 --transmissivity 0.5 --json",
            "lossy_phases-own_device": "@ --device device.json --json",
            "four_sites": "@ --json",
            "guo_four_nodes": "@ --device Borealis --json",
            "gradient_pair-refused": "@ --device device_wrong.json --transmissivity 0 --json",
            "gradient_pair-unknown_device": "@ --device X9 --json",
        },
    ),
    *_cases(
        "hardware compile",
        {
            "gradient_pair": "@ --device X8 --theta 0.05,-0.02 --shots 700 --out program.xbb --out chip.svg --json",
            "gradient_pair-X12": "@ --device X12 --json",
            "gradient_pair-xcov": "@ --device X8 --theta 0.05,-0.02 --compiler Xcov --json",
            "gradient_pair-xstrict": "@ --device X8 --compiler Xstrict --json",
            "gradient_pair-own_device": "@ --device device.json --json",
            "hong_ou_mandel": "@ --device X8 --json",
            "lossy_phases": "@ --device X8 --json",
            "fibre_phases": "@ --device X12 --json",
            "guo_four_nodes": "@ --device X8 --json",
            "five_phases-refused": "@ --device X8 --theta 1 --shots 0 --out program.txt --json",
        },
        free_angles=("gradient_pair-xcov", "lossy_phases"),
    ),
    *_cases(
        "hardware sample",
        {"gradient_pair": "@ --device X8 --theta 0.05,-0.02 --shots 60 --seed 3 --out counts.npy --json"},
    ),
    Case(
        name="hardware_estimate/gradient_pair",
        lines=(
            "hardware sample examples/gradient_pair.json --device device.json --shots 40 --out counts.npy --json",
            "hardware estimate examples/gradient_pair.json counts.npy --device device.json --json",
        ),
    ),
    Case(
        name="hardware_estimate/refused",
        lines=("hardware estimate examples/gradient_pair.json nowhere.npy --device X8 --json",),
    ),
    *_cases(
        "hardware perceval",
        {
            "gradient_pair": "@ --theta 0.3,0.1 --json",
            "hong_ou_mandel": "@ --theta 0.3 --transmissivity 0.9 --bias 0.2 --json",
            "two_modes_suffice": "@ --json",
            "guo_four_nodes": "@ --json",
            "two_modes_suffice-pairs": "@ --scheme pairs-in-turn --theta 0.1,0.2,0.3 --json",
            "two_modes_suffice-strings": "@ --scheme multimode-noon --source photons --json",
            "fibre_phases-pairs": "@ --scheme pairs-in-turn --source photons --part 1 --json",
            "fibre_phases-columns": "@ --scheme w-matrix --theta 0.1,0.2,0.3,0.4 --json",
            "fibre_phases-refused": "@ --scheme noon --json",
        },
    ),
]

MESH = _cases(
    "mesh",
    {
        **_on_all("@ --haar 1 --json"),
        "gradient_pair-unitary": "@ --unitary unitary.json --out circuit.json --out program.xbb --out mesh.svg --json",
        "gradient_pair-refused": "@ --unitary unitary_wrong.json --json",
        "metro_ring-peeling": "@ --haar 2 --method peeling --json",
        "metro_ring-rectangular": "@ --haar 2 --method rectangular --json",
        "guo_four_nodes-rectangular": "@ --haar 2 --method rectangular --json",
    },
    long=(LARGE,),
)

CONVERT = _cases(
    "convert",
    {
        **_on_all("@ --json"),
        "field_interpolation-graphml": "examples/field_interpolation.graphml --out again.json --json",
        **{
            f"{name}-to_graphml": "@ --out network.graphml --json"
            for name in ("lossy_phases", "metro_ring", "fibre_phases")
        },
        "two_shifts": ("two_shifts.json --out network.graphml --json", "network.graphml --out network.json --json"),
        "tables": "examples/metro_ring_links.csv --nodes examples/metro_ring_nodes.csv --sensing displacement "
        "--mean-photons 5 --loss-db-per-km 0.2 --name ring --out ring.json --json",
        "table_of_links": "examples/metro_ring_links.csv --alpha harbour=1,mill=-1/2 --sensing phase --photons 4 --passes 2 --json",
        "refused": "examples/metro_ring_links.csv --alpha harbour,mill=1,mill=2 --sensing light --out ring.txt --json",
    },
)

START = [
    *_cases(
        "new",
        {
            "templates": "--json",
            "fibre_star": "fibre-star --json",
            "fibre_star_fields": "fibre-star fields.json --sensing displacement --sensors 3 --distance-km 2.5",
            "interferometer_chain": "interferometer-chain --sensors 7 --function gradient --json",
            "grid_chip": "grid-chip --rows 2 --columns 3 --json",
            "rf_array": "rf-array --alpha 1,-1/2,sqrt(2) --json",
            "two_armed_pair": "two-armed-pair --json",
            "refused": "rf-array out.txt --sensors 0 --rows 3 --squeezing-db -1 --json",
        },
    ),
    *_cases("examples", {"all": "--json", "list": ""}),
    *_cases("examples copy", {"loss_sweep": "loss_sweep out --json", "refused": "gradient_par out --json"}),
    *_cases(
        "cite",
        {
            "everything": "",
            "field_average": "@ --json",
            "lossy_phases": "@",
            "refused": "nowhere.json --json",
        },
    ),
]

PLOT = [
    *_cases("plot fisher", dict.fromkeys(("gradient_pair", "guo_four_nodes"), "@ --out figure.svg --json")),
    *_cases("plot photons", {"five_phases": "@ --out figure.svg --points 8 --json"}),
    *_cases("plot mean_photons", {"guo_four_nodes": "@ --out figure.pdf --json"}),
    *_cases("plot transmissivity", {"lossy_phases": "@ --out figure.png --json"}),
    Case(name="plot_fisher/refused", lines=("plot fisher nowhere.json --out figure.txt --json",)),
]

CASES = [
    *BOUNDS,
    *ENUMERATE,
    *CHECK,
    *DESIGN,
    *LOSS,
    *PRIVACY,
    *DUALITY,
    *SIMULATE,
    *SWEEP,
    *HARDWARE,
    *MESH,
    *CONVERT,
    *START,
    *PLOT,
]
