# Everything goes through these few commands. They work from a path with a space, as root and as an ordinary user.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input -qq
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install run test test-moment test-long check lint types contracts manifests cluster cluster-status cluster-stop cluster-reset test-cluster chaos recovery drill audit reset backup restore lock messages sounds pictures measure bench demo-years

help:
	@echo "make run            start the passport office (PORT=8000 chooses the port)"
	@echo "make test           the tests; make test-long adds the slow ones and repeats all at difficult moments"
	@echo "make check          lint, types, import contracts, migrations, check --deploy"
	@echo "make manifests  check deploy/kubernetes, deploy/prometheus and new migrations (tools in environments of their own)"
	@echo "make cluster    PostgreSQL with a standby, PgBouncer, Sentinel, two of each process (CLUSTER_PORT=8300); Ctrl-C stops it"
	@echo "make cluster-status, cluster-stop, cluster-reset, test-cluster, chaos   (docs/operations.md)"
	@echo "make recovery   lose a database, restore it with Barman to a moment, verify it, measure (apt-get install rsync gnupg)"
	@echo "make drill      upgrade and rollback, keys, move, a day without services: NAME=upgrade|keys|move|services, or all"
	@echo "make audit          known vulnerabilities in packages (needs pypi.org) and in our code"
	@echo "make reset          forget the demo's data"
	@echo "make messages       bring locale/ in step with the sentences of the sources"
	@echo "make backup         write a dump of the running system's database to backups/"
	@echo "make restore FILE=  bring a dump back, then verify it"
	@echo "make sounds         speak the boards' calls into static/sounds/ (Debian: apt-get install espeak-ng)"
	@echo "make pictures       take the README's pictures from an office opened for it"
	@echo "make demo-years     write four invented years into the running demo, for reports and forecasts"
	@echo "make measure        measure the public pages on a slowed phone"
	@echo "make bench          measure the production shape with nginx in front (Debian: apt-get install nginx-light)"
	@echo "make lock           resolve requirements/*.in again into the pinned lock files"

# The lock names every package with its hash; a second call finds the stamp and does nothing.
.venv/.runtime: requirements/runtime.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv"; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python can make no virtual environment here: apt-get install python3-venv"; exit 1; }
	@test -x $(PY) && $(PY) -c 'import pip' 2>/dev/null || { rm -rf .venv; "$(PYTHON)" -m venv .venv; }
	@echo "Installing the pinned packages into .venv ..."
	@$(PIP) install --require-hashes --no-deps -r requirements/runtime.txt
	@touch .venv/.runtime

.venv/.dev: requirements/dev.txt .venv/.runtime
	@echo "Installing the pinned test and check tools into .venv ..."
	@$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch .venv/.dev

install: .venv/.dev

run: .venv/.runtime
	@exec $(PY) -m devtools.stack

# TEST_CLOCK=2026-12-31T23:58:00+07:00 moves the clock of the tests and of the processes that they start.
test: .venv/.dev
	@$(PY) -m pytest -n 3 --dist loadgroup

# What depends on the date, at one moment: without a browser and without tests whose world has a clock of its own.
OWN_CLOCK = tests/architecture tests/gates tests/i18n tests/security/test_fuzz.py
test-moment: .venv/.dev
	@TEST_CLOCK=$(MOMENT) $(PY) -m pytest -n 3 --dist loadgroup --without-browser $(OWN_CLOCK:%=--ignore=%)

# With the machine's clock and branch coverage, then at each difficult moment.
test-long: .venv/.dev
	@$(PY) -m pytest -n 3 --dist loadgroup --slow --cov --cov-report=json:.cache/coverage.json
	@$(PY) -m tests.coverage_gate .cache/coverage.json
	@for moment in $$($(PY) -m tests.moments); do \
		echo "The clock of the tests shows $$moment."; \
		TEST_CLOCK=$$moment $(PY) -m pytest -n 3 --dist loadgroup --slow || exit 1; \
	done

check: lint types contracts
	@$(PY) -m devtools.stack.checks

lint: .venv/.dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m djlint --lint --quiet templates
	@mkdir -p .cache && $(PY) -m deptry . --no-ansi >.cache/deptry.log 2>&1 || { cat .cache/deptry.log; exit 1; }

types: .venv/.dev
	@$(PY) -m mypy

contracts: .venv/.dev
	@$(PY) -c 'from importlinter.cli import lint_imports_command as run; run()'

# Tools that the project does not need have environments of their own.
.local/manifests-venv/bin/checkov:
	@"$(PYTHON)" -m venv .local/manifests-venv
	@.local/manifests-venv/bin/python -m pip --disable-pip-version-check --no-input -qq install \
		checkov==3.3.30 kubernetes-validate==1.37.0 jsonschema==4.26.0 PyYAML==6.0.4

.local/linter/django_migration_linter:
	@$(PIP) install --no-deps --target .local/linter django-migration-linter==6.0.0 toml==0.10.2 appdirs==1.4.4

manifests: .venv/.runtime .local/manifests-venv/bin/checkov .local/linter/django_migration_linter
	@.local/manifests-venv/bin/python deploy/check_manifests.py
	@command -v promtool >/dev/null || { echo "promtool is missing: apt-get install prometheus"; exit 1; }
	@cd deploy/prometheus && promtool check config --syntax-only prometheus.yml && promtool test rules tests.yml
	@$(PY) -m devtools.stack.migration_lint

# Patroni runs as the user of PostgreSQL, with packages of its own.
.local/cluster-packages/patroni:
	@echo "Installing Patroni into .local/cluster-packages ..."
	@$(PIP) install --target .local/cluster-packages "patroni[etcd3]==4.1.5" psycopg2-binary==2.9.13 2>/dev/null

cluster: .venv/.runtime .local/cluster-packages/patroni
	@exec $(PY) -m devtools.cluster start

cluster-status cluster-stop cluster-reset: .venv/.runtime
	@$(PY) -m devtools.cluster $(@:cluster-%=%)

# Each failure is a real one, in a cluster of its own in .local/chaos.
chaos: .venv/.runtime .local/cluster-packages/patroni
	@$(PY) -m benchmarks.chaos $(ROUNDS) $(if $(MINUTES),--minutes $(MINUTES))

# Barman too runs as the user of PostgreSQL, with packages of its own.
.local/barman-packages/barman:
	@echo "Installing Barman into .local/barman-packages ..."
	@$(PIP) install --target .local/barman-packages barman==3.19.1 psycopg2-binary==2.9.13 python-dateutil==2.9.0.post0 2>/dev/null

recovery: .venv/.runtime .local/barman-packages/barman
	@$(PY) -m devtools.cluster.recovery

# Upgrade, rollback, keys, a move, a day without Redis, mail and replica: NAME=keys|upgrade|move|services, or all.
drill: .venv/.runtime
	@$(PY) -m devtools.cluster.drills $(NAME)

test-cluster: .venv/.dev .local/cluster-packages/patroni .local/barman-packages/barman
	@$(PY) -m pytest -n 0 --slow tests/devtools/cluster tests/core/test_replica.py tests/ops/test_pooler.py

# pip-audit asks pypi.org for advisories and fails where it cannot.
audit: .venv/.dev
	@$(PY) -m bandit -q -c pyproject.toml -ll -r .
	@$(PY) -m pip_audit --strict --disable-pip --require-hashes -r requirements/runtime.txt

messages: .venv/.runtime
	@$(PY) manage.py update_messages
	@$(PY) manage.py compile_messages

# Not in the repository: without them a board uses the voice of its device, or chimes.
sounds: .venv/.runtime
	@$(PY) manage.py build_sounds

reset: .venv/.runtime
	@$(PY) -m devtools.stack.reset

backup: .venv/.runtime
	@$(PY) -m devtools.stack.backup

restore: .venv/.runtime
	@$(PY) -m devtools.stack.restore "$(FILE)"

pictures: .venv/.dev
	@$(PY) -m devtools.stack.pictures

demo-years: .venv/.runtime
	@$(PY) manage.py make_years

measure: .venv/.dev
	@$(PY) -m devtools.stack.pictures --measure

# Locust has an environment of its own: the project does not need it.
.local/bench-venv/bin/locust:
	@"$(PYTHON)" -m venv .local/bench-venv
	@.local/bench-venv/bin/python -m pip --disable-pip-version-check --no-input -qq install --only-binary :all: locust==2.47.0

bench: .venv/.runtime .local/bench-venv/bin/locust
	@$(PY) -m benchmarks.production

lock:
	@"$(PYTHON)" -m venv .local/lock && .local/lock/bin/python -m pip install -q uv
	@for name in runtime dev; do \
		.local/lock/bin/uv pip compile --no-config --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
			--generate-hashes --no-build --no-annotate -q --upgrade \
			--custom-compile-command "make lock" requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
