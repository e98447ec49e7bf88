// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotQuantization
import IngotTensor

extension LoadedModel {
  /// The model as comparisons take it.
  func compared(activations: ActivationEncoding?) -> ComparedModel {
    ComparedModel(
      name: path, configuration: configuration, checkpoint: checkpoint, provenance: provenance,
      activations: activations)
  }

  /// Opens a model to compare another with; one that does not say its constants is read with the other's: the weights are compared then, and
  /// it is said.
  static func open(_ path: String, like other: LoadedModel, stateDict: String? = nil) throws -> LoadedModel {
    try openUnchanged(path, like: other, stateDict: stateDict).smoothed(like: other)
  }

  /// This model with the smoothing of another folded in: the same function to the bit, whose tensors can be compared with the other's.
  func smoothed(like other: LoadedModel) throws -> LoadedModel {
    guard let smoothing = try reading(other.path, { try other.provenance?.smoothing(of: other.configuration) }),
      try provenance?.smoothing(of: configuration) == nil
    else { return self }
    Console.note(
      "ingot: the factors (powers of two) that \(other.path) has moved from \(smoothing.sites.count) norms into weights are moved in \(path), too: the same function"
    )
    return try reading(other.path) { try replacing(SmoothedCheckpoint(checkpoint, smoothing)) }
  }

  private static func openUnchanged(_ path: String, like other: LoadedModel, stateDict: String?) throws -> LoadedModel {
    // A size that a person chose is no property of the checkpoint.
    let imageSize = other.configuration.chosenImageSize
    let isFile = (try? Source(path: path)).map { if case .ingot = $0.content { true } else { false } } ?? false
    do {
      return try open(path, IngotCLIP.ModelOptions(imageSize: isFile ? nil : imageSize), stateDict: stateDict)
    } catch let error as InputError {
      guard error.cause.code == .undetermined else { throw error }
      Console.note("ingot: \(path) does not say every constant; it is read with those of \(other.path)")
      return try open(path, other.configuration.options, stateDict: stateDict)
    }
  }
}
