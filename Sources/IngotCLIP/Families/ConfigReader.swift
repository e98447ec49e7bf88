// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Reads values of a configuration file; a value of the wrong kind is an error, never passed over.
struct ConfigReader {
  let value: JSONValue
  /// The file and the path within it, for errors.
  let place: String

  init(_ value: JSONValue, _ place: String) {
    self.value = value
    self.place = place
  }

  /// The object under a name.
  func object(_ name: String) throws(CheckpointError) -> ConfigReader? {
    guard let inner = value[name] else { return nil }
    guard case .object = inner else { throw wrong(name, "an object") }
    return ConfigReader(inner, "\(place), \(name)")
  }

  func integer(_ name: String) throws(CheckpointError) -> Int? {
    guard let inner = value[name] else { return nil }
    guard let number = inner.integer else { throw wrong(name, "a whole number") }
    return number
  }

  func number(_ name: String) throws(CheckpointError) -> Double? {
    guard let inner = value[name] else { return nil }
    guard let number = inner.number else { throw wrong(name, "a number") }
    return number
  }

  func string(_ name: String) throws(CheckpointError) -> String? {
    guard let inner = value[name] else { return nil }
    guard let text = inner.string else { throw wrong(name, "text") }
    return text
  }

  func bool(_ name: String) throws(CheckpointError) -> Bool? {
    guard let inner = value[name] else { return nil }
    guard let flag = inner.bool else { throw wrong(name, "true or false") }
    return flag
  }

  func numbers(_ name: String) throws(CheckpointError) -> [Double]? {
    guard let inner = value[name] else { return nil }
    guard let list = inner.numbers else { throw wrong(name, "a list of numbers") }
    return list
  }

  /// An activation, by any of the names that transformers gives it.
  func activation(_ name: String) throws(CheckpointError) -> Activation? {
    switch try string(name) {
    case nil: nil
    case "quick_gelu": .quickGELU
    case "gelu": .gelu
    case "gelu_pytorch_tanh", "gelu_new": .geluTanh
    case let other?:
      throw CheckpointError(
        .unsupported, .clip, subject: name,
        "\(place) says \(other), supported are quick_gelu, gelu, gelu_pytorch_tanh and gelu_new")
    }
  }

  /// Compares a value of the file with what the tensors say.
  ///
  /// - Throws: `mismatch` with both numbers.
  func require(_ name: String, equals found: Int) throws(CheckpointError) {
    guard let said = try integer(name), said != found else { return }
    throw CheckpointError(.mismatch, .clip, subject: name, "\(place) says \(said), the tensors have \(found)")
  }

  /// An image tower for images of the size that the file states, which may be a part of a patch larger than what its patches cover.
  ///
  /// - Throws: `mismatch` with both numbers.
  func sized(_ tower: VisionTransformerConfiguration) throws(CheckpointError) -> VisionTransformerConfiguration {
    guard let said = try integer("image_size") else { return tower }
    let covered = tower.patchSize * tower.grid
    guard said >= covered, said < covered + tower.patchSize else {
      throw CheckpointError(
        .mismatch, .clip, subject: "image_size",
        "\(place) says \(said), the tensors have \(covered): \(tower.grid) patches of \(tower.patchSize)")
    }
    var sized = tower
    sized.margin = said - covered
    return sized
  }

  /// Refuses values that would change results and are not known.
  ///
  /// - Throws: `unsupported`, naming them.
  func requireKnown(_ known: Set<String>) throws(CheckpointError) {
    let unknown = value.names.filter { !known.contains($0) && value[$0] != nil }
    guard unknown.isEmpty else {
      throw CheckpointError(
        .unsupported, .clip, subject: unknown[0],
        "\(place) has settings whose meaning for inference is not known: \(unknown.joined(separator: ", "))")
    }
  }

  private func wrong(_ name: String, _ expected: String) -> CheckpointError {
    CheckpointError(.malformed, .clip, subject: name, "\(place) has something else than \(expected)")
  }
}
