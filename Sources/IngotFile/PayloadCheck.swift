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
  private let valueCount: Int
  private let scaleOffset: Int
  /// How many bytes have been seen.
  private var position = 0
  private var scaleBytes: [UInt8] = []
  private var found: [CheckpointError] = []

  /// Starts before the first byte.
  ///
  /// - Parameters:
  ///   - tensor: what the payload is of.
  ///   - place: where the payload lies in the file.
  init(_ tensor: TensorDescriptor, at place: Int) {
    self.tensor = tensor
    self.place = place
    switch tensor.encoding {
    case .plain:
      valueCount = 0
      scaleOffset = tensor.byteCount
    case .int8PerChannel:
      valueCount = tensor.shape.elementCount
      scaleOffset = tensor.encoding.scaleOffset(of: tensor.shape) ?? tensor.byteCount
    }
  }

  /// Looks at the next bytes of the payload.
  mutating func update(_ bytes: RawSpan) {
    defer { position += bytes.byteCount }
    guard tensor.encoding != .plain else { return }
    let values = part(of: bytes, 0..<valueCount)
    if let index = bytes.extracting(values).firstIndex(of: 0x80) {
      report(position + values.lowerBound + index, "int8 value is -128, the smallest allowed is -127")
    }
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
    let scales = scaleBytes.withRawSpan { [UInt32](littleEndianBytes: $0) }.map(Float.init(bitPattern:))
    if let channel = scales.firstIndex(where: { !$0.isFinite || $0 <= 0 }) {
      report(scaleOffset + channel * 4, "scale \(channel) is \(scales[channel]), scales are finite and positive")
    }
    return found
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
