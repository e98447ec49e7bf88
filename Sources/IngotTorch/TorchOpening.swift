// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The opening of one file: reads its pickles one after the other, and keeps what they have in common.
struct TorchOpening {
  /// What bytes are lent from.
  var shelf: StorageShelf
  /// Every name met so far.
  private(set) var tally = GlobalTally()
  private let policy: TorchCheckpoint.Policy
  /// How many streams are open inside each other.
  private var depth = 0

  /// Streams within pickles may be nested so deep: a tensor's storage is one, and in it is only data.
  private static let deepestStream = 2

  init(_ shelf: StorageShelf, _ policy: TorchCheckpoint.Policy) {
    self.shelf = shelf
    self.policy = policy
  }

  /// Reads one pickle.
  ///
  /// - Parameters:
  ///   - place: what the pickle is part of.
  ///   - start: where it begins.
  ///   - subject: what it is, for messages.
  /// - Returns: the pickle; its places are counted from the start of `place`.
  /// - Throws: `dangerous` when it names executable code and that is to be refused, else what is wrong with it.
  mutating func pickle(
    in place: StoragePlace, at start: Int = 0, _ subject: String
  ) throws(CheckpointError) -> Pickle {
    let outcome = try shelf.reading(place) { bytes throws(CheckpointError) in
      PickleMachine.run(bytes, at: start, subject: subject)
    }
    switch outcome {
    case .read(let pickle):
      tally.add(pickle.arena)
      try refuseDangerous(in: pickle.arena, subject)
      return pickle
    case .failed(let error, let arena):
      tally.add(arena)
      // What it would have run before the fault is the worse news.
      try refuseDangerous(in: arena, subject)
      throw error
    }
  }

  private func refuseDangerous(in arena: PickleArena, _ subject: String) throws(CheckpointError) {
    guard policy.dangerous == .refuse else { return }
    for global in arena.globals where global != Pickle.streamLoader {
      try Self.refuse(PickleGlobal(global, count: 1, verdict: nil), subject)
    }
  }

  private static func refuse(_ global: PickleGlobal, _ subject: String) throws(CheckpointError) {
    guard global.verdict == .dangerous else { return }
    throw CheckpointError(
      .dangerous, .torchPickle, subject: "\(global.module).\(global.name)",
      "\(subject) names executable code; nothing was run, and the file should not be passed on")
  }

  /// Reads what the bytes and streams within a pickle are.
  ///
  /// - Parameters:
  ///   - object: a pickle with what it refers to; its `literals` and `nested` are filled.
  ///   - subject: what it is, for messages.
  /// - Throws: what is wrong with a stream; `dangerous` when one would be loaded otherwise than as data.
  mutating func resolve(_ object: inout TorchObject, _ subject: String) throws(CheckpointError) {
    try object.locateBytes(&shelf)
    if !object.pickle.streamsAreOnlyCalled { try addUnreadStream(subject) }
    for node in object.pickle.nestedStreams {
      // Whatever is no stream of PyTorch's would be loaded as a pickle of any kind.
      guard let place = object.literals[node], try shelf.reading(place, { LegacyStream.magicEnd($0) }) != nil else {
        try addUnreadStream(subject)
        continue
      }
      object.nested[node] = try nestedStorage(in: place)
    }
    object.shelf = shelf
  }

  private mutating func addUnreadStream(_ subject: String) throws(CheckpointError) {
    tally.addUnreadStream()
    if policy.dangerous == .refuse {
      try Self.refuse(PickleGlobal(Pickle.streamLoader, count: 1, verdict: nil), subject)
    }
  }

  /// The storage that a stream of its own holds.
  private mutating func nestedStorage(in place: StoragePlace) throws(CheckpointError) -> StoredElements {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepestStream else {
      throw CheckpointError(
        .limit, .torchPickle, "streams are nested \(depth) deep, allowed are \(Self.deepestStream)")
    }
    let stream = try legacyStream(in: place)
    switch try stream.storage(stream.root, "nested stream") {
    case .elements(let elements): return elements
    case .refused(let reason):
      throw CheckpointError(.unsupported, .torchPickle, subject: "nested stream", reason)
    }
  }
}
