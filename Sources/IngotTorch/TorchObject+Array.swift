// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TorchObject {
  /// NumPy's array class, as both of its makers are given it.
  private static let arrayClass = PickleArena.Global(module: "numpy", name: "ndarray")

  /// `_reconstruct(numpy.ndarray, (0,), b'b')` with the state (version, shape, type, whether columns come first, bytes).
  func array(_ call: TensorCall, _ name: String) throws(CheckpointError) -> TensorLeaf {
    let type = try call.argument(0, name)
    guard arena.global(type) == Self.arrayClass else {
      return .refused("it is \(arena.kind(of: type)), not a plain NumPy array")
    }
    guard let state = call.state else { return .refused("it is a NumPy array without data") }
    guard let parts = arena.tuple(state).map(Array.init), parts.count == 5 else {
      throw fault(
        .malformed, name,
        "its state is a \(arena.kind(of: state)), expected a tuple of version, shape, type, order and bytes")
    }
    guard case .bool(let isFortran) = arena[parts[3]] else {
      throw fault(.malformed, name, "its order is a \(arena.kind(of: parts[3])), expected a bool")
    }
    return try array(parts[4], type: parts[2], shape: parts[1], columnsFirst: isFortran, name)
  }

  /// `_frombuffer(bytes, type, shape, 'C' or 'F')`, protocol 5.
  func arrayFromBuffer(_ call: TensorCall, _ name: String) throws(CheckpointError) -> TensorLeaf {
    let order = arena.text(try call.argument(3, name))
    guard order == "C" || order == "F" else {
      throw fault(.malformed, name, "its order is \(order ?? arena.kind(of: call.arguments[3])), expected C or F")
    }
    return try array(
      call.arguments[0], type: call.arguments[1], shape: call.arguments[2], columnsFirst: order == "F", name)
  }

  /// `_rebuild_device_tensor_from_numpy(array, type, device, requires_grad)`.
  func deviceTensorFromArray(_ call: TensorCall, _ name: String) throws(CheckpointError) -> TensorLeaf {
    let source = try call.argument(0, name)
    let named = try call.argument(1, name)
    guard isTensor(source), let object = arena.object(source), let rebuild = arena.rebuild(object),
      rebuild.isArray
    else {
      throw fault(.malformed, name, "is made of a \(arena.kind(of: source)), expected a NumPy array")
    }
    guard let type = arena.global(named).flatMap(TorchNames.elementType) else {
      return .refused("its type, \(arena.kind(of: named)), is not known")
    }
    let leaf = try tensor(source, named: name)
    if case .tensor(let recipe) = leaf, recipe.type != type {
      // PyTorch writes bfloat16 as float32 here: reading it as what it was would convert, not copy.
      return .refused("it is \(type.rawValue) stored as an array of \(recipe.type.rawValue)")
    }
    return leaf
  }

  private func array(
    _ data: Reference, type: Reference, shape: Reference, columnsFirst: Bool, _ name: String
  ) throws(CheckpointError) -> TensorLeaf {
    let element: ElementType
    let isBigEndian: Bool
    switch NumPyType(type, in: arena) {
    case .number(let number, let order): (element, isBigEndian) = (number, order)
    case .other("O8"), .other("O4"), .other("O"): return .refused("it is a NumPy array of Python objects")
    case .other(let code): return .refused("it is a NumPy array of type \(arena.clipped(code))")
    case nil: throw fault(.malformed, name, "its type is a \(arena.kind(of: type)), expected a numpy.dtype")
    }
    let extents = try ints(shape, "shape", name)
    guard let shape = Shape(checking: extents), let bytes = shape.elementCount.multiplied(by: element.byteCount) else {
      throw fault(.overflow, name, "shape \(extents) of \(element.rawValue)")
    }
    guard let place = literals[data] else {
      throw fault(.malformed, name, "its data are a \(arena.kind(of: data)), expected bytes")
    }
    guard place.byteCount == bytes else {
      throw fault(
        .corrupt, name, "its data have \(place.byteCount) bytes, shape \(shape) of \(element.rawValue) needs \(bytes)")
    }
    let storage = StoredElements(place: place, count: shape.elementCount, type: element, isUntyped: false)
    return .tensor(
      try TensorRecipe(
        storage, .packed(element, shape, columnsFirst: columnsFirst, isBigEndian: isBigEndian), named: name))
  }
}

extension TorchNames.Rebuild {
  /// Whether it makes a NumPy array.
  fileprivate var isArray: Bool {
    switch self {
    case .array, .arrayFromBuffer: true
    default: false
    }
  }
}
