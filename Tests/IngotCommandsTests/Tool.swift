// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotTestSupport

/// Runs the built program as a person would.
enum Tool {
  struct Result {
    let status: Int32
    let output: String
    let errors: String

    /// Standard output as JSON.
    func json() throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
    }
  }

  /// The program lies beside the test bundle.
  static let path = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "ingot").path

  static func run(_ arguments: [String], in shell: String? = nil) throws -> Result {
    let process = Process()
    if let shell {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", shell, path] + arguments
    } else {
      process.executableURL = URL(filePath: path)
      process.arguments = arguments
    }
    let folder = try TemporaryFolder()
    // Files rather than pipes: nothing to deadlock on.
    for name in ["out", "err"] { _ = try folder.write([], to: name) }
    process.standardOutput = try FileHandle(forWritingTo: folder.url.appending(path: "out"))
    process.standardError = try FileHandle(forWritingTo: folder.url.appending(path: "err"))
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: try String(contentsOf: folder.url.appending(path: "out"), encoding: .utf8),
      errors: try String(contentsOf: folder.url.appending(path: "err"), encoding: .utf8))
  }

  static func run(_ arguments: String...) throws -> Result {
    try run(arguments)
  }
}
