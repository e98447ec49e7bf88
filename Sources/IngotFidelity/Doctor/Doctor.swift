// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
public import IngotTensor

/// Names what is wrong with a model: with its source at hand what was done to it, without one what no sound model looks like.
public enum Doctor {
  /// Compares a model with its source and names each defect.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - source: what it was made of.
  ///   - compute: tensors are shared among its threads.
  /// - Returns: what was found.
  /// - Throws: what reading tensors throws.
  public static func examine(
    _ model: ComparedModel, against source: ComparedModel, _ compute: Compute
  ) throws -> DoctorReport {
    let constants = ConstantDefects(source.configuration, model.configuration)
    var findings = constants.findings
    let first = Dictionary(source.checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
    let second = Dictionary(model.checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
    let entries = CanonicalSchema.entries(for: source.configuration).filter { $0.role != .buffer }
    for entry in entries where first[entry.name] != nil && second[entry.name] == nil {
      findings.append(DoctorReport.Finding(.tensorMissing, entry.name, "the source has it, the model does not"))
    }
    let agreement = try TensorAgreement.all(source, model, compute)
    let roles = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.role) })
    let suspects = agreement.filter { $0.verdict == .different }.map(\.name)
    for tensor in agreement where tensor.verdict == .shape {
      findings.append(
        DoctorReport.Finding(
          .shapeChanged, tensor.name,
          "\(second[tensor.name].map { "\($0.shape)" } ?? "?"), the source has \(first[tensor.name].map { "\($0.shape)" } ?? "?")"
        ))
    }
    let library = SourceLibrary(source.checkpoint, first)
    let names = suspects.compactMap { name in first[name].flatMap { a in second[name].map { (name, a, $0) } } }
    let found = try compute.map(names.count) { index -> TensorCase.Verdict in
      let (name, a, b) = names[index]
      let item = try TensorCase(
        name: name, role: roles[name] ?? .matrix, configuration: source.configuration,
        source: (a, source.checkpoint), model: (b, model.checkpoint),
        isCompensated: model.provenance?.isCompensated ?? false)
      return try item.verdict(library)
    }
    findings += group(found, first.count)
    return DoctorReport(
      model: model.name, source: source.name, findings: findings, tensors: agreement.count,
      constants: constants.count)
  }

  /// Tensors that hold other tensors' values, put together block by block.
  private static func group(_ verdicts: [TensorCase.Verdict], _ count: Int) -> [DoctorReport.Finding] {
    var findings: [DoctorReport.Finding] = []
    var moved: [(from: BlockName, to: BlockName)] = []
    for verdict in verdicts {
      switch verdict {
      case .finding(let finding): findings.append(finding)
      case .other(let name, let origin):
        guard let to = BlockName(name), let from = BlockName(origin), to.rest == from.rest, to.stack == from.stack,
          to.index != from.index
        else {
          findings.append(DoctorReport.Finding(.tensorsExchanged, name, "holds the values of the source's \(origin)"))
          continue
        }
        moved.append((from, to))
      }
    }
    let targets = Dictionary(grouping: moved) { $0.to.block }
    var blocks: [(to: String, from: String, tensors: Int)] = []
    for (to, tensors) in targets.sorted(by: { $0.key < $1.key }) {
      let origins = Set(tensors.map(\.from.block))
      if tensors.count == 1 || origins.count > 1 {
        findings += tensors.map {
          DoctorReport.Finding(.tensorsExchanged, $0.to.name, "holds the values of the source's \($0.from.name)")
        }
      } else if let from = origins.first {
        blocks.append((to, from, tensors.count))
      }
    }
    let destinations = Set(blocks.map(\.to))
    for block in blocks {
      let isCycle = destinations.contains(block.from)
      findings.append(
        DoctorReport.Finding(
          isCycle ? .blocksPermuted : .blockDuplicated, block.to,
          "holds the source's \(block.from) in all of its \(block.tensors) tensors that differ"))
    }
    return findings
  }
}

/// `vision.blocks.3.mlp.up.weight` taken apart.
private struct BlockName {
  let name: String
  let stack: String
  let index: Int
  let rest: String

  var block: String { "\(stack).\(index)" }

  init?(_ name: String) {
    let parts = name.split(separator: ".").map(String.init)
    guard let place = parts.firstIndex(where: { Int($0) != nil }), let index = Int(parts[place]) else { return nil }
    self.name = name
    stack = parts[..<place].joined(separator: ".")
    self.index = index
    rest = parts[(place + 1)...].joined(separator: ".")
  }
}

/// The source's tensors, by shape, to be recognised in other places.
struct SourceLibrary: Sendable {
  private let checkpoint: any Checkpoint
  private let byCount: [Int: [TensorDescriptor]]

  init(_ checkpoint: any Checkpoint, _ tensors: [String: TensorDescriptor]) {
    self.checkpoint = checkpoint
    byCount = Dictionary(grouping: tensors.values.sorted { $0.name < $1.name }) { $0.shape.elementCount }
  }

  /// The first tensor whose values are those of a case, within rounding; not its own.
  func origin(of item: TensorCase) throws -> String? {
    // Names with the same end first: a block's place is exchanged more often than a tensor's role.
    let end = item.name.split(separator: ".").suffix(2)
    let candidates = byCount[item.count, default: []].filter { $0.name != item.name }
    for tensor in candidates.filter({ $0.name.split(separator: ".").suffix(2) == end })
      + candidates.filter({ $0.name.split(separator: ".").suffix(2) != end })
    {
      let values = try StoredValues(tensor, in: checkpoint)
      if item.matches(values.values) { return tensor.name }
    }
    return nil
  }
}
