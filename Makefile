.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# The CDK CLI sends no telemetry, and prints no note about it.
export CDK_DISABLE_CLI_TELEMETRY := true

version ?= v5
seconds ?= 60
rounds ?= 9

.PHONY: help setup demo samples test test-fast fuzz bench faults check synth format definitions schemas diagrams screenshots docs docs-serve lock clean

help: ## List the targets
	@echo 'Safelight: image workflows on AWS, which also run on this machine.'
	@echo
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'
	@echo
	@echo 'Examples:  make demo    make demo version=v2    make test'

setup: $(VENV)/.installed node_modules/.installed ## Install the pinned tools into .venv and node_modules

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.13 $(MAKECMDGOALS)' >&2; exit 2; }
	@echo 'Installing Safelight, the AWS CDK, the emulator and the development tools into $(VENV) (once, a few minutes) ...'
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv module is needed: on Debian and Ubuntu, 'apt install python3-venv'" >&2; exit 2; }
	@python tools/with_elapsed_time.py 'Python packages' \
		python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc $(VENV)/.installed
	@echo 'Installing the pinned CDK CLI into node_modules ...'
	@npm_config_fetch_retries=1 npm_config_fetch_retry_mintimeout=1000 npm_config_fetch_timeout=30000 \
		python tools/with_elapsed_time.py 'npm packages' npm ci --loglevel=error \
		|| { echo 'npm could not fetch the CDK CLI: check the network, and the registry that `npm config get registry` shows' >&2; \
		     exit 2; }
	@touch $@

demo: setup ## Deploy on this machine, show the outcome of sample uploads, deliver and redact (version=v1..v5)
	@python -m safelight_local.demo --version $(version)

samples: setup ## Write sample photographs and a video into samples/
	@mkdir -p samples
	@python -c 'from pathlib import Path; from safelight_local.samples import write_samples; write_samples(Path("samples"))'
	@python -c 'from pathlib import Path; from safelight_local.sample_clip import write_clip; write_clip(Path("samples/clip.mp4"))'

test: setup ## Run every test, including those that deploy
	@python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-fast: setup ## Run the tests of functions and templates, without emulator and thorough tests
	@python -m pytest tests/unit tests/synth -m 'not emulated and not thorough' --numprocesses 2 --dist loadfile \
		--no-loadscope-reorder --hypothesis-profile fast --ignore tests/unit/robustness

fuzz: setup ## Fuzz imagekit with damaged files (seconds=60)
	@python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/fuzz/requirements.txt \
		|| { echo 'Fuzzing needs atheris, which supports Linux and Python 3.11 to 3.13' >&2; exit 2; }
	@PYTHONPATH=lambdas python -W ignore -m tests.fuzz --seconds $(seconds)

bench: setup bench/node_modules/.installed ## Compare the engine with others, and write docs/performance.md (rounds=9)
	@python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@python -m bench --rounds $(rounds)

bench/node_modules/.installed: bench/package.json bench/package-lock.json bench/.npmrc node_modules/.installed
	@npm ci --loglevel=error --ignore-scripts --prefix bench
	@touch $@

faults: setup ## Inject a fault into each call of v5, and write the outcomes into docs/faults.md
	@python -m tools.fault_lab

check: setup ## Lint, format, types, import rules
	@ruff check
	@ruff format --check
	@mypy
	@python tools/import_contracts.py

synth: setup ## Synthesise app.py into cdk.out (version=v1..v5)
	@node_modules/.bin/cdk synth --quiet -c version=$(version)

format: setup ## Fix and format the code with ruff
	@ruff check --fix
	@ruff format

definitions: setup ## Assemble the state machines from statemachines/sources and statemachines/fragments
	@python tools/assemble_definitions.py

schemas: setup ## Write the JSON Schemas of records and events into docs/reference/schemas
	@python tools/schemas.py

diagrams: setup ## Draw docs/images from the state machines
	@for version in v1 v2 v3 v4 v5; do \
		safelight diagram statemachines/image_workflow/$$version.asl.json \
			-o docs/images/image-workflow-$$version.svg >/dev/null || exit; \
	done

$(VENV)/.docs-installed: docs/requirements.txt $(VENV)/.installed
	@echo 'Installing the documentation tools (once) ...'
	@python -m pip install --quiet --disable-pip-version-check --require-hashes -r docs/requirements.txt
	@touch $@

docs: setup $(VENV)/.docs-installed ## Build the documentation into build/site; a broken link is an error
	@echo 'Building the documentation ...'
	@python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs build/site
	@echo 'Open build/site/index.html'

docs-serve: setup $(VENV)/.docs-installed ## Serve the documentation on this machine, and rebuild it after each change
	@python -m sphinx_autobuild --host 127.0.0.1 --port 8000 --watch constructs --watch examples \
		--watch local/safelight_local docs build/site

screenshots: setup ## Run the browser tests, which take docs/images/console-*.png
	@SAFELIGHT_SCREENSHOTS=docs/images python -m pytest tests/browser

lock: setup ## Pin the newest versions that pyproject.toml and lambdas/layers/*.in allow
	@python tools/lock.py

clean: ## Delete installed tools, builds and outputs
	@rm -rf $(VENV) node_modules bench/node_modules build cdk.out .safelight demo-output samples dist
