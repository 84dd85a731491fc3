# `make help` lists the targets. CORPUS=PATH gives the demo your own text, DEMO=FOLDER another place to work in.
SHELL := /bin/bash
DEMO ?= demo
export CORPUS DEMO
PYTHON ?= python3
ROUNDS ?= 50
SWIFT_FILES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

.PHONY: help setup build demo test failures kill-test python-test ledger format lint clean

help:
	@echo 'make setup        install the system packages that are missing (Debian, Ubuntu; sudo when not root)'
	@echo 'make build        build the command line, optimised: .build/release/fast-electra'
	@echo 'make demo         the whole pipeline on real text, about 10 minutes (CORPUS=PATH: on your own; DEMO=FOLDER: elsewhere)'
	@echo 'make test         check the format and run all tests'
	@echo 'make python-test  test the Python package, in an environment of its own in .build/ (PYTHON=INTERPRETER)'
	@echo 'make failures     do all that docs/failures.md shows, and write it anew'
	@echo 'make kill-test    kill generate and train at random moments and compare (ROUNDS=50)'
	@echo 'make ledger   measure what shards spend their bytes on, about an hour (DEMO=FOLDER: where to work)'
	@echo 'make format       lay the sources out as .swift-format says'
	@echo 'make lint         check that they are'
	@echo 'make clean        remove what was built (the demo stays)'

setup:
	@data/install-packages

build: setup
	swift build -c release --product fast-electra

demo: build
	swift build -c release --product demo-report
	data/demo "$$DEMO"

test: setup lint
	swift build -c release --build-tests
	swift test -c release --skip-build

# The tests compare with .build/release/fast-electra where it is, and run PyTorch where the environment has it.
ledger: build
	swift build -c release --package-path Benchmarks --product ShardLedger
	Benchmarks/ledger "$$DEMO"

# Tests/Failures/rows has what is done.
failures: build
	Tests/Failures/table .build/release/fast-electra > .build/failures.md
	mv .build/failures.md docs/failures.md

kill-test: setup
	swift build -c release --build-tests
	FAST_ELECTRA_KILL_ROUNDS=$(ROUNDS) swift test -c release --skip-build --filter KillTests

python-test:
	$(PYTHON) -m venv --clear .build/python-test
	.build/python-test/bin/python -m pip install --quiet './python[test]'
	cd python && ../.build/python-test/bin/python -m pytest -p no:cacheprovider
	cd python && ../.build/python-test/bin/python -m mypy --cache-dir ../.build/python-test/mypy

format:
	swift format -i -r $(SWIFT_FILES)

lint:
	swift format lint --strict -r $(SWIFT_FILES)

clean:
	swift package clean
