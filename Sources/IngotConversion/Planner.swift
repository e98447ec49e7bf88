// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotQuantization
import IngotTensor

/// Finds the tensors of a checkpoint that each canonical tensor is made of, and everything that does not fit.
struct Planner {
  private let selection: StateDictSelection
  private let byName: [String: TensorDescriptor]
  private let unreadable: Set<String>
  private(set) var copies: [ConversionPlan.Copy] = []
  var problems: [ConversionPlan.Problem] = []
  /// The keys that have a place in the model.
  private(set) var used: Set<String> = []

  init(_ selection: StateDictSelection, _ byName: [String: TensorDescriptor], unreadable: Set<String>) {
    self.selection = selection
    self.byName = byName
    self.unreadable = unreadable
  }

  /// Plans one canonical tensor.
  mutating func add(_ entry: KeyMapping.Entry, _ scheme: EncodingScheme) {
    let target = entry.target
    var parts: [ConversionPlan.Copy.Part] = []
    var rows = 0
    var isComplete = true
    let wanted = entry.parts { byName[$0] != nil }
    for part in wanted {
      let name = selection.fullName(of: part.key)
      guard let tensor = byName[part.key], let original = selection.source(of: part.key) else {
        if target.presence == .required, !unreadable.contains(name) {
          let share = wanted.count > 1 ? "a part of shape" : "shape"
          note(.missing, name, "expected \(share) \(target.shape)")
        }
        isComplete = false
        continue
      }
      used.insert(part.key)
      guard let arranged = part.transform.shape(from: tensor.shape), fits(arranged, target, parts: wanted.count) else {
        let became = part.transform.keepsBytes ? "" : " before \(part.transform)"
        let share = wanted.count > 1 ? "a part of " : ""
        note(.shape, original.name, "found shape \(tensor.shape)\(became), expected \(share)\(target.shape)")
        isComplete = false
        continue
      }
      rows += arranged.rank > 0 ? arranged[0] : 1
      if target.role != .buffer, !tensor.type.isComputable {
        let types: [ElementType] = [.float16, .bfloat16, .float32, .float64]
        note(
          .type, original.name,
          "found \(tensor.type.rawValue), expected one of \(types.map(\.rawValue).joined(separator: ", "))")
      }
      if let first = parts.first, first.source.type != tensor.type {
        note(
          .type, original.name,
          "found \(tensor.type.rawValue), \(first.source.name), which becomes one tensor with it, is \(first.source.type.rawValue)"
        )
        isComplete = false
      }
      let transform = part.transform.observed(on: tensor.shape, becoming: target.shape)
      parts.append(ConversionPlan.Copy.Part(source: original, transform: transform))
    }
    guard isComplete, let first = parts.first else { return }
    guard wanted.count == 1 || rows == target.shape[0] else {
      note(
        .shape, parts.map(\.source.name).joined(separator: " + "),
        "found \(rows) rows together, expected \(target.shape[0])")
      return
    }
    guard
      let planned = TensorDescriptor(
        name: target.name, type: first.source.type, shape: target.shape, access: .assembled),
      let encoded = scheme.target(of: planned, for: target.use)
    else {
      note(.shape, first.source.name, "shape \(target.shape) is too large")
      return
    }
    copies.append(ConversionPlan.Copy(parts: parts, target: encoded, role: target.role))
  }

  /// Whether a part has the target's shape, but for its rows where there are several; a scalar may be `[1]`.
  private func fits(_ shape: Shape, _ target: CanonicalSchema.Entry, parts: Int) -> Bool {
    if parts == 1 { return shape == target.shape || (target.shape.rank == 0 && shape.extents == [1]) }
    return shape.rank == target.shape.rank
      && Array(shape.extents.dropFirst()) == Array(target.shape.extents.dropFirst())
      && shape[0] > 0
  }

  private mutating func note(_ kind: ConversionPlan.Problem.Kind, _ tensor: String, _ detail: String) {
    problems.append(ConversionPlan.Problem(kind: kind, tensor: tensor, detail: detail))
  }
}
