// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The tensors of a model by canonical name, as the towers take them.
struct Parameters: Sendable {
  private let checkpoint: any Checkpoint
  private let byName: [String: TensorDescriptor]
  private let activations: ActivationEncoding
  private let entries: [String: CanonicalSchema.Entry]
  private let shared: SharedWeights?

  /// Checks that every tensor the configuration needs is there with its shape.
  ///
  /// - Throws: one error that lists all missing and mis-shaped tensors.
  init(
    _ checkpoint: any Checkpoint, for configuration: CLIPConfiguration, _ activations: ActivationEncoding,
    sharing shared: SharedWeights? = nil
  ) throws(CheckpointError) {
    self.activations = activations
    self.shared = shared
    self.checkpoint = checkpoint
    let entries = CanonicalSchema.entries(for: configuration)
    let byName = Dictionary(checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
    var problems: [String] = []
    for entry in entries {
      guard let tensor = byName[entry.name] else {
        if entry.presence == .required { problems.append("\(entry.name) is missing") }
        continue
      }
      if tensor.shape.elementCount != entry.shape.elementCount || (tensor.shape != entry.shape && entry.shape.rank > 0)
      {
        problems.append("\(entry.name) has shape \(tensor.shape), expected \(entry.shape)")
      }
    }
    guard problems.isEmpty else {
      throw CheckpointError(
        .mismatch, .clip, "\(problems.count) tensors do not fit: " + problems.joined(separator: "; "))
    }
    self.byName = byName
    self.entries = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
  }

  func descriptor(_ name: String) throws(CheckpointError) -> TensorDescriptor {
    guard let tensor = byName[name] else { throw CheckpointError(.missing, .clip, subject: name, "no such tensor") }
    return tensor
  }

  /// The weights of a product; the layout is the role's.
  func matrix(_ name: String) throws -> WeightMatrix {
    let layout: WeightMatrix.Layout = entries[name]?.role == .projection ? .inputMajor : .outputMajor
    let tensor = try descriptor(name)
    if let found = shared?.matrix(tensor) { return found }
    let matrix = try WeightMatrix(tensor, in: checkpoint, layout: layout, activations: activations)
    shared?.keep(matrix, tensor)
    return matrix
  }

  /// All numbers of a floating-point tensor.
  func vector<R: Real>(_ name: String) throws -> [R] {
    let tensor = try descriptor(name)
    try requireFloatingPoint(tensor)
    return try checkpoint.withBytes(of: tensor) { widen($0, of: tensor.type) }
  }

  /// Lends a tensor's bytes as they are stored.
  func bytes<T>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> T) throws -> T {
    try checkpoint.withBytes(of: tensor, body)
  }

  /// A tensor whose rows are looked up one at a time.
  func table(_ name: String) throws -> RowTable {
    try RowTable(descriptor(name), in: checkpoint)
  }

  private func requireFloatingPoint(_ tensor: TensorDescriptor) throws(CheckpointError) {
    guard tensor.encoding == .plain, tensor.type.isComputable else {
      throw CheckpointError(
        .unsupported, .clip, subject: tensor.name,
        "found \(tensor.type.rawValue) stored as \(tensor.encoding.label), inference takes F16, BF16, F32 or F64")
    }
  }
}
