# Two Bowls. Every verb does its own set-up, says what it does, and skips what is done.
PYTHON ?= python3

SETUP := $(PYTHON) scripts/setup.py
RUN   := .venv/bin/python -m

.DEFAULT_GOAL := help
.PHONY: help serve site comics test check bench model cluster canary i18n clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: ## the site and a live Gemma on http://127.0.0.1:8000 (PORT=8123 OPEN=0 MODEL=embedded)
	@$(SETUP) site server
	@$(RUN) scripts.serve $(if $(PORT),--port $(PORT)) $(if $(MODEL),--model $(MODEL)) \
		$(if $(OPEN),$(if $(filter 0 no false,$(OPEN)),--no-open,--open))

site: ## build the website in three languages into site/
	@$(SETUP) site
	@$(RUN) scripts.site

comics: ## render every strip in three languages into dist/comics/
	@$(SETUP) site
	@$(RUN) scripts.comics

test: ## run the tests, in a real browser too
	@$(SETUP) site server test
	@$(RUN) scripts.fetch chromium
	@$(RUN) scripts.site
	@$(RUN) pytest -n 2

check: ## lint, type-check, and list facts past their shelf life
	@$(SETUP) site server test
	@$(RUN) scripts.fetch libraries
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) scripts.fetch tsc
	@$(RUN) scripts.stale

bench: ## measure start, first token and tokens/s beside a peer
	@$(SETUP) site server test bench
	@$(RUN) scripts.bench

model: ## download a Gemma 4, its size shown first (MODEL=google/gemma-4-E2B-it)
	@$(SETUP) server
	@$(RUN) scripts.download $(MODEL)

cluster: ## as serve, with as many replicas as there is work for, by Ray (PORT=8123 MODEL=auto MOST=4)
	@$(SETUP) site server cluster
	@$(RUN) scripts.site
	@$(RUN) scripts.cluster $(if $(PORT),--port $(PORT)) $(if $(MODEL),--model $(MODEL)) $(if $(MOST),--most $(MOST))

canary: ## build with Zensical too, and report what differs
	@$(SETUP) site canary
	@$(RUN) scripts.canary

i18n: ## extract strings, update the ko and ja catalogs, report what is missing
	@$(SETUP) site
	@$(RUN) scripts.catalogs

clean: ## remove everything that the verbs made here
	rm -rf .venv node_modules build dist site
