// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TorchObject {
  /// `_rebuild_qtensor(storage, offset, size, stride, (scheme, …), requires_grad, hooks)`.
  func quantized(_ call: TensorCall, _ name: String) throws(CheckpointError) -> TensorLeaf {
    _ = try call.argument(4, name)
    let storage: StoredElements
    switch try self.storage(call.arguments[0], name) {
    case .refused(let reason): return .refused(reason)
    case .elements(let elements): storage = elements
    }
    guard [.int8, .uint8, .int32].contains(storage.type), !storage.isUntyped else {
      throw fault(
        .malformed, name, "its quantized storage is of \(storage.type.rawValue), expected I8, U8 or I32")
    }
    var recipe = try window(storage, storage.type, call.arguments, name)
    guard let parts = arena.tuple(call.arguments[4]).map(Array.init), let scheme = parts.first.flatMap(arena.global),
      scheme.module == "torch"
    else {
      throw fault(
        .malformed, name,
        "its quantization is a \(arena.kind(of: call.arguments[4])), expected a tuple beginning with a scheme")
    }
    switch (scheme.name, parts.count) {
    case ("per_tensor_affine", 3):
      guard case .double(let scale) = arena[parts[1]], let zero = arena.int(parts[2]) else {
        throw fault(
          .malformed, name,
          "its scale and zero point are a \(arena.kind(of: parts[1])) and a \(arena.kind(of: parts[2])), expected a float and an integer"
        )
      }
      recipe.quantization = Quantization(axis: nil, scales: [scale], zeroPoints: [zero])
    case ("per_channel_affine", 4):
      guard let axis = arena.int(parts[3]), axis >= 0, axis < recipe.shape.rank else {
        throw fault(
          .corrupt, name,
          "its axis is \(arena.int(parts[3]).map { "\($0)" } ?? arena.kind(of: parts[3])), the shape \(recipe.shape) has \(recipe.shape.rank)"
        )
      }
      let channels = recipe.shape[axis]
      recipe.quantization = Quantization(
        axis: axis, scales: try numbers(parts[1], "scales", channels, name),
        zeroPoints: try numbers(parts[2], "zero points", channels, name).map { value throws(CheckpointError) in
          guard let integer = Int(exactly: value) else {
            throw fault(.malformed, name, "its zero points have \(value), expected integers")
          }
          return integer
        })
    default:
      return .refused("it is quantized by \(scheme.name) of \(parts.count) parts, which is not supported")
    }
    return .tensor(recipe)
  }

  /// One number for each channel, from a list or a tensor of one axis.
  private func numbers(
    _ reference: Reference, _ what: String, _ count: Int, _ name: String
  ) throws(CheckpointError) -> [Double] {
    if let elements = arena.sequence(reference) {
      guard elements.count == count else {
        throw fault(.corrupt, name, "it has \(elements.count) \(what), expected \(count)")
      }
      var values: [Double] = []
      for element in elements {
        switch arena[element] {
        case .int(let value): values.append(Double(value))
        case .double(let value): values.append(value)
        default:
          throw fault(.malformed, name, "its \(what) have a \(arena.kind(of: element)), expected numbers")
        }
      }
      return values
    }
    guard isTensor(reference), case .tensor(let recipe) = try tensor(reference, named: name), recipe.quantization == nil
    else {
      throw fault(.malformed, name, "its \(what) are a \(arena.kind(of: reference)), expected a list or a tensor")
    }
    guard recipe.shape.extents == [count] else {
      throw fault(.corrupt, name, "its \(what) have shape \(recipe.shape), expected [\(count)]")
    }
    return try values(of: recipe, what, name)
  }

  private func values(
    of recipe: TensorRecipe, _ what: String, _ name: String
  ) throws(CheckpointError) -> [Double] {
    guard let place = recipe.storage.place, recipe.shape.elementCount > 0 else { return [] }
    guard [.float64, .float32, .int64, .int32].contains(recipe.storedType) else {
      throw fault(.malformed, name, "its \(what) are of \(recipe.storedType.rawValue), expected floats or integers")
    }
    let bytes = try shelf.reading(place) { bytes throws(CheckpointError) in recipe.layout.assembled(from: bytes) }
    return bytes.withRawSpan { bytes in
      (0..<recipe.shape.elementCount).map { index in
        switch recipe.storedType {
        case .float64: Double(bitPattern: bytes.littleEndian(UInt64.self, at: index * 8))
        case .float32: Double(Float(bitPattern: bytes.littleEndian(UInt32.self, at: index * 4)))
        case .int64: Double(bytes.littleEndian(Int64.self, at: index * 8))
        default: Double(bytes.littleEndian(Int32.self, at: index * 4))
        }
      }
    }
  }
}
