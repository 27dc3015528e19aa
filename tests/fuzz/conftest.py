"""Two profiles, chosen by HYPOTHESIS_PROFILE: "fuzz" as ``make fuzz`` runs it, and short otherwise.

The long one keeps a record of its own in ``.fuzz``, which git ignores: hypothesis's database, from which the next run starts with
what failed before, and ``failures.jsonl``, a line for each command line that broke a rule.
"""

import os
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
RECORD = Path(__file__).parents[2] / ".fuzz"
slow_is_fine = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

if IS_LONG:
    RECORD.mkdir(exist_ok=True)
    settings.register_profile(
        "fuzz", max_examples=10_000, database=DirectoryBasedExampleDatabase(RECORD / "examples"), **slow_is_fine
    )
    settings.load_profile("fuzz")
