// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// What Keras says in a file of how its groups are meant, checked against what is there.
struct KerasTree {
  private(set) var container = HDF5Checkpoint.Container.hdf5
  /// What the file says of itself.
  private(set) var metadata: [String: String] = [:]

  /// Longer texts are not shown, only measured.
  private static let longestShown = 1 << 10

  /// Looks at a file.
  ///
  /// - Parameters:
  ///   - description: the file.
  ///   - content: the archive around it, if there is one.
  /// - Throws: `missing` or `malformed` when lists of layers and weights name what is not there.
  init(_ description: HDF5Description, _ content: HDF5Content) throws(CheckpointError) {
    let root = description.attributes[""] ?? [:]
    for (name, texts) in root where !name.hasPrefix("layer_names") && !name.hasPrefix("weight_names") {
      let text = texts.joined(separator: ", ")
      metadata[name] = text.utf8.count <= Self.longestShown ? text : "\(text.utf8.count) bytes"
    }
    if content.archive != nil {
      container = .kerasArchive
      if let text = try content.text(of: "metadata.json") {
        metadata["metadata.json"] = String(text.prefix(Self.longestShown))
      }
      if let text = try content.text(of: "config.json"), text.contains("\"__lambda__\"") || text.contains("\"Lambda\"")
      {
        metadata["config.json"] = "holds a Lambda layer, which is Python code; it was not looked at"
      }
      return
    }
    let groups = Set(description.groups)
    if groups.contains("model_weights") {
      container = .kerasModel
      try check("model_weights", description)
    } else if root["layer_names"] != nil || root["layer_names0"] != nil {
      let layers = try Self.list("layer_names", of: "", root)
      let isFlat = layers.contains { name in description.datasets.contains { $0.path == name } }
      let isHuggingFace =
        isFlat || description.datasets.contains { $0.path.contains("_._") || $0.path.contains("/clip/") }
      container = isHuggingFace ? .huggingFace : .kerasWeights
      if !isFlat { try check("", description) }
    } else if description.datasets.contains(where: { $0.path.contains("/vars/") || $0.path.hasPrefix("vars/") }) {
      container = .kerasWeights
    } else if root["nb_layers"] != nil {
      metadata["nb_layers"] = "weights of a Keras before 1.0, whose layers have no names"
    }
  }

  /// Every layer and weight that the lists name is there, and no name leads out of its group.
  private func check(_ group: String, _ description: HDF5Description) throws(CheckpointError) {
    let datasets = Set(description.datasets.map(\.path))
    let groups = Set(description.groups)
    let prefix = group.isEmpty ? "" : group + "/"
    for layer in try Self.list("layer_names", of: group, description.attributes[group] ?? [:]) {
      let path = prefix + layer
      guard groups.contains(path) else {
        throw CheckpointError(.missing, .hdf5, subject: path, "layer_names names this group, which is not there")
      }
      for weight in try Self.list("weight_names", of: path, description.attributes[path] ?? [:]) {
        guard datasets.contains(path + "/" + weight) else {
          throw CheckpointError(
            .missing, .hdf5, subject: path + "/" + weight, "weight_names names this dataset, which is not there")
        }
      }
    }
  }

  /// A list in an attribute, or in several that are numbered because one holds no more than 64 KiB.
  private static func list(
    _ name: String, of group: String, _ attributes: [String: [String]]
  ) throws(CheckpointError) -> [String] {
    var names = attributes[name]
    if names == nil {
      var index = 0
      while let part = attributes["\(name)\(index)"] {
        names = (names ?? []) + part
        index += 1
      }
      if let gap = attributes.keys.first(where: { key in
        key.hasPrefix(name) && Int(key.dropFirst(name.count)).map { $0 > index } == true
      }) {
        throw CheckpointError(
          .malformed, .hdf5, subject: group.isEmpty ? "file" : group,
          "there is an attribute \(gap), and none called \(name)\(index)")
      }
    }
    var seen: Set<String> = []
    for entry in names ?? [] {
      guard seen.insert(entry).inserted else {
        throw CheckpointError(.malformed, .hdf5, subject: group.isEmpty ? "file" : group, "\(name) has \(entry) twice")
      }
      guard !entry.isEmpty, !entry.utf8.starts(with: "/".utf8), !entry.split(separator: "/").contains("..") else {
        throw CheckpointError(
          .malformed, .hdf5, subject: group.isEmpty ? "file" : group,
          "\(name) has \(entry), which leads out of its group")
      }
    }
    return names ?? []
  }
}
