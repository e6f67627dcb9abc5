"""How many generated cases the tests try: in CI always the same ones, on demand more and new ones.

`BILATDATA_EFFORT=50 pytest tests/validation` tries fifty times as many, at random.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EFFORT = int(os.environ.get("BILATDATA_EFFORT", "1"))


def cases(count: int) -> settings:
    """Settings for a property that is tried on `count` cases in CI."""
    return settings(
        max_examples=count * EFFORT,
        derandomize=EFFORT == 1,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
