// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

/// Programs in processes of their own, and what is told of paths.
@Suite struct ProcessTests {
  @Test func `a program reads what is written and answers`() throws {
    let process = try ChildProcess(program: "/bin/cat", arguments: ["-"])
    let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for start in stride(from: 0, to: content.count, by: 30_000) {
      let part = Array(content[start..<start + 30_000])
      try process.write(part)
      #expect(try process.read(part.count, before: ChildProcess.now() + 10_000) == part)
    }
    #expect(process.stop() == .signal(SIGKILL))
  }

  @Test func `silence is told from an end`() throws {
    let process = try ChildProcess(program: "/bin/cat", arguments: ["-"])
    let start = ChildProcess.now()
    #expect(throws: ChildProcess.Silence.late) { try process.read(1, before: start + 50) }
    #expect(ChildProcess.now() >= start + 50)
    let ended = try ChildProcess(program: "/bin/cat", arguments: ["/none"])
    #expect(throws: ChildProcess.Silence.ended) { try ended.read(1, before: ChildProcess.now() + 10_000) }
    let (ending, words) = ended.lastWords(1000)
    #expect(ending == .status(1))
    #expect(String(decoding: words, as: UTF8.self).contains("/none"))
  }

  @Test func `a program that has closed its output is left to end by itself`() throws {
    let process = try ChildProcess(program: "/bin/sh", arguments: ["-c", "exec >&-; sleep 0.3; echo late >&2; exit 3"])
    #expect(throws: ChildProcess.Silence.ended) { try process.read(1, before: ChildProcess.now() + 10_000) }
    let (ending, words) = process.lastWords(1000)
    #expect(ending == .status(3))
    #expect(String(decoding: words, as: UTF8.self) == "late\n")
  }

  @Test func `a program that is not there is an error`() {
    let error = #expect(throws: FileError.self) { _ = try ChildProcess(program: "/none", arguments: [""]) }
    #expect(error?.code == .inputMissing && error?.detail.contains("No such file") == true)
  }

  @Test func `no descriptor stays open`() throws {
    func open() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    let before = try open()
    for _ in 0..<100 {
      let process = try ChildProcess(program: "/bin/cat", arguments: ["-"])
      try process.write([1])
    }
    // Three each would have stayed; other tests open a few.
    #expect(try open() < before + 150)
  }

  @Test(arguments: [
    ("model.pt", "."), ("a/model.pt", "a"), ("/model.pt", "/"), ("/a/b/model.pt", "/a/b"), ("./model.pt", "."),
  ])
  func `the folder of a file`(_ path: String, _ folder: String) {
    #expect(FilePath.folder(of: path) == folder)
  }

  @Test func `what is at a path`() throws {
    let folder = try TemporaryFolder()
    #expect(FilePath.kind(of: folder.path("none")) == .nothing)
    #expect(FilePath.kind(of: try folder.write([1], to: "file")) == .file)
    #expect(FilePath.kind(of: FilePath.folder(of: folder.path("file"))) == .folder)
    #expect(FilePath.kind(of: FilePath.program) == .file)
  }

  @Test func `numbers read as the C library writes them`() {
    for value in [
      0, -0.0, 1, 0.5, 1234.5678, 1e-5, -3.25e100, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, .nan,
    ] {
      for count in [0, 1, 3, 9] {
        #expect(value.text(digits: count) == String(format: "%.\(count)g", value))
        #expect(value.text(decimals: count) == String(format: "%.\(count)f", value))
        #expect(value.text(scientific: count) == String(format: "%.\(count)e", value))
      }
      #expect(value.text(decimals: 2).padded(left: 9) == String(format: "%9.2f", value))
    }
    #expect(" \t a b\r\n".trimmed() == "a b")
    #expect("\n ".trimmed() == "")
  }
}
