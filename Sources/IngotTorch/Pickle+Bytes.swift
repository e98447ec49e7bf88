// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A bytes object of a pickle.
enum PickleLiteral {
  /// The bytes stand in the pickle as they are.
  case range(Range<Int>)
  /// The bytes had to be decoded from text.
  case decoded([UInt8])
}

extension Pickle {
  typealias Reference = PickleArena.Reference

  /// Loads a stream of PyTorch's; what it would load is read as data instead.
  static let streamLoader = PickleArena.Global(module: "torch.storage", name: "_load_from_bytes")
  private static let encoder = PickleArena.Global(module: "_codecs", name: "encode")
  private static let emptyBytes: Set<PickleArena.Global> = [
    PickleArena.Global(module: "__builtin__", name: "bytes"), PickleArena.Global(module: "builtins", name: "bytes"),
    PickleArena.Global(module: "__builtin__", name: "bytearray"),
    PickleArena.Global(module: "builtins", name: "bytearray"),
  ]
  /// Bytes that one text may stand for.
  static let mostDecodedBytes = 1 << 28

  /// The bytes that an object `torch.storage._load_from_bytes(bytes)` is made of.
  func nestedStream(_ object: PickleArena.Object) -> Reference? {
    guard arena.callable(of: object) == Self.streamLoader, let arguments = arena.tuple(object.arguments),
      arguments.count == 1
    else { return nil }
    return arguments.first
  }

  /// The bytes of all streams within the pickle, each once.
  var nestedStreams: [Reference] {
    guard arena.globals.contains(Self.streamLoader) else { return [] }
    var seen: Set<Reference> = []
    return arena.objects.compactMap(nestedStream).filter { seen.insert($0).inserted }
  }

  /// Whether every mention of the function that loads streams is a call of it with one argument, which is read as data.
  ///
  /// Handed on as a value it could be called with anything.
  var streamsAreOnlyCalled: Bool {
    guard let index = arena.globals.firstIndex(of: Self.streamLoader) else { return true }
    func isLoader(_ reference: Reference) -> Bool {
      if case .global(let global) = arena[reference] { Int(global) == index } else { false }
    }
    if isLoader(root) || arena.items.contains(where: isLoader) { return false }
    if arena.lists.contains(where: { $0.contains(where: isLoader) }) { return false }
    return arena.objects.allSatisfy { object in
      if isLoader(object.arguments) || object.state.map(isLoader) == true { return false }
      return !isLoader(object.callable) || nestedStream(object) != nil
    }
  }

  /// The bytes that a node stands for.
  ///
  /// - Parameters:
  ///   - node: any node.
  ///   - bytes: what the pickle's places are counted in.
  /// - Returns: `nil` when the node is no bytes object.
  /// - Throws: `malformed` when text has characters that are no bytes, `limit` when there is too much of it.
  func literal(_ node: Reference, in bytes: RawSpan) throws(CheckpointError) -> PickleLiteral? {
    switch arena[node] {
    case .blob(let index): return try literal(arena.blobs[Int(index)], in: bytes)
    case .text(let text): return .decoded(Array(text.utf8))
    case .object(let index):
      let object = arena.objects[Int(index)]
      guard let callable = arena.callable(of: object), let arguments = arena.tuple(object.arguments) else { return nil }
      if Self.emptyBytes.contains(callable) {
        guard let only = arguments.first else { return .decoded([]) }
        // bytearray(bytes), as protocols before 5 write it.
        return try arena.blob(only).map { blob throws(CheckpointError) in try literal(blob, in: bytes) }
      }
      // Protocols before 3 have no bytes: they write text, and the call that turns it back.
      guard callable == Self.encoder, arguments.count == 2, let source = arguments.first, let codec = arguments.last,
        ["latin1", "latin-1"].contains(arena.text(codec) ?? "")
      else { return nil }
      if case .text(let text) = arena[source] {
        guard let decoded = PickleBlob.latin1(text.unicodeScalars) else { throw Self.noBytes() }
        return .decoded(decoded)
      }
      guard let blob = arena.blob(source), blob.form.isText else { return nil }
      return try literal(blob, in: bytes)
    default: return nil
    }
  }

  private func literal(_ blob: PickleBlob, in bytes: RawSpan) throws(CheckpointError) -> PickleLiteral {
    if blob.form == .bytes { return .range(blob.range) }
    guard blob.range.count <= Self.mostDecodedBytes else {
      throw CheckpointError(
        .limit, .torchPickle, at: blob.range.lowerBound, subject: "bytes",
        "\(blob.range.count) bytes of text stand for bytes, allowed are \(Self.mostDecodedBytes)")
    }
    guard let decoded = blob.bytes(in: bytes) else { throw Self.noBytes(at: blob.range.lowerBound) }
    return .decoded(decoded)
  }

  private static func noBytes(at offset: Int? = nil) -> CheckpointError {
    CheckpointError(
      .malformed, .torchPickle, at: offset, subject: "bytes",
      "text that stands for bytes has other characters than the first 256")
  }
}
