// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The models that OpenCLIP describes and the files published for them (`Formats/openclip-models.json`).
public enum ModelRegistry {
  /// One model.
  private struct Entry {
    let name: String
    let config: JSONValue
    /// Settings of the image pipeline by published file, for example `laion2b_s34b_b79k`.
    let tags: [String: JSONValue]
  }

  private static let entries: [Entry] = text.split(separator: "\n").map { line in
    guard let value = try? JSONValue(parsing: Array(line.utf8), named: "registry"), let name = value["name"]?.string,
      let config = value["config"], case .object(let tags)? = value["tags"]
    else { preconditionFailure("the generated table is well formed") }
    return Entry(name: name, config: config, tags: tags)
  }

  /// The names of all models.
  public static var names: [String] { entries.map(\.name) }

  /// A model's configuration, as OpenCLIP writes it.
  ///
  /// - Parameter name: OpenCLIP's name, for example `ViT-B-32`, or name and published file, `ViT-B-32/laion2b_s34b_b79k`.
  /// - Returns: the object; `quick_gelu` is that of the published file, where one is named and says so.
  /// - Throws: `missing` for a name or file that is not in the table, with those that are near.
  static func config(of name: String) throws(CheckpointError) -> JSONValue {
    let (entry, tag) = try find(name)
    guard let quick = tag?["quick_gelu"], case .object(var values) = entry.config else { return entry.config }
    values["quick_gelu"] = quick
    return .object(values)
  }

  /// How images are prepared for a published file.
  ///
  /// - Parameter name: as for `config`.
  /// - Returns: `mean`, `std`, `interpolation`, `resize_mode`; `nil` when no file is named.
  /// - Throws: as `config`.
  static func pipeline(of name: String) throws(CheckpointError) -> JSONValue? {
    try find(name).tag
  }

  /// The published file that has a digest.
  ///
  /// - Parameter digest: SHA-256 of the whole file, in lower-case hexadecimal.
  /// - Returns: its name, for example `ViT-B-32/openai`; `nil` for a file that is not in the table.
  public static func model(ofFile digest: String) -> String? {
    for entry in entries {
      for (tag, settings) in entry.tags where settings["sha256"]?.string == digest { return "\(entry.name)/\(tag)" }
    }
    return nil
  }

  private static func find(_ name: String) throws(CheckpointError) -> (entry: Entry, tag: JSONValue?) {
    let parts = name.split(separator: "/", maxSplits: 1)
    let model = String(parts.first ?? "")
    guard let entry = entries.first(where: { $0.name == model }) else {
      let start = model.prefix(5).lowercased()
      let near = entries.map(\.name).filter { $0.lowercased().hasPrefix(start) }
      throw CheckpointError(
        .missing, .clip, subject: model,
        "no such model in the registry of \(entries.count)"
          + (near.isEmpty ? "" : "; there are \(near.joined(separator: ", "))"))
    }
    guard parts.count == 2 else { return (entry, nil) }
    guard let tag = entry.tags[String(parts[1])] else {
      throw CheckpointError(
        .missing, .clip, subject: name,
        "the registry knows of \(model) the files \(entry.tags.keys.sorted().joined(separator: ", "))")
    }
    return (entry, tag)
  }
}
