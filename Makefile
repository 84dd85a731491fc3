# `make help` lists the targets. CORPUS=PATH gives the demo your own text, DEMO=FOLDER another place to work in.
SHELL := /bin/bash
DEMO ?= demo
BENCH ?= .build/bench
LEDGER ?= .build/ledger
export CORPUS DEMO BENCH LEDGER
PYTHON ?= python3
ROUNDS ?= 50
SECONDS ?= 60
SWIFT_FILES := Package.swift Sources Tests Experiments/Study Experiments/StudyCommand Experiments/StudyTests Benchmarks/Package.swift Benchmarks/Sources Examples \
    Fuzzing/Package.swift Fuzzing/Sources

.PHONY: help setup build install uninstall demo study study-pictures test cluster-setup cluster-test test-exhaustive examples test-thread test-address dist dist-test dist-test-bare failures kill-test python-test browser-test conformance arm-kernels fuzz bench \
    ledger inspect-latency docs format lint clean

help:
	@echo 'make setup            install missing system packages (Debian, Ubuntu; sudo if not root)'
	@echo 'make build            build the command line, optimized: .build/release/fast-electra'
	@echo 'make install          put it, its completions, man pages and docs below PREFIX=/usr/local; make uninstall'
	@echo 'make demo             the whole pipeline on real text, about 15 minutes'
	@echo '                      CORPUS=PATH: on your own text; DEMO=FOLDER: in another folder'
	@echo 'make test             check the format and run all tests'
	@echo 'make test-exhaustive  the same, with draws from all 30,522 logits: minutes more'
	@echo 'make examples         build and run Examples/ as a package of its own: shards without a model'
	@echo 'make failures         cause all failures of docs/failures.md, and write the page again'
	@echo 'make test-thread      run the tests under the thread sanitizer'
	@echo 'make test-address     run the tests under the address sanitizer'
	@echo 'make dist             pack the program for Linux machines that have only glibc: .build-dist/'
	@echo 'make dist-test        unpack it, and run the pipeline with an empty environment'
	@echo 'make dist-test-bare   the same in a bare Debian (root)'
	@echo 'make kill-test        kill generate and train at ROUNDS=50 random moments each, and compare the results'
	@echo 'make cluster-setup    install both MPIs and Slurm (Debian, Ubuntu)'
	@echo 'make cluster-test     check that many ranks and jobs give the bits of one process (root)'
	@echo 'make python-test      test the Python package with PyTorch, in its own environment (PYTHON=INTERPRETER)'
	@echo 'make browser-test     open the pages of inspect and report in a Chromium (Debian, Ubuntu: installed if missing)'
	@echo 'make conformance      compare with transformers and tokenizers, in a Python environment made for it'
	@echo 'make arm-kernels      run the kernels for 64-bit ARM in an emulator, and compare the bits (Debian, Ubuntu)'
	@echo 'make fuzz             feed the readers hostile files, SECONDS=60 for each, under the address sanitizer'
	@echo 'make bench            time training and generating beside PyTorch and ONNX Runtime, 15 minutes a round'
	@echo '                      BENCH_ROUNDS=3; ONLY=train-small,corpus,...: some parts; BENCH=FOLDER: in another folder'
	@echo 'make ledger           measure the bytes of shards, about an hour (LEDGER=FOLDER: in another folder)'
	@echo 'make study            measure how much pre-training helps, arm by arm'
	@echo '                      STUDY=quick (minutes), evening (hours) or full (days); STUDY_DATA=FOLDER of the test sets'
	@echo '                      STUDY_ARMS="o-a0.25 a": a part of the arms'
	@echo 'make study-pictures   draw the pictures of docs/study.md from Experiments/results/'
	@echo 'make inspect-latency  measure one look into a data set of 1 GB (after make demo)'
	@echo 'make docs             build the documentation of Format, Distillation and Replay: .build/docs/site'
	@echo 'make format           lay out the sources as .swift-format says'
	@echo 'make lint             check the layout, and look for the worst habits of our English'
	@echo 'make clean            remove the built files (the demo stays)'

setup:
	@data/install-packages

build: setup
	swift build -c release --product fast-electra

PREFIX ?= /usr/local
export DESTDIR

install: build
	packaging/install .build/release/fast-electra '$(PREFIX)'

uninstall:
	packaging/install --remove '$(PREFIX)'

demo: build
	data/demo "$$DEMO"

# The numeric suites run once more with each smaller set of kernels that the processor has. OpenBLAS only multiplies matrices: everything
# else is done by the best set, which has been tested by then.
PRODUCT_TESTS := KernelsTests|ModelsTests|TrainingTests|GeneratorTrainingTests|GenerateTests|TrainTests
NUMERIC_TESTS := $(PRODUCT_TESTS)|DistillationTests|ReplayTests

test: setup lint examples
	swift build -c release --build-tests
	swift test -c release --skip-build
	@set -e; for kernels in avx2 openblas; do tests='$(NUMERIC_TESTS)'; \
	    if ! FAST_ELECTRA_KERNELS=$$kernels .build/release/fast-electra --version > /dev/null 2>&1; then \
	        echo "not on this machine: $$kernels kernels"; continue; \
	    fi; \
	    if [ $$kernels = avx2 ] && [ -e /proc/cpuinfo ] && ! grep -qw avx512f /proc/cpuinfo; then \
	        echo "all tests above ran with $$kernels kernels, the best that this processor has"; continue; \
	    fi; \
	    if [ $$kernels = openblas ]; then tests='$(PRODUCT_TESTS)'; fi; \
	    echo "numeric suites with $$kernels kernels"; \
	    FAST_ELECTRA_KERNELS=$$kernels swift test -c release --skip-build --filter "$$tests"; \
	done

# As somebody else's package would: no model, no BLAS, no flags.
examples: setup
	swift build --package-path Examples --scratch-path .build/examples
	set -e; folder=$$(mktemp -d); trap 'rm -r "$$folder"' EXIT; cd "$$folder"; \
	    '$(CURDIR)/.build/examples/debug/ShardOfLogits' | grep 'T = 2.0: \[1, 10, .*2\], [012] of 2 replaced'

test-exhaustive: export FAST_ELECTRA_EXHAUSTIVE = 1
test-exhaustive: test

# Tests/Failures/rows has what is done.
failures: build
	Tests/Failures/table .build/release/fast-electra > .build/failures.md
	mv .build/failures.md docs/failures.md

# Scratch folders of their own: everything is compiled anew, the kernels too. What cannot work there is skipped by name: tests of
# limits of address space (a sanitizer reserves terabytes), of allocations (it has a malloc of its own), of the table of failures
# (both), and of the instructions in the program (the sanitizer's own functions ask the processor too).
SANITIZED_SKIPS := --skip AddressSpaceTests --skip AllocationTests --skip FailureTableTests --skip InstructionTests

# Distilling knows no threads, and its statistics of millions of draws would take an hour here.
test-thread: setup
	swift build -c release --sanitize=thread --scratch-path .build-thread --build-tests
	TSAN_OPTIONS=halt_on_error=0:exitcode=66:suppressions=$(CURDIR)/Tests/thread-sanitizer \
	    swift test -c release --sanitize=thread --scratch-path .build-thread --skip-build $(SANITIZED_SKIPS) \
	    --skip DistillationTests

test-address: setup
	swift build -c release --sanitize=address --scratch-path .build-address --build-tests
	ASAN_OPTIONS=detect_leaks=0 \
	    swift test -c release --sanitize=address --scratch-path .build-address --skip-build $(SANITIZED_SKIPS)

DIST = $(firstword $(wildcard .build-dist/fast-electra-*-linux-$(shell uname -m).tar.gz))

dist: setup
	packaging/dist

dist-test:
	packaging/dist-test "$(DIST)" data/sample/plain.txt

dist-test-bare:
	packaging/bare-system .build-dist/debian
	packaging/dist-test "$(DIST)" data/sample/plain.txt .build-dist/debian

kill-test: setup
	swift build -c release --build-tests
	FAST_ELECTRA_KILL_ROUNDS=$(ROUNDS) swift test -c release --skip-build --filter KillTests

CLUSTER ?= .build/cluster
KILLS ?= 50

cluster-setup:
	@Tests/Cluster/install

cluster-test: setup cluster-setup
	Tests/Cluster/build '$(CLUSTER)'
	Tests/Cluster/ranks openmpi '$(CLUSTER)/fast-electra-ompi-c' '$(CLUSTER)/openmpi' $(KILLS)
	Tests/Cluster/ranks mpich '$(CLUSTER)/fast-electra-mpich' '$(CLUSTER)/mpich' $(KILLS)
	Tests/Cluster/network '$(CLUSTER)/fast-electra-ompi-c' '$(CLUSTER)/network'
	Tests/Cluster/slurm '$(CLUSTER)/fast-electra-ompi-c' '$(CLUSTER)/slurm'

# The tests compare with .build/release/fast-electra where it is. FAST_ELECTRA_KILL_ROUNDS=20 kills the generating command so often.
PYTHON_TEST ?= .build/python-test

python-test: $(PYTHON_TEST)/ready
	cd python && '$(abspath $(PYTHON_TEST))/bin/python' -m pytest -p no:cacheprovider
	cd python && '$(abspath $(PYTHON_TEST))/bin/python' -m mypy --cache-dir '$(abspath $(PYTHON_TEST))/mypy'

$(PYTHON_TEST)/ready: python/pyproject.toml
	$(PYTHON) -m venv --clear '$(PYTHON_TEST)'
	'$(PYTHON_TEST)/bin/python' -m pip install --quiet --editable './python[test]'
	touch '$@'

# The pages of `inspect --html` and `report --html` in a Chromium, which no other target needs. Screenshots are left in .build/browser-test/.
browser-test: build
	@data/install-browser
	$(PYTHON) -m venv --clear .build/browser-test/venv
	.build/browser-test/venv/bin/python -m pip install --quiet './python' pytest
	cd python && CHROMIUM=$${CHROMIUM:-chromium} PAGE_TEST_OUTPUT=../.build/browser-test \
	    ../.build/browser-test/venv/bin/python -m pytest -p no:cacheprovider tests/test_page.py tests/test_report_page.py

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

arm-kernels:
	conformance/kernels/on-arm

PEERS ?= .build/bench-venv
BENCH_ROUNDS ?= 3
ONLY ?= train,generate

bench: build $(PEERS)/ready
	swift build -c release --package-path Benchmarks --product KernelRates
	$(PEERS)/bin/python Benchmarks/bench.py --work "$$BENCH" --rounds $(BENCH_ROUNDS) --only $(ONLY)

$(PEERS)/ready: Benchmarks/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet -r $<
	touch $@

ledger: build
	swift build -c release --package-path Benchmarks --product ShardLedger
	mkdir -p "$$LEDGER"
	Benchmarks/ledger "$$LEDGER"

STUDY ?= quick
STUDY_DATA ?= ../shared/data
STUDY_WORK ?= .build/study/$(STUDY)
STUDY_RESULTS ?= $(STUDY_WORK)/results.jsonl
# Letters of arms; all of the size, if there are none.
STUDY_ARMS ?=

# Killed, it goes on where it stopped. The committed results are in Experiments/results/.
study: build
	swift build -c release --product study
	mkdir -p "$(STUDY_WORK)"
	.build/release/study run --size $(STUDY) --data "$(STUDY_DATA)" --work "$(STUDY_WORK)" --results "$(STUDY_RESULTS)" \
		$(if $(STUDY_ARMS),--arms $(STUDY_ARMS))
	.build/release/study report --size $(STUDY) --results "$(STUDY_RESULTS)"

study-pictures: setup
	swift build -c release --product study
	.build/release/study chart Experiments/results/token-curve.jsonl --title 'TREC: the encoder minus its generator' \
		--horizontal 'M tokens of detection' --vertical 'difference in accuracy' > docs/study-tokens.svg
	.build/release/study chart Experiments/results/label-curve.jsonl --title 'TREC: a start minus the generator' \
		--horizontal 'thousand labels' --vertical 'difference in accuracy' > docs/study-labels.svg

fuzz: setup
	Fuzzing/run $(SECONDS)

docs: setup
	docs/make-site .build/docs

format:
	swift format -i -r $(SWIFT_FILES)

lint:
	swift format lint --strict -r $(SWIFT_FILES)
	$(PYTHON) docs/lint-prose

clean:
	swift package clean
