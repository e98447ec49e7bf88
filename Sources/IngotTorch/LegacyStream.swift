// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The stream of pickles and raw storages that PyTorch 0.1.10 to 1.5 wrote, and later releases write on request.
enum LegacyStream {
  /// `torch.serialization.MAGIC_NUMBER`, 0x1950a86a20f9469cfc6c: ten bytes of a LONG1, and STOP.
  private static let binaryMagic: [UInt8] = [
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]
  /// The same as protocols 0 and 1 write it.
  private static let textMagic = Array("L119547037146038801333356L\n.".utf8)
  /// `torch.serialization.PROTOCOL_VERSION`.
  static let version = 1001

  /// The end of the magic number, which must stand there literally and not be computed; `nil` when it does not.
  static func magicEnd(_ bytes: RawSpan) -> Int? {
    let start = bytes.extracting(0..<min(bytes.byteCount, 64)).copied()
    if start.starts(with: textMagic) { return textMagic.count }
    guard start.count >= 2, start[0] == 0x80, start[1] <= UInt8(PickleMachine.highestProtocol) else { return nil }
    // From protocol 4 on, a frame of exactly these bytes may be around it.
    let frame: [UInt8] = [0x95, UInt8(binaryMagic.count), 0, 0, 0, 0, 0, 0, 0]
    let rest = start.dropFirst(2)
    if rest.starts(with: binaryMagic) { return 2 + binaryMagic.count }
    if rest.starts(with: frame), rest.dropFirst(frame.count).starts(with: binaryMagic) {
      return 2 + frame.count + binaryMagic.count
    }
    return nil
  }
}

extension TorchOpening {
  /// Reads the pickles of a stream, and finds its storages.
  ///
  /// - Parameter place: the whole stream; nothing may follow it.
  /// - Returns: the object that was saved.
  /// - Throws: `CheckpointError` naming the place and both numbers of what is wrong.
  mutating func legacyStream(in place: StoragePlace) throws(CheckpointError) -> TorchObject {
    guard let magicEnd = try shelf.reading(place, { LegacyStream.magicEnd($0) }) else {
      throw CheckpointError(.malformed, .torchPickle, at: 0, "does not begin with the magic number of a stream")
    }
    let version = try pickle(in: place, at: magicEnd, "protocol version")
    guard version.arena.int(version.root) == LegacyStream.version else {
      throw CheckpointError(
        .unsupported, .torchPickle, at: magicEnd, subject: "protocol version",
        "found \(version.arena.int(version.root).map { "\($0)" } ?? version.arena.kind(of: version.root)), expected \(LegacyStream.version)"
      )
    }
    let system = try pickle(in: place, at: version.end, "system information")
    try checkSystem(system, at: version.end)
    let content = try pickle(in: place, at: system.end, "object")
    let keys = try pickle(in: place, at: content.end, "storage keys")
    let sizes = try StorageSizes(content.arena)
    let storages = try layout(keys, sizes, in: place)
    var object = TorchObject(content, in: place, of: shelf, storages: .stream(storages))
    try resolve(&object, "object")
    return object
  }

  private func checkSystem(_ system: Pickle, at offset: Int) throws(CheckpointError) {
    let entries = system.arena.dictionary(system.root)
    guard let entries else {
      throw CheckpointError(
        .malformed, .torchPickle, at: offset, subject: "system information",
        "found a \(system.arena.kind(of: system.root)), expected a dict")
    }
    guard let order = entries["little_endian"], case .bool(let isLittle) = system.arena[order] else {
      throw CheckpointError(
        .malformed, .torchPickle, at: offset, subject: "system information", "it does not say little_endian")
    }
    guard isLittle else {
      throw CheckpointError(
        .unsupported, .torchPickle, at: offset, subject: "system information",
        "the stream was written on a big-endian machine; PyTorch's releases disagree on the order of its bytes")
    }
  }

  /// Walks over the storages in the order of their keys.
  private func layout(
    _ keys: Pickle, _ sizes: StorageSizes, in place: StoragePlace
  ) throws(CheckpointError) -> [String: StoragePlace] {
    guard let elements = keys.arena.sequence(keys.root) else {
      throw CheckpointError(
        .malformed, .torchPickle, subject: "storage keys",
        "found a \(keys.arena.kind(of: keys.root)), expected a list")
    }
    let found = try shelf.reading(place) { bytes throws(CheckpointError) in
      var cursor = ByteCursor(bytes, format: .torchPickle, subject: "storages")
      try cursor.seek(to: keys.end, "storages")
      var places: [String: StoragePlace] = [:]
      for element in elements {
        guard let key = keys.arena.text(element) else {
          throw cursor.error(.malformed, "a key is a \(keys.arena.kind(of: element)), expected a string")
        }
        guard let size = sizes.byKey[key] else {
          throw cursor.error(.corrupt, "there is a storage \(keys.arena.clipped(key)), which no tensor uses")
        }
        let count = try cursor.read(Int64.self, "storage size")
        guard Int(count) == size.count else {
          throw cursor.error(
            .corrupt, "the storage \(key) has \(count) elements in the stream, its tensors say \(size.count)")
        }
        guard let bytes = size.count.multiplied(by: size.type.byteCount) else {
          throw cursor.error(.overflow, "the storage \(key) has \(count) elements of \(size.type.rawValue)")
        }
        let start = cursor.offset
        _ = try cursor.take(bytes, "storage")
        guard places.updateValue(place.part(start..<start + bytes), forKey: key) == nil else {
          throw cursor.error(.corrupt, "the storage \(key) is listed twice")
        }
      }
      guard cursor.isAtEnd else {
        throw cursor.error(.malformed, "\(cursor.remaining) bytes follow the last storage, expected none")
      }
      return places
    }
    return found
  }
}

/// The size that each storage must have, as the persistent identifiers of a pickle say.
struct StorageSizes {
  private(set) var byKey: [String: (count: Int, type: ElementType)] = [:]

  /// Looks at every identifier, used by a tensor or not: each has a storage in the stream.
  init(_ arena: PickleArena) throws(CheckpointError) {
    for node in arena.nodes {
      guard case .persistent(let identifier) = node, let parts = arena.tuple(identifier).map(Array.init),
        parts.count == 6, arena.text(parts[0]) == "storage", let key = arena.text(parts[2]),
        let count = arena.int(parts[4]), let type = arena.global(parts[1]).flatMap(TorchNames.storage)
      else { continue }
      if let known = byKey[key], known.count != count || known.type != type {
        throw CheckpointError(
          .corrupt, .torchPickle, subject: "storage \(arena.clipped(key))",
          "is \(count) elements of \(type.rawValue) in one place and \(known.count) of \(known.type.rawValue) in another"
        )
      }
      byKey[key] = (count, type)
    }
  }
}
