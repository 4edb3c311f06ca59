# Everything runs in a virtual environment of this checkout; a target sets up what it needs.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SAMPLE := seeds/newsroom.warc.gz
DAY_TWO := seeds/newsroom-day2.warc.gz
# where `REPLAY` of a sample goes: what a crawl of one's own holds is another matter
SAMPLE_PAGES := -s MONGO_DATABASE=$(or $(MONGO_DATABASE),related_articles_demo)

.PHONY: help demo demo-again crawl test check bench sample clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 12

demo: $(BIN)/.runtime  ## crawl deepseek from the sample archive into the embedded MongoDB; no network
	@$(BIN)/scrapy crawl deepseek -s REPLAY=$(SAMPLE)

demo-again: $(BIN)/.runtime  ## the sample's second day over the first: what changed
	@$(BIN)/scrapy history -n 1 $(SAMPLE_PAGES) >/dev/null
	@$(BIN)/scrapy crawl deepseek -a revisit=all -s REPLAY=$(SAMPLE),$(DAY_TWO)
	@$(BIN)/scrapy history $(SAMPLE_PAGES)

crawl: $(BIN)/.runtime  ## the same crawl, live
	@$(BIN)/scrapy crawl deepseek

test: $(BIN)/.dev  ## run the tests
	$(BIN)/pytest -q

check: $(BIN)/.dev  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/scrapy check deepseek -s REPLAY=$(SAMPLE)

bench: $(BIN)/.bench  ## measure extraction beside general extractors, on ../shared/corpus
	$(BIN)/python benchmarks/extraction.py --json bench.json

sample: $(BIN)/.runtime  ## build the sample archive anew from its facts
	$(BIN)/python tests/newsroom/build.py

clean:  ## remove the virtual environment; the data in .mongo stays
	rm -rf .venv

$(BIN)/.runtime: requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "python3 is missing: apt-get install python3 python3-venv"; exit 1; }
	@echo "Setting up .venv (once, about a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@

$(BIN)/.dev: requirements-dev.txt $(BIN)/.runtime
	@echo "Adding what tests and checks need ..."
	@$(BIN)/pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# --no-deps: readability-lxml asks for an older cssselect than Scrapy has; it runs with this one
$(BIN)/.bench: requirements-bench.txt $(BIN)/.dev
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps -r requirements-bench.txt
	@touch $@
