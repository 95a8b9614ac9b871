# The commands that the README names. Each works from a fresh checkout.
PY := .venv/bin/python
FLASK := .venv/bin/flask --app wsgi
SOURCES := sipweb tests scripts benchmarks wsgi.py

# Some containers set it. Then each process would compile all modules of sipweb again (measured: 0.3 s).
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run dev test test-core test-long check bench migration pbx tools
run: .venv/run pbx
	$(FLASK) setup
	$(FLASK) serve

# The same, reloaded when a file changes.
dev: .venv/run pbx
	$(FLASK) setup
	FLASK_DEBUG=1 $(FLASK) serve

test: .venv/dev pbx tools
	$(PY) -m pytest -n 3 --dist worksteal -m "not long"

# What needs no server, no browser and no Asterisk: no fixture and no plugin either, whose import takes a second.
test-core: .venv/dev
	$(PY) -m pytest --noconftest -p no:playwright -p no:xdist tests/core tests/test_settings.py

test-long: .venv/dev pbx tools
	scripts/get-tools long
	timeout 75m sh -c '$(PY) -m pytest -n 2 --dist worksteal -m "long and not timed"; status=$$?; $(PY) -m pytest -m timed && exit $$status'

# What reads the sources and starts nothing. The slower tests of test_architecture and test_translations run in `make test`.
check: .venv/dev
	.venv/bin/ruff format --check $(SOURCES)
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/djlint templates --check --lint
	.venv/bin/codespell
	$(PY) -m pytest -m static -p no:playwright -p no:xdist tests/test_architecture.py tests/test_translations.py \
	  tests/test_security_document.py

bench: .venv/dev pbx tools
	$(PY) -m benchmarks

# make migration m="what changes": the difference between the models and the migrations, to be read and corrected.
migration: .venv/dev
	@$(PY) scripts/make_migration.py "$(m)"

pbx:
	@scripts/get-asterisk

tools:
	@scripts/get-tools

.venv/bin/python:
	python3 -m venv .venv

# The translations are compiled here, because sipweb itself may run without the right to write its code.
.venv/run: .venv/bin/python requirements/run.txt translations/pl/LC_MESSAGES/messages.po
	.venv/bin/pip install --quiet --require-hashes -r requirements/run.txt
	@$(PY) -m sipweb.translations
	@touch $@

.venv/dev: .venv/bin/python requirements/dev.txt translations/pl/LC_MESSAGES/messages.po
	.venv/bin/pip install --quiet --require-hashes -r requirements/dev.txt
	@$(PY) -m sipweb.translations
	@touch $@ .venv/run
