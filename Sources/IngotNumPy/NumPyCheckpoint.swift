// SPDX-License-Identifier: Apache-2.0

import IngotArchive
public import IngotBytes
public import IngotTensor

/// A NumPy file: one array (`.npy`), or a zip archive of them (`.npz`).
///
/// `Formats/numpy.md` says what is read. An array is named by its member without `.npy`; the one of a `.npy` file is called `array`.
public struct NumPyCheckpoint: Checkpoint {
  /// The two kinds of file.
  public enum Container: String, Sendable, Hashable {
    /// One array.
    case npy
    /// An archive of arrays.
    case npz
  }

  /// What to make of two-byte elements without a meaning, which is how NumPy writes bfloat16.
  public enum TwoBytes: Sendable, Hashable {
    /// They are bfloat16 where the names are those of big_vision's checkpoints, which hold it; else they are refused.
    case byNames
    /// They are bfloat16.
    case bfloat16
  }

  /// Which kind of file it is.
  public let container: Container
  /// The arrays of numbers, in the file's order.
  public let tensors: [TensorDescriptor]
  /// Arrays that are no numbers, and members that are no arrays.
  public let notes: CheckpointNotes
  private let file: MappedFile
  private let archive: ZipArchive?
  private let arrays: [String: Array]

  private struct Array: Sendable {
    /// The member; `nil` for a file that is one array.
    let entry: ZipEntry?
    let dataOffset: Int
    let layout: StridedLayout
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - twoBytes: what to make of elements that are two bytes without a meaning.
  /// - Throws: `CheckpointError` naming the array, the place and both numbers of what is wrong.
  public init(_ file: MappedFile, twoBytes: TwoBytes = .byNames) throws(CheckpointError) {
    self.file = file
    var reading = Reading(twoBytes: twoBytes)
    if ZipArchive.recognises(file) {
      container = .npz
      let archive = try ZipArchive(file)
      self.archive = archive
      let names = archive.entries.map(\.name)
      reading.areNamesOfBigVision = Self.areOfBigVision(names)
      for entry in archive.entries where !entry.isFolder {
        guard entry.name.hasSuffix(".npy"), entry.name.utf8.count > 4 else {
          reading.notes.skipped.append("\(entry.name) (a member that is no array)")
          continue
        }
        let name = String(entry.name.dropLast(4))
        let start = try archive.prefix(of: entry, upTo: NumPyHeader.prefix + NumPyHeader.largest)
        let header = try start.withCheckedSpan { bytes throws(CheckpointError) in try NumPyHeader(bytes, named: name) }
        try reading.add(name, header, size: entry.size, entry: entry)
      }
    } else {
      container = .npy
      archive = nil
      let header = try NumPyHeader(file.bytes, named: "array")
      try reading.add("array", header, size: file.size, entry: nil)
    }
    tensors = reading.tensors
    notes = reading.notes
    arrays = reading.arrays
  }

  /// Whether a file is an array, or an archive all of whose arrays are at hand: of an archive, only the members' names are looked at.
  public static func recognises(_ file: MappedFile) -> Bool {
    if NumPyHeader.recognises(file.bytes) { return true }
    guard ZipArchive.recognises(file), let archive = try? ZipArchive(file) else { return false }
    let members = archive.entries.filter { !$0.isFolder }
    return members.contains { $0.name.hasSuffix(".npy") } && !members.contains { $0.name.hasSuffix("data.pkl") }
  }

  /// Lends an array's bytes, mapped where they lie one after the other, else inflated or assembled.
  ///
  /// - Throws: `corrupt` when a member is not what its headers say, and what `body` throws.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let array = arrays[tensor.name] else {
      throw CheckpointError(.missing, .numpy, subject: tensor.name, "no such array in this file")
    }
    guard let entry = array.entry, let archive else {
      let file = file
      return try array.layout.withBytes(in: file.bytes(in: array.dataOffset..<file.size), body)
    }
    return try archive.withBytes(of: entry) { bytes in
      try array.layout.withBytes(in: bytes.extracting(array.dataOffset..<entry.size), body)
    }
  }

  /// Tells that an array's pages are not needed for now.
  public func release(_ tensor: TensorDescriptor) {
    guard let array = arrays[tensor.name] else { return }
    if let entry = array.entry { archive?.release(entry) } else { file.release(array.dataOffset..<file.size) }
  }

  /// The trees of big_vision (`params/img/…`, `params/txt/…`, or without `params/`).
  private static func areOfBigVision(_ names: [String]) -> Bool {
    let roots = Set(
      names.map { name in
        name.split(separator: "/").drop { $0 == "params" || $0 == "opt" }.first.map(String.init) ?? ""
      })
    return roots.contains("img") && roots.contains("txt")
  }

  /// What opening has found so far.
  private struct Reading {
    let twoBytes: TwoBytes
    var areNamesOfBigVision = false
    var tensors: [TensorDescriptor] = []
    var notes = CheckpointNotes()
    var arrays: [String: Array] = [:]

    init(twoBytes: TwoBytes) { self.twoBytes = twoBytes }

    mutating func add(_ name: String, _ header: NumPyHeader, size: Int, entry: ZipEntry?) throws(CheckpointError) {
      let type: ElementType
      var isBigEndian = false
      switch header.element {
      case .number(let number, let order): (type, isBigEndian) = (number, order)
      case .twoBytes where twoBytes == .bfloat16 || areNamesOfBigVision:
        type = .bfloat16
        notes.remarks[name] = "stored as two bytes without a meaning (V2), read as BF16"
      case .twoBytes:
        return notes.refused.append(
          RefusedTensor(name: name, reason: "its elements are two bytes without a meaning (V2), maybe bfloat16"))
      case .other(let meaning): return notes.refused.append(RefusedTensor(name: name, reason: "it is \(meaning)"))
      }
      let layout = StridedLayout.packed(
        type, header.shape, columnsFirst: header.columnsFirst, isBigEndian: isBigEndian)
      let found = size - header.dataOffset
      guard found == layout.byteCount else {
        throw CheckpointError(
          found < layout.byteCount ? .truncated : .malformed, .numpy, at: header.dataOffset, subject: name,
          "has \(found) bytes of elements, shape \(header.shape) of \(type.rawValue) needs \(layout.byteCount)")
      }
      let isMapped = layout.isPlain && entry?.method != .deflated
      guard
        let tensor = TensorDescriptor(
          name: name, type: type, shape: header.shape, access: isMapped ? .mapped : .assembled)
      else { throw CheckpointError(.overflow, .numpy, subject: name, "shape \(header.shape) is too large") }
      tensors.append(tensor)
      arrays[name] = Array(entry: entry, dataOffset: header.dataOffset, layout: layout)
    }
  }
}

extension [UInt8] {
  /// Lends the bytes to a reader whose errors are all of a checkpoint.
  fileprivate func withCheckedSpan<R>(
    _ body: (RawSpan) throws(CheckpointError) -> R
  ) throws(CheckpointError) -> R {
    do {
      return try withRawSpan { try body($0) }
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(.malformed, .numpy, "\(error)")
    }
  }
}
