# Everything a developer needs. `make demo`, `make test`, `make check`, `make bench`; see README.md.
# Needed beforehand: python3 (3.11 or newer) with venv, and make.
PYTHON ?= python3
PORT ?= 8000
PART ?= 1
TESTERS ?= 2
BIN := .venv/bin
DONE := .venv/.done

setup: $(DONE) browser

$(DONE): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -qq --disable-pip-version-check --no-deps -e .
	$(BIN)/domivka assets
	@touch $(DONE)

# The tests and `make screens` drive Debian's Chromium.
browser:
	@if [ -n "$$DOMIVKA_CHROMIUM" ] || command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ]; then \
		echo "installing chromium for the browser tests"; \
		apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium >/dev/null; \
	else echo "For the browser tests: sudo apt-get install chromium"; fi

demo: $(DONE)
	@exec $(BIN)/domivka demo --port $(PORT)

test: setup
	$(BIN)/python -m pytest -n $(TESTERS)

check: $(DONE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	git ls-files -z '*.html' | xargs -0 -r $(BIN)/djade --check --target-version 5.2
	$(BIN)/domivka messages --check
	$(BIN)/domivka makemigrations --check --dry-run
	$(BIN)/domivka stop

bench: $(DONE)
	$(BIN)/python -m bench --part $(PART)

bench-quick: $(DONE)
	$(BIN)/python -m bench --quick

screens: setup
	$(BIN)/python -m scripts.screens

# After a change of the look: the two pictures of the README.
readme-pictures: setup
	$(BIN)/python -m scripts.screens --readme

format: $(DONE)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	git ls-files -z '*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2

# Renew the pinned versions after a change of dependencies in pyproject.toml.
lock: $(DONE)
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --extra dev --no-emit-find-links --no-emit-index-url --no-emit-options --output-file requirements.lock pyproject.toml

.PHONY: setup browser demo test check bench bench-quick screens readme-pictures format lock
