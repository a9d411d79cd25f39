# Everything a fresh machine needs is installed by these targets (Swift and apt are assumed).
SWIFT ?= swift
# The one that apt's numpy belongs to.
PYTHON ?= /usr/bin/python3
# Optimized, as the reference interpreter runs millions of events in the tests; testable, so that one build serves
# both the command and its tests.
CONFIG := -c release -Xswiftc -enable-testing
BIN := .build/release/triggerfish
DEMO := models/jet_tagger

.PHONY: all setup build library ap-types run test lint format demo golden benchmark reference readme clean

all: build

# System libraries, a C++ compiler, and the vendor's ap_types headers for bit-exact verification.
setup:
	@scripts/setup.sh

ap-types: setup
	@scripts/fetch-ap-types.sh

build: setup
	$(SWIFT) build $(CONFIG) --product triggerfish

# The C library and its header in .build/lib, which the Python package (pip install ./python) uses too.
library: setup
	$(SWIFT) build $(CONFIG) --product TriggerfishC
	@$(PUT_LIBRARY)

PUT_LIBRARY = mkdir -p .build/lib && ln -sf ../release/libTriggerfishC.so .build/lib/libtriggerfish.so && \
	cp include/triggerfish.h .build/lib/

# The demo: compile the jet tagger, verify the emitted C++ bit for bit on its sample events, print the report.
run: build ap-types demo

demo:
	@rm -rf .build/demo
	@$(BIN) compile $(DEMO)/jet_tagger.json --config $(DEMO)/hls.yml --output .build/demo/jet_tagger
	@$(BIN) verify .build/demo/jet_tagger --input $(DEMO)/events.npy --trace
	@$(BIN) report .build/demo/jet_tagger

# Every test, the formatter's check first.
test: setup ap-types lint
	@scripts/setup.sh --browser
	@scripts/setup.sh --arm64
	$(SWIFT) build $(CONFIG) --build-tests
	@$(PUT_LIBRARY)
	$(SWIFT) test $(CONFIG) --skip-build
	PYTHONPATH=python $(PYTHON) -m unittest discover -s python/tests

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Benchmarks

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Benchmarks

# Every case of ../shared/golden: pass, fail, or not yet supported.
golden: setup
	$(SWIFT) run $(CONFIG) triggerfish-golden

# Throughput and compile-time ratios against peers in the same run (installs them into .build/peers).
benchmark: setup
	Benchmarks/run.sh

# Writes hls-output/ anew after a deliberate change of the emitted C++.
reference: build
	rm -rf hls-output/jet_tagger
	$(BIN) compile $(DEMO)/jet_tagger.json --config $(DEMO)/hls.yml --output hls-output/jet_tagger

# Runs the commands README.md names and writes what they print into it.
readme: build
	$(SWIFT) build $(CONFIG) --product triggerfish-golden
	scripts/update-readme.py

clean:
	rm -rf .build
