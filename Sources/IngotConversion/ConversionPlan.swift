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
    /// A tensor of the source, or a part of it.
    public struct Part: Sendable, Hashable {
      /// The tensor in the source.
      public let source: TensorDescriptor
      /// What happens to its layout.
      public let transform: TensorTransform
    }

    /// What the tensor is made of, one after the other.
    public let parts: [Part]
    /// The tensor in the output.
    public let target: TensorDescriptor
    /// What it is used for.
    public let role: CanonicalSchema.Role

    /// How the values are made new, for positions of another image size.
    public internal(set) var interpolation: PositionInterpolation?

    /// What stands between the names of several parts.
    static let separator = " + "
    /// The names in the source, joined with ` + `.
    public var sourceName: String { parts.map(\.source.name).joined(separator: Self.separator) }
    /// The type of all parts.
    public var sourceType: ElementType { parts[0].source.type }
    /// What happens to the layout, as the tables under `Formats/mappings` write it.
    public var transform: String {
      let layout = TensorTransform.summary(parts.map(\.transform))
      return interpolation.map { "\(layout), \($0)" } ?? layout
    }
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
  /// Of these, the tensors of the model itself that no tower of ours has, each with what it is.
  public let leftOut: [String]

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
    _ source: Source, scheme: EncodingScheme, options: ModelOptions = ModelOptions(), stateDict: String? = nil
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
    let family = try Family.recognise(tensors.map(\.name))
    let evidence = ModelEvidence(
      tensors: tensors, options: options, files: try source.modelFiles(), runName: notes.metadata["name"])
    let described = try Self.configuration(of: family, evidence, source)
    let resizing = try options.imageSize.flatMap { try ImageResizing(described, to: $0) }
    configuration = resizing?.configuration ?? described
    self.family = family
    self.scheme = scheme
    let byName = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    var leftOut: [String] = []
    var planner = Planner(selection, byName, unreadable: Set(problems.map(\.tensor)))
    for entry in family.mapping?.entries(for: described) ?? [] { planner.add(entry, scheme) }
    for tensor in tensors where !planner.used.contains(tensor.name) {
      let name = selection.fullName(of: tensor.name)
      if let reason = family.reasonToLeave(tensor.name) {
        leftOut.append("\(name) (\(reason))")
      } else {
        planner.problems.append(
          Problem(
            kind: .extra, tensor: name,
            detail: "found \(tensor.type.rawValue) \(tensor.shape), this \(family.title) has no such tensor"))
      }
    }
    let copies = planner.copies.map { resizing?.applied(to: $0) ?? $0 }
    problems += planner.problems
    self.ignored = ignored + leftOut
    self.leftOut = leftOut
    self.copies = copies.sorted { $0.target.name.utf8.lexicographicallyPrecedes($1.target.name.utf8) }
    self.problems = problems
  }

  /// The configuration; where nothing in the file or beside it settles a constant, the file itself may be a published one.
  private static func configuration(
    of family: Family, _ evidence: ModelEvidence, _ source: Source
  ) throws -> CLIPConfiguration {
    let failure: CheckpointError
    do {
      return try family.configuration(of: evidence)
    } catch {
      failure = error
    }
    guard failure.code == .undetermined, evidence.options.model == nil, source.shards.isEmpty,
      let digest = try DigestThread(files: [FilePart(source.file)]).finish().files.first,
      let model = ModelRegistry.model(ofFile: digest.description)
    else { throw failure }
    var known = evidence
    known.options.model = model
    return try family.configuration(of: known)
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

extension CanonicalSchema.Entry {
  /// What the tensor's place in the model means for its encoding.
  ///
  /// Protected are the patch embedding, the last matrix of each tower, and the table of tokens: what is lost there goes straight into every
  /// embedding, or into the first thing that all others are computed from.
  public var use: EncodingScheme.Use {
    switch role {
    case .matrix, .convolution: .weights(outputAxis: 0)
    case .projection: .protected(outputAxis: 1)
    case .patches: .protected(outputAxis: 0)
    case .embedding: name == "text.token_embedding.weight" ? .protected(outputAxis: 0) : .table
    case .depthwise: .table
    case .norm, .bias, .scalar: .small
    case .buffer: .carried
    }
  }
}
