// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Lists of pictures in text files.
extension PictureList {
  /// Adds the pictures of lists that name them one a line, and tells which do not exist.
  ///
  /// - Parameters:
  ///   - name: the list, within the folder.
  ///   - folder: gains the pictures that do not exist.
  ///   - picture: makes a path within the folder and a class of a line; `nil` passes over it.
  /// - Throws: `FileError`, and what `picture` throws.
  mutating func append(
    linesOf name: String, in folder: inout DatasetFolder,
    _ picture: (_ line: String, _ place: String) throws -> (path: String, label: Int)?
  ) throws {
    for (number, line) in try textLines(of: folder.path(name)).enumerated() where !line.isEmpty {
      guard let found = try picture(line, "line \(number + 1)") else { continue }
      append(found.path, label: found.label)
      folder.require(found.path)
    }
  }
}

/// Makes sure that a path in a list stays within the dataset's folder.
///
/// - Throws: `malformed` for an absolute path and for one with `..`.
func checkedPath(_ path: String, in subject: String, at place: String) throws(CheckpointError) -> String {
  guard !path.isEmpty, !path.hasPrefix("/"), !path.utf8.contains(0), !path.split(separator: "/").contains("..") else {
    throw CheckpointError(
      .malformed, .dataset, subject: subject, "\(place): `\(path.prefix(80))` is no path within the dataset's folder")
  }
  return path
}

/// The words of a line, with blanks between them.
func words(_ line: String) -> [String] {
  line.split { $0 == " " || $0 == "\t" }.map(String.init)
}
