"""Objectives, certificates and files of protocols: proofs that are checked again, and files that survive."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from random import Random

import pytest
from drawn import examples
from hypothesis import assume, given, strategies as st
from oracles import modes_of, protocols_by_brute_force

from networks import InputError, LinearFunction
from protocols import (
    NoProtocolError,
    PhotonTask,
    best_protocols,
    check_protocol,
    enumerate_protocols,
    sample_protocols,
    verify_minimum,
    write_protocols,
)
from protocols.reports.rendering import plain_text
from protocols.reports.showing import view_of
from protocols.wmatrix import streaming
from protocols.wmatrix.certificate import Certificate
from protocols.wmatrix.limits import Limits, connected_supports
from protocols.wmatrix.search.block_bounds import WeightProgram, block_bounds, cells_bound, most_blocks
from protocols.wmatrix.search.blocks import BlockSearch, split_one_side, split_sides
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.sparse_tables import block_columns, widest
from protocols.wmatrix.search.support import least_support
from protocols.wmatrix.search.tables import enumerate_tables
from protocols.wmatrix.streaming import read_task

PROBLEMS = [((2, 1, -1), 3, 2), ((3, 2, 1), 3, 2), ((2, 1, -1, -2), 3, 2), ((1, 1, 1, -1), 3, 2), ((3, 1), 4, 3)]


def most_by_partitions(rows, photons):
    """The most blocks with sums divisible by N that these rows, with a sum divisible by N, can be split into."""
    best = min(1, len(rows))
    for size in range(1, len(rows)):
        for others in itertools.combinations(rows[1:], size - 1):
            block = (rows[0], *others)
            if sum(block) % photons == 0:
                rest = list(rows)
                for b in block:
                    rest.remove(b)
                best = max(best, 1 + most_by_partitions(tuple(rest), photons))
    return best


@given(st.lists(st.integers(1, 30), min_size=1, max_size=7), st.integers(1, 12))
@examples(50)
def test_weights_bound_blocks_and_the_search_finds_as_many(rows, photons):
    missing = -sum(rows) % photons
    whole = (*rows, missing) if missing else tuple(rows)
    most = most_by_partitions(whole, photons)
    assert most_blocks(whole, photons).blocks == most
    program = WeightProgram(whole, photons)
    for _ in range(20):
        program.round()
    assert program.bound.blocks >= most
    search = BlockSearch(whole, photons, 0, top=len(whole))
    search.improve(0, 60)
    assert sorted(row for block in search.blocks for row in block) == list(range(len(whole)))
    assert all(sum(whole[row] for row in block) % photons == 0 for block in search.blocks)
    assert len(search.blocks) == most
    assert search.wide == len(whole) + sum(whole) // photons - most


@given(st.integers(1, 4), st.integers(2, 9), st.data())
@examples(60)
def test_one_side_alone_is_decided_exactly(passes, photons, data):
    total = photons * passes
    cuts = sorted(data.draw(st.sets(st.integers(1, total - 1), max_size=6)))
    rows = [b - a for a, b in itertools.pairwise([0, *cuts, total])]
    task = PhotonTask.of(rows, photons, passes)
    for modes in range(2, len(rows) + 2):
        result = split_one_side(task.margins.left, photons, modes - 1)
        exists = next(enumerate_tables(task.within(Limits(modes=modes))), None) is not None
        assert (result != "none") == exists
        if exists:
            assert widest(block_columns(task.margins, result, [(0,)])) <= modes


def random_problem(draw, rows_each, photons, passes):
    """Row sums in random proportions as the coefficients of a function, N M their sum on each side."""
    total = photons * passes
    sides = []
    for rows in rows_each:
        cuts = sorted(draw.sample(range(1, total), rows - 1))
        sides.append([b - a for a, b in itertools.pairwise([0, *cuts, total])])
    return PhotonTask.of([*sides[0], *(-b for b in sides[1])], photons, passes)


@pytest.mark.parametrize(("rows", "photons", "passes"), [((25, 26), 100, 20), ((60, 45), 300, 30)])
def test_large_random_problems_are_settled_with_a_proof(rows, photons, passes):
    draw = Random(4)
    for _ in range(4):
        task = random_problem(draw, rows, photons, passes)
        result = least_modes(task)
        assert result.decided
        assert widest(result.columns) == result.modes
        document = Certificate.of(task, result).to_dict()
        report = verify_minimum(json.loads(json.dumps(document)))
        assert report.valid
        assert check_protocol(
            {key: document[key] for key in ("alpha", "photons", "passes", "columns", "repeats")}
        ).valid


def test_blocks_of_both_sides_meet_in_the_passes():
    task = random_problem(Random(9), (40, 33), 120, 15)
    k = cells_bound(task.margins)
    blocks = split_sides(task.margins, k, block_bounds(task.margins), 2000)
    assert blocks is not None
    columns = block_columns(task.margins, *blocks)
    assert widest(columns) <= k
    assert tuple(map(sum, zip(*columns, strict=True))) == (*task.margins.left, *task.margins.right)
    # One mode fewer is below the bound: no blocks can be found.
    assert split_sides(task.margins, k - 1, block_bounds(task.margins), 200) is None
    assert least_modes(task, seconds=1e-9).lower_bound <= k


def test_proofs_by_each_method_are_checked_and_forged_ones_fail():
    # Rows 45 ... 99 of mixed sizes: counting rows proves less than counting blocks.
    task = PhotonTask.of([60, 45, 75, 90, 30, -50, -99, -1, -40, -33], 100, 3)
    result = least_modes(task)
    document = Certificate.of(task, result).to_dict()
    assert document["proof"]["method"] == "cells"
    assert verify_minimum(document).valid
    for side, change in (
        ("left", {"blocks": 0}),
        ("left", {"method": "weights", "weights": [0] * 5, "whole": 1}),
        ("left", {"method": "weights", "weights": [1] * 4, "whole": 1}),
        ("left", {"method": "weights", "weights": [-1] * 5, "whole": 1}),
        ("left", {"method": "columns", "whole": 7}),
        ("left", {"method": "luck"}),
        ("right", {"whole": 0}),
    ):
        forged = json.loads(json.dumps(document))
        forged["proof"][side].update(change)
        assert not verify_minimum(forged).valid
    longer = [times + 1 for times in document["repeats"]]
    for change in ({"least_modes": result.modes - 1}, {"repeats": longer}, {"max_photons_per_mode": 1}):
        assert not verify_minimum({**document, **change}).valid
    with pytest.raises(InputError, match="proof must be an object whose method is one of"):
        verify_minimum({**document, "proof": {"method": "trust"}})
    with pytest.raises(InputError, match="least_modes must be a positive integer") as error:
        verify_minimum({**document, "least_modes": "3", "alpha": [0]})
    assert len(error.value.faults) == 2


@given(
    st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=6),
    st.integers(1, 2),
    st.integers(1, 4),
    st.sampled_from([None, 2, 5]),
)
@examples(60)
def test_every_certificate_of_a_small_problem_passes_and_one_mode_fewer_does_not(alpha, times, passes, cap):
    f = LinearFunction(alpha).orient().function
    task = PhotonTask.of(f, times * int(f.norm_positive), passes, Limits(photons_per_mode=cap))
    result = least_modes(task)
    certificate = Certificate.of(task, result)
    assume(certificate is not None)
    assert verify_minimum(certificate) == verify_minimum(certificate.to_dict())
    document = certificate.to_dict()
    report = verify_minimum(document)
    # A second exhausted search may give up, and then says so.
    undecided = document["proof"]["method"] == "exhausted" and "undecided" in report.conditions[-1].witness
    assert report.valid or undecided
    # The same proof of one mode more than there are: a wider protocol, and the claim that nothing is narrower.
    assert not verify_minimum({**document, "least_modes": result.modes + 1}).valid


def test_an_exhausted_search_is_searched_again():
    # Whatever proved it, an exhausted search is a proof too, and a second search repeats it.
    for alpha, photons, passes, cap in [((3, 2, 1), 6, 2, 6), ((5, 4, 2, 1), 12, 2, 12), ((2, 1, -1, -1), 6, 3, 5)]:
        task = PhotonTask.of(alpha, photons, passes, Limits(photons_per_mode=cap))
        result = least_modes(task)
        forged = {**Certificate.of(task, result).to_dict(), "proof": {"method": "exhausted"}}
        assert verify_minimum(forged).valid


@pytest.mark.parametrize("problem", PROBLEMS)
def test_objectives_by_brute_force(problem):
    alpha, photons, passes = problem
    everything = protocols_by_brute_force(*problem)
    modes = {p: [modes_of(c, photons) for c in p] for p in everything}
    best = {
        name: best_protocols(list(alpha), photons, passes, name).choices for name in ("modes", "support", "switches")
    }
    assert best["modes"][0].value == min(max(ks) for ks in modes.values())
    assert best["support"][0].value == min(sum(ks) for ks in modes.values())
    assert best["switches"][0].value == min(len(set(p)) - 1 for p in everything)
    assert all(choice.decided for choices in best.values() for choice in choices)
    for k in (2, 3):
        obeying = {p for p, ks in modes.items() if max(ks) <= k}
        limited = best_protocols(list(alpha), photons, passes, "support", limits=Limits(modes=k))
        assert [c.value for c in limited.choices] == ([min(sum(modes[p]) for p in obeying)] if obeying else [])
        switches = best_protocols(list(alpha), photons, passes, "switches", limits=Limits(modes=k))
        assert [c.value for c in switches.choices] == ([min(len(set(p)) - 1 for p in obeying)] if obeying else [])
        assert switches.exists == bool(obeying)


def test_the_least_support_of_a_large_problem_is_bounded_from_both_sides():
    task = random_problem(Random(2), (20, 14), 30, 8)
    result = least_support(task)
    assert result.lower_bound <= result.cells
    assert result.decided
    assert sum(1 for column in result.columns for cell in column if cell) == result.cells


def test_objectives_and_samples_refuse_what_they_cannot_do():
    with pytest.raises(InputError, match="objective must be one of modes, support, switches, pareto"):
        best_protocols([1, 1], 2, 2, "beauty")
    with pytest.raises(NoProtocolError, match="not a multiple of 3"):
        best_protocols([1, 1, 1], 100, 1)
    with pytest.raises(InputError, match="sample must be an integer of at least 1, got 0"):
        sample_protocols([1, 1], 2, 2, 0)
    with pytest.raises(NoProtocolError, match="no column protocol within these limits to draw from"):
        sample_protocols([1, 1], 4, 1, 1, limits=Limits(photons_per_mode=1))
    drawn = sample_protocols([1, 2, 3, 4, -2, -3], 5, 4, 50, seed=1)
    assert drawn == sample_protocols([1, 2, 3, 4, -2, -3], 5, 4, 50, seed=1)
    assert all(check_protocol(protocol).valid for protocol in drawn.protocols[:5])


def test_what_a_search_limit_leaves_open_is_said():
    def shown(result):
        return plain_text(view_of(result), width=200)

    listed = enumerate_protocols([1, 1], 2, 2)
    assert "exists: yes\n" in shown(listed)
    unknown = replace(listed, exists=None, protocols=(), complete=False, minimum_modes=None)
    assert "exists: undecided (search limit reached)\n" in shown(unknown)
    best = best_protocols([1, 1], 2, 2)
    assert "limit" not in shown(best)
    unfinished = replace(best, complete=False, certificate=None)
    assert "a search limit was reached: there may be better ones\n" in shown(unfinished)
    none = replace(best, choices=(), complete=False, certificate=None)
    assert "undecided (search limit reached)\n" in shown(replace(none, exists=None))
    assert "no column protocol exists within these limits\n" in shown(replace(none, exists=False))


# --- files --------------------------------------------------------------------------------------------------

F, N, M = LinearFunction([3, 2, 1, -1, -2]), 6, 3


def test_a_file_cut_anywhere_goes_on_to_the_same_lines(tmp_path):
    whole = tmp_path / "whole.jsonl"
    assert write_protocols(whole, F, N, M).complete
    lines = whole.read_bytes().splitlines(keepends=True)
    assert len(lines) == 9217 + 2
    assert json.loads(lines[-1]) == {"complete": True, "protocols": 9217}
    draw = Random(1)
    for cut in [
        len(lines[0]),
        len(whole.read_bytes()) - 3,
        *draw.sample(range(len(lines[0]), whole.stat().st_size), 6),
    ]:
        part = tmp_path / "part.jsonl"
        part.write_bytes(whole.read_bytes()[:cut])
        written = write_protocols(part, F, N, M, resume=True)
        assert part.read_bytes() == whole.read_bytes()
        assert (written.protocols, written.complete) == (9217, True)
    again = write_protocols(whole, F, N, M, resume=True)
    assert (again.new, again.complete) == (0, True)
    limited = tmp_path / "limited.jsonl"
    written = write_protocols(limited, F, N, M, limit=10)
    assert (written.protocols, written.complete) == (10, False)
    assert limited.read_bytes() == b"".join(lines[:11])


def test_lines_are_the_protocols_in_order(tmp_path):
    import networkx as nx

    allows = connected_supports(nx.path_graph([0, 1, "ref", 2]), (0, 1, 2, "ref"))
    limits = Limits(modes=3, allows=allows, forbidden=(frozenset({0, 2}),))
    f = LinearFunction([2, 1, -1])
    path = tmp_path / "f.jsonl"
    write_protocols(path, f, 6, 2, limits=limits)
    header, *rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert header["links"] == [[0, 1], [1, 3], [2, 3]]
    for row in rows[:-1]:
        problem = {"alpha": [2, 1, -1], "photons": 6, "passes": 2, **row}
        assert check_protocol(problem).valid
        for column in row["columns"]:
            occupied = {j for j, w in enumerate(column) if w} | ({3} if 6 + min(0, column[2]) else set())
            assert limits.admit(occupied)
    assert rows[-1]["protocols"] == len(rows) - 1
    with pytest.raises(InputError, match="predicate of your own cannot be written"):
        write_protocols(tmp_path / "g.jsonl", f, 6, 2, limits=Limits(allows=lambda occupied: True))


def _missing(lines, at):
    return [*lines[:at], *lines[at + 1 :]]


def _doubled(lines, at):
    return [*lines[:at], lines[at], *lines[at:]]


def _jumped(lines, at):
    return [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]


def _garbage(lines, at):
    return [*lines[:at], b'\xff\x00" garbage\n', *lines[at + 1 :]]


def _crlf(lines, at):
    return [*lines[:at], lines[at][:-1] + b"\r\n", *lines[at + 1 :]]


def _early_end(lines, at):
    return [*lines[:at], b'{"complete": true, "protocols": %d}\n' % (at - 1)]


def _no_line_break(lines, at):
    return [*lines[:at], lines[at][:-1], *lines[at + 1 :]]


def _nothing_but_zeros(lines, at):
    return [*lines[:at], bytes(5000)]


def _deep(lines, at):
    return [*lines[:at], b"[" * 100_000 + b"\n", *lines[at:]]


@pytest.mark.parametrize(
    "damage",
    [_missing, _doubled, _jumped, _garbage, _crlf, _early_end, _no_line_break, _nothing_but_zeros, _deep],
)
@pytest.mark.parametrize("ending", ["complete", "cut"])
def test_from_the_first_damage_on_a_file_is_written_anew(tmp_path, monkeypatch, damage, ending):
    """Whatever is wrong wherever: the file ends as one that nothing happened to, and the line is named. Batches of 75 and 64."""
    monkeypatch.setattr(streaming, "BATCH", 75)
    damaged_files_end_whole(tmp_path, (LinearFunction([2, 1, -1]), 6, 3), 139, damage, ending, (1, 2, 74, 76, 105))


@pytest.mark.parametrize("damage", [_missing, _jumped])
def test_damage_about_the_end_of_a_batch(tmp_path, damage):
    assert streaming.BATCH == 5000
    damaged_files_end_whole(tmp_path, (F, N, M), 9217, damage, "complete", (4999, 5001))


def damaged_files_end_whole(tmp_path, problem, count, damage, ending, places):
    """Damage at these lines and at the last but two, each in a file of its own."""
    whole = tmp_path / "whole.jsonl"
    write_protocols(whole, *problem)
    lines = whole.read_bytes().splitlines(keepends=True)
    given = lines if ending == "complete" else [*lines[:-3], lines[-3][:9]]
    path = tmp_path / "part.jsonl"
    for at in (*places, len(given) - 3):
        path.write_bytes(b"".join(damage(given, at)))
        written = write_protocols(path, *problem, resume=True)
        assert path.read_bytes() == whole.read_bytes(), at
        assert (written.protocols, written.complete) == (count, True)
        # Of a line doubled, the second is the wrong one.
        first = at + (damage is _doubled)
        assert written.damage is not None
        assert written.damage.line == first + 1
        assert written.new == count - (first - 1)


def test_lines_of_another_problem_and_lines_behind_the_end_are_damage(tmp_path):
    whole, other, path = (tmp_path / name for name in ("whole.jsonl", "other.jsonl", "part.jsonl"))
    write_protocols(whole, F, N, M)
    write_protocols(other, F, N, M, limits=Limits(modes=4))
    lines = whole.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"".join(other.read_bytes().splitlines(keepends=True)[1:]))
    assert write_protocols(path, F, N, M, resume=True).damage is not None
    assert path.read_bytes() == whole.read_bytes()
    for more in (b"\n", lines[-1], b"{", lines[1]):
        path.write_bytes(whole.read_bytes() + more)
        written = write_protocols(path, F, N, M, resume=True)
        assert written.damage is not None
        assert written.damage.line == len(lines) + 1
        assert path.read_bytes() == whole.read_bytes()


def test_verifying_changes_nothing_that_is_right(tmp_path):
    """A limit below what a file holds does not shorten it, and what is cut off at its end is no damage."""
    path = tmp_path / "f.jsonl"
    write_protocols(path, F, N, M, limit=60)
    before = path.read_bytes()
    path.write_bytes(before + b'{"colu')
    written = write_protocols(path, F, N, M, limit=10, resume=True)
    assert (written.protocols, written.new, written.complete, written.damage) == (60, 0, False, None)
    assert path.read_bytes() == before


def test_one_process_at_a_time_writes_protocols(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "f.jsonl"
    write_protocols(path, F, N, M, limit=5)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another psn enumerate is writing"):
            write_protocols(path, F, N, M, resume=True)
    assert write_protocols(path, F, N, M, resume=True).complete


def test_what_resume_found_damaged_is_said(tmp_path, psn):
    path = tmp_path / "f.jsonl"
    write_protocols(path, [1, 1, -1], 2, 2)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[2], *lines[3:]]))
    code, out, err = psn("enumerate", "--resume", path, "--json")
    assert code == 0
    assert f"line 2 of {path} was not what belongs there" in err
    assert json.loads(out)["rewritten_from_line"] == 2
    assert path.read_bytes() == b"".join(lines)
    assert "was not" not in psn("enumerate", "--resume", path)[2]


def test_what_goes_on_in_a_file_may_be_longer_than_a_printed_list(tmp_path, psn):
    path = tmp_path / "f.jsonl"
    write_protocols(path, [1, 1, -1], 2, 2, limit=1)
    assert psn("enumerate", "--resume", path, "--limit", 10**6)[0] == 0


def test_files_of_other_problems_are_left_alone(tmp_path):
    path = tmp_path / "f.jsonl"
    write_protocols(path, F, N, M, limit=5)
    before = path.read_bytes()
    with pytest.raises(InputError, match="exists; go on with it by --resume"):
        write_protocols(path, F, N, M)
    with pytest.raises(InputError, match="written for another problem"):
        write_protocols(path, F, N, M, limits=Limits(modes=4), resume=True)
    assert path.read_bytes() == before
    with pytest.raises(InputError, match="too large for the compiled walk"):
        write_protocols(tmp_path / "large.jsonl", LinearFunction([1, 1]), 2**62, 4)
    assert not (tmp_path / "large.jsonl").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"links": [["a", "b"]]}, "a link joins modes"),
        ({"links": [[0, 10**11]]}, "a link joins modes"),
        ({"links": [[0]]}, "header is damaged"),
        ({"forbidden": ["12"]}, "forbidden group names mode"),
        ({"forbidden": [[0.5]]}, "forbidden group names mode"),
        ({"required": [[0, None]]}, "required group names mode"),
        ({"photons": "6"}, "photons must be a positive integer"),
        ({"alpha": 3}, "header is damaged"),
        ({"format": "psn protocols 9"}, "the first line must be the header"),
        ({"photons": 2 * N}, "the header was changed"),
        ({"max_modes": 4}, "the header was changed"),
        ({"digest": None}, "the header was changed"),
    ],
)
def test_damaged_headers(tmp_path, change, message):
    path = tmp_path / "f.jsonl"
    write_protocols(path, F, N, M, limit=1)
    first, rest = path.read_text().split("\n", 1)
    path.write_text(json.dumps({**json.loads(first), **change}) + "\n" + rest)
    with pytest.raises(InputError, match=message):
        read_task(path)
    path.write_text("[" * 100_000)
    with pytest.raises(InputError, match="not JSON"):
        read_task(path)


def test_a_limit_that_all_protocols_fit_in_is_complete(tmp_path):
    f = LinearFunction([1, 1, -1])
    assert write_protocols(tmp_path / "a.jsonl", f, 2, 2, limit=5).complete
    unfinished = write_protocols(tmp_path / "b.jsonl", f, 2, 2, limit=4)
    assert (unfinished.protocols, unfinished.complete) == (4, False)


def test_ctrl_c_leaves_a_file_that_goes_on(tmp_path):
    path = tmp_path / "f.jsonl"
    psn = [sys.executable, "-m", "protocols", "enumerate"]
    problem = ["--alpha", "1,2,3,4,-2,-3", "--photons", "5", "--passes", "4", "--out", str(path)]
    run = subprocess.Popen([*psn, *problem], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for _ in range(3000):
        if path.exists() and path.stat().st_size > 20_000:
            break
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out) == (130, "")
    assert f"go on with: psn enumerate --resume {path}" in err
    # A line counts when it is whole; the first is the problem.
    kept = path.read_bytes().count(b"\n") - 1
    assert kept > 0
    limit = kept + 2000
    again = subprocess.run(
        [*psn, "--resume", str(path), "--limit", str(limit), "--json"], capture_output=True, text=True, check=True
    )
    document = json.loads(again.stdout)
    assert (document["protocols"], document["new"]) == (limit, 2000)
    lines = path.read_text().splitlines()[1:]
    assert len(set(lines)) == len(lines) == limit
