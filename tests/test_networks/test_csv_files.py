"""Networks from tables of links and nodes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from networks import InputError, load_network
from networks.files.tables import network_from_tables

LINKS = "source,target,distance_km,loss_db\na,hub,10,\nb,hub,,3\nc,hub,5,\n"
NODES = "id;role;alpha;transmissivity;city\na;sensor;1/3;0.9;Bonn\nb;sensor;-0.25;;\nc;;2;;Ulm\nhub;ancilla;;;\n"
OPTIONS = {"sensing": "displacement", "mean_photons": 2.5, "loss_db_per_km": 0.2}


def test_links_and_nodes():
    result = network_from_tables(LINKS, NODES, name="ring", **OPTIONS)
    assert [mode.alpha for mode in result.sensors] == [Fraction(1, 3), Fraction(-1, 4), 2]
    assert [mode.coupling for mode in result.modes] == ["displacement"] * 3 + [None]
    assert [link.transmissivity for link in result.links] == pytest.approx([10**-0.2, 10**-0.3, 10**-0.1])
    assert dict(result.modes[0].extra) == {"city": "Bonn"}
    assert (result.modes[0].transmissivity, result.name, result.passes) == (0.9, "ring", 1)


def test_coefficients_by_name_tabs_comments_and_a_byte_order_mark():
    text = "\ufeff# fibres\nsource\ttarget\n\na\thub\nb\thub\n"
    result = network_from_tables(text, alpha={"a": "1/2", "b": -1}, sensing="displacement", mean_photons=1)
    assert [(mode.id, mode.role) for mode in result.modes] == [("a", "sensor"), ("hub", "ancilla"), ("b", "sensor")]
    quoted = 'source,target\n"a, east",hub\nb,hub\n'
    result = network_from_tables(quoted, alpha={"a, east": 1, "b": 1}, sensing="displacement", mean_photons=1)
    assert result.modes[0].id == "a, east"


@pytest.mark.parametrize(
    ("links", "nodes", "options", "faults"),
    [
        ("", NODES, {}, ["table of links is empty"]),
        ("source,aim\na,b\n", NODES, {}, ["column 'target' is missing; there are 'source', 'aim'"]),
        ("source,target,source\na,b,c\n", NODES, {}, ["column 'source' is there twice"]),
        (
            "source,target,transmissivity\na,hub,much\nb,hub\n,hub,1\nc,hub,0\n",
            NODES,
            {},
            [
                "line 2: transmissivity must be a number",
                "line 3: 3 cells are needed",
                "line 4: source is empty",
                "got 0",
            ],
        ),
        (LINKS, None, {}, ["which nodes are sensors is not said"]),
        (LINKS, NODES, {"alpha": {"a": 1}}, ["a table of nodes or the coefficients alpha, not both"]),
        (LINKS, None, {"alpha": {"a": "x", "z": 1}}, ["alpha names 'z', which no link joins", "node 'a': alpha"]),
        (LINKS, NODES, {"sensing": "phases"}, ["sensing must be 'phase' or 'displacement'"]),
        ("source,target,distance_km\na,hub,-1\n", NODES, {}, ["distance_km must be a number that is not negative"]),
        (LINKS.replace("b,hub,,3", "b,hub,1,3").replace("3\n", "3e999\n"), NODES, {}, ["loss_db must be a number"]),
        (
            "source,target,eta\na,hub,1\nb,hub,1\nc,hub,1",
            NODES,
            {},
            ["did you mean 'transmissivity', a share in (0, 1]?"],
        ),
    ],
)
def test_every_fault_is_listed(links, nodes, options, faults):
    with pytest.raises(InputError) as caught:
        network_from_tables(links, nodes, **(OPTIONS | options))
    for fault in faults:
        assert any(fault in given for given in caught.value.faults), caught.value.faults
    if options.get("sensing"):
        assert len(caught.value.faults) == 1


def test_a_table_is_no_network_file(tmp_path):
    path = tmp_path / "links.csv"
    path.write_text(LINKS)
    with pytest.raises(InputError, match="psn convert makes a network of tables"):
        load_network(path)


def test_slips_that_would_lose_the_losses():
    table = "Source,Target,length_km\na,hub,1\nb,hub,1\n"
    with pytest.raises(InputError, match="did you mean 'distance_km'"):
        network_from_tables(table, alpha={"a": 1, "b": 1}, **OPTIONS)
    table = "sep=,\nSource,Target,Distance km\na,hub,10\nb,hub,10\n"
    result = network_from_tables(table, alpha={"a": 1, "b": 1}, **OPTIONS)
    assert result.links[0].transmissivity == pytest.approx(10**-0.2)
    with pytest.raises(InputError, match="no link has a distance_km"):
        network_from_tables("source,target,far\na,hub,1\nb,hub,1\n", alpha={"a": 1, "b": 1}, **OPTIONS)


def test_many_faults_are_counted_and_huge_cells_refused():
    rows = "".join(f"a{k},hub,x\n" for k in range(500))
    with pytest.raises(InputError) as caught:
        network_from_tables("source,target,loss_db\n" + rows, alpha={"hub": 1}, sensing="displacement", mean_photons=1)
    assert len(caught.value.faults) == 500
    assert len(str(caught.value).splitlines()) == 32
    assert str(caught.value).endswith("and 470 more; mend these first")
    with pytest.raises(InputError, match="line 2: field larger than field limit"):
        network_from_tables("source,target\n" + "a" * 200_000 + ",b\n", alpha={"b": 1}, **OPTIONS)


def test_separators_in_quoted_names_of_columns_are_no_separators():
    links = 'source;target;"a, b, c, and d"\na;b;x\n'
    result = network_from_tables(links, alpha={"a": 1, "b": 1}, sensing="displacement", mean_photons=1)
    assert dict(result.links[0].extra) == {"a, b, c, and d": "x"}
