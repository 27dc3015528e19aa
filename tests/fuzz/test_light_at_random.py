"""Designs of phases under Gaussian light are consistent at any brightness, and no command breaks a rule on them."""

import json
import math

import pytest
from command_lines import Case
from hypothesis import strategies as st
from light_at_random import bright_lines, bright_networks, refusals_of, tightened
from running import IS_LONG, SHARDS, fuzz
from test_commands import bounded_memory, broken_rules, design_faults, folder_of, keep_the_rules, needs_proc, run

from protocols.schemes.plan import BEYOND

shards = pytest.mark.parametrize(
    "shard", [pytest.param(k, marks=pytest.mark.xdist_group(f"{k}")) for k in range(SHARDS)]
)
FOUND = 1e-4
"""Relative difference of light that is searched: more light allowed may be found to be of use by so much less."""


def designed(document):
    line = ["design", "file.json", "--json"]
    with folder_of(Case(line=line, files={"file.json": json.dumps(document)})), bounded_memory():
        code, out, err = run(line)
    faults = broken_rules(line, code, out, err) or design_faults(line, code, out)
    assert not faults, (document, faults, err)
    case = Case(line=line, refusals=refusals_of(document))
    assert case.is_expected(code, err), (document, code, err)
    return code, json.loads(out) if code == 0 else None


def gaussian_faults(made):
    """Failed checks, and light that is better than Gaussian light can be."""
    faults = []
    for one in made["candidates"]:
        failed = [check for check in one["checks"] if check["holds"] is False]
        if failed:
            faults.append(f"{one['scheme']}: {failed}")
    return faults


def consistent(case, counts):
    document, change = case
    code, made = designed(document)
    counts[f"exit {code}"] += 1
    if made is None:
        return
    faults = gaussian_faults(made)
    assert not faults, (document, faults)
    worse = tightened(document).get(change)
    if worse is None:
        return
    _, less = designed(worse)
    if less is None:
        return
    counts["compared"] += 1
    before = {one["scheme"]: math.inf if one["mse"] is None else one["mse"] for one in made["candidates"]}
    # What was beyond the engine may be within it where less can be done.
    before |= {one["scheme"]: 0.0 for one in made["unavailable"] if one["reason"].startswith(BEYOND)}
    for one in less["candidates"]:
        mse = math.inf if one["mse"] is None else one["mse"]
        was = before.get(one["scheme"])
        if was is None or not mse >= was * (1 - FOUND):
            faults.append(f"{change}: {one['scheme']} went from {was} to {mse}")
    assert not faults, (document, worse, faults)


CHANGES = (
    "half the light",
    "half the dB",
    "a squeezer less",
    "lower caps",
    "dark counts",
    "noise",
    "detectors",
    "links",
)


@needs_proc
@shards
def test_designs_of_gaussian_light_are_consistent(shard, counted):
    cases = st.tuples(bright_networks(), st.sampled_from(CHANGES))
    counts = fuzz("gaussian light", consistent, cases, short=5, share=0.09)
    counted(counts)
    assert counts["exit 0"] >= 0.5 * counts["cases"]


@needs_proc
@shards
def test_lines_on_gaussian_light_break_no_rule(shard, counted):
    counts = fuzz("lines on gaussian light", keep_the_rules, bright_lines(), short=8, share=0.09)
    counted(counts)
    if IS_LONG:
        assert counts["sound, as expected"] >= 0.97 * counts["sound"]
