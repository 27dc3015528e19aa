"""One description of a result, whatever shows it: terminal, plain text, Markdown, HTML, repr, and what commands print."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from results_of_examples import EXAMPLES, KINDS_OF, NETWORKS, network, of_network, without_network

import protocols
from networks import InputError
from protocols.documents.result import Result
from protocols.layout.unitaries import network_mesh
from protocols.reports.rendering import MAX_REPR, markdown, plain_text
from protocols.reports.showing import _VIEWS, show, to_html, to_markdown, view_of
from protocols.reports.view import Gap, Heading, Item, Line, Picture, Verdict, View
from protocols.tables import Table

WITH_VIEW = {
    **{f"{name} {kind}": (name, kind) for name, kinds in KINDS_OF.items() for kind in kinds},
    **{kind: (None, kind) for kind in without_network()},
}
NO_VIEW = ("sensor-network", "problem", "circuit")
CASES = [case for case, (_, kind) in WITH_VIEW.items() if kind not in NO_VIEW]


def result_of(case):
    name, kind = WITH_VIEW[case]
    return without_network()[kind] if name is None else of_network(name)[kind]


@pytest.mark.parametrize("name", NETWORKS)
def test_reprs_of_all_results_of_all_examples_are_short(name):
    for kind, value in of_network(name).items():
        if isinstance(value, Result):
            assert len(repr(value)) < 1500, kind
            assert type(value).__name__ in repr(value)


@pytest.mark.parametrize("kind", without_network())
def test_reprs_of_the_others_are_short(kind):
    assert len(repr(without_network()[kind])) < 1500


def test_a_repr_says_what_matters():
    design = of_network("five_phases")["design"]
    first, verdict, *rest = repr(design).splitlines()
    assert (
        first
        == "<Design: weighted average of five phases: phase sensing, 5 sensors, 1 reference, 5 links, N = 5, M = 3"
    )
    # Long sentences are shortened, after what they say first.
    said = verdict.strip().removesuffix("...")
    assert said.startswith("Entanglement between the sites does not pay here: the mean squared error of pairs-in-turn")
    assert design.verdict.sentence.startswith(said)
    assert rest == [
        "  chosen: noon-in-turn, MSE 0.004444444 rad^2, bound 0.004444444 rad^2, ratio 1",
        f"  {design.why}>",
    ]
    assert "vacuum variances" in repr(of_network("guo_four_nodes")["design"])


def test_small_values_print_as_the_call_that_makes_them_and_large_ones_do_not():
    protocol = without_network()["best-protocols"].choices[0].protocol
    names = {"PhotonProtocol": type(protocol), "LinearFunction": type(protocol.function)}
    assert eval(repr(protocol), names) == protocol
    large = protocols.PhotonTask(function=[1] * 400, photons=400, passes=1)
    assert repr(large).startswith("<PhotonTask: Photon task of q = alpha . theta")
    assert len(repr(large)) <= MAX_REPR + 1


class Tags(HTMLParser):
    """Fails where an end tag does not close the last one opened."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("case", CASES)
def test_html_is_well_formed(case):
    text = to_html(result_of(case))
    ElementTree.fromstring(text)
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    assert tags.seen <= {
        "div",
        "h4",
        "h5",
        "p",
        "b",
        "small",
        "ul",
        "li",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    if isinstance(result_of(case), Result):
        # In a notebook with the picture below the title, where there is one.
        assert re.sub(r"<img [^>]*/>", "", result_of(case)._repr_html_()) == text


def test_names_are_escaped():
    name = "<b>&\"'</b><script>alert(1)</script>"
    given = network("gradient_pair").replace(name=name).relabel({"left": "<i>&"})
    for value in (protocols.loss_report(given), protocols.simulate(given, trials=3), protocols.design(given)):
        text = to_html(value)
        ElementTree.fromstring(text)
        assert "<script" not in text
        assert "<i>" not in text
        assert "&lt;script&gt;" in text
        assert "<script" not in to_markdown(value).replace("\\<", "")
        assert name in plain_text(view_of(value), width=1000)


@pytest.mark.parametrize("case", CASES)
def test_markdown_tables_parse(case):
    lines = [*to_markdown(result_of(case)).splitlines(), ""]
    rows = [len(re.split(r"(?<!\\)\|", line)) if line.startswith("| ") else None for line in lines]
    for place, line in enumerate(lines):
        if re.fullmatch(r"\| ---( \| ---)* \|", line):
            assert rows[place - 1] == rows[place]
            below = place
            while rows[below] is not None:
                assert rows[below] == rows[place], lines[below]
                below += 1
    tables = [part for part in view_of(result_of(case)).parts if isinstance(part, Table)]
    assert sum(row is not None for row in rows) == sum(len(table.rows) + 2 for table in tables)


@pytest.mark.parametrize("case", CASES)
def test_every_rendering_says_the_same(case):
    view = view_of(result_of(case))
    wide = plain_text(view, width=10_000)
    page, text = to_markdown(view), to_html(view)
    for part in view.parts:
        if isinstance(part, Line | Item | Heading | Verdict):
            assert part.text in wide
            words = " ".join(part.text.split())
            assert words in re.sub(r"\\(.)", r"\1", page)
            assert words in " ".join(ElementTree.fromstring(text).itertext()).replace("  ", " ") or words in " ".join(
                "".join(ElementTree.fromstring(text).itertext()).split()
            )


@pytest.mark.parametrize(
    ("command", "case"),
    [
        ("design five_phases", "five_phases design"),
        ("design guo_four_nodes", "guo_four_nodes design"),
        ("loss lossy_phases", "lossy_phases loss-report"),
        ("loss guo_four_nodes", "guo_four_nodes loss-report"),
        ("privacy five_phases", "five_phases privacy-report"),
        ("simulate hong_ou_mandel --trials 5", "hong_ou_mandel simulation"),
        ("enumerate --alpha 3,1,-2 --photons 4 --passes 2", "enumeration"),
        ("enumerate --alpha 3,1,-2 --photons 4 --passes 2 --objective modes", "best-protocols"),
        ("enumerate --alpha 3,1,-2 --photons 4 --passes 2 --sample 2", "sample"),
        ("duality --w=1,-1,0 --v=1,1,-2 --photons 2", "duality"),
    ],
)
def test_show_prints_what_the_command_prints(psn, monkeypatch, capsys, command, case):
    monkeypatch.setenv("COLUMNS", "100")
    words = [str(EXAMPLES / f"{word}.json") if word in NETWORKS else word for word in command.split()]
    code, printed, err = psn(*words)
    assert (code, err) == (0, "")
    result = result_of(case)
    if case == "enumeration":
        result = protocols.enumerate_protocols([3, 1, -2], photons=4, passes=2, limit=20)
    show(result)
    assert capsys.readouterr().out == printed
    show(result, "plain")
    assert capsys.readouterr().out.splitlines() == [line.rstrip() for line in printed.splitlines()]


def test_show_prints_text_to_keep(capsys):
    table = of_network("five_phases")["bounds-table"]
    show(table, "markdown")
    assert capsys.readouterr().out == to_markdown(table)
    table.show("html")
    assert capsys.readouterr().out == to_html(table) + "\n"
    with pytest.raises(InputError, match="format must be terminal, plain, markdown, html, got 'pdf'"):
        show(table, "pdf")
    with pytest.raises(InputError, match="there is no description of a int"):
        show(3)


def test_a_result_of_ones_own_shows_itself(capsys):
    class Own:
        def view(self):
            return View(
                title="mine", parts=(Line("a sentence", "warning"), Gap(), Verdict(False, "x"), Verdict(True, "y"))
            )

    show(Own(), "plain")
    assert capsys.readouterr().out == "mine\na sentence\n\n  NO   x\n  yes  y\n"
    assert to_html(Own()) == (
        '<div class="psn"><h4>mine</h4><p><b>a sentence</b></p><ul><li><b>NO</b>: x</li><li>yes: y</li></ul></div>'
    )


def test_a_mesh_is_shown_with_and_without_its_network():
    given = network("gradient_pair")
    mesh = network_mesh(given, [[0.6, 0.8], [-0.8, 0.6]])
    assert view_of(mesh).title == "mesh: a unitary on 2 modes"


def test_pictures_are_drawn_only_when_they_are_wanted():
    def fail():
        raise AssertionError("drawn")

    view = View(title="t", parts=(Picture("a.png", "a [picture]", fail),))
    assert markdown(view) == "# t\n"
    assert markdown(view, pictures=True) == "# t\n\n![a \\[picture\\]](a.png)\n"
    assert plain_text(view) == "t\n"


def test_every_listed_class_and_function_is_there():
    from importlib import import_module

    for place, function in _VIEWS.items():
        module, _, name = place.partition(":")
        assert isinstance(getattr(import_module(module), name), type)
        module, _, name = function.partition(":")
        assert callable(getattr(import_module(f"protocols.reports.{module}"), name))
