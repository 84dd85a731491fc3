# `make help` lists the targets. CORPUS=PATH gives the demo your own text, DEMO=FOLDER another place to work in.
SHELL := /bin/bash
DEMO ?= demo
export CORPUS DEMO
PYTHON ?= python3
ROUNDS ?= 50
SECONDS ?= 60
SWIFT_FILES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Fuzzing/Package.swift Fuzzing/Sources

.PHONY: help setup build demo test test-exhaustive failures kill-test python-test browser-test conformance fuzz bench \
    ledger inspect-latency format lint clean

help:
	@echo 'make setup            install the system packages that are missing (Debian, Ubuntu; sudo when not root)'
	@echo 'make build            build the command line, optimised: .build/release/fast-electra'
	@echo 'make demo             the whole pipeline on real text, about 10 minutes (CORPUS=PATH: on your own; DEMO=FOLDER: elsewhere)'
	@echo 'make test             check the format and run all tests'
	@echo 'make test-exhaustive  the same, and draws from all 30,522 logits: minutes more'
	@echo 'make failures         do all that docs/failures.md shows, and write it anew'
	@echo 'make kill-test        kill generate and train at ROUNDS=50 random moments each, and compare what they make'
	@echo 'make python-test      test the Python package, in an environment of its own in .build/ (PYTHON=INTERPRETER)'
	@echo 'make browser-test     open the page of inspect --html in a Chromium (Debian and Ubuntu: installed if missing)'
	@echo 'make conformance      compare with transformers and tokenizers, in a Python environment made for it'
	@echo 'make fuzz             feed the readers hostile files, SECONDS=60 for each fuzzer, under the address sanitizer'
	@echo 'make bench            time training and generating beside PyTorch and ONNX Runtime, BENCH_ROUNDS=3, about 20 minutes (DEMO=FOLDER: where to work)'
	@echo 'make ledger           measure what shards spend their bytes on, about an hour (DEMO=FOLDER: where to work)'
	@echo 'make inspect-latency  measure one look into a data set of 1 GB (after make demo)'
	@echo 'make format           lay the sources out as .swift-format says'
	@echo 'make lint             check that they are'
	@echo 'make clean            remove what was built (the demo stays)'

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

test-exhaustive: export FAST_ELECTRA_EXHAUSTIVE = 1
test-exhaustive: test

# Tests/Failures/rows has what is done.
failures: build
	Tests/Failures/table .build/release/fast-electra > .build/failures.md
	mv .build/failures.md docs/failures.md

kill-test: setup
	swift build -c release --build-tests
	FAST_ELECTRA_KILL_ROUNDS=$(ROUNDS) swift test -c release --skip-build --filter KillTests

# The tests compare with .build/release/fast-electra where it is, and run PyTorch where the environment has it.
python-test:
	$(PYTHON) -m venv --clear .build/python-test
	.build/python-test/bin/python -m pip install --quiet './python[test]'
	cd python && ../.build/python-test/bin/python -m pytest -p no:cacheprovider
	cd python && ../.build/python-test/bin/python -m mypy --cache-dir ../.build/python-test/mypy

# The page of `inspect --html` in a Chromium, which no other target needs. Screenshots are left in .build/browser-test/.
browser-test: build
	@data/install-browser
	$(PYTHON) -m venv --clear .build/browser-test/venv
	.build/browser-test/venv/bin/python -m pip install --quiet './python[test]'
	cd python && CHROMIUM=$${CHROMIUM:-chromium} PAGE_TEST_OUTPUT=../.build/browser-test \
	    ../.build/browser-test/venv/bin/python -m pytest -p no:cacheprovider tests/test_page.py

CONFORMANCE ?= .build/conformance-venv

conformance: build $(CONFORMANCE)/ready
	swift build -c release --product conformance-probe
	swift build -c release --product tokenizer-probe
	$(CONFORMANCE)/bin/python conformance/models.py
	$(CONFORMANCE)/bin/python conformance/discriminator.py
	$(CONFORMANCE)/bin/python conformance/finetune.py
	$(CONFORMANCE)/bin/python conformance/replayed_loss.py
	$(CONFORMANCE)/bin/python conformance/tensorboard_scalars.py
	conformance/fetch-scripts .build/conformance-text
	$(CONFORMANCE)/bin/python conformance/tokenization.py --binary .build/release/tokenizer-probe --text .build/conformance-text/*

$(CONFORMANCE)/ready: conformance/requirements.txt
	$(PYTHON) -m venv $(CONFORMANCE)
	$(CONFORMANCE)/bin/python -m pip install --quiet -r $< ./python
	touch $@

# One sequence of a data set of 1 GB, made of the demo's blocks over and over; needs `make demo`.
inspect-latency: build
	swift build -c release --package-path Benchmarks --product InspectLatency
	Benchmarks/.build/release/InspectLatency --program .build/release/fast-electra --dataset "$$DEMO/shards-train" \
	    --out "$$DEMO/shards-large"

PEERS ?= .build/bench-venv
BENCH_ROUNDS ?= 3

bench: build $(PEERS)/ready
	swift build -c release --package-path Benchmarks --product KernelRates
	$(PEERS)/bin/python Benchmarks/bench.py --work "$$DEMO" --rounds $(BENCH_ROUNDS)

$(PEERS)/ready: Benchmarks/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet -r $<
	touch $@

ledger: build
	swift build -c release --package-path Benchmarks --product ShardLedger
	Benchmarks/ledger "$$DEMO"

fuzz: setup
	Fuzzing/run $(SECONDS)

format:
	swift format -i -r $(SWIFT_FILES)

lint:
	swift format lint --strict -r $(SWIFT_FILES)

clean:
	swift package clean
