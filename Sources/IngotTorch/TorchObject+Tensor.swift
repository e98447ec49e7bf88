// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// What an object of a pickle is, as far as tensors are concerned.
enum TensorLeaf {
  case tensor(TensorRecipe)
  /// A tensor that cannot be read; the reason.
  case refused(String)
}

/// A call that makes a tensor, with its arguments at hand.
struct TensorCall {
  let function: String
  let arguments: [PickleArena.Reference]
  let state: PickleArena.Reference?
}

extension TorchObject {
  /// Wrappers (parameters, subclasses) may be nested this deep.
  private static let deepestWrapper = 16
  /// The functions that make tensors take fewer arguments than this.
  static let mostArguments = 64

  /// Whether a node is a tensor, readable or not.
  func isTensor(_ reference: Reference) -> Bool {
    switch arena[reference] {
    case .object(let index): arena.rebuild(arena.objects[Int(index)]) != nil
    case .persistent(let identifier):
      isStorage(identifier) || Self.identifier(arena[identifier]).map { tensorsByIdentifier[$0] != nil } == true
    default: false
    }
  }

  private func isStorage(_ identifier: Reference) -> Bool {
    arena.tuple(identifier)?.first.flatMap { arena.text($0) } == "storage"
  }

  /// The oldest files' name of a tensor: a number, or its digits.
  static func identifier(_ node: PickleArena.Node) -> String? {
    switch node {
    case .int(let value): "\(value)"
    case .text(let text): text
    default: nil
    }
  }

  /// Reads how to cut a tensor out.
  ///
  /// - Parameters:
  ///   - reference: a node of which `isTensor` is true.
  ///   - name: the tensor, for messages.
  /// - Returns: the recipe, or why it cannot be read.
  /// - Throws: `malformed` or `corrupt` for a tensor whose description contradicts itself, naming it.
  func tensor(_ reference: Reference, named name: String) throws(CheckpointError) -> TensorLeaf {
    if case .persistent(let identifier) = arena[reference] {
      if isStorage(identifier) { return try bareStorage(reference, name) }
      guard let key = Self.identifier(arena[identifier]), let recipe = tensorsByIdentifier[key] else {
        throw fault(.missing, name, "no tensor has its identifier")
      }
      return .tensor(recipe)
    }
    var target = reference
    for _ in 0..<Self.deepestWrapper {
      guard let object = arena.object(target), let rebuild = arena.rebuild(object),
        let global = arena.global(object.callable)
      else { throw fault(.malformed, name, "wraps a \(arena.kind(of: target)), expected a tensor") }
      switch rebuild {
      case .parameter, .parameterWithState, .deviceTensorFromCPU:
        target = try call(global, object.arguments, object.state, name).argument(0, name)
      case .wrapper:
        guard let inner = try wrapped(try call(global, object.arguments, object.state, name)) else {
          return .refused("it is a \(global.name) without data")
        }
        target = inner
      case .fromTypeV2:
        let outer = try call(global, object.arguments, object.state, name)
        let function = try outer.argument(0, name)
        guard let inner = arena.global(function), let rebuild = TorchNames.rebuild(inner) else {
          throw fault(
            .malformed, name, "\(global.name) rebuilds with \(arena.kind(of: function)), expected a tensor's function")
        }
        let arguments = try outer.argument(2, name)
        if let leaf = try made(rebuild, try call(inner, arguments, nil, name), name) { return leaf }
        // A parameter of a subclass: what it wraps is the next to look at.
        target = try call(inner, arguments, nil, name).argument(0, name)
      default:
        let call = try call(global, object.arguments, object.state, name)
        if let leaf = try made(rebuild, call, name) { return leaf }
      }
    }
    throw fault(.limit, name, "is wrapped more than \(Self.deepestWrapper) times")
  }

  /// A storage that stands alone is all of its elements in a row.
  private func bareStorage(_ reference: Reference, _ name: String) throws(CheckpointError) -> TensorLeaf {
    switch try storage(reference, name) {
    case .refused(let reason): return .refused(reason)
    case .elements(let elements):
      return .tensor(
        try TensorRecipe(
          elements,
          .packed(elements.type, Shape(elements.count), columnsFirst: false, isBigEndian: isBigEndian), named: name))
    }
  }

  /// What a call makes by itself; `nil` when it only wraps another tensor.
  private func made(_ rebuild: TorchNames.Rebuild, _ call: TensorCall, _ name: String) throws(CheckpointError)
    -> TensorLeaf?
  {
    switch rebuild {
    case .refused(let reason): .refused(reason)
    case .tensor: try strided(call, typeArgument: nil, metadataArgument: nil, name)
    case .tensorV2: try strided(call, typeArgument: nil, metadataArgument: 6, name)
    case .tensorV3: try strided(call, typeArgument: 6, metadataArgument: 7, name)
    case .quantized: try quantized(call, name)
    case .oldTensor(let type): try oldTensor(call, type, name)
    case .array: try array(call, name)
    case .arrayFromBuffer: try arrayFromBuffer(call, name)
    case .deviceTensorFromArray: try deviceTensorFromArray(call, name)
    case .parameter, .parameterWithState, .deviceTensorFromCPU, .fromTypeV2, .wrapper: nil
    }
  }

  /// A call's arguments as they are.
  private func call(
    _ global: PickleArena.Global, _ arguments: Reference, _ state: Reference?, _ name: String
  ) throws(CheckpointError) -> TensorCall {
    guard let elements = arena.tuple(arguments).map(Array.init) else {
      throw fault(.malformed, name, "\(global.name) is given a \(arena.kind(of: arguments)), expected a tuple")
    }
    guard elements.count <= Self.mostArguments else {
      throw fault(
        .malformed, name,
        "\(global.name) is given \(elements.count) arguments, expected at most \(Self.mostArguments)")
    }
    return TensorCall(function: global.name, arguments: elements, state: state)
  }

  /// The tensor inside a `Parameter(data, …)`, or inside a `Variable` that was given the state (data, …) of five parts.
  private func wrapped(_ call: TensorCall) throws(CheckpointError) -> Reference? {
    if let state = call.state, let parts = arena.tuple(state), parts.count == 5, let data = parts.first { return data }
    return call.arguments.first
  }
}

extension TensorCall {
  /// An argument that must be there.
  func argument(_ index: Int, _ name: String) throws(CheckpointError) -> PickleArena.Reference {
    guard index < arguments.count else {
      throw CheckpointError(
        .malformed, .torchPickle, subject: name,
        "\(function) is given \(arguments.count) arguments, expected at least \(index + 1)")
    }
    return arguments[index]
  }
}
