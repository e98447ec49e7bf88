// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP

/// Finds the weights in a folder as Hugging Face lays it out.
enum ModelFolder {
  /// The names of weights, each in one file or in several: publishers put the same weights into a folder in several containers, of which
  /// the first is taken.
  private static let names = [
    "model.safetensors", "open_clip_model.safetensors", "pytorch_model.bin", "open_clip_pytorch_model.bin",
    "tf_model.h5",
  ]

  /// The file to open for a path: the path itself, unless it is a folder.
  ///
  /// - Parameter path: a file or folder.
  /// - Returns: a file, and the other weights of the folder.
  /// - Throws: `missing` when the folder has no weights.
  static func file(at path: String) throws(CheckpointError) -> (path: String, others: [String]) {
    guard FilePath.kind(of: path) == .folder else { return (path, []) }
    let candidates = names.flatMap { [$0, $0 + ".index.json"] }
    let found = candidates.filter { FilePath.kind(of: path + "/" + $0) != .nothing }
    guard let only = found.first else {
      throw CheckpointError(
        .missing, FormatKind(rawValue: "folder"), at: 0,
        "there are no weights in this folder; expected \(names.joined(separator: ", ")), or their .index.json")
    }
    return (path + "/" + only, Array(found.dropFirst()))
  }

  /// Reads the configuration files that lie beside weights.
  ///
  /// Those that say nothing of a CLIP model are passed over: a folder may hold anything.
  ///
  /// - Parameter path: of the weights.
  /// - Returns: what there is.
  /// - Throws: `malformed` for a file that is no JSON, `limit` for one that is too large.
  static func files(beside path: String) throws -> ModelFiles {
    let folder = FilePath.folder(of: path)
    func read(_ name: String) throws -> JSONValue? {
      let path = folder + "/" + name
      guard FilePath.kind(of: path) != .nothing else { return nil }
      let file = try MappedFile(path: path)
      let bytes = file.bytes(in: 0..<min(file.size, JSONValue.largestFile + 1)).copied()
      return try JSONValue(parsing: bytes, named: name)
    }
    var files = ModelFiles(
      openCLIP: try read("open_clip_config.json"), preprocessor: try read("preprocessor_config.json"))
    if let config = try read("config.json") {
      // OpenCLIP once wrote its configuration under the name that Hugging Face uses.
      if config["model_cfg"] != nil {
        files.openCLIP = files.openCLIP ?? config
      } else if config["model_type"] != nil {
        files.huggingFace = config
      }
    }
    return files
  }
}
