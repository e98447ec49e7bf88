// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFile
import IngotQuantization
import IngotTensor

/// A model opened for inference: an `.ingot` file, or any checkpoint that can be converted.
struct LoadedModel {
  let path: String
  let source: Source
  let configuration: CLIPConfiguration
  /// Tensors under canonical names.
  let checkpoint: any Checkpoint
  let provenance: Provenance?

  private init(
    path: String, source: Source, configuration: CLIPConfiguration, checkpoint: any Checkpoint, provenance: Provenance?
  ) {
    self.path = path
    self.source = source
    self.configuration = configuration
    self.checkpoint = checkpoint
    self.provenance = provenance
  }

  /// The same model with its tensors otherwise.
  func replacing(_ checkpoint: any Checkpoint) -> LoadedModel {
    LoadedModel(
      path: path, source: source, configuration: configuration, checkpoint: checkpoint, provenance: provenance)
  }

  /// Opens a model; `opened` is the file where that was done before.
  static func open(
    _ path: String, _ options: IngotCLIP.ModelOptions = IngotCLIP.ModelOptions(), stateDict: String? = nil,
    from opened: Source? = nil
  ) throws -> LoadedModel {
    try reading(path) {
      let source = try opened ?? Source(path: path)
      if case .ingot(let file) = source.content {
        if options != IngotCLIP.ModelOptions() || stateDict != nil {
          throw CheckpointError(
            .unsupported, .clip,
            "\(stateDict == nil ? "--activation, --model, --image-size and heads apply" : "--state-dict applies") to checkpoints; an .ingot file records its own"
          )
        }
        return LoadedModel(
          path: path, source: source, configuration: try file.configuration(), checkpoint: file,
          provenance: try file.provenance())
      }
      let plan = try ConversionPlan(source, scheme: .source, options: options, stateDict: stateDict)
      try plan.check()
      return LoadedModel(
        path: path, source: source, configuration: plan.configuration, checkpoint: PlannedCheckpoint(source, plan),
        provenance: nil)
    }
  }

  func encoder<R: Real>(
    _: R.Type = R.self, activations: ActivationEncoding? = nil
  ) throws -> CLIPEncoder<R> {
    try reading(path) { try CLIPEncoder<R>(configuration, checkpoint, activations: activations) }
  }

  /// The tokenizer in the file, or the one at `path`.
  func tokenizer(at path: String?) throws -> Tokenizer {
    if let path { return try reading(path) { try Tokenizer(contentsOf: path) } }
    let found = try reading(self.path) {
      if case .ingot(let file) = source.content {
        try file.tokenizer()
      } else {
        try source.tokenizer(for: configuration)
      }
    }
    guard let tokenizer = found else {
      throw CheckpointError(
        .undetermined, .clip, subject: "tokenizer", "\(self.path) has none; --tokenizer names a vocabulary")
    }
    return tokenizer
  }

  /// How the weights are stored: the last encoding asked for, or the source's own types.
  var encoding: String { provenance?.steps.last?.encoding ?? EncodingScheme.source.rawValue }
}
