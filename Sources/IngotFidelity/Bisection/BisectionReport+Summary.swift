// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension BisectionReport {
  /// The report for people, verdict first.
  public var summary: [String] {
    func figure(_ value: Double) -> String { value.text(digits: 6) }
    var lines: [String] = []
    if let first {
      lines.append("DIVERGES  \(model) from \(reference) at \(first.operation) (\(first.kind))")
      if first.foundKind != first.kind {
        lines.append("  one computes \(first.kind), the other \(first.foundKind)")
      }
      if first.difference > 0 {
        lines.append(
          "  row \(first.row), column \(first.column): \(figure(first.reference)) and \(figure(first.found)), apart by \(figure(first.difference)); rounding explains \(figure(first.bound))"
        )
        if !first.columns.isEmpty {
          lines.append("  columns out of bounds, at least: \(first.columns.map(String.init).joined(separator: ", "))")
        }
      }
    } else {
      lines.append("SAME  \(model) and \(reference): no operation is out of its bound")
    }
    if !withinBounds.isEmpty {
      let names = withinBounds.prefix(4).map(\.operation).joined(separator: ", ")
      lines.append(
        "  \(withinBounds.count) operations differ within their bounds: \(names)\(withinBounds.count > 4 ? ", …" : "")")
    }
    lines.append(
      "  tensors: \(identicalTensors) hold the same values, \(explainedTensors) differ by their encoding's rounding, \(differentTensors.count) by more\(differentTensors.isEmpty ? "" : ": " + differentTensors.prefix(4).joined(separator: ", "))\(differentTensors.count > 4 ? ", …" : "")"
    )
    if first == nil, !differentTensors.isEmpty {
      lines.append("  what differs there does not reach any result on these inputs")
    }
    lines.append(
      "  \(operations) operations in \(parts) parts, \(partialRuns) partial runs, \(images) images and \(texts) texts")
    return lines
  }
}

extension DoctorReport {
  /// The report for people, verdict first.
  public var summary: [String] {
    let what = "\(tensors) tensors and \(constants) constants"
    guard !findings.isEmpty else {
      return [
        source.map { "HEALTHY  \(model) against \($0): \(what) compared, nothing found" }
          ?? "NOTHING FOUND  \(model): \(what) looked at; much can be told with --against only"
      ]
    }
    let title = source.map { "\(model) against \($0)" } ?? "\(model), looked at alone"
    return [
      "\(source == nil ? "IMPLAUSIBLE" : "DEFECTIVE")  \(title): \(findings.count) of \(what)"
    ] + findings.map { "  \($0.defect.rawValue)  \($0.subject): \($0.defect.title); \($0.evidence)" }
  }
}
