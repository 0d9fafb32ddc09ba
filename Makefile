# `make demo` and `make test` are all that a fresh machine needs besides the Swift toolchain and git.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:

# The Swift runtime inside the binaries, which start faster and run where no toolchain is, and no
# symbols: they were more than half of the files.
RELEASE := -c release --static-swift-stdlib -Xlinker -s

.PHONY: help demo test soak hostile build lint setup messages clean

help:
	@echo "make demo    install what is missing, build, and play three analysts and a server through"
	@echo "make test    install what is missing, and run all tests"
	@echo "make soak    simulate more workspaces, kill more servers: make soak SEEDS=2000 KILLS=500"
	@echo "make hostile try a thousand hostile connections of each kind on loopback"
	@echo "make build   the two programs, in .build/release"
	@echo "make lint    check the formatting"

demo: build
	@Tests/Demo/demo.sh .build/release demo

build: setup
	@swift build $(RELEASE) --product hashiya
	swift build $(RELEASE) --product hashiya-server

# The tests run the programs as processes, so those are built first. What computes, what waits for
# processes, and what waits for a server within the test's own process come one after the other, or the
# first would keep the others waiting.
test: setup
	@swift build --build-tests
	swift build --product hashiya
	swift build --product hashiya-server
	swift build --product WallClockShift
	swift build --product KillPoint
	HASHIYA_ALONE=1 swift test --skip-build --filter SyncClientTests
	swift test --skip-build --filter CommandLineTests
	swift test --skip-build --skip CommandLineTests --skip SyncClientTests

# Simulates more workspaces than the tests do, and kills healing servers more often:
# make soak SEEDS=2000 KILLS=500
SEEDS ?= 1000
KILLS ?= 300
soak: setup
	@swift build --build-tests
	swift build --product hashiya
	swift build --product hashiya-server
	HASHIYA_SEEDS=$(SEEDS) swift test --skip-build --filter SimulationTests
	HASHIYA_KILLS=$(KILLS) swift test --skip-build --filter HealingKillTests

# A thousand hostile connections of every kind while members work; prints what they noticed of it and
# what it cost. With the programs as they are released: a debug build takes most of its time for itself.
SWARM ?= 1000
hostile: build
	@swift build --build-tests
	HASHIYA_PROGRAMS=$(CURDIR)/.build/release HASHIYA_SWARM=$(SWARM) \
	  swift test --skip-build --filter SwarmTests

lint:
	@swift format lint --strict --recursive Package.swift Sources Tests

# Installs SQLite's header when it is missing: prints the command before it runs it, and says what to
# do where it may not.
setup:
	@if [ -e /usr/include/sqlite3.h ] || pkg-config --exists sqlite3 2>/dev/null; then exit 0; fi
	install="apt-get install --yes --no-install-recommends libsqlite3-dev"
	if [ "$$(id -u)" -ne 0 ]; then install="sudo $$install"; fi
	echo "Hashiya needs SQLite's header. Installing it: $$install"
	if [ "$$(id -u)" -eq 0 ]; then
	  apt-get update --quiet && DEBIAN_FRONTEND=noninteractive $$install
	elif sudo -n true 2>/dev/null; then
	  sudo apt-get update --quiet && DEBIAN_FRONTEND=noninteractive $$install
	else
	  echo "This account may not install packages. Run, or ask an administrator to run:" >&2
	  echo "  sudo apt-get update && $$install" >&2
	  exit 77
	fi

# Regenerates the committed Swift from the .proto files; needs Debian's protobuf-compiler, and builds
# the plugin from the checkout of swift-protobuf.
messages:
	@command -v protoc >/dev/null || { echo "install protobuf-compiler first" >&2; exit 69; }
	swift package resolve
	swift build --package-path .build/checkouts/swift-protobuf --scratch-path .build/protobuf \
	  --product protoc-gen-swift
	protoc --proto_path=Protocol --swift_out=Sources/SyncProtocol/Messages \
	  --plugin=protoc-gen-swift=.build/protobuf/debug/protoc-gen-swift \
	  --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true \
	  --swift_opt=FileNaming=DropPath Protocol/hashiya/v1/*.proto

clean:
	@rm -rf .build demo
