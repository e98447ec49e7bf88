// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The section `BLKS`: eight bytes of digest for each 4 KiB of the file, with which damage is located to the block: `Formats/ingot.md`, section 11.
struct BlockDigests {
  static let blockSize = 4096
  private static let magic = Array("INGOTBLK".utf8)
  private static let version: UInt32 = 1
  static let headerSize = 64
  static let digestSize = 8

  private enum Field {
    static let magic = 0
    static let version = 8
    static let blockSize = 12
    static let fileSize = 16
    static let blockCount = 24
    static let digest = 32
  }

  /// The whole section.
  let bytes: [UInt8]
  /// Where it lies in the file.
  let start: Int

  /// How long the section of a file of this size is.
  static func byteCount(fileSize: Int) -> Int {
    headerSize + digestSize * ((fileSize + blockSize - 1) / blockSize)
  }

  /// Makes the section of a file.
  ///
  /// - Parameters:
  ///   - fileSize: of the whole file.
  ///   - start: where the section will lie, a multiple of 4096.
  ///   - entry: where the section's entry in the section table lies.
  ///   - block: lends the bytes of a block; those of the digests that cover this section, and the section itself, do not matter.
  init(fileSize: Int, at start: Int, entry: Int, block: (Range<Int>, (RawSpan) -> Void) -> Void) {
    let count = (fileSize + Self.blockSize - 1) / Self.blockSize
    var bytes = [UInt8](repeating: 0, count: Self.byteCount(fileSize: fileSize))
    bytes.replaceSubrange(0..<Self.magic.count, with: Self.magic)
    bytes.store(Self.version, at: Field.version)
    bytes.store(UInt32(Self.blockSize), at: Field.blockSize)
    bytes.store(UInt64(fileSize), at: Field.fileSize)
    bytes.store(UInt64(count), at: Field.blockCount)
    let own = start..<start + bytes.count
    for number in 0..<count {
      let range = number * Self.blockSize..<min((number + 1) * Self.blockSize, fileSize)
      guard !range.overlaps(own) else { continue }
      block(range) { span in
        let digest = Self.digest(of: span, at: range.lowerBound, leavingOut: Self.circular(entry: entry))
        let place = Self.headerSize + number * Self.digestSize
        bytes.replaceSubrange(place..<place + Self.digestSize, with: digest)
      }
    }
    let digest = bytes.withRawSpan { SHA256Digest(of: $0.extracting(Self.headerSize..<$0.byteCount)) }
    bytes.store(digest, at: Field.digest)
    self.bytes = bytes
    self.start = start
  }

  /// The digests that cover this section, which it cannot cover in turn: the header's two, and that in the section's own entry.
  fileprivate static func circular(entry: Int) -> [Range<Int>] {
    [
      Layout.HeaderField.indexDigest..<Layout.headerSize,
      entry + Layout.SectionField.digest..<entry + Layout.SectionField.digest + SHA256Digest.byteCount,
    ]
  }

  /// The first eight bytes of the digest of a block, with zeros in place of what is left out.
  private static func digest(of block: RawSpan, at start: Int, leavingOut ranges: [Range<Int>]) -> [UInt8] {
    let whole = start..<start + block.byteCount
    guard ranges.contains(where: { $0.overlaps(whole) }) else {
      return Array(SHA256Digest(of: block).bytes.prefix(digestSize))
    }
    var copy = block.copied()
    for range in ranges {
      for place in range.clamped(to: whole) { copy[place - start] = 0 }
    }
    return Array(copy.withRawSpan { SHA256Digest(of: $0) }.bytes.prefix(digestSize))
  }

  /// Finds the section in a file of which anything else may be damaged.
  ///
  /// - Returns: `nil` when there is none that is whole.
  fileprivate init?(searching file: MappedFile) {
    let bytes = file.bytes
    for start in stride(from: 0, to: file.size - Self.headerSize, by: Self.blockSize) {
      let head = bytes.extracting(start..<start + Self.headerSize)
      let length = Self.byteCount(fileSize: file.size)
      guard head.extracting(0..<Self.magic.count).copied() == Self.magic,
        head.littleEndian(UInt32.self, at: Field.version) == Self.version,
        head.littleEndian(UInt32.self, at: Field.blockSize) == UInt32(Self.blockSize),
        head.littleEndian(UInt64.self, at: Field.fileSize) == UInt64(file.size),
        head.littleEndian(UInt64.self, at: Field.blockCount) == UInt64((length - Self.headerSize) / Self.digestSize),
        start <= file.size - length
      else { continue }
      let whole = bytes.extracting(start..<start + length)
      guard head.digest(at: Field.digest) == SHA256Digest(of: whole.extracting(Self.headerSize..<length)) else {
        continue
      }
      self.bytes = whole.copied()
      self.start = start
      return
    }
    return nil
  }

  /// The numbers of the blocks whose digests are not those of the list.
  fileprivate func damaged(_ file: MappedFile, entry: Int) -> [Int] {
    let now = BlockDigests(fileSize: file.size, at: start, entry: entry) { range, body in body(file.bytes(in: range)) }
    let count = (file.size + Self.blockSize - 1) / Self.blockSize
    return (0..<count).filter { number in
      let place = Self.headerSize + number * Self.digestSize
      return now.bytes[place..<place + Self.digestSize] != bytes[place..<place + Self.digestSize]
    }
  }
}

extension IngotFile {
  /// The 4 KiB blocks of a damaged file that are not what they were when the file was stamped.
  ///
  /// The file need not open: whatever is damaged, the list of digests is searched for; if the list itself is damaged, it is computed again.
  ///
  /// - Parameter file: any file.
  /// - Returns: the blocks, in order; `nil` when the file has no list, none that can be used, or nothing in it differs.
  public static func damagedBlocks(of file: MappedFile) -> [Range<Int>]? {
    var numbers: [Int] = []
    if let list = BlockDigests(searching: file) {
      numbers = list.damaged(file)
    } else if let file = try? IngotFile(file) {
      numbers = file.damagedBlocksOfList()
    }
    return numbers.isEmpty
      ? nil
      : numbers.map { $0 * BlockDigests.blockSize..<min(($0 + 1) * BlockDigests.blockSize, file.size) }
  }

  /// The blocks of the list itself that are not what the rest of the file gives.
  private func damagedBlocksOfList() -> [Int] {
    guard let number = sectionEntries.firstIndex(where: { $0.kind == .blockDigests }) else { return [] }
    let range = sectionEntries[number].range
    guard range.count == BlockDigests.byteCount(fileSize: file.size) else { return [] }
    let file = file
    let right = BlockDigests(fileSize: file.size, at: range.lowerBound, entry: Self.entryPlace(number)) {
      $1(file.bytes(in: $0))
    }
    let found = file.bytes(in: range).copied()
    let places = found.indices.filter { found[$0] != right.bytes[$0] }
    return Set(places.map { (range.lowerBound + $0) / BlockDigests.blockSize }).sorted()
  }

  static func entryPlace(_ number: Int) -> Int {
    Header.sectionTableOffset + number * Layout.sectionEntrySize
  }
}

extension BlockDigests {
  /// The damaged blocks of a file, whose index may be damaged.
  fileprivate func damaged(_ file: MappedFile) -> [Int] {
    // Sections lie in the order of the table: the list's entry is found by its kind, or, where that is damaged, by the place in it.
    let bytes = file.bytes
    let firstBlocks = min(file.size, start)
    for place in stride(
      from: Header.sectionTableOffset, to: firstBlocks - Layout.sectionEntrySize, by: Layout.sectionEntrySize)
    {
      let entry = bytes.extracting(place..<place + Layout.sectionEntrySize)
      let isKind = entry.littleEndian(UInt32.self, at: Layout.SectionField.kind) == SectionKind.blockDigests.rawValue
      let isPlace = entry.littleEndian(UInt64.self, at: Layout.SectionField.offset) == UInt64(start)
      guard isKind || isPlace else { continue }
      let numbers = damaged(file, entry: place)
      if !numbers.isEmpty { return numbers }
      // Every block is right, and yet something is wrong: it is in the digests that the list leaves out.
      return circularDamage(file, entry: place)
    }
    return []
  }

  /// The blocks of those of the three digests that are not what they should be, and the list's own last one if it is not filled up with zeros.
  private func circularDamage(_ file: MappedFile, entry: Int) -> [Int] {
    let bytes = file.bytes
    var blocks: Set<Int> = []
    let place = entry + Layout.SectionField.digest
    if bytes.digest(at: place) != self.bytes.withRawSpan({ SHA256Digest(of: $0) }) {
      blocks.insert(place / Self.blockSize)
    }
    if bytes.digest(at: Layout.HeaderField.rootDigest)
      != SHA256Digest(of: bytes.extracting(0..<Layout.HeaderField.rootDigest))
    {
      blocks.insert(0)
    }
    let end = start + self.bytes.count
    let filled = min((end + Self.blockSize - 1) / Self.blockSize * Self.blockSize, file.size)
    if bytes.extracting(end..<filled).copied().contains(where: { $0 != 0 }) { blocks.insert(end / Self.blockSize) }
    return blocks.sorted()
  }
}
