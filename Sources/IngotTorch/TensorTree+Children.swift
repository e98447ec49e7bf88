// SPDX-License-Identifier: Apache-2.0

/// A value inside another, and what leads to it.
struct TensorTreeChild {
  /// What a value is reached by.
  enum Key {
    /// A position in a list or tuple.
    case index(Int)
    /// A key of a dict.
    case value(PickleArena.Reference)
  }

  /// `nil` where nothing is added to the name.
  let key: Key?
  let value: PickleArena.Reference
  /// Whether it is an attribute of a module that is no part of the module's state dict.
  var isOutside = false

  var outside: TensorTreeChild { TensorTreeChild(key: key, value: value, isOutside: true) }
}

extension TensorTree {
  /// The values inside a node, with the keys that lead to them.
  func children(of reference: Reference) -> [TensorTreeChild] {
    switch arena[reference] {
    case .tuple: positions(arena.tuple(reference) ?? [])
    case .list(let list), .set(let list): positions(arena.lists[Int(list)][...])
    case .dict(let list): pairs(arena.lists[Int(list)])
    case .object(let index): children(of: arena.objects[Int(index)])
    default: []
    }
  }

  /// The text of a key; what is too long for a name is replaced by its kind.
  func text(of key: TensorTreeChild.Key) -> String {
    switch key {
    case .index(let index): "\(index)"
    case .value(let node):
      switch arena[node] {
      case .int(let value): "\(value)"
      case .bool(let value): "\(value)"
      case .double(let value): "\(value)"
      case .none: "None"
      default: arena.text(node) ?? "<\(arena.kind(of: node))>"
      }
    }
  }

  private func positions(_ elements: ArraySlice<Reference>) -> [TensorTreeChild] {
    elements.enumerated().map { TensorTreeChild(key: .index($0), value: $1) }
  }

  private func pairs(_ list: [Reference]) -> [TensorTreeChild] {
    stride(from: 0, to: list.count - 1, by: 2).map { TensorTreeChild(key: .value(list[$0]), value: list[$0 + 1]) }
  }

  private func children(of object: PickleArena.Object) -> [TensorTreeChild] {
    var found: [TensorTreeChild] = []
    if let callable = arena.callable(of: object), TorchNames.mappings.contains(callable) {
      // OrderedDict([(key, value), …]), as Python 2 wrote it.
      for argument in arena.tuple(object.arguments) ?? [] {
        guard case .list(let list) = arena[argument] else { continue }
        found += arena.lists[Int(list)].compactMap(pair)
      }
    } else {
      found += (arena.tuple(object.arguments) ?? []).map { TensorTreeChild(key: nil, value: $0) }
      // The state holds attributes (for TorchScript modules, parameters and submodules); a mapping's is its `_metadata`, no tensors.
      if let state = object.state {
        found += moduleChildren(state) ?? [TensorTreeChild(key: nil, value: state)]
      }
    }
    if let entries = object.entries { found += pairs(arena.lists[Int(entries)]) }
    if let elements = object.elements { found += positions(arena.lists[Int(elements)][...]) }
    return found
  }

  private func pair(_ element: Reference) -> TensorTreeChild? {
    var elements = arena.tuple(element) ?? []
    if case .list(let inner) = arena[element] { elements = arena.lists[Int(inner)][...] }
    guard elements.count == 2, let key = elements.first, let value = elements.last else { return nil }
    return TensorTreeChild(key: .value(key), value: value)
  }

  /// What a whole `torch.nn.Module` holds, under the names of its `state_dict()`; `nil` for any other state.
  ///
  /// Other attributes, and buffers said not to persist, are no part of the state dict.
  private func moduleChildren(_ state: Reference) -> [TensorTreeChild]? {
    guard case .dict(let list) = arena[state], let attributes = arena.dictionary(state),
      let parameters = attributes["_parameters"], let modules = attributes["_modules"]
    else { return nil }
    let buffers = attributes["_buffers"].map(children(of:)) ?? []
    let transient = attributes["_non_persistent_buffers_set"].map {
      Set(children(of: $0).compactMap { arena.text($0.value) })
    }
    let members: Set<String> = ["_parameters", "_buffers", "_modules"]
    return children(of: parameters)
      + buffers.map { child in
        guard let transient, case .value(let key) = child.key, transient.contains(arena.text(key) ?? "") else {
          return child
        }
        return child.outside
      } + children(of: modules)
      + pairs(arena.lists[Int(list)]).filter { child in
        if case .value(let key) = child.key { !members.contains(arena.text(key) ?? "") } else { true }
      }.map(\.outside)
  }
}
