// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTensor
import IngotHDF5Library
import IngotTestSupport
import Testing

@testable import IngotHDF5

/// What a child process may do to its parent: nothing.
@Suite struct WorkerTests {
  private static let file = Fixtures.path("hdf5/layouts.h5")

  private func fault(of script: String, patience: Int = 20) throws -> CheckpointError? {
    let folder = try TemporaryFolder()
    let program = folder.path("worker")
    try makeScript("#!/bin/sh\n\(script)\n", at: program)
    do {
      let process = try HDF5Process(program: program, file: Self.file, patience: patience)
      _ = try HDF5Description(try process.describe())
      return nil
    } catch {
      return error
    }
  }

  @Test func `the program's own worker answers`() throws {
    let process = try HDF5Process(program: HDF5Fixture.program, file: Self.file)
    #expect(try HDF5Description(try process.describe()).datasets.count == 12)
  }

  @Test func `a program that is not there is an error`() throws {
    let error = #expect(throws: CheckpointError.self) { _ = try HDF5Process(program: "/none", file: Self.file) }
    #expect(error?.code == .unsupported)
  }

  @Test func `a crash is an error that names the signal`() throws {
    let error = try fault(of: "kill -SEGV $$")
    #expect(error?.code == .corrupt && error?.detail.contains("signal 11") == true, "\(String(describing: error))")
  }

  @Test func `an end without an answer is an error`() throws {
    let error = try fault(of: "exit 3")
    #expect(error?.code == .corrupt && error?.detail.contains("status 3") == true, "\(String(describing: error))")
  }

  @Test func `a child that hangs is stopped`() throws {
    let error = try fault(of: "exec sleep 60", patience: 1)
    #expect(error?.code == .limit && error?.detail.contains("1 seconds") == true, "\(String(describing: error))")
  }

  @Test func `an answer that is cut short is an error`() throws {
    // Status 0 and a length of 100, and then only two bytes.
    let error = try fault(of: "printf '\\000\\144\\000\\000\\000\\000\\000\\000\\000ab'")
    #expect(error?.code == .corrupt, "\(String(describing: error))")
  }

  @Test func `an answer of 2^63 bytes is refused before it is read`() throws {
    let error = try fault(of: "printf '\\000\\377\\377\\377\\377\\377\\377\\377\\377'; exec sleep 60")
    #expect(error?.code == .corrupt, "\(String(describing: error))")
  }

  @Test func `an answer that is no description is an error`() throws {
    let error = try fault(of: "printf '\\000\\003\\000\\000\\000\\000\\000\\000\\000abc'")
    #expect(error?.code == .malformed && error?.detail.contains("97") == true, "\(String(describing: error))")
  }

  @Test func `a child that dies before a dataset is asked for is an error, not the end of this process`() throws {
    let folder = try TemporaryFolder()
    // The true description, and then nothing: the request meets a closed pipe.
    let description = try HDF5Library(HDF5Content(MappedFile(path: Self.file))).describe()
    let head = [0] + (0..<8).map { UInt8(truncatingIfNeeded: description.count >> (8 * $0)) }
    _ = try folder.write(head + description, to: "answer")
    let program = folder.path("worker")
    try makeScript("#!/bin/sh\ncat \(folder.path("answer"))\n", at: program)
    let checkpoint = try HDF5Checkpoint(MappedFile(path: Self.file), program: program)
    let chunked = try #require(checkpoint.tensors.first { $0.name == "chunked" })
    Thread.sleep(forTimeInterval: 0.2)
    let error = #expect(throws: CheckpointError.self) { try checkpoint.withBytes(of: chunked) { _ in } }
    #expect(error?.code == .corrupt)
    // What is mapped needs no child.
    let mapped = try #require(checkpoint.tensors.first { $0.name == "contiguous" })
    #expect(try checkpoint.withBytes(of: mapped) { $0.byteCount } == 2400)
  }

  @Test func `a description cut anywhere is refused`() throws {
    let description = try HDF5Library(HDF5Content(MappedFile(path: Self.file))).describe()
    for length in 0..<description.count {
      #expect(throws: CheckpointError.self) { _ = try HDF5Description(Array(description[..<length])) }
    }
  }

  @Test(arguments: ["layouts.h5", "keras-legacy.h5", "latest.h5"])
  func `a spoiled file is refused in words, or read, and never ends this process`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("hdf5/\(name)"))))
    var random = SeededGenerator(seed: 23)
    for round in 0..<60 {
      var spoiled = bytes
      if round % 6 == 0 {
        spoiled = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
      } else {
        // The structures lie in the first few kilobytes.
        for _ in 0..<4 {
          let place = Int.random(in: 0..<min(bytes.count, round % 2 == 0 ? 4096 : bytes.count), using: &random)
          spoiled[place] = UInt8.random(in: 0...255, using: &random)
        }
      }
      let path = try folder.write(spoiled, to: "a.h5")
      do {
        let checkpoint = try HDF5Checkpoint(MappedFile(path: path), program: HDF5Fixture.program)
        for tensor in checkpoint.tensors where tensor.byteCount < 1 << 20 {
          #expect(try checkpoint.withBytes(of: tensor) { $0.byteCount } == tensor.byteCount)
        }
      } catch {
        #expect((error as? CheckpointError).map { $0.offset != nil || $0.subject != nil } == true, "\(error)")
      }
    }
  }
}
