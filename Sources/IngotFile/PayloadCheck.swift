// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Checks the values of an encoded payload, piece by piece.
///
/// `Formats/ingot.md`, section 6, has the rules. A plain payload may hold anything.
struct PayloadCheck {
  private let tensor: TensorDescriptor
  /// Where the payload lies in the file, for messages.
  private let place: Int
  /// Bytes of the integers.
  private let valueCount: Int
  private let scaleOffset: Int
  /// How many bytes have been seen.
  private var position = 0
  private var scaleBytes: [UInt8] = []
  private var found: [CheckpointError] = []
  /// Bytes of int6 that do not yet make a whole group of four numbers.
  private var pending: [UInt8] = []

  /// Starts before the first byte.
  ///
  /// - Parameters:
  ///   - tensor: what the payload is of.
  ///   - place: where the payload lies in the file.
  init(_ tensor: TensorDescriptor, at place: Int) {
    self.tensor = tensor
    self.place = place
    valueCount = tensor.encoding.integerByteCount(elementCount: tensor.shape.elementCount)
    scaleOffset = tensor.encoding.scaleOffset(of: tensor.shape) ?? tensor.byteCount
  }

  /// Looks at the next bytes of the payload.
  mutating func update(_ bytes: RawSpan) {
    defer { position += bytes.byteCount }
    guard tensor.encoding != .plain else { return }
    let values = part(of: bytes, 0..<valueCount)
    checkIntegers(bytes.extracting(values), at: position + values.lowerBound)
    let padding = part(of: bytes, valueCount..<scaleOffset)
    if let index = bytes.extracting(padding).firstNonzeroIndex() {
      let byte = bytes[byte: padding.lowerBound + index]
      report(position + padding.lowerBound + index, "byte before the scales is \(byte), padding is 0")
    }
    scaleBytes += bytes.extracting(part(of: bytes, scaleOffset..<tensor.byteCount)).copied()
  }

  /// Looks at the scales.
  ///
  /// - Returns: everything found, the first of each kind.
  mutating func finish() -> [CheckpointError] {
    let scales: [Float]
    let size: Int
    if tensor.encoding.scaleType == .bfloat16 {
      size = 2
      scales = scaleBytes.withRawSpan { widen($0, of: .bfloat16) }
    } else {
      size = 4
      scales = scaleBytes.withRawSpan { [UInt32](littleEndianBytes: $0) }.map(Float.init(bitPattern:))
    }
    if let channel = scales.firstIndex(where: { !$0.isFinite || $0 <= 0 }) {
      report(scaleOffset + channel * size, "scale \(channel) is \(scales[channel]), scales are finite and positive")
    }
    return found
  }

  /// Looks for the smallest integer, which a symmetric range does not have, and for bits after the last integer.
  private mutating func checkIntegers(_ bytes: RawSpan, at start: Int) {
    guard case .grouped(let width, _, _) = tensor.encoding, width != .int8 else {
      if let index = bytes.firstIndex(of: 0x80) {
        report(start + index, "int8 value is -128, the smallest allowed is -127")
      }
      return
    }
    // Four int6 take three bytes: what does not fill them waits for the bytes that follow.
    let period = width == .int6 ? 3 : 1
    let before = pending.count
    let all = pending + bytes.copied()
    let isLast = start + bytes.byteCount == valueCount
    let whole = isLast ? all.count : all.count / period * period
    pending = Array(all[whole...])
    guard whole > 0 else { return }
    let origin = start - before
    let first = origin * 8 / width.rawValue
    let count = min(whole * 8 / width.rawValue, tensor.shape.elementCount - first)
    let integers = all.withRawSpan { unpacked($0.extracting(0..<whole), width, count: count) }
    if let index = integers.firstIndex(where: { $0 < -Int8(width.limit) }) {
      report(
        origin + index * width.rawValue / 8,
        "\(width.name) value is \(integers[index]), the smallest allowed is -\(width.limit)")
    }
    let used = count * width.rawValue % 8
    if isLast, used > 0, all[whole - 1] >> used != 0 {
      report(origin + whole - 1, "bits after the last integer are not 0")
    }
  }

  /// The part of the bytes now given that lies in a range of the payload.
  private func part(of bytes: RawSpan, _ range: Range<Int>) -> Range<Int> {
    range.clamped(to: position..<position + bytes.byteCount).relative(to: position)
  }

  /// Notes a fault at a byte of the payload.
  private mutating func report(_ index: Int, _ detail: String) {
    found.append(CheckpointError(.malformed, .ingot, at: place + index, subject: tensor.name, detail))
  }
}

extension Range<Int> {
  /// The same range, counted from `origin`.
  fileprivate func relative(to origin: Int) -> Range<Int> {
    lowerBound - origin..<upperBound - origin
  }
}
