"""Conventions of other packages: the table of docs/how-to/interoperability.md run in each of them, and states to and from QuTiP."""

import cmath
import math
import re
from pathlib import Path

import numpy as np
import pytest

from photonics import (
    BeamSplitter,
    Circuit,
    CircuitTooLargeError,
    Displace,
    FockDensity,
    FockState,
    GaussianState,
    Loss,
    PhaseShift,
    PrepareFock,
    Squeeze,
    from_qutip,
    get_engine,
    import_strawberryfields,
    noon_state,
    to_qutip,
)
from photonics.conventions import MOMENT_UNITS

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "interoperability.md").read_text()
NATIVE = get_engine("native")
NUMBERS = {"r": 0.25, "phi": 0.7, "theta": 0.35, "alpha": 0.4 - 0.3j, "angle": 0.9, "eta": 0.6, "pi": math.pi}
FUNCTIONS = {"abs": abs, "phase": cmath.phase, "acos": math.acos, "sqrt": math.sqrt, "exp": np.exp}
PACKAGES = ("Strawberry Fields", "The Walrus", "Piquasso", "MrMustard", "Perceval", "QuTiP")


def table():
    """Of the page: what is written here -> package -> cell."""
    (text,) = re.findall(r"\| here \|.*?\n\n", PAGE, re.DOTALL)
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.strip().splitlines()]
    assert tuple(cell.strip(" |") for cell in head[1:]) == PACKAGES
    return {row[0].strip(" |`"): dict(zip(PACKAGES, (c.strip(" |`") for c in row[1:]), strict=True)) for row in rows}


TABLE = table()
GATES = [row for row in TABLE if "(" in row and "$" not in row]
WITH_MOMENTS = ("Strawberry Fields", "The Walrus", "Piquasso", "MrMustard")


def evaluated(text, names):
    return eval(text, {"__builtins__": {}}, {**names, **FUNCTIONS, **NUMBERS})


def ours(row):
    """The operation of a row of the table, on a, or on a and b."""
    kind, rest = row.split("(", 1)
    named = "first='a', second='b'" if kind == "BeamSplitter" else "mode='a'"
    names = {one.__name__: one for one in (Squeeze, Displace, PhaseShift, BeamSplitter, Loss)}
    return evaluated(f"{kind}({named}, {rest}", names)


def test_every_gate_is_in_the_table():
    assert len(GATES) == 7
    assert {type(ours(row)) for row in GATES} == {Squeeze, Displace, PhaseShift, BeamSplitter, Loss}


LIGHT = (
    Squeeze(mode="a", r=0.3, angle_rad=0.5),
    Displace(mode="b", x=0.8, p=0.3),
    Squeeze(mode="b", r=-0.2, angle_rad=0.1),
)
"""What is sent through a gate: nothing that any of them leaves as it is."""


def light_of(package):
    """The package's own way of that light, by gates that the table has too."""
    x, p = 0.8, 0.3
    texts = {
        "Strawberry Fields": (
            "Sgate(0.3, 0.5)",
            f"Dgate({math.hypot(x, p) / 2}, {math.atan2(p, x)})",
            "Sgate(-0.2, 0.1)",
        ),
        "Piquasso": (
            "Squeezing(0.3, 0.5)",
            f"Displacement({math.hypot(x, p) / 2}, {math.atan2(p, x)})",
            "Squeezing(-0.2, 0.1)",
        ),
    }
    return texts[package]


def in_strawberry_fields(cell, count):
    sf = import_strawberryfields()
    names = vars(sf.ops)
    program = sf.Program(2)
    with program.context as q:
        for text, mode in zip(light_of("Strawberry Fields"), (0, 1, 1), strict=True):
            evaluated(text, names) | q[mode]
        evaluated(cell, names) | [q[k] for k in range(count)]
        # A loss of nothing joins the modes, which the compiler wants.
        sf.ops.BSgate(0.0, 0.0) | (q[0], q[1])
    state = sf.Engine("gaussian").run(program).state
    return state.means(), state.cov()


def in_the_walrus(cell, count):
    from thewalrus import symplectic

    state = NATIVE.run(Circuit(modes=("a", "b"), operations=LIGHT), ())
    gate = evaluated(cell, vars(symplectic))
    gate = symplectic.expand(gate, 0, 2) if count == 1 else gate
    return gate @ state.mean, gate @ state.covariance @ gate.T


def in_piquasso(cell, count):
    import piquasso as pq

    names = vars(pq)
    with pq.Program() as program:
        pq.Q() | pq.Vacuum()
        for text, mode in zip(light_of("Piquasso"), (0, 1, 1), strict=True):
            pq.Q(mode) | evaluated(text, names)
        pq.Q(*range(count)) | evaluated(cell, names)
    state = pq.GaussianSimulator(d=2).execute(program).state
    return state.xpxp_mean_vector, state.xpxp_covariance_matrix


def in_mrmustard(cell, count):
    lab = pytest.importorskip("mrmustard.lab")
    start = lab.Vacuum(2) >> lab.Sgate(0.3, 0.5, modes=[0]) >> lab.Dgate(0.4, 0.15, modes=[1])
    start = start >> lab.Sgate(-0.2, 0.1, modes=[1])
    gate = evaluated(cell, vars(lab))
    state = start >> gate[list(range(count))]
    return np.asarray(state.means), np.asarray(state.cov)


RUNS = {
    "Strawberry Fields": ("strawberryfields", in_strawberry_fields),
    "The Walrus": ("thewalrus", in_the_walrus),
    "Piquasso": ("piquasso", in_piquasso),
    "MrMustard": ("mrmustard", in_mrmustard),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("row", GATES)
@pytest.mark.parametrize("package", WITH_MOMENTS)
def test_gates_of_packages_with_moments(package, row):
    cell, gate = TABLE[row][package], ours(row)
    if cell == "-":
        assert package == "The Walrus"
        return
    name, run = RUNS[package]
    mean, covariance = run(cell, len(gate.acts_on))
    state = NATIVE.run(Circuit(modes=("a", "b"), operations=(*LIGHT, gate)), ())
    expected_mean, expected = state.in_units(package=name)
    np.testing.assert_allclose(mean, expected_mean, atol=1e-9)
    np.testing.assert_allclose(covariance, expected, atol=1e-9)
    back = GaussianState.from_units(state.modes, mean, covariance, package=name)
    np.testing.assert_allclose(back.covariance, state.covariance, atol=1e-9)
    np.testing.assert_allclose(back.mean, state.mean, atol=1e-9)
    # What the table says of the vacuum, the order and hbar is what was converted by.
    units = MOMENT_UNITS[name]
    assert float(TABLE["variance of the vacuum 1"][package]) == units.times * units.hbar / 2
    assert TABLE[r"order $(x_1, \dots, p_1, \dots)$"][package] == ("xpxp" if units.interleaved else "xxpp")
    assert float(TABLE[r"$\hbar = 2$"][package]) == units.hbar


@pytest.mark.parametrize("row", GATES)
def test_components_of_perceval(row):
    import perceval as pcvl

    cell, gate = TABLE[row]["Perceval"], ours(row)
    if cell == "-":
        return
    component = evaluated(cell, vars(pcvl))
    if isinstance(gate, Loss):
        processor = pcvl.Processor("SLOS", 1).add(0, component)
        processor.min_detected_photons_filter(0)
        processor.with_input(pcvl.BasicState([1]))
        results = {state[0]: float(p) for state, p in processor.probs()["results"].items()}
        assert results[1] == pytest.approx(gate.transmissivity)
        return
    unitary = np.array(component.compute_unitary())
    modes = gate.acts_on
    for k, mode in enumerate(modes):
        mean = NATIVE.run(Circuit(modes=modes, operations=(Displace(mode=mode, x=2.0), gate)), ()).mean
        np.testing.assert_allclose((mean[: len(modes)] + 1j * mean[len(modes) :]) / 2, unitary[:, k], atol=1e-12)


LEVELS = 24


@pytest.mark.parametrize("row", GATES)
def test_operators_of_qutip(row):
    import qutip

    cell, gate = TABLE[row]["QuTiP"], ours(row)
    if cell == "-":
        return
    one, count = qutip.qeye(LEVELS), len(gate.acts_on)
    a, b = (qutip.tensor(qutip.destroy(LEVELS), one), qutip.tensor(one, qutip.destroy(LEVELS)))
    operator = evaluated(cell, {**vars(qutip), "a": a, "b": b, "N": LEVELS})
    operator = qutip.tensor(operator, one) if count == 1 else operator
    ket = qutip.tensor(
        qutip.squeeze(LEVELS, 0.3 * np.exp(0.5j)) * qutip.basis(LEVELS, 0),
        qutip.squeeze(LEVELS, -0.2 * np.exp(0.1j)) * qutip.displace(LEVELS, 0.4 + 0.15j) * qutip.basis(LEVELS, 0),
    )
    ket = operator * ket
    quadratures = [qutip.tensor(op, one) for op in (qutip.position(LEVELS), qutip.momentum(LEVELS))]
    quadratures += [qutip.tensor(one, op) for op in (qutip.position(LEVELS), qutip.momentum(LEVELS))]
    quadratures = [quadratures[k] for k in (0, 2, 1, 3)]
    mean = np.array([qutip.expect(op, ket) for op in quadratures])
    second = np.array(
        [[qutip.expect(one * other + other * one, ket) / 2 for other in quadratures] for one in quadratures]
    )
    hbar = float(TABLE[r"$\hbar = 2$"]["QuTiP"])
    state = NATIVE.run(Circuit(modes=("a", "b"), operations=(*LIGHT, gate)), ())
    expected_mean, expected = state.in_units(hbar)
    np.testing.assert_allclose(mean, expected_mean, atol=1e-6)
    np.testing.assert_allclose(second.real - np.outer(mean, mean), expected, atol=1e-5)
    assert TABLE["variance of the vacuum 1"]["QuTiP"] == "1/2"


def test_examples_of_the_page(capsys):
    examples = [text for text in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "print(" in text]
    assert len(examples) == 4
    for example in examples:
        exec(compile(example, "interoperability.md", "exec"), {})
        shown = re.findall(r"^print\(.*\)  # (.*)$", example, re.MULTILINE)
        assert capsys.readouterr().out.splitlines() == shown


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda state: state.in_units(), "give hbar, or the package"),
        (lambda state: state.in_units(0.0), "hbar must be a positive number, got 0"),
        (lambda state: state.in_units(math.inf), "hbar must be a positive number"),
        (lambda state: state.in_units(package="qutip"), "package must be one of strawberryfields, thewalrus, mrmustard, piquasso"),
        (lambda state: GaussianState.from_units(["a"], np.zeros(3), np.eye(2), 2.0), r"mean of shape \(2,\)"),
        (lambda state: GaussianState.from_units(["a"], np.zeros(2), np.eye(2), package="piquasso"), "uncertainty"),
    ],
)  # fmt: skip
def test_units_that_are_none(call, said):
    with pytest.raises(ValueError, match=said):
        call(GaussianState.vacuum(["a"]))


@pytest.mark.parametrize("package", [None, *MOMENT_UNITS])
@pytest.mark.parametrize("hbar", [0.5, 1.7])
def test_units_there_and_back(package, hbar):
    state = NATIVE.run(Circuit(modes=("a", "b"), operations=LIGHT), ())
    mean, covariance = state.in_units(hbar, package=package)
    vacuum = GaussianState.vacuum(["a"]).in_units(hbar, package=package)[1]
    assert vacuum[0, 0] == hbar * (1.0 if package == "piquasso" else 0.5)
    back = GaussianState.from_units(["a", "b"], mean, covariance, hbar, package=package)
    np.testing.assert_allclose(back.mean, state.mean, rtol=1e-12)
    np.testing.assert_allclose(back.covariance, state.covariance, rtol=1e-12, atol=1e-15)


# --- QuTiP ---------------------------------------------------------------------------------------------------


@pytest.fixture
def qutip():
    import qutip

    return qutip


def test_pure_states_to_qutip_and_back(qutip):
    state = FockState.from_terms(["a", "b", "c"], {(3, 0, 1): 0.6, (0, 2, 0): 0.8j})
    ket = to_qutip(state)
    assert ket.dims[0] == [4, 3, 2]
    assert from_qutip(ket, modes=["a", "b", "c"]) == state
    # Its numbers and covariances by QuTiP's own operators.
    numbers = [
        qutip.tensor(*(qutip.num(n) if k == j else qutip.qeye(n) for k, n in enumerate([4, 3, 2]))) for j in range(3)
    ]
    assert [qutip.expect(op, ket) for op in numbers] == pytest.approx(state.photon_number().tolist())
    covariance = [
        [qutip.expect(one * other, ket) - qutip.expect(one, ket) * qutip.expect(other, ket) for other in numbers]
        for one in numbers
    ]
    np.testing.assert_allclose(covariance, state.number_covariance(), atol=1e-12)
    wide = to_qutip(state, levels=5)
    assert wide.dims[0] == [5, 5, 5]
    assert from_qutip(wide, modes=["a", "b", "c"]) == state
    assert to_qutip(state, levels=[4, 3, 6]).dims[0] == [4, 3, 6]


def test_what_our_engine_does_is_what_qutip_does(qutip):
    theta, phi, eta = 0.6, 0.4, 0.7
    light = FockState.from_terms(["a", "b"], {(2, 1): 0.6, (1, 2): 0.8})
    operations = (
        PrepareFock(state=light),
        BeamSplitter(first="a", second="b", theta_rad=theta, phi_rad=phi),
        Loss(mode="b", transmissivity=eta),
    )
    ours = to_qutip(NATIVE.run(Circuit(modes=("a", "b"), operations=operations), ()), levels=4)
    a, b = (qutip.tensor(*pair) for pair in ((qutip.destroy(4), qutip.qeye(4)), (qutip.qeye(4), qutip.destroy(4))))
    split = (theta * (np.exp(1j * phi) * a * b.dag() - np.exp(-1j * phi) * a.dag() * b)).expm()
    rho = qutip.ket2dm(split * to_qutip(light, levels=4))
    # Losing k photons of b: sqrt((1 - eta)^k/k!) sqrt(eta)^n b^k.
    number = b.dag() * b
    keep = qutip.tensor(qutip.qeye(4), qutip.qdiags(np.sqrt(eta) ** np.arange(4), 0))
    lossy = sum((1 - eta) ** k / math.factorial(k) * (keep * b**k) * rho * (keep * b**k).dag() for k in range(4))
    assert lossy.tr() == pytest.approx(1)
    np.testing.assert_allclose(ours.full(), lossy.full(), atol=1e-12)
    assert qutip.expect(number, ours) == pytest.approx(qutip.expect(number, lossy))
    again = from_qutip(ours, modes=["a", "b"])
    assert isinstance(again, FockDensity)
    np.testing.assert_allclose(to_qutip(again, levels=4).full(), ours.full(), atol=1e-15)


def test_the_information_of_a_qutip_state(qutip):
    # A superposition made there, sensed here: four times the variance of n.
    ket = (
        qutip.tensor(qutip.basis(5, 4), qutip.basis(5, 0)) + qutip.tensor(qutip.basis(5, 0), qutip.basis(5, 4))
    ).unit()
    state = from_qutip(ket, modes=["a", "b"])
    assert abs(state.overlap(noon_state(["a", "b"], 4))) == pytest.approx(1)
    assert 4 * state.number_covariance()[0, 0] == pytest.approx(16)


def test_what_qutip_states_are_refused(qutip):
    with pytest.raises(TypeError, match="got bra"):
        from_qutip(qutip.basis(2, 0).dag())
    with pytest.raises(TypeError, match="got list"):
        from_qutip([1, 0])
    with pytest.raises(ValueError, match="must sum to 1, got 4"):
        from_qutip(2 * qutip.basis(2, 0))
    with pytest.raises(ValueError, match="trace 1, got 2"):
        from_qutip(2 * qutip.ket2dm(qutip.basis(2, 0)))
    with pytest.raises(ValueError, match="Hermitian"):
        from_qutip(qutip.destroy(2))
    with pytest.raises(ValueError, match="no negative eigenvalues"):
        from_qutip(qutip.qdiags([1.5, -0.5], 0))
    with pytest.raises(ValueError, match="must name 2 modes"):
        from_qutip(qutip.tensor(qutip.basis(2, 0), qutip.basis(2, 0)), modes=["a"])
    with pytest.raises(TypeError, match="got GaussianState"):
        to_qutip(GaussianState.vacuum(["a"]))
    noon = noon_state(["a", "b"], 4)
    with pytest.raises(ValueError, match="levels must be at least 5, 5"):
        to_qutip(noon, levels=4)
    with pytest.raises(ValueError, match="levels must be an integer, or one for each of the 2 modes"):
        to_qutip(noon, levels=[5])
    with pytest.raises(CircuitTooLargeError, match="at most 4194304"):
        to_qutip(noon, levels=4000)
