// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes

/// A MATLAB file of version 5 (also called 6 and 7), as annotations of datasets are distributed.
///
/// Numbers, characters, cells and structures are read, in both byte orders, compressed or not; arrays of other classes are kept by name.
/// Lengths, types, depth and counts are all checked: whatever the bytes, the result is a value or an error.
struct MATFile: Sendable {
  /// The variables, in the file's order; a later one of the same name replaces an earlier one, as MATLAB has it.
  let variables: [(name: String, value: MATValue)]
  private let subject: String

  /// The largest file that is read: annotations are lists of numbers and names.
  private static let largestFile = 1 << 24
  /// What all compressed variables of a file may become together.
  static let largestContent = 1 << 24

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: what it is called in messages.
  /// - Throws: `FileError`, and what is wrong with the bytes.
  init(path: String, name: String) throws {
    let file = try MappedFile(path: path)
    guard file.size <= Self.largestFile else {
      throw CheckpointError(.limit, .mat, subject: name, "has \(file.size) bytes, allowed are \(Self.largestFile)")
    }
    try self.init(file.bytes, subject: name)
  }

  /// Reads the bytes of a file.
  init(_ bytes: RawSpan, subject: String) throws(CheckpointError) {
    self.subject = subject
    let isBigEndian = try Self.byteOrder(bytes, subject)
    var variables: [(name: String, value: MATValue)] = []
    var budget = Self.largestContent
    var reader = MATReader(bytes, isBigEndian: isBigEndian, base: 0, subject: subject)
    try reader.skip(Self.headerSize)
    while !reader.isAtEnd {
      let element = try reader.element(isPadded: false)
      switch element.type {
      case .compressed:
        let content = try Zlib.decompress(reader.bytes(of: element), limit: budget, at: element.range.lowerBound)
        budget -= content.count
        let inner = try Self.variable(content, isBigEndian, at: element.range.lowerBound, subject)
        if let inner { variables.append(inner) }
      case .matrix:
        if let variable = try reader.variable(in: element) { variables.append(variable) }
      default:
        throw reader.fault(.malformed, at: element.range.lowerBound, "element type \(element.type) is no variable")
      }
    }
    self.variables = variables
  }

  private static func variable(
    _ content: [UInt8], _ isBigEndian: Bool, at place: Int, _ subject: String
  ) throws(CheckpointError) -> (name: String, value: MATValue)? {
    do {
      return try content.withRawSpan { bytes in
        var inner = MATReader(bytes, isBigEndian: isBigEndian, base: place, subject: subject + " (inflated)")
        let element = try inner.element(isPadded: true)
        guard element.type == .matrix else {
          throw inner.fault(.malformed, at: 0, "element type \(element.type) is compressed, expected an array")
        }
        guard inner.isAtEnd else { throw inner.fault(.malformed, "bytes follow the compressed array") }
        return try inner.variable(in: element)
      }
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(.malformed, .mat, subject: subject, "\(error)")
    }
  }

  /// A variable by its name.
  ///
  /// - Throws: `missing` when there is none.
  func variable(_ name: String) throws(CheckpointError) -> MATValue {
    guard let found = variables.last(where: { $0.name == name }) else {
      let names = variables.isEmpty ? "none" : variables.prefix(20).map(\.name).joined(separator: ", ")
      throw CheckpointError(.missing, .mat, subject: subject, "there is no variable \(name), there are \(names)")
    }
    return found.value
  }

  /// A fault of this file's content.
  func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
    CheckpointError(code, .mat, subject: subject, detail)
  }

  private static let headerSize = 128

  private static func byteOrder(_ bytes: RawSpan, _ subject: String) throws(CheckpointError) -> Bool {
    func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .mat, at: min(124, bytes.byteCount), subject: subject, detail)
    }
    // MATLAB 4's header is five numbers: a type of at most 4052, rows, columns, whether there are imaginary parts, the length of a name.
    if bytes.byteCount >= 20, bytes.littleEndian(UInt32.self, at: 0) <= 4052,
      bytes.littleEndian(UInt32.self, at: 12) <= 1
    {
      throw fault(.unsupported, "is a file of MATLAB 4, expected one of MATLAB 5")
    }
    guard bytes.byteCount >= headerSize else {
      throw fault(.truncated, "the header needs \(headerSize) bytes, there are \(bytes.byteCount)")
    }
    let mark = (bytes[byte: 126], bytes[byte: 127])
    let isBigEndian: Bool
    switch mark {
    case (UInt8(ascii: "I"), UInt8(ascii: "M")): isBigEndian = false
    case (UInt8(ascii: "M"), UInt8(ascii: "I")): isBigEndian = true
    default: throw fault(.malformed, "there is no mark IM or MI of a MATLAB 5 file")
    }
    let version = bytes.littleEndian(UInt16.self, at: 124)
    switch isBigEndian ? version.byteSwapped : version {
    case 0x0100: return isBigEndian
    case 0x0200: throw fault(.unsupported, "the file was saved with -v7.3, which is HDF5; save it with -v7")
    case let other: throw fault(.unsupported, "version 0x\(String(other, radix: 16)), expected 0x100")
    }
  }
}

extension FormatKind {
  /// Faults of a MATLAB file.
  static let mat = FormatKind(rawValue: "mat")
}
