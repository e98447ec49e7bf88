// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The instructions that change an object which is there already.
extension PickleMachine {
  func requirePairs(_ elements: [Reference]) throws(CheckpointError) {
    guard elements.count % 2 == 0 else { throw fault(.malformed, "\(elements.count) objects are no keys and values") }
  }

  mutating func append(_ elements: [Reference]) throws(CheckpointError) {
    switch arena[try top()] {
    case .list(let list): arena.append(elements, toList: list)
    case .object(let index):
      try requireNoTensor(index, "appends to")
      let list = arena.objects[Int(index)].elements ?? arena.addList()
      arena.objects[Int(index)].elements = list
      arena.append(elements, toList: list)
    default: throw fault(.malformed, "appends to a \(arena.kind(of: try top())), expected a list")
    }
  }

  mutating func setItems(_ elements: [Reference]) throws(CheckpointError) {
    switch arena[try top()] {
    case .dict(let list): arena.append(elements, toList: list)
    case .object(let index):
      try requireNoTensor(index, "sets items of")
      let list = arena.objects[Int(index)].entries ?? arena.addList()
      arena.objects[Int(index)].entries = list
      arena.append(elements, toList: list)
    default: throw fault(.malformed, "sets items of a \(arena.kind(of: try top())), expected a dict")
    }
  }

  mutating func build() throws(CheckpointError) {
    let state = try pop()
    guard case .object(let index) = arena[try top()] else {
      throw fault(.malformed, "gives state to a \(arena.kind(of: try top())), expected an object")
    }
    let object = arena.objects[Int(index)]
    // `Tensor.__setstate__` may replace storage and shape.
    if let rebuild = arena.rebuild(object), !rebuild.takesState { try requireNoTensor(index, "gives state to") }
    guard object.state == nil else {
      throw fault(.malformed, "gives state twice to a \(arena.kind(of: try top())), expected once")
    }
    arena.objects[Int(index)].state = state
  }

  /// A tensor is what its arguments say: nothing may be done to it afterwards.
  private func requireNoTensor(_ object: Int32, _ act: String) throws(CheckpointError) {
    guard arena.rebuild(arena.objects[Int(object)]) == nil else {
      throw fault(.malformed, "\(act) a tensor, expected a list, a dict or an object")
    }
  }
}
