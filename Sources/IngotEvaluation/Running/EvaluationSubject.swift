// SPDX-License-Identifier: Apache-2.0

public import IngotCLIP
public import IngotImage
public import IngotTensor

/// A model that tasks are run with.
public struct EvaluationSubject: Sendable {
  /// What the person calls it.
  public let name: String
  /// How its weights are stored.
  public let encoding: String
  /// SHA-256 of its file or files.
  public let digest: String
  /// The model.
  public let encoder: CLIPEncoder<Float>
  /// How pictures become its input.
  public let preprocessing: PreprocessingConfiguration
  /// The same, ready to be run.
  public let steps: ImagePreprocessing
  /// Its tokenizer; asked for by zero-shot classification only.
  public let tokenizer: @Sendable () throws -> Tokenizer

  /// Describes a model.
  public init(
    name: String, encoding: String, digest: String, encoder: CLIPEncoder<Float>,
    preprocessing: PreprocessingConfiguration, steps: ImagePreprocessing,
    tokenizer: @escaping @Sendable () throws -> Tokenizer
  ) {
    self.name = name
    self.encoding = encoding
    self.digest = digest
    self.encoder = encoder
    self.preprocessing = preprocessing
    self.steps = steps
    self.tokenizer = tokenizer
  }

  /// A short name for files: the last part of the path, without its ending.
  var fileName: String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
  }
}
