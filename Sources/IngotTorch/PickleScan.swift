// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes

/// Every pickle in a file and what it names, each read as far as it goes; nothing is run.
///
/// Reading a checkpoint stops at the first fault. A scan does not: it is for files that nobody should load.
public struct PickleScan: Sendable {
  /// One pickle.
  public struct Item: Sendable {
    /// The archive member that holds it, or `pickle`.
    public let name: String
    /// Where it begins, within the member or the file.
    public let offset: Int
    /// The functions and classes that it names.
    public let globals: [PickleGlobal]
    /// What stopped reading it.
    public let fault: CheckpointError?
  }

  /// The pickles, in the file's order.
  public private(set) var items: [Item] = []
  /// What is wrong with the archive around them, or between them.
  public private(set) var irregularities: [String] = []

  /// A file may hold a row of pickles; PyTorch's have five.
  private static let mostPickles = 1 << 10
  /// Pickles within pickles are looked into so deep.
  private static let deepest = 3
  /// Members larger than this are no pickles, when neither name nor beginning says so.
  private static let largestMember = PickleMachine.largestPickle

  /// Looks at a file of any kind.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - isOther: whether it is of a kind that holds no pickles. It may begin like one by chance, as a safetensors file does whose header
  ///     has 640 bytes; then what names nothing is none. It may be both, too: a valid file of that kind, and code for whoever unpickles it.
  public init(_ file: MappedFile, isOther: Bool = false) {
    if ZipArchive.recognises(file) {
      scan(archive: file)
    } else if LegacyStream.magicEnd(file.bytes) != nil {
      scan(stream: file.bytes, named: "stream")
    } else if TarArchive.recognises(file) {
      scan(tar: file)
    } else {
      scan(content: file.bytes, named: "pickle", isPickle: Self.looksLikePickle(file.bytes))
    }
    if isOther { items.removeAll { item in item.globals.allSatisfy { !Self.isName($0) } } }
  }

  /// Whether any pickle names executable code.
  public var isDangerous: Bool { items.contains { item in item.globals.contains { $0.verdict == .dangerous } } }

  /// Whether something in the file is damaged or contradicts itself.
  public var isIrregular: Bool { !irregularities.isEmpty || items.contains { $0.fault != nil } }

  /// Takes over what was found in another file.
  ///
  /// - Parameters:
  ///   - other: what was found there.
  ///   - name: the file's.
  public mutating func add(_ other: PickleScan, of name: String) {
    items += other.items.map {
      Item(name: "\(name): \($0.name)", offset: $0.offset, globals: $0.globals, fault: $0.fault)
    }
    irregularities += other.irregularities.map { "\(name): \($0)" }
  }

  // MARK: Containers

  private mutating func scan(archive file: MappedFile) {
    let archive: ZipArchive
    do {
      archive = try ZipArchive(file, checksums: .ignore)
    } catch {
      irregularities.append("\(error)")
      return scan(salvaged: file)
    }
    let pickles = archive.entries.filter { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
    if pickles.count > 1 { irregularities.append("zip: \(pickles.count) members are called data.pkl, expected one") }
    let folder = pickles.first.map { $0.name.dropLast("data.pkl".count) } ?? ""
    for entry in archive.entries
    where !entry.isFolder && !(pickles.count == 1 && entry.name.hasPrefix(folder + "data/")) {
      guard entry.size <= Self.largestMember else {
        irregularities.append("zip: \(entry.name) has \(entry.size) bytes, which were not looked at")
        continue
      }
      do {
        try archive.withBytes(of: entry) { bytes in
          scan(content: bytes, named: entry.name, isPickle: Self.isPickle(entry.name, bytes))
        }
      } catch {
        irregularities.append("\(error)")
      }
    }
    guard let verifying = try? ZipArchive(file, checksums: .verify) else { return }
    for entry in verifying.entries where entry.method == .stored {
      do {
        try verifying.withBytes(of: entry) { _ in }
      } catch {
        irregularities.append("\(error)")
      }
      verifying.release(entry)
    }
  }

  /// Looks at the members of an archive whose headers contradict each other, as far as local headers tell where they are.
  private mutating func scan(salvaged file: MappedFile) {
    for (name, content) in ZipSalvage.members(of: file.bytes) {
      let bytes = file.bytes(in: content)
      guard let end = Self.isPickle(name, bytes) ? bytes.byteCount : nil else { continue }
      scan(pickles: bytes.extracting(0..<end), named: name, most: 1)
    }
  }

  private mutating func scan(tar file: MappedFile) {
    do {
      for member in try TarArchive(file).members {
        let bytes = file.bytes(in: member.content)
        // Raw numbers follow the first pickle of two of PyTorch's members.
        if Self.looksLikePickle(bytes) { scan(pickles: bytes, named: member.name, most: 1) }
      }
    } catch {
      irregularities.append("\(error)")
    }
  }

  private mutating func scan(stream bytes: RawSpan, named name: String, depth: Int = 0) {
    guard let start = LegacyStream.magicEnd(bytes) else { return }
    // Protocol version, system, object and keys; the storages behind them are numbers.
    scan(pickles: bytes, named: name, from: start, most: 4, depth: depth)
  }

  private mutating func scan(content bytes: RawSpan, named name: String, isPickle: Bool) {
    if LegacyStream.magicEnd(bytes) != nil {
      scan(stream: bytes, named: name)
    } else if let start = Self.objectArrayStart(bytes) {
      scan(pickles: bytes, named: name, from: start, most: 1)
    } else if isPickle {
      scan(pickles: bytes, named: name)
    } else if bytes.byteCount >= 4, bytes.littleEndian(UInt32.self, at: 0) == 0x0403_4b50 {
      irregularities.append("zip: \(name) is an archive of its own, which was not looked into")
    }
  }

  // MARK: Pickles

  private mutating func scan(
    pickles bytes: RawSpan, named name: String, from start: Int = 0, most: Int = mostPickles, depth: Int = 0
  ) {
    var offset = start
    var count = 0
    while offset < bytes.byteCount, count < most {
      count += 1
      switch PickleMachine.run(bytes, at: offset, subject: name) {
      case .failed(let error, let arena):
        items.append(
          Item(name: name, offset: offset, globals: Self.globals(arena, streamsAreRead: false), fault: error))
        return
      case .read(let pickle):
        let streams = pickle.nestedStreams.map { node -> [UInt8] in
          switch try? pickle.literal(node, in: bytes) {
          case .range(let range): bytes.extracting(range).copied()
          case .decoded(let decoded): decoded
          case nil: []
          }
        }
        let areRead =
          pickle.streamsAreOnlyCalled
          && streams.allSatisfy { stream in stream.withRawSpan { LegacyStream.magicEnd($0) } != nil }
        items.append(
          Item(name: name, offset: offset, globals: Self.globals(pickle.arena, streamsAreRead: areRead), fault: nil))
        if depth < Self.deepest {
          for stream in streams {
            stream.withRawSpan { bytes in
              if LegacyStream.magicEnd(bytes) != nil {
                scan(stream: bytes, named: "\(name) › stream", depth: depth + 1)
              } else {
                scan(pickles: bytes, named: "\(name) › bytes", most: 1, depth: depth + 1)
              }
            }
          }
        }
        offset = pickle.end
      }
    }
    if offset < bytes.byteCount, most == Self.mostPickles {
      irregularities.append("\(name): more than \(most) pickles, the others were not looked at")
    }
  }

  private static func globals(_ arena: PickleArena, streamsAreRead: Bool) -> [PickleGlobal] {
    zip(arena.globals, arena.globalCounts).map { global, count in
      PickleGlobal(
        global, count: count, verdict: global == Pickle.streamLoader && streamsAreRead ? .interpreted : nil)
    }
  }

  private static func isPickle(_ name: String, _ bytes: RawSpan) -> Bool {
    [".pkl", ".pickle", ".p"].contains { name.hasSuffix($0) } || looksLikePickle(bytes)
  }

  /// Whether bytes are a pickle, as far as it goes.
  static func looksLikePickle(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount >= 2 else { return false }
    if bytes[byte: 0] == 0x80 { return bytes[byte: 1] <= UInt8(PickleMachine.highestProtocol) }
    // Protocols 0 and 1 have no mark of their own: what can be read is one, and what names something before it fails.
    switch PickleMachine.run(bytes, subject: "") {
    case .read: return true
    case .failed(_, let arena): return arena.globals.contains { isName($0.module) && isName($0.name) }
    }
  }

  private static func isName(_ global: PickleGlobal) -> Bool { isName(global.module) && isName(global.name) }

  /// Whether a text could be a name in Python: source code and prose begin like instructions, too.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
          || byte == 0x2e
      }
  }

  /// Where the pickle begins in a NumPy file whose array holds Python objects.
  private static func objectArrayStart(_ bytes: RawSpan) -> Int? {
    guard bytes.byteCount >= 12, bytes.extracting(0..<6).copied() == [0x93] + Array("NUMPY".utf8) else { return nil }
    let isShort = bytes[byte: 6] == 1
    let length = isShort ? Int(bytes.littleEndian(UInt16.self, at: 8)) : Int(bytes.littleEndian(UInt32.self, at: 8))
    let start = isShort ? 10 : 12
    guard let end = start.adding(length), end < bytes.byteCount, length <= 1 << 16,
      let header = bytes.extracting(start..<end).utf8String(), header.contains("O")
    else { return nil }
    return looksLikePickle(bytes.extracting(end..<bytes.byteCount)) ? end : nil
  }
}
