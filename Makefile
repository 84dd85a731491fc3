# `make help` lists the targets. CORPUS=PATH gives the demo your own text, DEMO=FOLDER another place to work in.
SHELL := /bin/bash
DEMO ?= demo
export CORPUS DEMO
SWIFT_FILES := Package.swift Sources Tests

.PHONY: help setup build demo test conformance format lint clean

help:
	@echo 'make setup    install the system packages that are missing (Debian, Ubuntu; sudo when not root)'
	@echo 'make build    build the command line, optimised: .build/release/fast-electra'
	@echo 'make demo     the whole pipeline on real text, about 10 minutes (CORPUS=PATH: on your own; DEMO=FOLDER: elsewhere)'
	@echo 'make test     check the format and run all tests'
	@echo 'make conformance  compare with transformers, in a Python environment made for it'
	@echo 'make format   lay the sources out as .swift-format says'
	@echo 'make lint     check that they are'
	@echo 'make clean    remove what was built (the demo stays)'

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

CONFORMANCE ?= .build/conformance-venv

conformance: build $(CONFORMANCE)/ready
	swift build -c release --product conformance-probe
	$(CONFORMANCE)/bin/python conformance/models.py
	$(CONFORMANCE)/bin/python conformance/discriminator.py

$(CONFORMANCE)/ready: conformance/requirements.txt
	python3 -m venv $(CONFORMANCE)
	$(CONFORMANCE)/bin/python -m pip install --quiet -r $<
	touch $@

format:
	swift format -i -r $(SWIFT_FILES)

lint:
	swift format lint --strict -r $(SWIFT_FILES)

clean:
	swift package clean
