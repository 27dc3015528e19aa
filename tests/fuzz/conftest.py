"""Two profiles, chosen by HYPOTHESIS_PROFILE: "fuzz" as ``make fuzz`` runs it, and a short one otherwise (``running.py``)."""

import os

import pytest

CLOUD = {
    "XANADU_CLOUD_HOST": "127.0.0.1",
    # Nothing listens there.
    "XANADU_CLOUD_PORT": "1",
    "XANADU_CLOUD_TLS": "False",
    "XANADU_CLOUD_REFRESH_TOKEN": "a-token-for-nothing",
}


@pytest.fixture(autouse=True)
def _a_closed_cloud(monkeypatch):
    """No command line at random may speak to anything but this machine."""
    for name in [name for name in os.environ if name.startswith("XANADU_CLOUD_")]:
        monkeypatch.delenv(name)
    for name, value in CLOUD.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def counted(record_property):
    """Tell counts of a test to the summary at the end."""

    def tell(counts):
        for name in sorted(counts, key=str):
            record_property(name, counts[name])

    return tell


def pytest_terminal_summary(terminalreporter):
    """How many cases each test tried, and what became of them."""
    told = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) != "call" or not getattr(report, "user_properties", None):
                continue
            counts = told.setdefault(report.nodeid.rpartition("::")[2].partition("[")[0], {})
            for name, count in report.user_properties:
                counts[name] = counts.get(name, 0) + count
    if os.environ.get("HYPOTHESIS_PROFILE") != "fuzz" or not told:
        return
    terminalreporter.section("cases tried")
    for test, counts in told.items():
        more = ", ".join(f"{name} {count}" for name, count in counts.items() if name != "cases")
        terminalreporter.write_line(f"{test}: {counts.get('cases', 0)} cases{f' ({more})' if more else ''}")
    terminalreporter.write_line(f"altogether: {sum(counts.get('cases', 0) for counts in told.values())} cases")
