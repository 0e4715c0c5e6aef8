"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

_ABOUT_OTHERS = ("GITHUB_", "RUNNER_", "INPUT_", "GIT_", "PREADMIT_", "OTEL_", "PROMETHEUS_")
_ABOUT_TESTS = {"PREADMIT_TEST_DATABASE_URL", "PREADMIT_SOAK_DELIVERIES", "PREADMIT_EXPLORE"}

# What a CI job or a hook of git says in the environment is meant for others.
for name in [name for name in os.environ if name.startswith(_ABOUT_OTHERS) and name not in _ABOUT_TESTS]:
    del os.environ[name]
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

# A run leaves nothing behind for the next one; the cache's own tests choose a directory.
os.environ["PREADMIT_CACHE"] = "off"

# How long an example takes depends on what else the machine does, so it decides no test.
_UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

# A property is held against the same examples in each run, so that a run tells of the change it was made for;
# `make explore` looks for others.
settings.register_profile("same", database=None, derandomize=True, **_UNHURRIED)
settings.register_profile("explore", derandomize=False, print_blob=True, **_UNHURRIED)
if os.environ.get("PREADMIT_EXPLORE"):
    settings.load_profile("explore")
else:
    settings.load_profile("same")
    # Not public: examples would else be made of constants of those modules that happen to be imported by then.
    providers._get_local_constants = lambda: providers._local_constants
