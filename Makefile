# headlamp-conformance: `make help` lists the targets.
#
# make turns every failure into exit code 2: scripts read the command's own exit
# code, or conformance.yaml.

SHELL      := /bin/bash -euo pipefail
COMMAND    := bin/headlamp-conformance
FAULTY     := bin/faulty-dashboard
LINT       := .ci/lint
REPORT_DIR ?= report
SOURCES    := $(shell find e2e fixtures suites -type f -not -name '*_test.go') go.mod go.sum

# The dashboard under test: empty is the bundled reference dashboard.
HEADLAMP   ?=
IDENTITY   ?= token
# How much of the self-test: FULL=1 is every scenario with every fault, 25 healthy runs.
FULL       ?=
HEALTHY    ?= $(if $(FULL),25,1)
# Which part of the table: a commit plans the same runs on every day.
TURN       ?= $(shell git log -1 --format=%cd --date=format:%j 2>/dev/null | sed 's/^0*//')
# How many times `make repeat` runs the healthy suite.
N          ?= 25
ARGS       ?=
# One that is given and empty, as from an unset variable, is a mistake and no default.
RUN_ARGS    = $(if $(filter file,$(origin HEADLAMP)),,--headlamp '$(HEADLAMP)') --identity $(IDENTITY) --report-dir '$(REPORT_DIR)' $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help build e2e test lint unit prepare self-test repeat clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make e2e HEADLAMP=./dir              on a directory with headlamp-server and frontend/"
	@echo "  make e2e ARGS='--label-filter login' further flags of the command's 'run'"
	@echo "  IDENTITY=token|proxy|native and REPORT_DIR=dir go with both"

build: $(COMMAND) $(FAULTY) ## Build bin/headlamp-conformance

$(COMMAND): $(SOURCES)
	@echo "build $@"
	@mkdir -p $(@D)
	@go build -trimpath -o $@ ./suites/cmd/headlamp-conformance

$(FAULTY): $(SOURCES)
	@echo "build $@"
	@mkdir -p $(@D)
	@go build -trimpath -o $@ ./fixtures/faults/cmd/faulty-dashboard

prepare: $(COMMAND) ## Install, download and build what a run needs; kept in the user's cache
	@$(COMMAND) prepare

e2e: $(COMMAND) ## Run the suite on the reference dashboard, or on HEADLAMP=...
	@$(COMMAND) run $(RUN_ARGS)

test: lint unit self-test ## Run all tests: what CI runs

self-test: build ## Run the suite against planted faults; FULL=1 the whole table
	@$(COMMAND) self-test $(if $(FULL),--full,--must-pass 1 --thin 12) --healthy $(HEALTHY) $(if $(TURN),--turn $(TURN)) --report-dir out/self-test $(ARGS)

repeat: build ## Run the healthy suite N=25 times, and keep the evidence of every flake
	@$(COMMAND) self-test --fault none --healthy $(N) --report-dir out/repeat $(ARGS)

lint: ## Check format, vet and staticcheck
	@echo "lint"
	@unformatted=$$(gofmt -l e2e fixtures suites); test -z "$$unformatted" || { echo "not formatted (gofmt -w): $$unformatted"; exit 1; }
	@go vet ./...
	@go tool -modfile=$(LINT)/go.mod staticcheck -checks inherit,-ST1001,-ST1005 ./...

unit: prepare ## Run the unit and integration tests, with the race detector
	@echo "unit and integration tests"
	@go test -race ./...

clean: ## Remove what was built here; the user's cache stays
	@rm -rf bin out report
