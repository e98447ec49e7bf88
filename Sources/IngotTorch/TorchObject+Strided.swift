// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TorchObject {
  private static let largestRank = 64

  /// `_rebuild_tensor(storage, offset, size, stride, …)` and its later versions.
  func strided(
    _ call: TensorCall, typeArgument: Int?, metadataArgument: Int?, _ name: String
  ) throws(CheckpointError) -> TensorLeaf {
    _ = try call.argument(typeArgument ?? 3, name)
    if let metadataArgument, metadataArgument < call.arguments.count,
      let reason = try unreadableMetadata(call.arguments[metadataArgument], name)
    {
      return .refused(reason)
    }
    let storage: StoredElements
    switch try self.storage(call.arguments[0], name) {
    case .refused(let reason): return .refused(reason)
    case .elements(let elements): storage = elements
    }
    var type = storage.type
    if let typeArgument {
      guard let global = arena.global(call.arguments[typeArgument]), let named = TorchNames.elementType(global) else {
        return .refused("its type, \(arena.kind(of: call.arguments[typeArgument])), is not known")
      }
      type = named
    } else if storage.isUntyped {
      throw fault(.malformed, name, "\(call.function) over an untyped storage does not say its type")
    }
    return .tensor(try window(storage, type, call.arguments, name))
  }

  /// A tensor class of PyTorch before 0.4, made empty and then given (storage, offset, size, stride).
  func oldTensor(_ call: TensorCall, _ type: ElementType?, _ name: String) throws(CheckpointError) -> TensorLeaf {
    guard let state = call.state else {
      guard call.arguments.isEmpty else { return .refused("\(call.function) was called with arguments") }
      // `torch.FloatTensor()`: no elements.
      guard let type else { return .refused("it is a \(call.function) without a type") }
      let empty = StoredElements(place: nil, count: 0, type: type, isUntyped: false)
      return .tensor(
        try TensorRecipe(
          empty, .packed(type, Shape(0), columnsFirst: false, isBigEndian: false), named: name))
    }
    guard let parts = arena.tuple(state).map(Array.init), parts.count == 4 else {
      throw fault(
        .malformed, name,
        "\(call.function) is given a \(arena.kind(of: state)) as state, expected a tuple of storage, offset, size and stride"
      )
    }
    let storage: StoredElements
    switch try self.storage(parts[0], name) {
    case .refused(let reason): return .refused(reason)
    case .elements(let elements): storage = elements
    }
    guard !storage.isUntyped, type == nil || type == storage.type else {
      throw fault(
        .malformed, name,
        "\(call.function) has a storage of \(storage.type.rawValue), expected \(type?.rawValue ?? "a typed one")")
    }
    return .tensor(try window(storage, storage.type, parts, name))
  }

  /// Offset, size and stride, from the second argument on.
  func window(
    _ storage: StoredElements, _ type: ElementType, _ parts: [Reference], _ name: String
  ) throws(CheckpointError) -> TensorRecipe {
    guard let offset = arena.int(parts[1]) else {
      throw fault(.malformed, name, "its offset is a \(arena.kind(of: parts[1])), expected an integer")
    }
    let sizes = try ints(parts[2], "size", name)
    let strides = try ints(parts[3], "stride", name)
    guard let shape = Shape(checking: sizes), strides.count == sizes.count else {
      throw fault(.malformed, name, "shape \(sizes) with strides \(strides) is not one of a tensor")
    }
    return try TensorRecipe(
      storage, StridedLayout(type, offset: offset, shape: shape, strides: strides, isBigEndian: isBigEndian),
      named: name)
  }

  /// Why a tensor's metadata forbid reading it: the conjugate and negative bits say that the stored bytes are not the values.
  private func unreadableMetadata(_ reference: Reference, _ name: String) throws(CheckpointError) -> String? {
    if case .none = arena[reference] { return nil }
    guard case .dict(let list) = arena[reference], arena.lists[Int(list)].count <= Self.mostArguments else {
      throw fault(.malformed, name, "its metadata are a \(arena.kind(of: reference)), expected a small dict")
    }
    let pairs = arena.lists[Int(list)]
    for index in stride(from: 0, to: pairs.count - 1, by: 2) {
      if case .bool(false) = arena[pairs[index + 1]] { continue }
      return "its \(arena.text(pairs[index]) ?? "?") bit is set: the stored bytes are not its values"
    }
    return nil
  }

  /// The functions that wrap a tuple or list of integers.
  private static let integerLists: Set<PickleArena.Global> = [
    PickleArena.Global(module: "torch", name: "Size"),
    PickleArena.Global(module: "torch.jit._pickle", name: "build_intlist"),
  ]

  /// A tuple or list of integers.
  func ints(_ reference: Reference, _ what: String, _ name: String) throws(CheckpointError) -> [Int] {
    var source = reference
    if let object = arena.object(reference), let callable = arena.callable(of: object),
      Self.integerLists.contains(callable),
      let inner = arena.tuple(object.arguments), inner.count == 1, let only = inner.first
    {
      source = only
    }
    guard let elements = arena.sequence(source) else {
      throw fault(.malformed, name, "its \(what) is a \(arena.kind(of: source)), expected a tuple of integers")
    }
    guard elements.count <= Self.largestRank else {
      throw fault(.limit, name, "its \(what) has \(elements.count) dimensions, allowed are \(Self.largestRank)")
    }
    var values: [Int] = []
    for element in elements {
      guard let value = arena.int(element) else {
        throw fault(
          .malformed, name,
          "its \(what) has a \(arena.kind(of: element)) at \(values.count), expected integers below 2^63")
      }
      values.append(value)
    }
    return values
  }
}
