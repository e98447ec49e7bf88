// SPDX-License-Identifier: Apache-2.0

public import IngotCLIP
public import IngotFile
public import IngotTensor

/// One of two models that are compared operation by operation.
public struct ComparedModel: Sendable {
  /// Its file.
  public let name: String
  /// What it is.
  public let configuration: CLIPConfiguration
  /// Its tensors, under canonical names.
  public let checkpoint: any Checkpoint
  /// Where they came from, as far as the file says.
  public let provenance: Provenance?
  /// In which numbers activations enter products with int8 weights; `nil` for the model's default.
  public let activations: ActivationEncoding?

  /// Describes a model.
  public init(
    name: String, configuration: CLIPConfiguration, checkpoint: any Checkpoint, provenance: Provenance? = nil,
    activations: ActivationEncoding? = nil
  ) {
    self.name = name
    self.configuration = configuration
    self.checkpoint = checkpoint
    self.provenance = provenance
    self.activations = activations
  }

  /// The model ready to run, with some tensors taken from another.
  func encoder<R: Real>(_: R.Type = R.self, taking overlay: TensorOverlay? = nil) throws -> CLIPEncoder<R> {
    try CLIPEncoder<R>(configuration, overlay ?? TensorOverlay(checkpoint, [:]), activations: activations)
  }
}

/// A checkpoint of which some tensors come from another.
struct TensorOverlay: Checkpoint {
  private let base: any Checkpoint
  private let others: [String: (tensor: TensorDescriptor, checkpoint: any Checkpoint)]
  let tensors: [TensorDescriptor]

  /// Wraps a checkpoint.
  ///
  /// - Parameters:
  ///   - base: gives what is not replaced.
  ///   - others: by name, the tensor that stands in its place, under the same name.
  init(_ base: any Checkpoint, _ others: [String: (tensor: TensorDescriptor, checkpoint: any Checkpoint)]) {
    self.base = base
    self.others = others
    tensors = base.tensors.map { others[$0.name]?.tensor ?? $0 }
  }

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let other = others[tensor.name] else { return try base.withBytes(of: tensor, body) }
    return try other.checkpoint.withBytes(of: other.tensor, body)
  }
}
