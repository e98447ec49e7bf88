// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The vision transformers of timm that OpenCLIP's models name (`Formats/timm-models.json`): what no tensor shape of them reveals.
enum TimmRegistry {
  /// One architecture.
  struct Model: Sendable {
    let activation: Activation
    let normEpsilon: Double
    let heads: Int
    let norms: BlockConfiguration.NormPlacement
    let rotary: BlockConfiguration.Rotary?
  }

  private static let models: [String: Model] = Dictionary(
    uniqueKeysWithValues: text.split(separator: "\n").map { line in
      guard let value = try? JSONValue(parsing: Array(line.utf8), named: "registry"), let name = value["name"]?.string,
        let activation = value["activation"]?.string.flatMap(Activation.init(rawValue:)),
        let epsilon = value["epsilon"]?.number, let heads = value["heads"]?.integer,
        let norms = value["norms"]?.string.flatMap(BlockConfiguration.NormPlacement.init(rawValue:))
      else { preconditionFailure("the generated table is well formed") }
      var rotary: BlockConfiguration.Rotary?
      if let grid = value["rotary"]?["grid"]?.integer, let temperature = value["rotary"]?["temperature"]?.number {
        rotary = BlockConfiguration.Rotary(referenceGrid: grid, temperature: temperature)
      }
      return (
        name, Model(activation: activation, normEpsilon: epsilon, heads: heads, norms: norms, rotary: rotary)
      )
    })

  /// The names of all architectures.
  static var names: [String] { models.keys.sorted() }

  /// An architecture.
  ///
  /// - Parameter name: timm's, for example `vit_base_patch16_siglip_224`.
  /// - Returns: its constants.
  /// - Throws: `unsupported` for a name that is not in the table.
  static func model(named name: String) throws(CheckpointError) -> Model {
    guard let model = models[name] else {
      throw CheckpointError(
        .unsupported, .clip, subject: name,
        "the image tower is timm's \(name); vision transformers of timm that are supported: \(names.joined(separator: ", "))"
      )
    }
    return model
  }
}
