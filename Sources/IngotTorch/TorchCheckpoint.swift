// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTensor

/// A zip archive of PyTorch: what `torch.save` writes, or a TorchScript archive, whose code is never looked at.
///
/// `Formats/pytorch.md` says what is read and how.
public struct TorchCheckpoint: Checkpoint {
  /// The two kinds of archive.
  public enum Container: String, Sendable, Hashable {
    /// What `torch.save` writes.
    case torchZip = "torch-zip"
    /// What `torch.jit.save` writes.
    case torchScript = "torchscript"
  }

  /// What to do about things that need not stop reading.
  public struct Policy: Sendable, Hashable {
    /// What to do about a pickle that names an executable function.
    public enum Dangerous: Sendable, Hashable {
      /// Throw `dangerous`, naming it.
      case refuse
      /// Go on; `globals` has the verdict.
      case report
    }

    /// What to do about a pickle that names an executable function.
    public var dangerous: Dangerous
    /// What to do about CRC-32s.
    public var checksums: ChecksumPolicy

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - dangerous: what to do about a pickle that names an executable function.
    ///   - checksums: what to do about CRC-32s.
    public init(dangerous: Dangerous = .refuse, checksums: ChecksumPolicy = .verify) {
      self.dangerous = dangerous
      self.checksums = checksums
    }
  }

  /// A tensor that is there and cannot be read.
  public struct Refused: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Why not.
    public let reason: String
  }

  /// Which kind of archive it is.
  public let container: Container
  /// The tensors, in the pickle's order.
  public let tensors: [TensorDescriptor]
  /// Tensors that are there and cannot be read.
  public let refused: [Refused]
  /// Values that are not tensors, with what they are; a group without any tensor in it is one entry.
  public let skipped: [String]
  /// Every function or class that the pickle names.
  public let globals: [PickleGlobal]
  /// Names of tensors that are the same window of the same storage as an earlier one, which they map to.
  public let aliases: [String: String]
  private let archive: ZipArchive
  private let root: String
  private let isBigEndian: Bool
  private let recipes: [String: TensorRecipe]

  /// Materialised bytes of a tensor that repeats its storage's elements (stride 0) may not exceed this.
  private static let largestExpansion = 1 << 30

  /// Opens an archive: reads headers and the pickle, no tensor data.
  ///
  /// - Parameters:
  ///   - file: the archive.
  ///   - policy: what to do about things that need not stop reading.
  /// - Throws: `CheckpointError` naming the place and both numbers of what is wrong.
  public init(_ file: MappedFile, policy: Policy = Policy()) throws(CheckpointError) {
    if let kind = OtherTorchFile.kind(of: file) {
      throw CheckpointError(.unsupported, .torchPickle, at: 0, "this is \(kind)")
    }
    archive = try ZipArchive(file, checksums: policy.checksums)
    root = try Self.root(of: archive)
    container = archive.entry(named: root + "constants.pkl") == nil ? .torchZip : .torchScript
    isBigEndian = try Self.isBigEndian(archive, root)
    let (arena, top) = try Self.content(archive, root + "data.pkl", limit: PickleMachine.largestPickle) {
      bytes throws(CheckpointError) in
      try PickleMachine.read(bytes, subject: "data.pkl")
    }
    globals = zip(arena.globals, arena.globalCounts).map { PickleGlobal($0, count: $1) }
    if policy.dangerous == .refuse, let global = globals.first(where: { $0.verdict == .dangerous }) {
      throw CheckpointError(
        .dangerous, .torchPickle, subject: "\(global.module).\(global.name)",
        "data.pkl names executable code; nothing was run, and the file should not be passed on")
    }
    let tree = try TensorTree(arena, root: top)
    refused = tree.refused
    skipped = tree.skipped
    var recipes: [String: TensorRecipe] = [:]
    var descriptors: [TensorDescriptor] = []
    var aliases: [String: String] = [:]
    var firstNames: [TensorRecipe: String] = [:]
    for (name, recipe) in tree.tensors {
      try Self.check(recipe, name, archive, root)
      let entry = archive.entry(named: root + "data/" + recipe.storageKey)
      let isMapped = recipe.isContiguous && !isBigEndian && entry?.method != .deflated
      guard
        let descriptor = TensorDescriptor(
          name: name, type: recipe.type, shape: recipe.shape, access: isMapped ? .mapped : .assembled)
      else {
        throw CheckpointError(.overflow, .torchPickle, subject: name, "shape \(recipe.shape)")
      }
      descriptors.append(descriptor)
      recipes[name] = recipe
      if let first = firstNames[recipe] { aliases[name] = first } else { firstNames[recipe] = name }
    }
    tensors = descriptors
    self.recipes = recipes
    self.aliases = aliases
  }

  /// Whether a file is one of PyTorch's, of any generation.
  ///
  /// Those that cannot be read yet are recognised too, so that `init` can say what they are.
  public static func recognises(_ file: MappedFile) -> Bool {
    ZipArchive.recognises(file) || OtherTorchFile.kind(of: file) != nil
  }

  /// Lends a tensor's bytes, mapped where they lie one after the other, else assembled.
  ///
  /// - Throws: `corrupt` when the record's CRC-32 is wrong, and what `body` throws.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let recipe = recipes[tensor.name] else {
      throw CheckpointError(.missing, .torchPickle, subject: tensor.name, "no such tensor in this checkpoint")
    }
    guard recipe.shape.elementCount > 0, let entry = archive.entry(named: root + "data/" + recipe.storageKey) else {
      return try [UInt8]().withRawSpan(body)
    }
    return try archive.withBytes(of: entry) { storage in
      if recipe.isContiguous, !isBigEndian {
        let start = recipe.offset * recipe.type.byteCount
        return try body(storage.extracting(start..<start + recipe.byteCount))
      }
      return try recipe.assembled(from: storage, isSwapped: isBigEndian).withRawSpan(body)
    }
  }

  /// Tells that a tensor's pages are not needed for now.
  public func release(_ tensor: TensorDescriptor) {
    guard let recipe = recipes[tensor.name], let entry = archive.entry(named: root + "data/" + recipe.storageKey) else {
      return
    }
    archive.release(entry)
  }

  // MARK: Opening

  /// The folder that holds `data.pkl`: the longest folder that all members share.
  private static func root(of archive: ZipArchive) throws(CheckpointError) -> String {
    let names = archive.entries.filter { !$0.isFolder }.map(\.name)
    let pickles = names.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    guard let pickle = pickles.first else {
      throw CheckpointError(
        .unsupported, .torchPickle,
        "a zip archive of \(names.count) members without data.pkl, so not PyTorch's (\(names.prefix(3).joined(separator: ", ")))"
      )
    }
    guard pickles.count == 1 else {
      throw CheckpointError(
        .malformed, .torchPickle, subject: "data.pkl", "found \(pickles.count) members of this name, expected one")
    }
    let root = String(pickle.dropLast("data.pkl".count))
    if let outside = names.first(where: { !$0.hasPrefix(root) }) {
      throw CheckpointError(.malformed, .torchPickle, subject: outside, "lies outside the folder of data.pkl, \(root)")
    }
    return root
  }

  private static func isBigEndian(_ archive: ZipArchive, _ root: String) throws(CheckpointError) -> Bool {
    // PyTorch before 2.1 wrote no such record, and only on little-endian machines that matter.
    guard archive.entry(named: root + "byteorder") != nil else { return false }
    let order = try content(archive, root + "byteorder", limit: 64) { bytes throws(CheckpointError) in
      bytes.utf8String() ?? "?"
    }
    switch order {
    case "little": return false
    case "big": return true
    default:
      throw CheckpointError(
        .malformed, .torchPickle, subject: "byteorder", "found \(order.debugDescription), expected little or big")
    }
  }

  /// Reads a member of at most `limit` bytes.
  private static func content<T>(
    _ archive: ZipArchive, _ name: String, limit: Int, _ body: (RawSpan) throws(CheckpointError) -> T
  ) throws(CheckpointError) -> T {
    guard let entry = archive.entry(named: name) else {
      throw CheckpointError(.missing, .torchPickle, subject: name, "no such member in the archive")
    }
    guard entry.size <= limit else {
      throw CheckpointError(
        .limit, .torchPickle, at: entry.payload.lowerBound, subject: name,
        "has \(entry.size) bytes, allowed are \(limit)")
    }
    do {
      return try archive.withBytes(of: entry) { try body($0) }
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(.malformed, .torchPickle, subject: name, "\(error)")
    }
  }

  /// The storage's record is there, and has exactly the size that the pickle says.
  private static func check(
    _ recipe: TensorRecipe, _ name: String, _ archive: ZipArchive, _ root: String
  ) throws(CheckpointError) {
    let bytes = recipe.byteCount
    if bytes > recipe.storageByteCount, bytes > largestExpansion {
      throw CheckpointError(
        .limit, .torchPickle, subject: name,
        "repeats \(recipe.storageByteCount) bytes of storage to \(bytes), more than \(largestExpansion)")
    }
    let record = "data/" + recipe.storageKey
    guard let entry = archive.entry(named: root + record) else {
      // PyTorch writes no record for an empty storage.
      if recipe.storageCount == 0 { return }
      throw CheckpointError(
        .missing, .torchPickle, subject: name,
        "its storage \(record) of \(recipe.storageByteCount) bytes is not in the archive")
    }
    guard entry.size == recipe.storageByteCount else {
      throw CheckpointError(
        .corrupt, .torchPickle, at: entry.payload.lowerBound, subject: name,
        "its storage \(record) has \(entry.size) bytes, \(recipe.storageCount) elements of \(recipe.storageType.rawValue) need \(recipe.storageByteCount)"
      )
    }
  }
}
