// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A model of the library `sentencepiece`: the protocol buffer `ModelProto`, of which encoding needs these fields.
struct SentencePieceFile {
  /// `TrainerSpec.ModelType`.
  enum Algorithm: UInt64 { case unigram = 1, bytePair = 2, word = 3, scalar = 4 }

  /// Twenty times as many pieces as the largest known model has.
  private static let mostPieces = 1 << 22
  private static let longestPiece = 4096

  private(set) var pieces: [UnigramModel.Piece] = []
  private(set) var algorithm = Algorithm.unigram
  private(set) var hasByteFallback = false
  private(set) var map: CharacterMap?
  private(set) var options: SentencePieceNormalizer.Options = [.dummyPrefix, .removesExtraSpaces, .escapesSpaces]
  private(set) var unknown: Int32 = -1
  /// The pieces of the bytes, all or none.
  private(set) var byteIDs: [Int32] = []

  /// Reads a whole file.
  ///
  /// - Parameter bytes: the file's contents.
  /// - Throws: `malformed` or `truncated` when it is not such a message; `missing`, `corrupt` or `mismatch` when its pieces cannot be
  ///   those of a model; `limit` when they are too many.
  init(_ bytes: RawSpan) throws(CheckpointError) {
    var message = ProtocolBuffer(bytes, base: 0)
    while let field = try message.next() {
      switch field.number {
      case 1: try readPiece(field, of: bytes)
      case 2: try readTrainer(field, of: bytes)
      case 3: try readNormalizer(field, of: bytes)
      default: break
      }
    }
    try check()
  }

  private mutating func readPiece(
    _ field: ProtocolBuffer.Field, of bytes: RawSpan
  ) throws(CheckpointError) {
    var message = try ProtocolBuffer(bytes, within: field, "piece \(pieces.count)")
    var piece = UnigramModel.Piece(text: [], score: 0, kind: .normal)
    guard pieces.count < Self.mostPieces else {
      throw message.fault(.limit, "more than \(Self.mostPieces) pieces")
    }
    while let field = try message.next() {
      switch field.number {
      case 1:
        piece.text = try message.bytes(of: field)
        guard piece.text.count <= Self.longestPiece, String(validating: piece.text, as: UTF8.self) != nil else {
          throw message.fault(.malformed, "its \(piece.text.count) bytes are too many or not UTF-8")
        }
      case 2:
        let score = try message.float(of: field)
        guard score.isFinite else { throw message.fault(.malformed, "the score is \(score)") }
        piece.score = Double(score)
      case 3:
        let number = try message.number(of: field)
        guard let value = UInt8(exactly: number), let kind = UnigramModel.Kind(rawValue: value) else {
          throw message.fault(.unsupported, "the type is \(number), known are 1 to 6")
        }
        piece.kind = kind
      default: break
      }
    }
    guard !piece.text.isEmpty else { throw message.fault(.malformed, "it is empty") }
    pieces.append(piece)
  }

  private mutating func readTrainer(_ field: ProtocolBuffer.Field, of bytes: RawSpan) throws(CheckpointError) {
    var message = try ProtocolBuffer(bytes, within: field, "trainer_spec")
    while let field = try message.next() {
      switch field.number {
      case 3:
        let number = try message.number(of: field)
        guard let algorithm = Algorithm(rawValue: number) else {
          throw message.fault(.unsupported, "the model type is \(number), known are 1 to 4")
        }
        self.algorithm = algorithm
      case 24: if try message.number(of: field) != 0 { options.insert(.spaceAtEnd) }
      case 35: hasByteFallback = try message.number(of: field) != 0
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ field: ProtocolBuffer.Field, of bytes: RawSpan) throws(CheckpointError) {
    var message = try ProtocolBuffer(bytes, within: field, "normalizer_spec")
    while let field = try message.next() {
      switch field.number {
      case 2:
        let bytes = try message.bytes(of: field)
        map = bytes.isEmpty ? nil : try CharacterMap(bytes)
      case 3: set(.dummyPrefix, try message.number(of: field))
      case 4: set(.removesExtraSpaces, try message.number(of: field))
      case 5: set(.escapesSpaces, try message.number(of: field))
      default: break
      }
    }
  }

  private mutating func set(_ option: SentencePieceNormalizer.Options, _ value: UInt64) {
    if value != 0 { options.insert(option) } else { options.remove(option) }
  }

  private mutating func check() throws(CheckpointError) {
    func error(_ code: CheckpointError.Code, _ subject: String, _ detail: String) -> CheckpointError {
      CheckpointError(code, .tokenizer, subject: subject, detail)
    }
    var seen: [[UInt8]: Int] = [:]
    var bytes = [Int32](repeating: -1, count: 256)
    for (index, piece) in pieces.enumerated() {
      let name = String(decoding: piece.text, as: UTF8.self)
      if let before = seen.updateValue(index, forKey: piece.text) {
        throw error(.corrupt, name, "pieces \(before) and \(index) are the same")
      }
      switch piece.kind {
      case .unknown:
        guard unknown < 0 else {
          throw error(.corrupt, name, "pieces \(unknown) and \(index) are both for the unknown")
        }
        unknown = Int32(index)
      case .byte:
        guard let byte = (0...255 as ClosedRange<UInt8>).first(where: { CharacterPairModel.byteToken($0) == name })
        else { throw error(.malformed, name, "piece \(index) is of a byte, and not spelled <0x00> to <0xFF>") }
        bytes[Int(byte)] = Int32(index)
      default: break
      }
    }
    guard unknown >= 0 else {
      throw error(.missing, "<unk>", "none of the \(pieces.count) pieces is for the unknown")
    }
    guard hasByteFallback else { return }
    if let byte = bytes.firstIndex(of: -1) {
      throw error(
        .missing, CharacterPairModel.byteToken(UInt8(byte)),
        "unknown scalars are written in bytes, of which one has no piece")
    }
    byteIDs = bytes
  }
}

/// Goes through the fields of one message of a protocol buffer.
struct ProtocolBuffer: ~Escapable {
  /// A field: its number, how its value is stored, and the value or the place of its bytes.
  struct Field {
    enum Value {
      case number(UInt64)
      case fixed32(UInt32)
      case bytes(Range<Int>)
    }

    let number: UInt64
    let value: Value
  }

  private var cursor: ByteCursor
  private let span: RawSpan
  private let base: Int
  private let subject: String

  /// Makes a reader of the whole file.
  @_lifetime(copy span)
  init(_ span: RawSpan, base: Int, _ subject: String = "model") {
    self.span = span
    self.base = base
    self.subject = subject
    cursor = ByteCursor(span, format: .tokenizer, subject: subject, base: base)
  }

  /// Makes a reader of the message that a field holds.
  @_lifetime(copy file)
  init(_ file: RawSpan, within field: Field, _ subject: String) throws(CheckpointError) {
    guard case .bytes(let range) = field.value else {
      throw CheckpointError(.malformed, .tokenizer, subject: subject, "the field is a number, expected a message")
    }
    self.init(file.extracting(range), base: range.lowerBound, subject)
  }

  func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError { cursor.error(code, detail) }

  /// The next field, `nil` at the end of the message.
  @_lifetime(self: copy self)
  mutating func next() throws(CheckpointError) -> Field? {
    guard !cursor.isAtEnd else { return nil }
    let tag = try varint()
    switch tag & 7 {
    case 0: return Field(number: tag >> 3, value: .number(try varint()))
    case 1:
      _ = try cursor.take(8, "eight bytes of a field")
      return Field(number: 0, value: .number(0))
    case 2:
      let length = try varint()
      guard let count = Int(exactly: length), count <= cursor.remaining else {
        throw cursor.error(.truncated, "a field of \(length) bytes, \(cursor.remaining) are left")
      }
      let start = base + cursor.offset
      _ = try cursor.take(count, "field")
      return Field(number: tag >> 3, value: .bytes(start..<start + count))
    case 5: return Field(number: tag >> 3, value: .fixed32(try cursor.read(UInt32.self, "field")))
    default: throw cursor.error(.malformed, "a field of wire type \(tag & 7), this is no SentencePiece model")
    }
  }

  @_lifetime(self: copy self)
  private mutating func varint() throws(CheckpointError) -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      let byte = try cursor.read(UInt8.self, "number")
      guard shift < 63 || byte <= 1 else { break }
      result |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 { return result }
    }
    throw cursor.error(.malformed, "a number of more than 64 bits")
  }

  /// The bytes of a field of this message.
  func bytes(of field: Field) throws(CheckpointError) -> [UInt8] {
    guard case .bytes(let range) = field.value else { throw wrongKind(field) }
    return cursor.bytes(in: range.lowerBound - base..<range.upperBound - base)
  }

  func number(of field: Field) throws(CheckpointError) -> UInt64 {
    guard case .number(let value) = field.value else { throw wrongKind(field) }
    return value
  }

  func float(of field: Field) throws(CheckpointError) -> Float {
    guard case .fixed32(let value) = field.value else { throw wrongKind(field) }
    return Float(bitPattern: value)
  }

  private func wrongKind(_ field: Field) -> CheckpointError {
    cursor.error(.malformed, "field \(field.number) is not stored as it should be")
  }
}
