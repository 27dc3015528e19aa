#!/usr/bin/env bash
# The first steps of somebody who has installed the package and nothing else: bash first_steps.sh FOLDER_OF_PSN
# They run in the folder where it is called, which holds no clone.
set -euo pipefail
bin=$1
rm -rf there first.json cited.json

"$bin/python" - <<'PYTHON'
import protocols

assert "site-packages" in protocols.__file__, f"this is not what was installed: {protocols.__file__}"
PYTHON
"$bin/psn" --version
"$bin/psn" examples copy field_average there
"$bin/psn" design there/field_average.json --json > first.json
"$bin/python" there/field_average.py
"$bin/psn" new rf-array there/antennas.json --sensors 7
"$bin/psn" design there/antennas.json > /dev/null
# Without a home, as in a container.
HOME=/nowhere MPLCONFIGDIR="$PWD/matplotlib" "$bin/psn" plot network there/field_average.json --out there/network.svg
HOME=/nowhere NUMBA_CACHE_DIR="$PWD/numba" "$bin/psn" enumerate --alpha 3,1,-2 --photons 4 --passes 2 --count
"$bin/psn" cite first.json --json > cited.json
"$bin/python" - <<'PYTHON'
import json

with open("first.json") as file:
    design = json.load(file)
assert design["candidates"][0]["scheme"] == "entangled-squeezed", design["candidates"][0]
with open("cited.json") as file:
    assert "Zhuang2018" in [entry["key"] for entry in json.load(file)["entries"]]
PYTHON
echo "first steps: done"
