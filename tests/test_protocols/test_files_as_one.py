"""The files of a design are all of one run, whenever it is stopped."""

from __future__ import annotations

import os
import pickle
import random
import signal
import subprocess
import sys
import time

import pytest

from networks import SensorNetwork
from protocols.design import design
from protocols.reports import files_as_one
from protocols.reports.design_folder import FILES, write_design
from protocols.reports.files_as_one import replace_files

DESIGN_FILES = (*FILES, *(f"circuit_{k}.{ending}" for k in (1, 2) for ending in ("json", "xbb", "pcvl")))

NAMES = ("a", "b", "c", "d")
OLD = {"a": b"old a", "b": b"old b", "c": b"old c"}
NEW = {"a": b"new a", "c": b"new c", "d": b"new d"}


def seen(folder, names=NAMES):
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


@pytest.mark.parametrize("before", [{}, OLD])
def test_stopped_at_every_step_the_folder_is_one_of_both(tmp_path, before):
    results, number = set(), 0
    while True:
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
        replace_files(folder, before, NAMES)
        # The process dies before its n-th change of the folder: forked, so that not even a ``finally`` runs.
        child = os.fork()
        if not child:
            left = [number]

            def hook(event, arguments, left=left):
                if event in ("os.symlink", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"):
                    left[0] -= 1
                    if left[0] < 0:
                        os._exit(9)

            sys.addaudithook(hook)
            replace_files(folder, NEW, NAMES)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        now = seen(folder)
        assert now in (before, NEW), number
        results.add("new" if now == NEW else "old")
        assert (folder / "mine.txt").read_text() == "mine"
        # The next one tidies up, whatever was left.
        replace_files(folder, OLD if number % 2 else NEW, NAMES)
        assert seen(folder) == (OLD if number % 2 else NEW)
        assert not any((folder / name).is_symlink() for name in NAMES)
        assert {path.name for path in folder.iterdir()} == {"mine.txt", *seen(folder)}
        if not status:
            break
        number += 1
    assert number > 15
    assert results == {"old", "new"}


def test_permissions_links_and_systems_without_links(tmp_path, monkeypatch):
    before = os.umask(0o027)
    try:
        replace_files(tmp_path, OLD, NAMES)
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
        (tmp_path / "a").chmod(0o600)
        outside = tmp_path / "outside"
        outside.write_bytes(b"theirs")
        (tmp_path / "b").unlink()
        (tmp_path / "b").symlink_to(outside)
        replace_files(tmp_path, NEW, NAMES)
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
        assert outside.read_bytes() == b"theirs"
        monkeypatch.setattr(files_as_one, "_has_links", lambda folder: False)
        replace_files(tmp_path, OLD, NAMES)
        assert seen(tmp_path) == OLD
    finally:
        os.umask(before)


def killed_designs(tmp_path, monkeypatch, kills, seed):
    """The files of ``write_design`` for two networks, written in turn, killed at random moments; the folder has one of both."""
    networks = [
        SensorNetwork.star(alpha, sensing="phase", photons=2 + 2 * k) for k, alpha in enumerate(([1, -1], [1, 1, -1]))
    ]
    wanted, made = [], []

    def noted(folder, files, names):
        made.append(files)
        replace_files(folder, files, names)

    monkeypatch.setattr("protocols.reports.design_folder.replace_files", noted)
    for k, network in enumerate(networks):
        write_design(design(network), tmp_path / f"whole{k}")
        wanted.append(seen(tmp_path / f"whole{k}", DESIGN_FILES))
    monkeypatch.undo()
    assert wanted[0] != wanted[1]
    folder = tmp_path / "out"
    folder.mkdir()
    # Drawing takes nearly all of the time: the files were made once, so that kills meet their writing.
    (tmp_path / "made").write_bytes(pickle.dumps(made))
    script = (
        "import pickle; from pathlib import Path; from protocols.reports.files_as_one import replace_files;"
        f"made = pickle.loads(Path({str(tmp_path / 'made')!r}).read_bytes()); out = Path({str(folder)!r});"
        f"[replace_files(out, files, {DESIGN_FILES!r}) for files in made]; print('ready', flush=True)\n"
        f"while True:\n    [replace_files(out, files, {DESIGN_FILES!r}) for files in made]\n"
    )
    generator, found = random.Random(seed), []
    for _ in range(kills):
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        time.sleep(generator.uniform(0.0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = seen(folder, DESIGN_FILES)
        assert now in wanted
        found.append(wanted.index(now))
    write_design(design(networks[1]), folder)
    assert {path.name for path in folder.iterdir()} == set(wanted[1])
    assert seen(folder, DESIGN_FILES) == wanted[1]
    return found


def test_a_few_killed_designs(tmp_path, monkeypatch):
    assert len(killed_designs(tmp_path, monkeypatch, 2, 1)) == 2


@pytest.mark.long
def test_a_hundred_killed_designs(tmp_path, monkeypatch):
    assert set(killed_designs(tmp_path, monkeypatch, 100, 2)) == {0, 1}
