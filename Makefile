# The two commands that matter: `make demo` and `make test`. Both set everything up by themselves.
PYTHON ?= python3
BIN := .venv/bin
LOCKED := requirements-dev.txt

.PHONY: install demo test whole smoke sbom docs pictures lint types soak drill attack audit catalogue bench lists-bench lock clean

install: .venv/installed

.venv/installed: $(LOCKED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Tillbridge needs Python 3.11 or newer; found $$($(PYTHON) --version). Set PYTHON=/path/to/python3.11."; exit 1; }
	@echo "Installing Tillbridge into .venv (about a minute on a first run) ..."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --require-hashes --disable-pip-version-check -r $(LOCKED)
	@touch $@

demo: install
	$(BIN)/python manage.py demo

# Of the four rooms of tests that take most of the time one test in SHARE of each file.
SHARE ?= 3
test: install smoke
	SHARE=$(SHARE) $(BIN)/python -m pytest -q -n auto -m "not processes"
	$(BIN)/python -m pytest -q -m processes

# The same with every case of the tests that the suite samples, and every hostile value.
whole: install
	WHOLE=1 SHARE=1 FUZZ_SECONDS=0 API_SECONDS=600 $(MAKE) test

# A small part of the suite on SQLite, where PostgreSQL cannot load.
smoke: install
	DATABASE_URL=sqlite:///:memory: $(BIN)/python -m pytest -q -n auto tests/unit tests/smoke -p no:cacheprovider

# What production is made of, CycloneDX: packages of requirements.txt, their hashes and licences.
sbom: install
	@mkdir -p .data
	$(BIN)/python deploy/sbom.py > .data/sbom.json

# The documentation as a site; a link that leads nowhere stops it.
docs: install
	$(BIN)/mkdocs build --quiet --strict

# The guides' pictures, anew.
pictures: install
	$(BIN)/python -m pytest -q tests/browser/guide_pictures.py

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy .

# Longer than the suite's part: every kill and place of death, each write of money among them, then random kills.
soak: install
	$(BIN)/python manage.py soak --kills 20
	$(BIN)/python manage.py soak --store magento --scenario kill-in-flight --scenario answers-lost \
		--scenario restore-backup --scenario money --kills 5

# An older backup is restored while shoppers go on: one JSON line of what Heartland holds then. ORDERS=N in each part,
# STORE=magento beside a shop of that kind.
drill: install
	@$(BIN)/python manage.py soak --scenario restore-backup --orders $(or $(ORDERS),50) \
		--store $(or $(STORE),bigcommerce)

# Longer than the suite's part: the demo's processes behind nginx, attacked as GUARANTEES has it.
attack: install
	$(BIN)/python manage.py attack

# Longer than the suite's part: whatever people, the clock and the network may do, then every page beside both systems.
# SEED=N plays a printed one again, as long as the rest is the same.
audit: install
	AUDIT_EXAMPLES=$(or $(EXAMPLES),40) AUDIT_STEPS=$(or $(STEPS),30) $(BIN)/python -m pytest -q -s tests/audit \
		$(if $(SEED),--hypothesis-seed=$(SEED))

# Every address with every hostile value and method, as three people in turn; the suite plays half a minute of it.
fuzz: install
	FUZZ_SECONDS=0 $(BIN)/python -m pytest -q -s tests/screens/test_fuzz.py

# Push and pull of 5,000 SKUs in grids, twice; the suite plays 1,500.
catalogue: install
	CATALOGUE_SKUS=5000 $(BIN)/python -m pytest -q tests/catalogue/test_thousands.py tests/catalogue/test_magento_thousands.py

# Search and lists over a million orders: no plan reads a big table whole; the suite plays 20,000.
lists-bench: install
	LISTS_ROWS=$(or $(ROWS),1000000) $(BIN)/python -m pytest -q -s tests/scale

# Figures beside their ceilings. SKUS="10000 100000 1000000" measures stock at these sizes instead (40 minutes).
bench: install
	@$(BIN)/python manage.py bench $(if $(SKUS),--skus $(SKUS))

lock: install
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv .data
