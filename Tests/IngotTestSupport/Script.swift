// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Makes a program of a script.
///
/// Another process writes the file: were it open for writing here, a child that another test starts at that moment would hold it open too, and
/// the system refuses to run it (ETXTBSY).
///
/// - Parameters:
///   - text: the script, its first line included.
///   - path: where the program will be.
/// - Throws: what starting the other process throws, and `CocoaError` when it fails.
public func makeScript(_ text: String, at path: String) throws {
  let draft = path + ".text"
  try Data(text.utf8).write(to: URL(filePath: draft))
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", "cp \"$0\" \"$1\" && chmod 755 \"$1\" && rm \"$0\"", draft, path]
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
}
