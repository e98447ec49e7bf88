// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotTensor

/// The tensors of an `.ingot` file as the checkpoint had them that it was made from: provenance has their names, the family's table their
/// layouts.
struct OriginalNames {
  private let file: IngotFile
  private let provenance: Provenance
  private let configuration: CLIPConfiguration?
  /// What the family's table makes each canonical tensor of.
  private let entries: [String: KeyMapping.Entry]

  /// Reads what the file says of itself.
  ///
  /// - Throws: `missing` without provenance, `malformed` where a section cannot be read.
  init(_ file: IngotFile) throws {
    self.file = file
    provenance = try file.provenance()
    let configuration = file.section(.architecture) == nil ? nil : try file.configuration()
    self.configuration = configuration
    let mapping = configuration.flatMap { configuration in
      Family.all.first { $0.name == configuration.family }?.mapping
    }
    let found = configuration.flatMap { mapping?.entries(for: $0) } ?? []
    entries = Dictionary(found.map { ($0.target.name, $0) }) { first, _ in first }
  }

  /// Takes all tensors apart.
  ///
  /// - Throws: `unsupported` for a tensor whose original form is not known any more.
  func restored() throws -> [RestoredTensor] {
    guard let configuration else {
      return try file.tensors.map { tensor in
        guard let origin = provenance.tensors[tensor.name] else { return RestoredTensor(tensor, named: tensor.name) }
        guard origin.transform == TensorTransform().description else {
          throw unknown(tensor, origin, "the file describes no model")
        }
        return RestoredTensor(tensor, named: origin.source)
      }
    }
    var restorer = TensorRestorer(configuration)
    for tensor in file.tensors {
      guard let origin = provenance.tensors[tensor.name] else {
        try restorer.add(tensor, [TensorRestorer.Part(name: tensor.name, transform: TensorTransform())])
        continue
      }
      try restorer.add(tensor, parts(of: tensor, origin))
    }
    return try restorer.finish()
  }

  private func parts(of tensor: TensorDescriptor, _ origin: Provenance.Tensor) throws -> [TensorRestorer.Part] {
    // Positions for another image size are rearranged as those that they were made of.
    let words = origin.transform.split(separator: ",").map { $0.drop { $0 == " " } }
      .filter { !PositionInterpolation.isDescription($0) }
    let layout = words.joined(separator: ", ")
    if words.last != "concatenate" {
      guard var transform = TensorTransform(parsing: layout) else {
        throw unknown(tensor, origin, "its transform is not known")
      }
      if transform.layout == .reshape, transform.ones == nil {
        // Older files do not say how many dimensions there were.
        let rows = entries[tensor.name]?.alternatives.flatMap { $0 }.map(\.transform) ?? []
        transform = rows.first { $0.layout == .reshape && $0.ones != nil } ?? transform
      }
      return [TensorRestorer.Part(name: origin.source, transform: transform)]
    }
    let names = origin.source.split(separator: ConversionPlan.Copy.separator).map(String.init)
    let fitting = entries[tensor.name]?.alternatives.first { parts in
      parts.count == names.count && TensorTransform.summary(parts.map(\.transform)) == layout
    }
    guard let fitting else {
      throw unknown(tensor, origin, "no row of the table of \(configuration?.family ?? "its family") makes it so")
    }
    return zip(names, fitting).map { name, part in part.restoring(as: name) }
  }

  private func unknown(_ tensor: TensorDescriptor, _ origin: Provenance.Tensor, _ reason: String) -> CheckpointError {
    CheckpointError(
      .unsupported, .ingot, subject: tensor.name,
      "was made of \(origin.source) by `\(origin.transform)`, and cannot be taken apart again: \(reason)")
  }
}
