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

.PHONY: test
test: ## run the tests
	$(GO) test ./...

.PHONY: race
race: ## run the tests of what runs at once with the race detector
	$(GO) test -race -skip '^TestSmoke' $(CONCURRENT)

.PHONY: lint
lint: ## run the linters, the import walls among them
	$(LINT) run

.PHONY: format
format: ## format the Go code
	$(LINT) fmt

.PHONY: ui
ui: ## check the page's source and build it into web/dist
	cd web/ui && npm ci --no-audit --no-fund && npm run typecheck && npm test && npm run build

.PHONY: browser
browser: ## test the page in Chromium, which must be installed
	$(GO) test -tags browser ./web/... ./cmd/...

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

HEALTHY ?= 24h
.PHONY: soak
soak: ## play the shipped systems, all well, for HEALTHY each: no incident may come of it
	$(GO) run ./cmd/headwater accuracy --healthy $(HEALTHY)
	$(GO) run ./cmd/headwater accuracy --healthy $(HEALTHY) --faint

REPEAT ?= 20
.PHONY: repeat
repeat: ## run those tests REPEAT times, in random order
	$(GO) test -race -skip '^TestSmoke' -count $(REPEAT) -shuffle on $(CONCURRENT)

.PHONY: ci
ci: ## run everything that must pass before a change lands
	.ci/run
