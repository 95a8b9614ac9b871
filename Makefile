# The commands that the README names. Each works from a fresh checkout.
PY := .venv/bin/python
FLASK := .venv/bin/flask --app wsgi

.PHONY: run test check bench pbx tools
run: .venv/run pbx
	$(FLASK) setup
	$(FLASK) serve

test: .venv/dev pbx tools
	$(PY) -m pytest -n 3 --dist worksteal

check: .venv/dev
	.venv/bin/ruff format --check sipweb tests wsgi.py
	.venv/bin/ruff check sipweb tests wsgi.py
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m pytest tests/test_house.py tests/test_languages.py

bench: .venv/dev pbx tools
	$(PY) -m benchmarks

pbx:
	@scripts/get-asterisk

tools:
	@scripts/get-tools

.venv/bin/python:
	python3 -m venv .venv

.venv/run: .venv/bin/python requirements/run.txt
	.venv/bin/pip install --quiet --require-hashes -r requirements/run.txt
	@touch $@

.venv/dev: .venv/bin/python requirements/dev.txt
	.venv/bin/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@ .venv/run
