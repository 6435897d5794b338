# Peyk: `make` explains itself.

GO       ?= go
DATA     ?= data
BIN      := bin/peyk
MINUTES  ?= 30
LINT     := bin/golangci-lint
# Packages whose code runs in several goroutines at once: tested with -race.
RACE     := ./internal/backoffice/... ./internal/blob/... ./internal/telemetry/... ./internal/provider/app/... ./internal/provider/files/... ./internal/provider/store/... ./internal/provider/engine/reuse/... ./internal/provider/engine/gather/... ./internal/protocol/... ./internal/node/...

.DEFAULT_GOAL := help
.PHONY: help up build bench torture mutation check test test-unit test-race test-e2e test-browser lint generate tools clean

help: ## Show this
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: build ## Run everything with sample data and open at http://127.0.0.1:8080
	$(BIN) up --data $(DATA) --demo

build: ## Build bin/peyk
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/peyk

check: tools ## Quick: vet, lint, drift of generated code, unit tests (under 2 minutes warm)
	$(GO) vet ./...
	$(LINT) run
	./scripts/drift
	$(GO) test -short ./cmd/... ./internal/...

test: tools lint test-unit test-race test-e2e test-browser ## Everything a change must pass (fifteen to twenty-five minutes; ten where the test cache holds)

test-unit: tools
	$(GO) vet ./...
	./scripts/drift
	$(GO) test ./cmd/... ./internal/...

test-race: tools
	CGO_ENABLED=1 $(GO) test -race -short $(RACE)

test-e2e: build tools ## The journeys, with real processes
	PEYK_BIN=$(CURDIR)/$(BIN) $(GO) test -count=1 -timeout 20m ./e2e/...

test-browser: build ## The pages in a real browser; their pictures come into bin/pictures (PEYK_PICTURES)
	@./scripts/tools browser
	PEYK_BIN=$(CURDIR)/$(BIN) node browser/run.mjs

bench: build tools ## How fast it is here, written to docs/PERFORMANCE.md (ten minutes; WHOLE=--whole: half an hour)
	@./scripts/tools bench
	./scripts/bench $(CURDIR)/$(BIN) --write docs/PERFORMANCE.md $(WHOLE)

torture: build tools ## The long proofs, for MINUTES (30): kills, power cuts, all crashes and errors, seeded bugs, simulation
	PEYK_BIN=$(CURDIR)/$(BIN) ./scripts/torture $(MINUTES)

mutation: ## Change every comparison, condition and returned error of gateway, trace and trigger: do the tests notice?
	$(GO) run ./internal/sim/mutate

lint: $(LINT)
	$(LINT) run

generate: ## Write the generated code anew
	$(GO) run github.com/a-h/templ/cmd/templ@v0.3.1001 generate -path internal/backoffice/web

tools: $(LINT)
	@./scripts/tools

$(LINT): tools/go.mod tools/go.sum
	@mkdir -p bin
	cd tools && CGO_ENABLED=0 $(GO) build -o ../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

clean: ## Remove what was built and the data of make up
	rm -rf bin data
