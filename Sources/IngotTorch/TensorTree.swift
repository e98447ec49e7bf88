// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Finds the tensors of a pickle and names them by the keys that lead to them, joined with dots.
struct TensorTree {
  typealias Reference = PickleArena.Reference

  private let arena: PickleArena
  /// Whether each node is, or leads to, a tensor; filled by `mark`.
  private var leads: [Bool]
  private(set) var tensors: [(name: String, recipe: TensorRecipe)] = []
  private(set) var refused: [TorchCheckpoint.Refused] = []
  private(set) var skipped: [String] = []
  private var names: Set<String> = []

  /// A shared tensor may be reached by many names; more than this are an attack, not a checkpoint.
  private static let largestTensorCount = 1 << 20
  private static let largestNameLength = 1 << 12

  /// Walks from a root.
  ///
  /// - Throws: what is wrong with a tensor's description, `limit` for absurd numbers of names.
  init(_ arena: PickleArena, root: Reference) throws(CheckpointError) {
    self.arena = arena
    leads = [Bool](repeating: false, count: arena.nodes.count)
    mark(root)
    try collect(root)
  }

  private enum Child {
    case named(String, Reference)
    case other(Reference)
  }

  /// The values inside a node, with the keys that lead to them.
  private func children(of reference: Reference) -> [Child] {
    switch arena[reference] {
    case .tuple: return (arena.tuple(reference) ?? []).enumerated().map { .named("\($0)", $1) }
    case .list(let list), .set(let list): return arena.lists[Int(list)].enumerated().map { .named("\($0)", $1) }
    case .dict(let list): return pairs(arena.lists[Int(list)])
    case .object(let index): return children(of: arena.objects[Int(index)])
    default: return []
    }
  }

  private func pairs(_ list: [Reference]) -> [Child] {
    stride(from: 0, to: list.count - 1, by: 2).map { .named(key(list[$0]), list[$0 + 1]) }
  }

  private func children(of object: PickleArena.Object) -> [Child] {
    var found: [Child] = []
    if let callable = arena.callable(of: object), TorchNames.mappings.contains(callable) {
      // OrderedDict([(key, value), …]), as Python 2 wrote it.
      for argument in arena.tuple(object.arguments) ?? [] {
        guard case .list(let list) = arena[argument] else { continue }
        for element in arena.lists[Int(list)] {
          var pair = arena.tuple(element).map(Array.init) ?? []
          if case .list(let inner) = arena[element] { pair = arena.lists[Int(inner)] }
          if pair.count == 2 { found.append(.named(key(pair[0]), pair[1])) }
        }
      }
    } else {
      found += (arena.tuple(object.arguments) ?? []).map { .other($0) }
      // The state holds attributes (for TorchScript modules, parameters and submodules); a mapping's is its `_metadata`, no tensors.
      if let state = object.state { found.append(.other(state)) }
    }
    if let entries = object.entries { found += pairs(arena.lists[Int(entries)]) }
    if let elements = object.elements { found += arena.lists[Int(elements)].enumerated().map { .named("\($0)", $1) } }
    return found
  }

  private func key(_ reference: Reference) -> String {
    switch arena[reference] {
    case .int(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .double(let value): "\(value)"
    case .none: "None"
    default: arena.text(reference) ?? "<\(arena.kind(of: reference))>"
    }
  }

  private func isTensor(_ reference: Reference) -> Bool {
    guard let object = arena.object(reference), let callable = arena.callable(of: object) else { return false }
    return TorchNames.rebuild(callable) != nil
  }

  /// Marks every node that leads to a tensor: each is visited once, without recursion.
  private mutating func mark(_ root: Reference) {
    struct Frame {
      let node: Reference
      let children: [Reference]
      var next = 0
    }
    var isVisited = [Bool](repeating: false, count: leads.count)
    func frame(_ node: Reference) -> Frame {
      Frame(
        node: node,
        children: children(of: node).map { child in
          switch child {
          case .named(_, let reference), .other(let reference): reference
          }
        })
    }
    var frames = [frame(root)]
    isVisited[Int(root)] = true
    while var top = frames.popLast() {
      if isTensor(top.node) {
        leads[Int(top.node)] = true
        continue
      }
      if top.next > 0, leads[Int(top.children[top.next - 1])] { leads[Int(top.node)] = true }
      guard top.next < top.children.count else { continue }
      let child = top.children[top.next]
      top.next += 1
      frames.append(top)
      if !isVisited[Int(child)] {
        isVisited[Int(child)] = true
        frames.append(frame(child))
      }
    }
  }

  /// Names every tensor that can be reached, in the pickle's own order.
  private mutating func collect(_ root: Reference) throws(CheckpointError) {
    struct Frame {
      let node: Reference
      let path: String
      let children: [Child]
      var next = 0
    }
    var frames = [Frame(node: root, path: "", children: [.other(root)])]
    var onPath: Set<Reference> = []
    while var top = frames.popLast() {
      guard top.next < top.children.count else {
        onPath.remove(top.node)
        continue
      }
      let child = top.children[top.next]
      top.next += 1
      frames.append(top)
      let (reference, path): (Reference, String) =
        switch child {
        case .named(let key, let reference): (reference, top.path.isEmpty ? key : "\(top.path).\(key)")
        case .other(let reference): (reference, top.path)
        }
      if isTensor(reference) {
        try add(reference, path.isEmpty ? "tensor" : path)
      } else if !leads[Int(reference)] {
        if case .named = child { note(reference, path) }
      } else if onPath.insert(reference).inserted {
        guard path.utf8.count <= Self.largestNameLength else {
          throw CheckpointError(.limit, .torchPickle, "a tensor's name is longer than \(Self.largestNameLength) bytes")
        }
        frames.append(Frame(node: reference, path: path, children: children(of: reference)))
      }
    }
  }

  private mutating func add(_ reference: Reference, _ name: String) throws(CheckpointError) {
    guard names.insert(name).inserted else {
      throw CheckpointError(.malformed, .torchPickle, subject: name, "two tensors have this name")
    }
    guard names.count <= Self.largestTensorCount else {
      throw CheckpointError(.limit, .torchPickle, "more than \(Self.largestTensorCount) tensors are reached")
    }
    switch try arena.tensor(reference, named: name) {
    case .tensor(let recipe): tensors.append((name, recipe))
    case .refused(let reason): refused.append(TorchCheckpoint.Refused(name: name, reason: reason))
    case .other: break
    }
  }

  /// Remembers what is not a tensor: `training` flags and None of TorchScript modules are too common to be worth a line.
  private mutating func note(_ reference: Reference, _ path: String) {
    if case .none = arena[reference] { return }
    if case .bool = arena[reference] { return }
    skipped.append("\(path) (\(arena.kind(of: reference)))")
  }
}
