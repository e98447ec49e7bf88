// SPDX-License-Identifier: Apache-2.0
//
// Fuzzing with libFuzzer. INGOT_FUZZ in the environment names the reader; `Tools/fuzz.sh` builds and runs it.

import FoundationEssentials
import Glibc
import IngotArchive
import IngotBytes
import IngotCLIP
import IngotFile
import IngotNumPy
import IngotSafetensors
import IngotTensor
import IngotTorch

@testable import IngotDatasets
@testable import IngotHDF5

/// What a reader does with a file: open it, and read every tensor that is not large.
private func read(_ checkpoint: any Checkpoint) throws {
  for tensor in checkpoint.tensors where tensor.byteCount < 1 << 20 {
    let count = try checkpoint.withBytes(of: tensor) { $0.byteCount }
    precondition(count == tensor.byteCount, "as many bytes as the descriptor says")
  }
}

/// What is done with a tokenizer: it encodes texts of every kind, and is written.
private func encode(with tokenizer: Tokenizer) throws {
  let text = "A photo of a cat\u{301}™ <unk> é&amp; 日本 \u{1F469}\u{200D}\u{1F469} ｆｕ\r\n \u{915}\u{94D}\u{937}"
  let row = try tokenizer.tokens(
    for: text + String(repeating: "ab ", count: 50), contextLength: 64, overflow: .truncate)
  precondition(row.count == 64, "a row has as many ids as the model takes")
  precondition(row.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize }, "ids are those of the vocabulary")
  let section = tokenizer.serialized()
  let again = try section.withRawSpan { try Tokenizer(serialized: $0) }
  precondition(again.serialized() == section, "what is written is read")
}

private struct Target: Sendable {
  let name: String
  let run: @Sendable (MappedFile) throws -> Void
}

private let policy = TorchCheckpoint.Policy(dangerous: .report, checksums: .ignore)
private let targets: [Target] = [
  Target(name: "zip") { file in
    let archive = try ZipArchive(file, checksums: .ignore)
    for entry in archive.entries where entry.size < 1 << 20 { try archive.withBytes(of: entry) { _ in } }
  },
  Target(name: "pickle") { try read(TorchCheckpoint($0, policy: policy)) },
  Target(name: "legacy") { try read(TorchCheckpoint($0, policy: policy)) },
  Target(name: "torch") { try read(TorchCheckpoint($0, policy: policy)) },
  Target(name: "scan") { _ = PickleScan($0) },
  Target(name: "safetensors") { try read(SafetensorsFile($0)) },
  Target(name: "numpy") { try read(NumPyCheckpoint($0)) },
  Target(name: "ingot") { try read(IngotFile($0)) },
  Target(name: "tokenizer") {
    try encode(with: Tokenizer(contentsOf: $0.path, hints: TokenizerHints(modelType: "siglip")))
  },
  Target(name: "tokenizer-section") { try encode(with: Tokenizer(serialized: $0.bytes)) },
  Target(name: "mat") { file in _ = try MATFile(file.bytes, subject: "fuzz.mat") },
  Target(name: "dataset-json") { file in
    var scanner = JSONScanner(file.bytes, subject: "fuzz.json")
    try scanner.enterObject("an object")
    while let key = try scanner.nextKey() {
      guard key == "list" else {
        try scanner.skipValue()
        continue
      }
      try scanner.enterArray("a list")
      while try scanner.nextElement() { _ = try scanner.string("a text") }
    }
    try scanner.end()
  },
  Target(name: "dataset-csv") { file in _ = try CSVTable(file.bytes, subject: "fuzz.csv") },
  Target(name: "dataset-tar") { file in
    for member in try TarArchive(file.bytes, limits: .dataset).members {
      precondition(member.content.upperBound <= file.size, "members lie within the archive")
    }
  },
  Target(name: "hdf5-description") { file in _ = try HDF5Description(file.bytes.copied()) },
]

private let target: Target = {
  let name = ProcessInfo.processInfo.environment["INGOT_FUZZ"] ?? "pickle"
  guard let target = targets.first(where: { $0.name == name }) else {
    fatalError("INGOT_FUZZ is \(name), expected one of \(targets.map(\.name))")
  }
  return target
}()
/// A file in memory: the readers map files.
private let path = "/dev/shm/ingot-fuzz-\(getpid())"

/// One input.
///
/// Errors are what is expected of a bad file; a trap, a leak or too much memory is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  // SAFETY: libFuzzer lends `size` bytes for the call.
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
  guard let handle = unsafe fopen(path, "wb") else { return 0 }
  unsafe fwrite(bytes, 1, bytes.count, handle)
  unsafe fclose(handle)
  do {
    let file = try MappedFile(path: path)
    try target.run(file)
  } catch {
    precondition(error is CheckpointError || error is FileError, "errors are of the two kinds")
  }
  return 0
}
