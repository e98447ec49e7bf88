// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The order of the tensors in a file to be written, and all that precedes their bytes: `Formats/safetensors.md`, section 4.
struct SafetensorsPlan {
  let order: [TensorDescriptor]
  /// Header length, header and padding.
  let prefix: [UInt8]

  /// Lays out a file.
  ///
  /// - Throws: `malformed`, `unsupported`, `overflow` or `limit` for what the format cannot hold.
  init(tensors: [TensorDescriptor], metadata: [String: String]) throws(CheckpointError) {
    order = try Self.ordered(tensors)
    var members: [String] = []
    if !metadata.isEmpty {
      let sorted = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let pairs = sorted.map { Self.quoted($0.key) + ":" + Self.quoted($0.value) }
      members.append("\"\(Limits.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    var end = 0
    for tensor in order {
      let begin = end
      guard let next = begin.adding(tensor.byteCount) else {
        throw CheckpointError(.overflow, .safetensors, subject: tensor.name, "data ends after byte \(Int.max)")
      }
      end = next
      let shape = tensor.shape.extents.map(String.init).joined(separator: ",")
      members.append(
        "\(Self.quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(begin),\(end)]}")
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    guard header.count <= Limits.headerSize else {
      throw CheckpointError(
        .limit, .safetensors, "the header has \(header.count) bytes, the largest allowed is \(Limits.headerSize)")
    }
    prefix = (0..<Limits.prefixSize).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) } + header
  }

  private static func ordered(_ tensors: [TensorDescriptor]) throws(CheckpointError) -> [TensorDescriptor] {
    guard tensors.count <= Limits.tensorCount else {
      throw CheckpointError(
        .limit, .safetensors, "\(tensors.count) tensors, the largest number allowed is \(Limits.tensorCount)")
    }
    var names: Set = [Limits.metadataKey]
    var ranked: [(rank: Int, tensor: TensorDescriptor)] = []
    for tensor in tensors {
      func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
        CheckpointError(code, .safetensors, subject: tensor.name, detail)
      }
      guard names.insert(tensor.name).inserted else {
        throw fault(.malformed, "the name is not free, or differs from another only by Unicode normalisation")
      }
      guard tensor.encoding == .plain else {
        throw fault(.unsupported, "\(tensor.encoding.label) cannot be written, only plain tensors")
      }
      guard let rank = tensor.type.safetensorsRank else {
        throw fault(.unsupported, "the format has no \(tensor.type.rawValue)")
      }
      guard tensor.shape.rank <= Limits.rank else {
        throw fault(.limit, "rank \(tensor.shape.rank), the largest allowed is \(Limits.rank)")
      }
      guard
        let plain = TensorDescriptor(name: tensor.name, type: tensor.type, shape: tensor.shape, access: .mapped)
      else { throw fault(.overflow, "\(tensor.type.rawValue) \(tensor.shape) takes more than \(Int.max) bytes") }
      ranked.append((rank, plain))
    }
    return ranked.sorted { left, right in
      left.rank == right.rank
        ? left.tensor.name.utf8.lexicographicallyPrecedes(right.tensor.name.utf8) : left.rank > right.rank
    }.map(\.tensor)
  }

  /// A JSON string as the reference writes it: only what must be escaped is.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\u{C}": result += "\\f"
      case "\r": result += "\\r"
      case "\0"..<" ": result += (scalar.value < 16 ? "\\u000" : "\\u00") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
