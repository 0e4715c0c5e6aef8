# `make check` is what CI runs after the tests. BIN is where the development environment keeps its programs.
BIN ?= .venv/bin

.PHONY: check format lint types contracts test explore conformance audit soak lock
check: lint types contracts

format:
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/hadolint Dockerfile

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports

test:
	$(BIN)/pytest -n auto -m "not conformance and not soak"

# Properties against other examples than those of each run, with each call others again; what fails is shown to be repeated.
explore:
	PREADMIT_EXPLORE=1 $(BIN)/pytest -n auto -m hypothesis

conformance:
	$(BIN)/pytest -n auto -m conformance

# Known vulnerabilities of what is locked. Apart, since the auditor needs more packages than the rest together. Where the
# index has no such data, each package is named as not audited; what is installed is held to its hash in any case.
audit:
	.ci/audit

# Three runs of the whole service, on SQLite and PostgreSQL, with processes killed; PREADMIT_SOAK_DELIVERIES=5000 is longer.
soak:
	$(BIN)/pytest -n 0 -s -m soak

# The index is whatever pip is set up with; no line of the locks names one.
LOCK = $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --allow-unsafe
lock:
	$(LOCK) --output-file=requirements.lock pyproject.toml
	$(LOCK) --extra=dev --output-file=requirements-dev.lock pyproject.toml
	$(LOCK) --only-build-deps --build-deps-for=wheel --build-deps-for=editable --output-file=requirements-build.lock pyproject.toml
	echo "pip-audit>=2.7" | $(LOCK) --output-file=requirements-audit.lock -
