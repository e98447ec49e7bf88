// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotSafetensors
import IngotTensor
import IngotTorch

/// What `inspect` shows; `--json` prints it as it is.
struct InspectionDocument: Encodable {
  struct Tensor: Encodable {
    let name: String
    let type: String
    let shape: [Int]
    let bytes: Int
    let encoding: String
    let sha256: String?
  }

  struct Global: Encodable {
    let name: String
    let count: Int
    let verdict: String
  }

  struct Refused: Encodable {
    let name: String
    let reason: String
  }

  let file: String
  let container: String
  let family: String?
  let parameters: Int
  /// The key of the state dict; `nil` when it is the whole file.
  let stateDict: String?
  /// What stands before all names of the state dict.
  let prefix: String?
  let tensors: [Tensor]
  let globals: [Global]
  let metadata: [String: String]
  let refused: [Refused]
  let skipped: [String]
  let aliases: [String: String]
  /// Tensors whose values are not simply the stored ones.
  let remarks: [String: String]

  init(_ source: Source, path: String, checksums: Bool) throws {
    let checkpoint = source.checkpoint
    let descriptors = checkpoint.tensors
    file = path
    container = source.container
    tensors = try descriptors.map { tensor in
      let digest = checksums ? try checkpoint.digest(of: tensor).description : nil
      if checksums { checkpoint.release(tensor) }
      return Tensor(
        name: tensor.name, type: tensor.type.rawValue, shape: tensor.shape.extents, bytes: tensor.byteCount,
        encoding: tensor.encoding.label, sha256: digest)
    }
    var globals: [Global] = []
    var metadata: [String: String] = [:]
    let notes = checkpoint.notes
    var configuration: CLIPConfiguration?
    switch source.content {
    case .torch(let torch):
      globals = torch.globals.map {
        Global(name: "\($0.module).\($0.name)", count: $0.count, verdict: $0.verdict.rawValue)
      }
      metadata = notes.metadata
    case .ingot(let ingot):
      configuration = try ingot.configuration()
      metadata = try Self.metadata(of: ingot)
    default: metadata = notes.metadata
    }
    self.globals = globals
    self.metadata = metadata
    refused = notes.refused.map { Refused(name: $0.name, reason: $0.reason) }
    skipped = notes.skipped
    aliases = notes.aliases
    remarks = notes.remarks
    let selection = try StateDictSelection(descriptors)
    stateDict = configuration == nil && !selection.path.isEmpty ? selection.path : nil
    prefix = configuration == nil && !selection.prefix.isEmpty ? selection.prefix : nil
    if let configuration {
      family = configuration.family
      let buffers = Set(CanonicalSchema.entries(for: configuration).filter { $0.role == .buffer }.map(\.name))
      parameters = Self.parameters(descriptors.filter { !buffers.contains($0.name) })
    } else {
      family = (try? Family.recognise(selection.tensors.map(\.name)))?.name
      let tensors = family == nil ? descriptors : selection.tensors
      parameters = Self.parameters(tensors.filter { $0.type.isFloatingPoint })
    }
  }

  /// Trained numbers: everything but statistics of batch norms.
  private static func parameters(_ tensors: [TensorDescriptor]) -> Int {
    let trained = tensors.filter { !$0.name.hasSuffix("running_mean") && !$0.name.hasSuffix("running_var") }
    return trained.reduce(0) { $0 + $1.shape.elementCount }
  }

  private static func metadata(of file: IngotFile) throws -> [String: String] {
    let provenance = try file.provenance()
    var metadata = [
      "root": file.rootDigest.description,
      "source.sha256": provenance.source.sha256,
      "source.size": "\(provenance.source.size)",
      "source.container": provenance.source.container,
      "tokenizer": file.section(.tokenizer) == nil ? "none" : "embedded",
    ]
    metadata["model"] = file.modelDigest.description
    if let certificate = try file.certificate() {
      let report = certificate.report
      let agreement = report.agreement.map { ", same best text \($0.top1.successes) of \($0.top1.trials)" } ?? ""
      metadata["certificate"] =
        "passed against \(certificate.reference.name) (SHA-256 \(certificate.reference.sha256)) on \(report.images) images and \(report.texts) texts\(agreement); "
        + "`ingot verify` checks it again"
      metadata["certificate.model"] = certificate.model
      metadata["certificate.probes"] = "\(certificate.probes.kind.rawValue), SHA-256 \(certificate.probes.sha256)"
      if let logits = report.logits {
        metadata["certificate.logits"] =
          "max |Δ| \(short(logits.maxAbs)) (allowed \(short(report.tolerance.logitsMaxAbs))), KL \(short(logits.klMean))"
      }
      metadata["certificate.tool"] = certificate.tool
    }
    if let json = file.section(.architecture) { metadata["architecture"] = String(decoding: json, as: UTF8.self) }
    for (index, step) in provenance.steps.enumerated() {
      metadata["step.\(index)"] = "\(step.command) --encoding \(step.encoding) (\(step.tool))"
    }
    return metadata
  }

  /// The same for people.
  func print() {
    for line in table(
      tensors.map { tensor in
        [
          tensor.name, tensor.type, "[" + tensor.shape.map(String.init).joined(separator: ", ") + "]",
          grouped(tensor.bytes), tensor.encoding,
        ] + (tensor.sha256.map { [$0] } ?? [])
      })
    { Console.print(line) }
    for global in globals { Console.print("global \(global.name) × \(global.count): \(global.verdict)") }
    for tensor in refused { Console.print("refused \(tensor.name): \(tensor.reason)") }
    for entry in skipped { Console.print("not a tensor: \(entry)") }
    for (name, original) in aliases.sorted(by: { $0.key < $1.key }) {
      Console.print("\(name) shares the memory of \(original)")
    }
    for (name, meaning) in remarks.sorted(by: { $0.key < $1.key }) { Console.print("\(name): \(meaning)") }
    if let stateDict { Console.print("the state dict is at \(stateDict)") }
    if let prefix { Console.print("all names of the state dict begin with \(prefix)") }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { Console.print("\(key): \(value)") }
    Console.print(
      "\(file): \(container), \(family ?? "no known family"), \(tensors.count) tensors, \(grouped(parameters)) parameters"
    )
  }
}
