// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension FormatKind {
  /// Faults of a `.npy` array.
  public static let numpy = FormatKind(rawValue: "numpy")
}

/// What the header of a `.npy` array says (`numpy/lib/format.py`).
struct NumPyHeader: Sendable, Hashable {
  /// What the elements are.
  enum Element: Sendable, Hashable {
    case number(ElementType, isBigEndian: Bool)
    /// Two bytes without a meaning: how bfloat16 appears.
    case twoBytes
    /// No numbers; what they are instead.
    case other(String)
  }

  let element: Element
  let columnsFirst: Bool
  let shape: Shape
  /// Where the elements begin.
  let dataOffset: Int

  /// Headers that NumPy writes are a few hundred bytes long; structured types make longer ones.
  static let largest = 1 << 16
  /// The bytes before the header's text at most: magic, version, length.
  static let prefix = 12
  private static let largestRank = 64
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Whether bytes begin as an array does.
  static func recognises(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= magic.count && bytes.extracting(0..<magic.count).copied() == magic
  }

  /// Reads a header.
  ///
  /// - Parameters:
  ///   - bytes: the array's file, or as much of its beginning as the largest header takes.
  ///   - name: the array, for messages.
  /// - Throws: `malformed`, `truncated`, `overflow`, `limit`, or `unsupported` for another version.
  init(_ bytes: RawSpan, named name: String) throws(CheckpointError) {
    var cursor = ByteCursor(bytes, format: .numpy, subject: name)
    guard try cursor.take(Self.magic.count, "magic").copied() == Self.magic else {
      throw CheckpointError(.malformed, .numpy, at: 0, subject: name, "does not begin with the magic of an array")
    }
    let major = try cursor.read(UInt8.self, "version")
    let minor = try cursor.read(UInt8.self, "version")
    guard (1...3).contains(major), minor == 0 else {
      throw CheckpointError(
        .unsupported, .numpy, at: 6, subject: name, "found version \(major).\(minor), expected 1.0, 2.0 or 3.0")
    }
    let length =
      major == 1
      ? Int(try cursor.read(UInt16.self, "header length")) : Int(try cursor.read(UInt32.self, "header length"))
    guard length <= Self.largest else {
      throw cursor.error(.limit, "the header has \(length) bytes, the largest allowed is \(Self.largest)")
    }
    let start = cursor.offset
    let text = try cursor.take(length, "header").copied()
    dataOffset = cursor.offset
    var literal = PythonLiteral(text, base: start, subject: name)
    let fields = try literal.dictionary()
    for key in ["descr", "fortran_order", "shape"] where fields[key] == nil {
      throw CheckpointError(.malformed, .numpy, at: start, subject: name, "the header does not say \(key)")
    }
    guard fields.count == 3 else {
      throw CheckpointError(
        .malformed, .numpy, at: start, subject: name, "the header has \(fields.count) entries, expected 3")
    }
    guard case .bool(let columnsFirst)? = fields["fortran_order"] else {
      throw CheckpointError(.malformed, .numpy, at: start, subject: name, "fortran_order is no True or False")
    }
    self.columnsFirst = columnsFirst
    guard case .integers(let extents)? = fields["shape"] else {
      throw CheckpointError(.malformed, .numpy, at: start, subject: name, "shape is no tuple of integers")
    }
    guard extents.count <= Self.largestRank else {
      throw CheckpointError(
        .limit, .numpy, at: start, subject: name,
        "has \(extents.count) dimensions, allowed are \(Self.largestRank)")
    }
    guard let shape = Shape(checking: extents), shape.elementCount.multiplied(by: 16) != nil else {
      throw CheckpointError(.overflow, .numpy, at: start, subject: name, "shape \(extents) is too large")
    }
    self.shape = shape
    switch fields["descr"] {
    case .text(let code)?: element = try Self.element(code, at: start, named: name)
    case .structure?: element = .other("an array of structures")
    default:
      throw CheckpointError(.malformed, .numpy, at: start, subject: name, "descr is neither a type nor a list of them")
    }
  }

  /// Codes of numbers, without the byte order.
  private static let codes: [String: ElementType] = [
    "b1": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32, "i4": .int32, "u8": .uint64,
    "i8": .int64, "f2": .float16, "f4": .float32, "f8": .float64, "c8": .complex64, "c16": .complex128,
  ]

  private static func element(
    _ descr: String, at offset: Int, named name: String
  ) throws(CheckpointError) -> Element {
    guard let order = descr.first else {
      throw CheckpointError(.malformed, .numpy, at: offset, subject: name, "descr is empty")
    }
    let code = String(descr.dropFirst())
    if let type = codes[code] {
      switch order {
      case "<": return .number(type, isBigEndian: false)
      case ">": return .number(type, isBigEndian: true)
      case "|" where type.byteCount == 1: return .number(type, isBigEndian: false)
      default:
        throw CheckpointError(
          .malformed, .numpy, at: offset, subject: name, "descr \(descr) has no byte order, expected < or >")
      }
    }
    if code == "V2" { return .twoBytes }
    switch code.first ?? order {
    case "O": return .other("an array of Python objects, which is a pickle")
    case "U", "S", "a": return .other("an array of texts (\(descr))")
    case "V": return .other("an array of bytes without a meaning (\(descr))")
    case "M", "m": return .other("an array of times (\(descr))")
    case "f", "c":
      return .other(
        "an array of extended precision (\(descr)), whose bytes mean different things on different machines")
    default: return .other("an array of type \(descr.prefix(40))")
    }
  }
}
