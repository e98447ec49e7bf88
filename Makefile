# Two commands do everything on a fresh Debian machine that has Swift 6.3: `make demo` and `make test`.

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := zlib1g-dev libjpeg62-turbo-dev libpng-dev libhdf5-dev pkg-config openssl python3 python3-numpy python3-yaml dataset-fashion-mnist
EMULATOR := qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross
PYTHON := /usr/bin/python3
TEST_BUILD := .build-test
TEST_FLAGS := -c release -Xswiftc -enable-testing --scratch-path $(TEST_BUILD)

.PHONY: evaluation browser emulator debug-digests demo benchmark-inference benchmark-without-vnni fuzz-smoke tsan test build test-build setup lint check benchmark zero-shot scores clean

## Sets up, builds, then converts, quantizes and verifies the trained fixture and says what it found.
demo: build
	Tools/demo.sh .build/release/ingot

## Sets up and runs all tests.
test: test-build
	swift test $(TEST_FLAGS) --skip-build

build: setup
	swift build -c release --static-swift-stdlib --product ingot
	swift build -c release --static-swift-stdlib --product ingot-hdf5

test-build: setup
	swift build $(TEST_FLAGS) --build-tests

setup:
	@dpkg -s $(PACKAGES) >/dev/null 2>&1 || { $(SUDO) apt-get update && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y --no-install-recommends $(PACKAGES); }

## The browser that looks at reports (`Tools/check_report.py`); 20 seconds, 400 MB. Without it that part of `make check` is left out.
browser:
	@dpkg -s chromium fonts-dejavu-core >/dev/null 2>&1 || { $(SUDO) apt-get update && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y --no-install-recommends chromium fonts-dejavu-core; }

## Style, layers, generated tables, and what others read of our files.
lint:
	swift format lint --strict -r Sources Tests Package.swift

check: test-build
	$(PYTHON) Tools/check_layers.py
	$(PYTHON) Tools/make_mappings.py --check
	$(PYTHON) Tools/make_registry.py --check
	$(PYTHON) Tools/make_datasets.py --check
	$(PYTHON) Tools/make_text_tables.py --check
	$(PYTHON) Tools/make_tokenizer_tables.py --check
	$(PYTHON) Tools/check_ksy.py Fixtures/ingot-v1/*.ingot
	$(PYTHON) Tools/check_families.py $(TEST_BUILD)/release/ingot
	Tools/check_reader.sh $(TEST_BUILD)/release/ingot
	Tools/check_report.sh $(TEST_BUILD)/release/ingot
	Tools/check_signature.sh $(TEST_BUILD)/release/ingot
	Tools/kernel_digests.sh
	Tools/logit_digests.sh check $(TEST_BUILD)/release/ingot

## The same bits from a debug build; 3 minutes.
debug-digests: setup
	swift build --scratch-path .build-debug --product ingot
	LESS=1 Tools/logit_digests.sh check .build-debug/debug/ingot

## An emulator of aarch64 for `Tools/kernel_digests.sh`. Without it that part of `make check` is left out.
emulator:
	@dpkg -s $(EMULATOR) >/dev/null 2>&1 || { $(SUDO) apt-get update && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y --no-install-recommends $(EMULATOR); }

## Zero-shot accuracy on the 10,000 test images of Fashion-MNIST, float32 against int8.
zero-shot: test-build
	swift test $(TEST_FLAGS) --skip-build --filter ZeroShotTests

## Every task of the CLIP paper on data that Debian has, with the table and the pictures: Benchmarks/results/evaluation.
evaluation: build
	@dpkg -s python3-sklearn >/dev/null 2>&1 || { $(SUDO) apt-get update && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y --no-install-recommends python3-sklearn; }
	$(PYTHON) Benchmarks/evaluation.py .build/release/ingot --work Benchmarks/.work/evaluation

## Planted faults that bisect locates, seeded defects that the doctor names, and what error ledgers leave unexplained.
scores: test-build
	Tools/scores.sh $(TEST_FLAGS)

## Conversion against cp, memory, and opening time, into Benchmarks/results.
benchmark: build
	$(PYTHON) Benchmarks/convert.py --ingot .build/release/ingot

## Inference against PyTorch, ONNX Runtime and OpenVINO, the kernels alone, and where the time goes, into Benchmarks/results. The peers are
## installed into Benchmarks/.venv unless PEERS names a Python that has them; ONLY names some sections.
benchmark-inference: build
	$(PYTHON) Benchmarks/inference.py --ingot .build/release/ingot $(if $(PEERS),--python $(PEERS)) $(if $(ONLY),--only $(ONLY))
	Benchmarks/kernels.sh
	if command -v perf > /dev/null; then Benchmarks/profile.sh .build/release/ingot Benchmarks/.work/vit-b-32/source.ingot Benchmarks/.work/vit-b-32/int8.ingot; fi

## Ingot beside ONNX Runtime as on a processor without AVX-512 and VNNI, measured on one that has them, into Benchmarks/results.
benchmark-without-vnni: build
	$(PYTHON) Benchmarks/without_vnni.py --ingot .build/release/ingot $(if $(PEERS),--python $(PEERS))

## Fuzzes every reader for a few seconds, from the seeds in Fixtures/fuzz.
fuzz-smoke: setup
	Tools/fuzz.sh build
	Tools/fuzz.sh smoke 3

## Runs conversion, quantization and inference under Thread Sanitizer.
tsan: setup
	Tools/tsan.sh control
	Tools/tsan.sh build
	Tools/tsan.sh run

clean:
	rm -rf .build .build-test .build-fuzz .build-tsan .build-tsan-hdf5 demo
