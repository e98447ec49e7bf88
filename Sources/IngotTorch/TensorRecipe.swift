// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// How a tensor is cut out of a storage: what `torch._utils._rebuild_tensor_v2` and its kin are given.
struct TensorRecipe: Sendable, Hashable {
  /// The record's name below `data/` (for TorchScript's constants, `constants/`).
  let storageKey: String
  /// Elements of the storage, counted in `storageType`.
  let storageCount: Int
  /// The storage's own type; bytes for an untyped one.
  let storageType: ElementType
  let type: ElementType
  /// First element, counted in `type`.
  let offset: Int
  let shape: Shape
  /// Elements from one index to the next of each axis; never negative.
  let strides: [Int]

  /// Bytes of the storage's record.
  var storageByteCount: Int { storageCount * storageType.byteCount }

  /// Bytes of the tensor's elements.
  var byteCount: Int { shape.elementCount * type.byteCount }

  /// Whether the elements lie one after the other, row-major.
  var isContiguous: Bool {
    let packed = shape.contiguousStrides
    return shape.elementCount <= 1 || (0..<shape.rank).allSatisfy { shape[$0] == 1 || strides[$0] == packed[$0] }
  }
}

/// What an object of a pickle is, as far as tensors are concerned.
enum TensorLeaf {
  case tensor(TensorRecipe)
  /// A tensor that cannot be read; the reason.
  case refused(String)
  case other
}

extension PickleArena {
  /// Wrappers (parameters, subclasses) may be nested this deep.
  private static let deepestWrapper = 16
  /// The functions that rebuild tensors take fewer arguments than this.
  private static let mostArguments = 64
  private static let largestRank = 64

  /// Whether an object is a tensor, and how to cut it out.
  ///
  /// - Throws: `malformed` or `corrupt` for a tensor whose description contradicts itself, naming it.
  func tensor(_ reference: Reference, named name: String) throws(CheckpointError) -> TensorLeaf {
    var callableNode: Reference
    var argumentsNode: Reference
    guard let object = object(reference) else { return .other }
    (callableNode, argumentsNode) = (object.callable, object.arguments)
    for _ in 0..<Self.deepestWrapper {
      guard let global = global(callableNode), let rebuild = TorchNames.rebuild(global) else { return .other }
      guard let arguments = tuple(argumentsNode).map(Array.init) else {
        throw fault(.malformed, name, "\(global.name) is given a \(kind(of: argumentsNode)), expected a tuple")
      }
      guard arguments.count <= Self.mostArguments else {
        throw fault(
          .malformed, name,
          "\(global.name) is given \(arguments.count) arguments, expected at most \(Self.mostArguments)")
      }
      func argument(_ index: Int) throws(CheckpointError) -> Reference {
        guard index < arguments.count else {
          throw fault(
            .malformed, name, "\(global.name) is given \(arguments.count) arguments, expected at least \(index + 1)")
        }
        return arguments[index]
      }
      switch rebuild {
      case .refused(let reason): return .refused(reason)
      case .tensor: return try recipe(arguments, global.name, typeArgument: nil, metadataArgument: nil, name)
      case .tensorV2: return try recipe(arguments, global.name, typeArgument: nil, metadataArgument: 6, name)
      case .tensorV3: return try recipe(arguments, global.name, typeArgument: 6, metadataArgument: 7, name)
      case .parameter, .parameterWithState, .deviceTensorFromCPU:
        guard let inner = self.object(try argument(0)) else {
          throw fault(.malformed, name, "\(global.name) wraps a \(kind(of: try argument(0))), expected a tensor")
        }
        (callableNode, argumentsNode) = (inner.callable, inner.arguments)
      case .fromTypeV2:
        callableNode = try argument(0)
        argumentsNode = try argument(2)
        guard let inner = self.global(callableNode), TorchNames.rebuild(inner) != nil else {
          throw fault(
            .malformed, name, "\(global.name) rebuilds with \(kind(of: callableNode)), expected a tensor's function")
        }
      }
    }
    throw fault(.limit, name, "is wrapped more than \(Self.deepestWrapper) times")
  }

  private func fault(_ code: CheckpointError.Code, _ name: String, _ detail: String) -> CheckpointError {
    CheckpointError(code, .torchPickle, subject: name, detail)
  }

  private func recipe(
    _ arguments: [Reference], _ function: String, typeArgument: Int?, metadataArgument: Int?, _ name: String
  ) throws(CheckpointError) -> TensorLeaf {
    let needed = (typeArgument ?? 3) + 1
    guard arguments.count >= needed else {
      throw fault(.malformed, name, "\(function) is given \(arguments.count) arguments, expected at least \(needed)")
    }
    if let metadataArgument, metadataArgument < arguments.count,
      let reason = try unreadableMetadata(arguments[metadataArgument], name)
    {
      return .refused(reason)
    }
    let storage = try storage(arguments[0], name)
    guard let offset = int(arguments[1]) else {
      throw fault(.malformed, name, "\(function) is given a \(kind(of: arguments[1])) as offset, expected an integer")
    }
    let sizes = try ints(arguments[2], "size", name)
    let strides = try ints(arguments[3], "stride", name)
    guard let shape = Shape(checking: sizes), strides.count == sizes.count else {
      throw fault(.malformed, name, "shape \(sizes) with strides \(strides) is not one of a tensor")
    }
    var type = storage.type
    if let typeArgument {
      guard let global = global(arguments[typeArgument]), let named = TorchNames.elementType(global) else {
        return .refused("its type, \(kind(of: arguments[typeArgument])), is not known")
      }
      type = named
    } else if storage.isUntyped {
      throw fault(.malformed, name, "\(function) over an untyped storage does not say its type")
    }
    let recipe = TensorRecipe(
      storageKey: storage.key, storageCount: storage.count, storageType: storage.type, type: type, offset: offset,
      shape: shape, strides: strides)
    try check(recipe, name)
    return .tensor(recipe)
  }

  /// Every element lies within the storage, and every product fits.
  private func check(_ recipe: TensorRecipe, _ name: String) throws(CheckpointError) {
    guard recipe.storageCount >= 0, let bytes = recipe.storageCount.multiplied(by: recipe.storageType.byteCount) else {
      throw fault(.overflow, name, "a storage of \(recipe.storageCount) elements")
    }
    guard recipe.offset >= 0, recipe.strides.allSatisfy({ $0 >= 0 }) else {
      throw fault(
        .corrupt, name, "offset \(recipe.offset) and strides \(recipe.strides), negative ones are not allowed")
    }
    guard recipe.shape.elementCount.multiplied(by: recipe.type.byteCount) != nil else {
      throw fault(.overflow, name, "shape \(recipe.shape) of \(recipe.type.rawValue)")
    }
    guard recipe.shape.elementCount > 0 else { return }
    var last: Int? = recipe.offset
    for axis in 0..<recipe.shape.rank {
      last = last.flatMap { sum in (recipe.shape[axis] - 1).multiplied(by: recipe.strides[axis]).flatMap(sum.adding) }
    }
    let count = bytes / recipe.type.byteCount
    guard let last, last < count else {
      throw fault(
        .corrupt, name,
        "offset \(recipe.offset), shape \(recipe.shape) and strides \(recipe.strides) reach element \(last.map { "\($0)" } ?? "beyond 2^63"), the storage has \(count)"
      )
    }
  }

  /// Why a tensor's metadata forbid reading it: the conjugate and negative bits say that the stored bytes are not the values.
  private func unreadableMetadata(_ reference: Reference, _ name: String) throws(CheckpointError) -> String? {
    if case .none = self[reference] { return nil }
    guard case .dict(let list) = self[reference], lists[Int(list)].count <= Self.mostArguments else {
      throw fault(.malformed, name, "its metadata are a \(kind(of: reference)), expected a small dict")
    }
    let pairs = lists[Int(list)]
    for index in stride(from: 0, to: pairs.count - 1, by: 2) {
      if case .bool(false) = self[pairs[index + 1]] { continue }
      return "its \(text(pairs[index]) ?? "?") bit is set: the stored bytes are not its values"
    }
    return nil
  }

  /// The functions that wrap a tuple or list of integers.
  private static let integerLists: Set<Global> = [
    Global(module: "torch", name: "Size"), Global(module: "torch.jit._pickle", name: "build_intlist"),
  ]

  private func ints(_ reference: Reference, _ what: String, _ name: String) throws(CheckpointError) -> [Int] {
    var source = reference
    if let object = object(reference), let callable = callable(of: object), Self.integerLists.contains(callable),
      let inner = tuple(object.arguments), inner.count == 1, let only = inner.first
    {
      source = only
    }
    var elements = tuple(source)
    if case .list(let list) = self[source] { elements = lists[Int(list)][...] }
    guard let elements else {
      throw fault(.malformed, name, "its \(what) is a \(kind(of: source)), expected a tuple of integers")
    }
    guard elements.count <= Self.largestRank else {
      throw fault(.limit, name, "its \(what) has \(elements.count) dimensions, allowed are \(Self.largestRank)")
    }
    var values: [Int] = []
    for element in elements {
      guard let value = int(element) else {
        throw fault(
          .malformed, name, "its \(what) has a \(kind(of: element)) at \(values.count), expected integers below 2^63")
      }
      values.append(value)
    }
    return values
  }

  private struct Storage {
    let key: String
    let count: Int
    let type: ElementType
    let isUntyped: Bool
  }

  /// The persistent identifier `('storage', class, key, location, count)`.
  private func storage(_ reference: Reference, _ name: String) throws(CheckpointError) -> Storage {
    guard case .persistent(let identifier) = self[reference], let parts = tuple(identifier).map(Array.init) else {
      throw fault(
        .malformed, name, "its storage is a \(kind(of: reference)), expected a persistent identifier of a storage")
    }
    guard parts.count == 5, text(parts[0]) == "storage" else {
      throw fault(
        .malformed, name,
        "its storage has an identifier of \(parts.count) parts beginning with \(parts.first.flatMap { text($0) } ?? "?"), expected 5 beginning with storage"
      )
    }
    guard let global = global(parts[1]), let type = TorchNames.storage(global) else {
      throw fault(.unsupported, name, "its storage is of \(kind(of: parts[1])), which is not a known type")
    }
    guard let key = text(parts[2]), Self.isPlain(key) else {
      throw fault(
        .malformed, name,
        "its storage's key is \(text(parts[2]).map(clipped) ?? kind(of: parts[2])), expected the plain name of a record"
      )
    }
    guard let count = int(parts[4]) else {
      throw fault(.malformed, name, "its storage's size is a \(kind(of: parts[4])), expected an integer")
    }
    return Storage(key: key, count: count, type: type, isUntyped: global.name == "UntypedStorage")
  }

  /// Whether a storage's key names a record below `data/` and nothing else.
  private static func isPlain(_ key: String) -> Bool {
    // Bytes, not characters: a combining mark would hide a slash.
    let forbidden = [UInt8(ascii: "/"), UInt8(ascii: "\\"), 0]
    return !key.isEmpty && !key.utf8.contains(where: forbidden.contains) && key != "." && key != ".."
  }
}
