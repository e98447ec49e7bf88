// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes

/// Finds the weights in a folder as Hugging Face lays it out.
enum ModelFolder {
  /// The names of weights, each in one file or in several.
  private static let names = [
    "model.safetensors", "pytorch_model.bin", "tf_model.h5", "open_clip_pytorch_model.bin",
    "open_clip_model.safetensors",
  ]

  /// The file to open for a path: the path itself, unless it is a folder.
  ///
  /// - Parameter path: a file or folder.
  /// - Returns: a file.
  /// - Throws: `missing` when the folder has no weights, `undetermined` when it has several, naming them.
  static func file(at path: String) throws(CheckpointError) -> String {
    var isFolder: ObjCBool = false
    // SAFETY: the place is valid for the call.
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      return path
    }
    let candidates = names.flatMap { [$0, $0 + ".index.json"] }
    let found = candidates.filter { FileManager.default.fileExists(atPath: path + "/" + $0) }
    guard let only = found.first else {
      throw CheckpointError(
        .missing, FormatKind(rawValue: "folder"), at: 0,
        "there are no weights in this folder; expected \(names.joined(separator: ", ")), or their .index.json")
    }
    guard found.count == 1 else {
      throw CheckpointError(
        .undetermined, FormatKind(rawValue: "folder"), at: 0,
        "there are several weights in this folder, name one of them: \(found.joined(separator: ", "))")
    }
    return path + "/" + only
  }
}
