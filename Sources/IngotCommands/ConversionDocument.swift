// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotQuantization
import IngotTensor

/// What `convert --json` and `quantize --json` print.
struct ConversionDocument: Encodable {
  struct Tensor: Encodable {
    let name: String
    let source: String
    let sourceType: String
    let type: String
    let encoding: String
    let shape: [Int]
    let bytes: Int
    let verdict: String
    let maxError: Double
    let relativeError: Double
    let sqnr: Double?
    let saturatedShare: Double
    /// How the values were computed from the source's, where they are not the source's.
    let interpolation: String?
  }

  let source: String
  let output: String
  let container: String
  let family: String?
  let encoding: String
  let root: String
  let inputBytes: Int
  let outputBytes: Int
  let ignored: [String]
  let tensors: [Tensor]
  /// How the encodings were chosen, where they were.
  var plan: PlanningDocument?

  init(
    _ report: ConversionReport, source: String, output: String, container: String, family: String?,
    encoding: String, ignored: [String]
  ) {
    self.source = source
    self.output = output
    self.container = container
    self.family = family
    self.encoding = encoding
    root = report.root.description
    inputBytes = report.inputSize
    outputBytes = report.outputSize
    self.ignored = ignored
    tensors = report.tensors.map { tensor in
      Tensor(
        name: tensor.target.name, source: tensor.source.name, sourceType: tensor.source.type.rawValue,
        type: tensor.target.type.rawValue, encoding: tensor.target.encoding.label, shape: tensor.target.shape.extents,
        bytes: tensor.target.byteCount, verdict: tensor.fidelity.verdict.rawValue,
        maxError: tensor.fidelity.maximumError,
        relativeError: tensor.fidelity.relativeError, sqnr: tensor.fidelity.signalToNoise,
        saturatedShare: tensor.fidelity.saturatedShare, interpolation: tensor.interpolation)
    }
  }
}

/// What `convert --dry-run --json` prints.
struct PlanDocument: Encodable {
  struct Copy: Encodable {
    let source: String
    let target: String
    let transform: String
    let shape: [Int]
    let sourceType: String
    let type: String
    let encoding: String
    let bytes: Int
  }

  /// What no tensor shape reveals, and where it was taken from.
  struct Constant: Encodable {
    let key: String
    let value: String
    let source: String

    init(_ constant: CLIPConfiguration.Constant) {
      key = constant.key
      value = constant.value
      source = constant.source.rawValue
    }
  }

  let source: String
  let container: String
  let family: String
  let encoding: String
  let constants: [Constant]
  let copies: [Copy]
  let problems: [String]
  let ignored: [String]

  init(_ plan: ConversionPlan, source: String, container: String) {
    self.source = source
    self.container = container
    family = plan.family.name
    encoding = plan.scheme.rawValue
    constants = plan.configuration.constants.map(Constant.init)
    problems = plan.problems.map(\.description)
    ignored = plan.ignored
    copies = plan.copies.map { copy in
      Copy(
        source: copy.sourceName, target: copy.target.name, transform: copy.transform,
        shape: copy.target.shape.extents, sourceType: copy.sourceType.rawValue, type: copy.target.type.rawValue,
        encoding: copy.target.encoding.label, bytes: copy.target.byteCount)
    }
  }
}

/// What `convert` and `quantize` print for people.
enum ConversionSummary {
  static func print(_ report: ConversionReport, source: String, output: String, encoding: String) {
    for tensor in report.tensors {
      guard let interpolation = tensor.interpolation else { continue }
      Console.print("\(tensor.target.name): \(interpolation); its values are not the source's, but computed from them")
    }
    let approximate = report.tensors.filter { $0.fidelity.verdict == .approximate && $0.interpolation == nil }
    let rows = approximate.map { tensor in
      [
        tensor.target.name,
        tensor.target.encoding == .plain ? tensor.target.type.rawValue : tensor.target.encoding.label,
        "max \(short(tensor.fidelity.maximumError))",
        "SQNR \(tensor.fidelity.signalToNoise.map { short($0) + " dB" } ?? "∞")",
        tensor.fidelity.saturatedShare > 0
          ? "at range end \(short(100 * tensor.fidelity.saturatedShare, digits: 2)) %" : "",
      ]
    }
    for line in table(rows) { Console.print(line) }
    Console.print("\(source) → \(output)")
    Console.print(
      "  \(report.tensors.count) tensors as \(encoding): "
        + "\(report.count(of: .bitIdentical)) bit-identical, \(report.count(of: .exactlyRepresentable)) exactly representable, "
        + "\(report.count(of: .approximate)) approximate"
        + (report.tensors.contains { $0.interpolation != nil } ? " (positions are interpolated)" : ""))
    Console.print("  \(grouped(report.inputSize)) → \(grouped(report.outputSize)) bytes")
    Console.print("  root \(report.root)")
  }
}
