# make test    the project's own tests          make lint     ruff and mypy
# make report  the specification on real libraries, with a record and reports in report/
# make bench   how long things take, as ratios taken in one run
# make ledger  makes the ledgers beside the features anew, from the documents in PAGES and the clauses
# make axe     fetches axe-core, which tests of the HTML page hold it against (needs npm)
# make pictures  makes the README's pictures anew, of the record RECORD (needs chromium and chromium-driver)
# make lock    renews the locked dependencies    make clean   removes what the others made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT ?= report
PAGES ?= ../shared/manpages
JOBS ?= 2
# Of the order in which the tests are run, which does not matter: `make test SEED=default` takes another one each time.
SEED ?= 1
RECORD ?= $(OUT)/record.json
# LibreSSL is built when it is first used, with cargo, a C compiler and make; what is missing is named, and the others run.
IMPLEMENTATIONS ?= model pyopenssl cpython openssl-1.1.1k libressl-3.1.0
# The system's libssl takes part where there is one.
SYSTEM = $(shell $(BIN)/python -c 'from sslspec.adapters.system import system_library; print("system" if system_library() else "")')

.PHONY: test lint report bench ledger axe pictures lock wheel clean
.DEFAULT_GOAL := test

$(READY): .ci/requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sslspec needs Python 3.11 or later: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

test: $(READY)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -rs --sslspec model --randomly-seed=$(SEED)

report: $(READY)
	@# That a library does otherwise than expected, or could not be had, is in the report, which is what is wanted here.
	@mkdir -p build && touch build/report-begun
	$(BIN)/sslspec run -n $(JOBS) $(foreach name,$(IMPLEMENTATIONS) $(SYSTEM),-i $(name)) --out $(OUT) || [ $(OUT)/record.json -nt build/report-begun ]

# mypy finds packages by their folders only: below build/types the house has the names it is installed by.
lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rm -rf build/types && mkdir -p build/types/sslspec
	ln -s $(foreach path,$(wildcard sslspec/*) adapters features reports steps,$(CURDIR)/$(path)) build/types/sslspec/
	cd build/types && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml -p sslspec

bench: $(READY)
	PYTHONPATH=$(CURDIR) $(BIN)/python -P tests/bench.py

ledger: $(READY)
	$(BIN)/python .ci/ledger.py $(PAGES)

wheel: $(READY)
	$(BIN)/python -m build --no-isolation --wheel --outdir dist .

axe:
	mkdir -p build && cp -R .ci/axe build/
	npm ci --silent --ignore-scripts --prefix build/axe

pictures: $(READY)
	$(BIN)/python .ci/pictures.py $(RECORD)

lock: $(READY)
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--strip-extras --no-header --extra dev --upgrade --output-file .ci/requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist report *.egg-info .pytest_cache .mypy_cache .ruff_cache
