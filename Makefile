# make demo · make test · make check. Everything is installed into .venv; nothing else is needed but Python 3.11+.

PYTHON ?= python3
RUN = .venv/bin/python -m
SAMPLE = 示例市甲
RULES = $(wildcard policy/*.dl zhengce/prelude/*.dl)

export PYTHONUTF8 = 1

.PHONY: help demo test check clean

help:
	@echo "make demo    answer four questions: a lead, a score, an eligibility and a revocation verdict"
	@echo "make test    run the tests"
	@echo "make check   format, lint, types, and the workspace's own rules and facts"
	@echo "make clean   remove .venv and what the tools leave behind"

# The commands stand here and in the README, and tests/test_docs.py holds one against the other.
demo: .venv/.installed
	@echo '$$ zhengce lead 落实休假政策'
	@$(RUN) zhengce lead 落实休假政策
	@echo; echo '$$ zhengce score $(SAMPLE)'
	@$(RUN) zhengce score $(SAMPLE)
	@echo; echo '$$ zhengce eligible $(SAMPLE)'
	@$(RUN) zhengce eligible $(SAMPLE) || test $$? -eq 1
	@echo; echo '$$ zhengce revocation $(SAMPLE)'
	@$(RUN) zhengce revocation $(SAMPLE) || test $$? -eq 1

test: .venv/.installed
	@$(RUN) pytest -n auto --dist loadgroup

check: .venv/.installed
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@$(RUN) zhengce fmt --check $(RULES)
	@$(RUN) zhengce check

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

# A .venv that cannot run pip (left by a Python without its venv package) is made anew.
.venv/.installed: pyproject.toml
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "installing into .venv (once) …"
	@$(RUN) pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(RUN) pip install --quiet --disable-pip-version-check --editable . --group dev
	@$(RUN) compileall -q zhengce
	@touch $@
