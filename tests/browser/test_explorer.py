"""The explorer as somebody uses it: in a real browser, from an example to an exported file, with what it must refuse."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from networks.files.node_link import network_from_json

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "docs" / "images"
SLOW = 90_000
"""Milliseconds that a design may take on a machine that is busy with other tests."""
EVIL = "<img src=x onerror=window.hacked=1>"
SERIOUS = ("serious", "critical")
SHOTS = bool(os.environ.get("PSN_SCREENSHOTS"))
"""Whether the pictures of the docs are written anew."""

dash = pytest.importorskip("dash", reason='Dash is missing: pip install ".[dev]"')


@pytest.fixture(scope="module")
def address():
    """A running explorer, which ends with Ctrl-C as for everybody."""
    words = [
        sys.executable,
        "-m",
        "protocols",
        "explore",
        str(ROOT / "examples" / "field_average.json"),
        "--no-browser",
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as running:
        line = running.stdout.readline()
        yield re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        running.send_signal(signal.SIGINT)
        rest, _ = running.communicate(timeout=60)
    assert rest.strip() == "stopped"
    assert running.returncode == 0


class Explorer:
    """A window with the explorer, and what it has asked for and complained of."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.elsewhere, self.complaints = [], []
        page.set_default_timeout(SLOW)
        own = (address, "data:", "blob:")
        page.on("request", lambda one: None if one.url.startswith(own) else self.elsewhere.append(one.url))
        page.on("console", lambda one: self.complaints.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(address)
        self.settled()

    def settled(self):
        """Wait for the exact design of what is there now."""
        self.page.wait_for_selector("#design:not([hidden]) #verdict .strong")
        return self.page

    def anew(self):
        """Wait until the last answer has gone, and the new one has come."""
        self.page.wait_for_selector("#first-look:not([hidden])")
        self.settled()

    def field(self, name):
        return self.page.get_by_label(re.compile(rf"^{name}( \(|$)"))

    def choose(self, label, option):
        """An option of a choice, by how it begins."""
        select = self.page.get_by_label(label, exact=True)
        found = select.locator("option").filter(has_text=re.compile(rf"^{re.escape(option)}(:|$)"))
        select.select_option(found.first.get_attribute("value"))

    def start(self, name):
        self.choose("Start from", name)

    def edit(self, part):
        self.choose("What", part)
        self.page.wait_for_function(
            "(name) => document.querySelector('#form h3')?.textContent.toLowerCase() === name.toLowerCase()", arg=part
        )

    def saved(self, button):
        """The text of a file that a button saves."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name=button, exact=True).click()
        return Path(waiting.value.path()).read_bytes()

    def document(self):
        return json.loads(self.saved("Save .json"))

    def table(self):
        """The candidates on the page: cells by scheme."""
        rows = self.page.locator("#schemes tbody tr").all()
        return {(cells := [cell.inner_text() for cell in row.locator("th, td").all()])[0]: cells[1:] for row in rows}

    def turn(self, label, value):
        """Move a slider, as its keys do."""
        self.page.get_by_label(label).evaluate(
            """(slider, value) => {
                Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(slider, value);
                slider.dispatchEvent(new Event('input', {bubbles: true}));
                slider.dispatchEvent(new Event('change', {bubbles: true}));
            }""",
            str(value),
        )

    def picture(self, name):
        if SHOTS:
            SCREENSHOTS.mkdir(exist_ok=True)
            self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def leave(self):
        assert self.elsewhere == []
        assert self.complaints == []
        assert self.page.evaluate("() => window.hacked") is None


@pytest.fixture
def explore(browser, address):
    """Open the explorer; when the test ends, what its windows have seen is looked at."""
    opened = []

    def open_window(*, width=1280, height=800, colours="light"):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=colours, accept_downloads=True
        )
        opened.append((context, Explorer(context.new_page(), address)))
        return opened[-1][1]

    yield open_window
    for context, explorer in opened:
        explorer.leave()
        context.close()


def designed(document, folder):
    """What ``psn design --json`` says of a document."""
    file = folder / "exported.json"
    file.write_text(json.dumps(document))
    done = subprocess.run(
        [sys.executable, "-m", "protocols", "design", str(file), "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(done.stdout)


def network_of(document):
    """The network that a document is read as."""
    return network_from_json(json.dumps(document))


def test_an_example_a_slider_and_the_same_numbers_on_the_command_line(explore, tmp_path):
    explorer = explore()
    explorer.picture("explorer_first")
    explorer.turn("squeezing, at most (dB)", 6)
    explorer.anew()
    assert explorer.page.locator(".knob", has_text="squeezing, at most").locator("output").inner_text() == "6"
    document = explorer.document()
    assert document["graph"]["squeezing_db"] == 6
    result = designed(document, tmp_path)
    shown = explorer.table()
    assert list(shown) == [one["scheme"] for one in result["candidates"]]
    for one in result["candidates"]:
        assert shown[one["scheme"]][0] == f"{one['mse']:.7g}"
    assert result["verdict"]["sentence"] in explorer.page.locator("#verdict").inner_text()


def test_a_sensor_a_link_and_back(explore, tmp_path):
    explorer = explore()
    page = explorer.page
    before = explorer.document()
    page.get_by_role("button", name="Add sensor").click()
    page.wait_for_selector("#faults li")
    # The new sensor is not linked, which is said in the words of the command line.
    (tmp_path / "n.json").write_text(json.dumps(explorer.document()))
    refused = subprocess.run(
        [sys.executable, "-m", "protocols", "design", str(tmp_path / "n.json")],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert refused.returncode == 2
    fault = page.locator("#faults li").first.inner_text().removesuffix("edit").strip()
    assert fault in refused.stderr
    new = explorer.document()["nodes"][-1]["id"]
    explorer.choose("Link from", new)
    explorer.choose("to", str(before["nodes"][0]["id"]))
    page.get_by_role("button", name="Add link").click()
    explorer.settled()
    after = explorer.document()
    assert [node["id"] for node in after["nodes"]] == [*(node["id"] for node in before["nodes"]), new]
    assert after["edges"][-1] == {"source": new, "target": before["nodes"][0]["id"]}
    assert list(explorer.table()) == [one["scheme"] for one in designed(after, tmp_path)["candidates"]]
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
        page.wait_for_timeout(500)
    assert explorer.document() == before


def test_a_value_is_broken_and_mended(explore):
    explorer = explore()
    page = explorer.page
    name = explorer.document()["nodes"][1]["id"]
    explorer.edit(f"node {name}")
    field = explorer.field("transmissivity")
    if not field.is_visible():
        page.get_by_text("More attributes").click()
    before = field.input_value()
    field.fill("1.7")
    page.wait_for_selector("#faults li")
    words = f"node '{name}': transmissivity must be a number in (0, 1], got 1.7"
    assert words in page.locator("#faults").inner_text()
    assert words in page.locator(".field", has=field).inner_text()
    assert field.input_value() == "1.7"
    assert "Mend the faults" in page.locator("#first-look").inner_text()
    page.evaluate("() => window.scrollTo(0, 0)")
    explorer.picture("explorer_fault")
    field.fill("90 %")
    explorer.settled()
    assert page.locator("#faults li").count() == 0
    assert explorer.document()["nodes"][1]["transmissivity"] == 0.9
    field.fill(before)
    explorer.anew()


def test_a_node_is_dragged(explore):
    explorer = explore()
    page = explorer.page
    before = explorer.document()
    box = page.locator("#graph canvas").last.bounding_box()
    at = page.evaluate("() => document.getElementById('graph')._cyreg.cy.getElementById('node 0').renderedPosition()")
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + at["x"] + 40, box["y"] + at["y"] + 30, steps=5)
    page.mouse.up()
    page.wait_for_timeout(1000)
    after = explorer.document()
    assert all({"x", "y"} <= set(node) for node in after["nodes"])
    assert [{k: v for k, v in n.items() if k not in "xy"} for n in after["nodes"]] == [
        {k: v for k, v in n.items() if k not in "xy"} for n in before["nodes"]
    ]
    page.get_by_role("button", name="Undo").click()
    page.wait_for_timeout(500)
    assert explorer.document() == before


def test_a_name_stays_text(explore, tmp_path):
    explorer = explore()
    page = explorer.page
    document = json.loads((ROOT / "examples" / "gradient_pair.json").read_text())
    old = document["nodes"][0]["id"]
    document["nodes"][0]["id"] = EVIL
    document["graph"]["name"] = EVIL
    for edge in document["edges"]:
        for end in ("source", "target"):
            edge[end] = EVIL if edge[end] == old else edge[end]
    (tmp_path / "evil.json").write_text(json.dumps(document))
    page.locator("#upload input[type=file]").set_input_files(tmp_path / "evil.json")
    page.wait_for_function("(name) => document.getElementById('network-title').textContent === name", arg=EVIL)
    explorer.settled()
    page.locator("#revealed-start").click()
    page.wait_for_selector("#revealed-words table")
    page.wait_for_selector("#revealed-figure .js-plotly-plot .xtick", state="attached")
    assert EVIL in page.locator("#revealed-words").inner_text()
    assert page.locator("img[src=x]").count() == 0
    assert [node["id"] for node in explorer.document()["nodes"]] == [node["id"] for node in document["nodes"]]


def test_a_curve_and_its_data(explore, tmp_path):
    explorer = explore()
    page = explorer.page
    explorer.choose("Error against", "loss of each link (dB)")
    page.locator("#curve-start").click()
    page.wait_for_selector("#curve-figure .js-plotly-plot .scatterlayer path", state="attached")
    page.locator("#curve-figure").scroll_into_view_if_needed()
    explorer.picture("explorer_curves")
    from networks import load_network
    from protocols import error_curves

    curves = error_curves(load_network(ROOT / "examples" / "field_average.json"), "link_loss_db")
    lines = explorer.saved("CSV").decode().splitlines()
    assert len(lines) == len(curves.values) + 1
    assert float(lines[1].split(",")[0]) == curves.values[0]
    svg = explorer.saved("SVG").decode()
    assert svg.lstrip().startswith("<svg")
    assert "loss of each link" in svg
    assert explorer.saved("PNG").startswith(b"\x89PNG")
    assert "psn plot link_loss_db" in page.locator("#command-lines").inner_text()


def test_a_simulation_runs_to_its_end_and_is_stopped(explore):
    explorer = explore()
    page = explorer.page
    page.get_by_label("Trials").fill("40000")
    page.locator("#simulated-start").click()
    page.wait_for_selector("#simulated-words table")
    lines = page.locator("#command-lines").inner_text()
    words = next(line for line in lines.splitlines() if line.startswith("psn simulate")).split()
    file = ROOT / "examples" / "field_average.json"
    done = subprocess.run(
        [sys.executable, "-m", "protocols", "simulate", str(file), *words[3:], "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    last = explorer.saved("CSV").decode().splitlines()[-1].split(",")
    assert int(last[0]) == 40000
    assert float(last[1]) == pytest.approx(json.loads(done.stdout)["mse"], rel=1e-12)
    page.get_by_label("Trials").fill("2000000000")
    page.locator("#simulated-start").click()
    page.wait_for_function(
        "() => / of 2,000,000,000 trials/.test(document.getElementById('simulated-progress').textContent)"
    )
    page.locator("#simulated-stop").click()
    page.wait_for_selector("#simulated-start:not([disabled])")
    page.wait_for_function("() => /Stopped after/.test(document.getElementById('simulated-words').textContent)")
    page.locator("#simulated-figure").scroll_into_view_if_needed()
    explorer.picture("explorer_simulation")


def test_protocols_are_columns(explore):
    explorer = explore()
    explorer.start("five_phases")
    explorer.anew()
    page = explorer.page
    page.locator("#protocols-start").click()
    page.wait_for_selector("#protocols-words table")
    page.locator("#protocols-words").scroll_into_view_if_needed()


def test_an_exported_file_comes_back(explore, tmp_path):
    explorer = explore()
    page = explorer.page
    for ending in (".json", ".graphml"):
        file = tmp_path / f"n{ending}"
        file.write_bytes(explorer.saved(f"Save {ending}"))
        before = network_of(explorer.document())
        page.reload()
        explorer.settled()
        page.locator("#upload input[type=file]").set_input_files(file)
        page.wait_for_function("(name) => document.getElementById('message').textContent.includes(name)", arg=file.name)
        assert network_of(explorer.document()) == before
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    page.locator("#upload input[type=file]").set_input_files(broken)
    page.wait_for_function("() => /not valid JSON/.test(document.getElementById('message').textContent)")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_can_be_read_by_all(explore, colours, width):
    """No serious finding of axe-core, nothing wider than the window."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    explorer = explore(width=width, colours=colours)
    page = explorer.page
    page.locator("#curve-start").click()
    page.locator("#revealed-start").click()
    page.wait_for_selector("#curve-figure .js-plotly-plot .scatterlayer path", state="attached")
    page.wait_for_selector("#revealed-words table")
    # Its script is part of the test: the page would run none but its own.
    found = page.evaluate(f"() => {{ {axe.Axe().axe_script}; return axe.run() }}")
    serious = [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]
    assert serious == []
    assert page.evaluate("() => document.scrollingElement.scrollWidth - window.innerWidth") <= 0
    page.evaluate("() => window.scrollTo(0, 0)")
    if (colours, width) == ("dark", 390):
        explorer.picture("explorer_phone")


def test_everything_has_a_key(explore):
    """A sensor is added, chosen, changed and taken away without a mouse."""
    explorer = explore()
    page = explorer.page
    before = explorer.document()
    page.get_by_role("button", name="Add sensor").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#faults li")
    field = explorer.field("alpha")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1/7")
    page.wait_for_timeout(1000)
    assert explorer.document()["nodes"][-1]["alpha"] == "1/7"
    page.get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")
    explorer.settled()
    assert [node["id"] for node in explorer.document()["nodes"]] == [node["id"] for node in before["nodes"]]
    slider = page.get_by_label("passes M")
    slider.focus()
    page.keyboard.press("ArrowRight")
    explorer.anew()
    assert explorer.document()["graph"]["passes"] == before["graph"].get("passes", 1) + 1


def test_large_networks_stay_usable(explore):
    explorer = explore()
    explorer.start("region_200")
    page = explorer.page
    page.wait_for_function("() => document.getElementById('graph')._cyreg.cy.nodes().length >= 200")
    page.get_by_role("button", name="Add sensor").click()
    page.wait_for_selector("#faults li", timeout=15_000)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("() => document.querySelectorAll('#faults li').length === 0", timeout=15_000)
    explorer.settled()


# --- what it refuses -----------------------------------------------------------------------------------------


def asked(address, headers, *, data=None, path=""):
    """The status of a request."""
    request = urllib.request.Request(address + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_strangers_are_refused(address):
    host = address.removeprefix("http://").removesuffix("/")
    port = host.partition(":")[2]
    assert asked(address, {"Host": host}) == 200
    assert asked(address, {"Host": f"localhost:{port}"}) == 200
    # A name of somebody else's that leads to this machine; another port; another machine.
    for other in (f"evil.example:{port}", "127.0.0.1", "127.0.0.1:1", f"[::1]:{port}", ""):
        assert asked(address, {"Host": other}) in (400, 403), other
    update = "_dash-update-component"
    own = {"Host": host, "Content-Type": "application/json"}
    for origin in ("http://evil.example", "null", f"https://{host}", f"http://localhost.evil.example:{port}"):
        assert asked(address, {**own, "Origin": origin}, data=b"{}", path=update) == 403
        assert asked(address, {"Host": host, "Origin": origin}) == 403
    assert asked(address, own, data=b"{}", path=update) == 403
    assert asked(address, {**own, "Referer": "http://evil.example/"}, data=b"{}", path=update) == 403
    assert asked(address, {"Host": host, "Sec-Fetch-Site": "cross-site"}, path="_dash-layout") == 403
    assert asked(address, {**own, "Origin": f"http://{host}"}, data=b"{}", path=update) != 403
    assert asked(address, {**own, "Origin": f"http://{host}"}, data=b" " * (49 * 2**20), path=update) == 413


def test_it_listens_on_this_machine_only(address):
    port = int(address.rpartition(":")[2].strip("/"))
    listening = Path("/proc/net/tcp").read_text().split("\n")[1:]
    ours = [
        line.split()[1]
        for line in listening
        if line and line.split()[3] == "0A" and int(line.split()[1][-4:], 16) == port
    ]
    assert ours == [f"0100007F:{port:04X}"]
    every = Path("/proc/net/tcp6").read_text().split("\n")[1:]
    assert not [line for line in every if line and int(line.split()[1][-4:], 16) == port and line.split()[3] == "0A"]
