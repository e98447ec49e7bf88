// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotQuantization
import IngotTensor
import IngotTorch

/// Everything a conversion will do, and everything that stands against it, known before any tensor byte is read.
public struct ConversionPlan: Sendable {
  /// One tensor's way.
  public struct Copy: Sendable, Hashable {
    /// The tensor in the source.
    public let source: TensorDescriptor
    /// The tensor in the output.
    public let target: TensorDescriptor
    /// What happens to its layout.
    public let transform: KeyMapping.Transform
    /// What it is used for.
    public let role: CanonicalSchema.Role
  }

  /// Something that stands against the conversion.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The kinds of problem.
    public enum Kind: String, Sendable, Hashable {
      /// A tensor that the model needs is not there.
      case missing
      /// A tensor that the model has no place for.
      case extra
      /// A tensor of another shape.
      case shape
      /// A tensor of a type that inference does not take.
      case type
      /// A tensor that the reader cannot give.
      case unreadable
    }

    /// The kind of problem.
    public let kind: Kind
    /// The tensor's name in the source.
    public let tensor: String
    /// Found and expected.
    public let detail: String

    /// One line.
    public var description: String { "\(kind.rawValue): \(tensor): \(detail)" }
  }

  /// The source's key scheme.
  public let family: Family
  /// What inference needs to know.
  public let configuration: CLIPConfiguration
  /// The encoding asked for.
  public let scheme: EncodingScheme
  /// What will be written, sorted by target name.
  public let copies: [Copy]
  /// What stands against it; nothing may be written unless this is empty.
  public let problems: [Problem]
  /// Which of the source's tensors are the model.
  public let selection: StateDictSelection
  /// What of the source is not converted: tensors outside the state dict by group, and entries that are not tensors.
  public let ignored: [String]

  /// Plans the conversion of a checkpoint.
  ///
  /// - Parameters:
  ///   - source: what to convert; not an `.ingot` file.
  ///   - scheme: how to store it.
  ///   - options: what the person said of the model.
  ///   - stateDict: the key of the state dict, when the person said it.
  /// - Throws: `unsupported` for an unknown family, `mismatch` when the sizes of the model cannot be told, `missing` when there is
  ///   nothing at the state dict's key.
  public init(
    _ source: Source, scheme: EncodingScheme, options: Family.Options = Family.Options(), stateDict: String? = nil
  ) throws {
    var ignored: [String] = []
    var problems: [Problem] = []
    if case .ingot = source.content {
      throw CheckpointError(.unsupported, .clip, "is an .ingot file already; `ingot quantize` changes its encoding")
    }
    selection = try StateDictSelection(source.checkpoint.tensors, at: stateDict)
    let tensors = selection.tensors
    ignored = selection.left
    let notes = source.checkpoint.notes
    for refused in notes.refused {
      if selection.contains(refused.name) {
        problems.append(Problem(kind: .unreadable, tensor: refused.name, detail: refused.reason))
      } else {
        ignored.append("\(refused.name) (\(refused.reason))")
      }
    }
    ignored += notes.skipped
    family = try Family.recognise(tensors.map(\.name))
    configuration = try family.configuration(of: tensors, options)
    self.scheme = scheme
    self.ignored = ignored
    let entries = family.mapping?.entries(for: configuration) ?? []
    let byName = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    let unreadable = Set(problems.map(\.tensor))
    var copies: [Copy] = []
    for entry in entries {
      guard let tensor = byName[entry.source] else {
        let name = selection.fullName(of: entry.source)
        if entry.target.presence == .required, !unreadable.contains(name) {
          problems.append(Problem(kind: .missing, tensor: name, detail: "expected shape \(entry.target.shape)"))
        }
        continue
      }
      guard let original = selection.source(of: tensor.name) else { continue }
      if let problem = Self.problem(original, entry) { problems.append(problem) }
      let renamed = TensorDescriptor(
        name: entry.target.name, type: tensor.type, shape: entry.target.shape, encoding: .plain,
        byteCount: tensor.byteCount, access: tensor.access)
      guard let target = scheme.target(of: renamed, for: entry.target.role.use) else {
        problems.append(Problem(kind: .shape, tensor: entry.source, detail: "shape \(tensor.shape) is too large"))
        continue
      }
      copies.append(Copy(source: original, target: target, transform: entry.transform, role: entry.target.role))
    }
    let expected = Set(entries.map(\.source))
    for tensor in tensors where !expected.contains(tensor.name) {
      problems.append(
        Problem(
          kind: .extra, tensor: selection.fullName(of: tensor.name),
          detail: "found \(tensor.type.rawValue) \(tensor.shape), \(family.title) has no such tensor"))
    }
    self.copies = copies.sorted { $0.target.name.utf8.lexicographicallyPrecedes($1.target.name.utf8) }
    self.problems = problems
  }

  private static func problem(_ tensor: TensorDescriptor, _ entry: KeyMapping.Entry) -> Problem? {
    let expected = entry.target.shape
    let isScalar = expected.rank == 0 && tensor.shape.extents == [1]
    if tensor.shape != expected, !isScalar {
      return Problem(kind: .shape, tensor: tensor.name, detail: "found shape \(tensor.shape), expected \(expected)")
    }
    let types: [ElementType] = [.float16, .bfloat16, .float32, .float64]
    if entry.target.role != .buffer, !types.contains(tensor.type) {
      return Problem(
        kind: .type, tensor: tensor.name,
        detail: "found \(tensor.type.rawValue), expected one of \(types.map(\.rawValue).joined(separator: ", "))")
    }
    return nil
  }

  /// The problems as one error, or nothing when there are none.
  ///
  /// - Throws: `mismatch`, with one line for each problem.
  public func check() throws(CheckpointError) {
    guard !problems.isEmpty else { return }
    throw CheckpointError(
      .mismatch, .clip,
      "\(problems.count) problems with this \(family.title) checkpoint:\n"
        + problems.map { "  \($0)" }.joined(separator: "\n"))
  }
}

extension CanonicalSchema.Role {
  /// What the role means for the encoding.
  public var use: EncodingScheme.Use {
    switch self {
    case .matrix, .convolution: .weights(outputAxis: 0)
    case .projection: .weights(outputAxis: 1)
    case .embedding, .patches: .table
    case .norm, .bias, .scalar: .small
    case .buffer: .carried
    }
  }
}
