# make help lists what there is.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
CONTENT ?= content
OUTPUT ?= output
CACHE ?= cache
FORMAT ?= text
# Options of `newsarchive check-site`, like CHECK_SITE='--allow images.example.org'.
CHECK_SITE ?=
# ZIM='--zim dist/archive.zim' packs for Kiwix readers too, with what `pip install newsarchive[zim]` brings.
ZIM ?= $(if $(wildcard $(BIN)/../lib/python*/site-packages/libzim),--zim dist/archive.zim)
NPM := PATH="$$PATH:$(CURDIR)/$(BIN)" npm
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help install html serve publish check-site summary check-content offline test test-fast lint typecheck check fuzz audit sbom lock docs translations wheel clean
# Processes that tests run in: a number, or `logical` for one on each core.
WORKERS ?= logical
# Seconds for each target of `make fuzz`.
SECONDS_OF_FUZZING ?= 20

# $(call timed,NAME,COMMAND): how long it took stands in the summary of the run.
timed = @begin=$$(date +%s); $(2) || exit; echo "$(1) $$(( $$(date +%s) - begin ))" >> $(CACHE)/times.txt

help:  ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 16

install: .venv/ready  ## The environment that everything else runs in

html: .venv/ready  ## Build CONTENT (content/) into OUTPUT (output/)
	$(BIN)/pelican $(CONTENT) -s pelicanconf.py -o $(OUTPUT) --cache-path $(CACHE)

serve: .venv/ready  ## Build, serve on http://127.0.0.1:8000, and build again whenever something changes
	$(BIN)/pelican $(CONTENT) -s pelicanconf.py -o $(OUTPUT) --cache-path $(CACHE) --listen --autoreload --port $(PORT)

publish: .venv/ready  ## Build for publishing: SITEURL=https://user.github.io/repo make publish
	@mkdir -p $(CACHE) && rm -f $(CACHE)/times.txt
	$(call timed,build,$(BIN)/pelican $(CONTENT) -s publishconf.py -o $(OUTPUT) --cache-path $(CACHE))

check-site: .venv/ready  ## Look for everything wrong with OUTPUT, before it goes out
	@mkdir -p $(CACHE)
	$(call timed,check-site,$(BIN)/newsarchive check-site $(OUTPUT) $(CHECK_SITE))

summary: .venv/ready  ## What the last build did, as a table
	@$(BIN)/newsarchive summary $(CONTENT) $(OUTPUT) --cache $(CACHE)

# CHANGED_SINCE=HEAD^ looks only at what a commit changed; FORMAT=github makes annotations.
check-content: .venv/ready  ## Look for problems in CONTENT without building
	@mkdir -p $(CACHE)
	@$(if $(CHANGED_SINCE),git diff -z --name-only --diff-filter=d $(CHANGED_SINCE) -- $(CONTENT) > $(CACHE)/changed &&) \
	  $(BIN)/newsarchive check-content $(CONTENT) --format $(FORMAT) $(if $(CHANGED_SINCE),--files-from $(CACHE)/changed)

offline: .venv/ready  ## One file to keep or hand on: dist/archive.zip, and dist/archive.zim where libzim is installed
	$(BIN)/pelican $(CONTENT) -s pelicanconf.py -o build/offline -e SITEURL='""' --cache-path $(CACHE)/offline
	$(BIN)/newsarchive check-site build/offline $(CHECK_SITE)
	$(BIN)/newsarchive pack build/offline --zip dist/archive.zip $(ZIM)

test: .venv/ready-dev tests/audit/node_modules/ready  ## All tests, in browsers too
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-fast: .venv/ready-dev  ## Tests without browsers, whole sites and what else is slow, in less than a minute
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not (browser or sites or slow)"

lint: .venv/ready-dev  ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: .venv/ready-dev  ## Types
	$(BIN)/mypy

check: lint typecheck test  ## Everything CI checks

fuzz: .venv/ready-fuzz  ## Feed reader, cleaner and tokeniser with what nobody would write: SECONDS_OF_FUZZING=20 each
	for target in reader cleaner tokeniser; do $(BIN)/python tests/fuzz/fuzz.py $$target $(SECONDS_OF_FUZZING) || exit; done

audit: .venv/ready-dev  ## Known vulnerabilities of what is locked (asks PyPI and npm; see SECURITY.md for where there is no network)
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.txt
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements-dev.txt
	$(NPM) audit

sbom: .venv/ready-dev  ## What the program is made of, in dist/sbom.json (CycloneDX), the same for the same lock
	@mkdir -p dist
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --short-PURLs --output-reproducible -o dist/python.json
	$(BIN)/python tools/write_sbom.py dist/python.json package-lock.json dist/sbom.json
	@rm dist/python.json

lock: .venv/ready-dev  ## Write requirements*.txt and package-lock.json anew
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --group install -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) --group dev -c requirements.txt -o requirements-dev.txt
	$(BIN)/uv pip compile $(LOCK) --group fuzz -o requirements-fuzz.txt
	$(BIN)/uv pip compile $(LOCK) --group node -o requirements-node.txt
	$(NPM) install --package-lock-only --omit-lockfile-registry-resolved

docs: .venv/ready  ## Write the tables of docs/settings.md, docs/commands.md and docs/architecture.md
	$(BIN)/python tools/write_settings_table.py docs/settings.md
	$(BIN)/python tools/write_commands_table.py docs/commands.md
	$(BIN)/python tools/write_architecture_table.py docs/architecture.md

translations: .venv/ready-dev  ## Bring the catalogues of theme/translations up to date with templates and code
	$(BIN)/python tools/write_catalogues.py theme/translations/*.po

wheel: .venv/ready-dev  ## The package, with theme, rules and tables, in dist/
	rm -f dist/*.whl
	$(BIN)/python -m build --wheel --no-isolation

clean:  ## Remove what was built, but not the environment
	rm -rf $(OUTPUT) $(CACHE) dist build

# The environment is made anew when the lock changes; the package itself is found in plugins/.
# lunr.js comes from npm; where there is none, PyPI brings one.
.venv/ready: requirements.txt requirements-node.txt pyproject.toml package-lock.json
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@command -v npm >/dev/null || test -x $(BIN)/npm || \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt
	$(NPM) ci --omit=dev --silent || echo "lunr.js did not come: the site will have no search — run: npm ci"
	touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(NPM) ci --silent
	touch $@

.venv/ready-fuzz: .venv/ready-dev requirements-fuzz.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.txt
	touch $@

# What pages are judged by (axe-core, the Nu Html Checker) comes from npm, and is no part of the product.
tests/audit/node_modules/ready: tests/audit/package-lock.json
	cd tests/audit && npm ci --ignore-scripts --loglevel=error
	touch $@
