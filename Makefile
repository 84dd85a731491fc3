# `make help` lists the targets. CORPUS=PATH gives the demo your own text, DEMO=FOLDER another place to work in.
SHELL := /bin/bash
DEMO ?= demo
export CORPUS DEMO
SWIFT_FILES := Package.swift Sources Tests Fuzzing/Package.swift Fuzzing/Sources
SECONDS ?= 60

.PHONY: help setup build demo test fuzz format lint clean

help:
	@echo 'make setup    install the system packages that are missing (Debian, Ubuntu; sudo when not root)'
	@echo 'make build    build the command line, optimised: .build/release/fast-electra'
	@echo 'make demo     the whole pipeline on real text, about 10 minutes (CORPUS=PATH: on your own; DEMO=FOLDER: elsewhere)'
	@echo 'make test     check the format and run all tests'
	@echo 'make fuzz     feed the readers hostile files, SECONDS=60 for each fuzzer, under the address sanitizer'
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

fuzz: setup
	Fuzzing/run $(SECONDS)

format:
	swift format -i -r $(SWIFT_FILES)

lint:
	swift format lint --strict -r $(SWIFT_FILES)

clean:
	swift package clean
