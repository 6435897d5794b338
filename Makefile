# Peyk: `make` explains itself.

GO       ?= go
DATA     ?= data
BIN      := bin/peyk
MINUTES  ?= 30
LINT     := bin/golangci-lint
# Packages whose code runs in several goroutines at once.
RACE     := ./internal/backoffice/... ./internal/blob/... ./internal/telemetry/... ./internal/provider/app/... ./internal/provider/files/... ./internal/provider/store/... ./internal/provider/engine/reuse/... ./internal/provider/engine/gather/... ./internal/protocol/... ./internal/node/...

.DEFAULT_GOAL := help
.PHONY: help up build bench torture mutation check test test-race test-e2e test-browser test-anywhere lint generate tools clean

help: ## Show this
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: build ## Run everything with sample data and open at http://127.0.0.1:8080
	$(BIN) up --data $(DATA) --demo

build: ## Build bin/peyk
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/peyk

check: tools lint ## Quick: lint with vet, drift of generated code, short unit tests (90 seconds warm)
	./scripts/drift
	$(GO) test -short ./cmd/... ./internal/...

test: ## Everything a change must pass but lint (12 minutes warm; docs/TESTING.md has the stages)
	@./scripts/test

test-race: tools ## All packages with concurrent code under the race detector (make test has those that compile quickly)
	CGO_ENABLED=1 $(GO) test -race -short $(RACE)

test-e2e: build tools ## The journeys, with real processes
	@./scripts/test stories

test-browser: build ## The pages in a real browser; their pictures come into bin/pictures (PEYK_PICTURES)
	@./scripts/test install browser

test-anywhere: ## The tests on other days, in other time zones and locales, as another user (40 minutes)
	./scripts/test-anywhere

bench: build tools ## How fast it is here, written to docs/PERFORMANCE.md (ten minutes; WHOLE=--whole: half an hour)
	@./scripts/tools bench
	./scripts/bench $(CURDIR)/$(BIN) --write docs/PERFORMANCE.md $(WHOLE)

torture: build tools ## The long proofs, for MINUTES (30): kills, power cuts, all crashes and errors, seeded bugs, simulation
	PEYK_BIN=$(CURDIR)/$(BIN) ./scripts/torture $(MINUTES)

mutation: ## Change every comparison, condition and returned error of gateway, trace and trigger: do the tests notice?
	$(GO) run ./internal/sim/mutate

lint: $(LINT) ## What golangci-lint finds, go vet's checks among it
	$(LINT) run

generate: ## Write the generated code anew
	$(GO) run github.com/a-h/templ/cmd/templ@v0.3.1001 generate -path internal/backoffice/web

tools:
	@./scripts/tools

$(LINT): tools/go.mod tools/go.sum
	@mkdir -p bin
	cd tools && CGO_ENABLED=0 $(GO) build -o ../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

clean: ## Remove what was built and the data of make up
	rm -rf bin data
