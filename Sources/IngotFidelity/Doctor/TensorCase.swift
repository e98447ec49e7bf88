// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// One tensor whose values are not its source's, and the ways to find out what was done to it.
///
/// Each way computes what the tensor would hold if that had been done, and compares all of it, within the rounding of both encodings: what is
/// named is proved.
struct TensorCase: Sendable {
  enum Verdict: Sendable {
    case finding(DoctorReport.Finding)
    /// The tensor holds the values of another.
    case other(String, String)
  }

  let name: String
  let role: CanonicalSchema.Role
  let extents: [Int]
  /// Columns of one attention head of the tower; 0 where there are none.
  let headWidth: Int
  let source: StoredValues
  let model: StoredValues
  private let sourceType: ElementType
  private let modelType: ElementType

  init(
    name: String, role: CanonicalSchema.Role, configuration: CLIPConfiguration,
    source: (tensor: TensorDescriptor, checkpoint: any Checkpoint),
    model: (tensor: TensorDescriptor, checkpoint: any Checkpoint), isCompensated: Bool
  ) throws {
    self.name = name
    self.role = role
    extents = source.tensor.shape.extents
    headWidth = configuration.headWidth(of: name)
    self.source = try StoredValues(source.tensor, in: source.checkpoint)
    self.model = try StoredValues(model.tensor, in: model.checkpoint, isCompensated: isCompensated)
    (sourceType, modelType) = (source.tensor.type, model.tensor.type)
  }

  var count: Int { source.values.count }
  var s: [Float] { source.values }
  var t: [Float] { model.values }
  /// Rows, and numbers of one row.
  var rows: Int { extents.first ?? 1 }
  var rowLength: Int { rows == 0 ? 0 : count / rows }

  func finding(_ defect: Defect, _ evidence: String) -> Verdict {
    .finding(DoctorReport.Finding(defect, name, evidence))
  }

  /// Whether a value is what is expected of it, within rounding.
  func agrees(_ index: Int, _ expected: Float, factor: Double = 1, slack: Double = 1.01) -> Bool {
    let found = t[index]
    if found == expected { return true }
    let distance = abs(Double(found) - Double(expected))
    guard distance.isFinite else { return false }
    return distance
      <= slack * (model.allowance(at: index, near: expected) + sourceType.halfUnit(at: expected) * max(1, factor))
  }

  /// Whether all values are those expected.
  func matches(_ expected: [Float]) -> Bool {
    expected.count == count && t.indices.allSatisfy { agrees($0, expected[$0]) }
  }

  func matches(_ expected: (Int) -> Float) -> Bool { t.indices.allSatisfy { agrees($0, expected($0)) } }

  /// Whether one row holds what another of the source does.
  func row(_ row: Int, is other: Int) -> Bool {
    (0..<rowLength).allSatisfy { agrees(row * rowLength + $0, s[other * rowLength + $0]) }
  }

  /// What was done, the most particular explanation first.
  func verdict(_ library: SourceLibrary) throws -> Verdict {
    if let verdict = notFinite() ?? zeros() ?? scalar() ?? order() ?? rowOrder() { return verdict }
    if let origin = try library.origin(of: self) { return .other(name, origin) }
    if let verdict = narrowing() ?? factors() ?? functions() { return verdict }
    return rest()
  }

  /// Rows that differ, where most do not; else nothing is known of the values.
  private func rest() -> Verdict {
    let changed = (0..<rows).filter { !row($0, is: $0) }
    if changed.count * 4 <= rows, rows > 1 {
      let shown = changed.prefix(8).map(String.init).joined(separator: ", ")
      return finding(.rowsChanged, "\(changed.count) of \(rows) rows: \(shown)\(changed.count > 8 ? ", …" : "")")
    }
    let wrong = t.indices.reduce(0) { agrees($1, s[$1]) ? $0 : $0 + 1 }
    if wrong * 4 <= count {
      return finding(.rowsChanged, "\(wrong) of \(count) values")
    }
    return finding(.unrelatedValues, "\(wrong) of \(count) values, correlation \(correlation)")
  }

  private var correlation: String {
    var (dot, left, right) = (0.0, 0.0, 0.0)
    for (a, b) in zip(s, t) {
      dot += Double(a) * Double(b)
      left += Double(a) * Double(a)
      right += Double(b) * Double(b)
    }
    let value = left > 0 && right > 0 ? dot / (left * right).squareRoot() : 0
    return "\((value * 100).rounded() / 100)"
  }
}

extension ElementType {
  /// Half the distance between neighbouring numbers of a plain type; 0 for a number that is not finite.
  func halfUnit(at value: Float) -> Double { value.isFinite ? unitInLastPlace(at: Double(value)) / 2 : 0 }
}

extension CLIPConfiguration {
  /// Columns of one attention head in the tower of a tensor.
  func headWidth(of name: String) -> Int {
    if name.hasPrefix("text."), let blocks = text?.transformer { return blocks.width / max(1, blocks.heads) }
    switch vision {
    case .transformer(let vision) where name.hasPrefix("vision."):
      return vision.transformer.width / max(1, vision.transformer.heads)
    case .residualNetwork(let vision) where name.hasPrefix("vision.attention_pool"):
      return vision.featureWidth / max(1, vision.heads)
    case .mobile(let vision) where name.hasPrefix("vision."): return vision.headWidth
    default: return 0
    }
  }
}
