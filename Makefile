# The targets are what people run by hand; .ci/run runs the same steps in one go.

GO   ?= go
LINT := $(GO) tool -modfile=.ci/tools.mod golangci-lint

# The packages that start goroutines; TestPureCode holds that the others do not.
CONCURRENT := ./analysis/watch ./cmd/... ./ingest/... ./web/...

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

.PHONY: build
build: ## build bin/headwater
	$(GO) build -o bin/headwater ./cmd/headwater

VERSION ?= $(shell git describe --tags --always --dirty)
.PHONY: release
release: ## build bin/headwater for releases: static, without paths of this machine
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.release=$(VERSION)" -o bin/headwater ./cmd/headwater

.PHONY: test
test: ## run the tests
	$(GO) test ./...

.PHONY: race
race: ## run the tests of what runs at once with the race detector
	$(GO) test -race -skip '^Test(Smoke|HostileMix|WhatKeepsAnOutageUp|TheSameIncidentInEveryForm)' $(CONCURRENT)

.PHONY: lint
lint: ## run the linters, the import walls among them
	$(LINT) run

.PHONY: tidy
tidy: ## tidy go.mod here, and of the module that tests with a Collector
	$(GO) mod tidy
	cd ingest/otlp/collectortest && $(GO) mod tidy

.PHONY: format
format: ## format the Go code
	$(LINT) fmt

.PHONY: ui
ui: ## check the page's source and build it into web/dist
	cd web/ui && npm ci --no-audit --no-fund && npm run typecheck && npm test && npm run build

.PHONY: browser
browser: ## test the page in Chromium, which must be installed
	$(GO) test -tags browser ./web
	$(GO) test -tags browser -run 'InTheBrowser$$' ./cmd/headwater

.PHONY: senders
senders: ## test with a Collector built from its modules, and with the JavaScript SDK (needs Node)
	cd ingest/otlp/collectortest && $(GO) test ./...
	cd ingest/otlp/testdata/js && npm ci --no-audit --no-fund --ignore-scripts
	$(GO) test -tags node -run JavaScript ./ingest/otlp

FUZZTIME ?= 30s
.PHONY: fuzz
fuzz: ## look for inputs that break a reader: FUZZTIME for each target
	@$(GO) list ./... | while read -r pkg; do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "== $$pkg $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

.PHONY: demo
demo: ## play an incident and open the page on it
	$(GO) run ./cmd/headwater demo

OTLPLOAD ?= otlpload
SPANS    ?= 1000000
.PHONY: benchmark
benchmark: ## measure what taking SPANS spans costs, with the load generator OTLPLOAD
	docs/benchmark.sh $(OTLPLOAD) $(SPANS)

.PHONY: marks
marks: ## measure how long the page makes a person wait, with a store of ten million spans and a graph of a thousand services; needs Chromium
	$(GO) run -tags browser ./web/marks

REPEAT  ?= 20
KILLS   ?= 50
HEALTHY ?= 24h
.PHONY: soak
soak: ## test REPEAT times in random order, kill a process KILLS times, be hostile, fuzz for ten minutes each, watch healthy systems for HEALTHY
	$(GO) test -race -skip '^Test(Smoke|HostileMix|WhatKeepsAnOutageUp|TheSameIncidentInEveryForm)' -count $(REPEAT) -shuffle on -timeout 0 $(CONCURRENT)
	HEADWATER_KILLS=$(KILLS) $(GO) test -run '^TestKilledUnderLoad$$' -timeout 0 ./ingest/store
	HEADWATER_HOSTILITY=25 $(GO) test -run '^TestHostileMix$$' -timeout 0 ./cmd/headwater
	$(MAKE) fuzz FUZZTIME=10m
	$(GO) run ./cmd/headwater accuracy --healthy $(HEALTHY)
	$(GO) run ./cmd/headwater accuracy --healthy $(HEALTHY) --faint

.PHONY: ci
ci: ## run everything that must pass before a change lands
	.ci/run
