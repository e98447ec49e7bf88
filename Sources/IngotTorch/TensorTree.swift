// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Finds the tensors of a pickle and names them by the keys that lead to them, joined with dots.
///
/// Neither step recurses, and the work of both is bounded by the size of the arena: shared objects cannot be made to cost more than
/// they are worth.
struct TensorTree {
  typealias Reference = PickleArena.Reference

  let object: TorchObject
  var arena: PickleArena { object.arena }
  /// Whether each node is, or leads to, a tensor; filled by `mark`.
  private var leads: [Bool]
  private(set) var tensors: [(name: String, recipe: TensorRecipe)] = []
  private(set) var refused: [RefusedTensor] = []
  private(set) var skipped: [String] = []
  private var skippedCount = 0
  /// Texts at the top of the file, by key: for example the `name` of a training run.
  private(set) var texts: [String: String] = [:]
  private var names: Set<String> = []
  private var nameBytes = 0

  /// A shared tensor may be reached by many names; more than this are an attack, not a checkpoint.
  static let largestTensorCount = 1 << 17
  static let largestNameLength = 1 << 12
  static let largestNameBytes = 1 << 26
  /// Notes of what is not a tensor, before the rest is only counted.
  static let largestSkippedCount = 1 << 12
  /// Bytes of the longest text that is kept.
  private static let longestText = 1024
  /// Containers that are reached by several names are walked for each; so many steps are allowed beyond one for each reference.
  static let extraSteps = 1 << 21

  /// Walks from the root.
  ///
  /// - Throws: what is wrong with a tensor's description, `limit` for absurd numbers of names.
  init(_ object: TorchObject) throws(CheckpointError) {
    self.object = object
    leads = [Bool](repeating: false, count: object.arena.nodes.count)
    mark(object.root)
    try collect(object.root)
    if skippedCount > skipped.count { skipped.append("and \(skippedCount - skipped.count) more") }
  }

  private func isTensor(_ reference: Reference) -> Bool { object.isTensor(reference) }

  /// Marks every node that leads to a tensor: each is visited once.
  private mutating func mark(_ root: Reference) {
    struct Frame {
      let node: Reference
      let children: [TensorTreeChild]
      var next = 0
    }
    var isVisited = [Bool](repeating: false, count: leads.count)
    var frames = [Frame(node: root, children: [TensorTreeChild(key: nil, value: root)])]
    while let last = frames.indices.last {
      let next = frames[last].next
      if next > 0, leads[Int(frames[last].children[next - 1].value)] { leads[Int(frames[last].node)] = true }
      guard next < frames[last].children.count else {
        frames.removeLast()
        continue
      }
      frames[last].next += 1
      let child = frames[last].children[next].value
      guard !isVisited[Int(child)] else { continue }
      isVisited[Int(child)] = true
      if isTensor(child) {
        leads[Int(child)] = true
      } else {
        let children = children(of: child)
        if !children.isEmpty { frames.append(Frame(node: child, children: children)) }
      }
    }
  }

  /// Names every tensor that can be reached, in the pickle's own order.
  private mutating func collect(_ root: Reference) throws(CheckpointError) {
    struct Frame {
      let node: Reference
      let path: String
      let children: [TensorTreeChild]
      var next = 0
    }
    var steps = arena.nodes.count + arena.referenceCount + Self.extraSteps
    var frames = [Frame(node: root, path: "", children: [TensorTreeChild(key: nil, value: root)])]
    var onPath: Set<Reference> = []
    while let last = frames.indices.last {
      guard frames[last].next < frames[last].children.count else {
        onPath.remove(frames[last].node)
        frames.removeLast()
        continue
      }
      let child = frames[last].children[frames[last].next]
      frames[last].next += 1
      let reference = child.value
      if child.isOutside {
        // Python's settings of a module are too common to be worth a line; a tensor is.
        if leads[Int(reference)] { note(child, frames[last].path, "outside the module's state dict") }
        continue
      }
      guard leads[Int(reference)] else {
        if child.key != nil { note(child, frames[last].path) }
        continue
      }
      guard isTensor(reference) || !onPath.contains(reference) else { continue }
      let path = try path(to: child, from: frames[last].path)
      if isTensor(reference) {
        try add(reference, path.isEmpty ? "tensor" : path)
      } else {
        let children = children(of: reference)
        try requireDistinctKeys(children, path)
        steps -= children.count + 1
        guard steps >= 0 else {
          throw CheckpointError(
            .limit, .torchPickle, subject: arena.clipped(path),
            "objects contain each other so that walking them takes more than the \(Self.extraSteps) steps allowed beyond their number"
          )
        }
        onPath.insert(reference)
        frames.append(Frame(node: reference, path: path, children: children))
      }
    }
  }

  private func path(to child: TensorTreeChild, from path: String) throws(CheckpointError) -> String {
    guard let key = child.key else { return path }
    let text = text(of: key)
    if case .value(let node) = key, let long = arena.blob(node), long.form.isText {
      throw CheckpointError(
        .limit, .torchPickle, at: long.range.lowerBound, subject: path.isEmpty ? "pickle" : arena.clipped(path),
        "a key of \(long.range.count) bytes leads to a tensor, allowed are \(PickleArena.longestName)")
    }
    guard path.utf8.count + text.utf8.count < Self.largestNameLength else {
      throw CheckpointError(
        .limit, .torchPickle, subject: arena.clipped(path),
        "a name of \(path.utf8.count + 1 + text.utf8.count) bytes leads to a tensor, allowed are \(Self.largestNameLength)"
      )
    }
    return path.isEmpty ? text : "\(path).\(text)"
  }

  /// A key that is given twice: Python keeps the last value, so whoever looks at the first sees other weights.
  private func requireDistinctKeys(_ children: [TensorTreeChild], _ path: String) throws(CheckpointError) {
    var keys: Set<String> = []
    for child in children {
      guard case .value(let node) = child.key, let key = arena.text(node) else { continue }
      guard keys.insert(key).inserted else {
        throw CheckpointError(
          .malformed, .torchPickle, subject: path.isEmpty ? key : "\(path).\(key)",
          "the key is given twice, expected once")
      }
    }
  }

  private mutating func add(_ reference: Reference, _ name: String) throws(CheckpointError) {
    guard names.insert(name).inserted else {
      throw CheckpointError(.malformed, .torchPickle, subject: name, "two tensors have this name")
    }
    nameBytes += name.utf8.count
    guard names.count <= Self.largestTensorCount, nameBytes <= Self.largestNameBytes else {
      throw CheckpointError(
        .limit, .torchPickle, subject: arena.clipped(name),
        "is tensor number \(names.count), after \(nameBytes) bytes of names; allowed are \(Self.largestTensorCount) and \(Self.largestNameBytes)"
      )
    }
    switch try object.tensor(reference, named: name) {
    case .tensor(let recipe): tensors.append((name, recipe))
    case .refused(let reason): refused.append(RefusedTensor(name: name, reason: reason))
    }
  }

  /// Remembers what is not a tensor: `training` flags and None of TorchScript modules are too common to be worth a line.
  private mutating func note(_ child: TensorTreeChild, _ path: String, _ reason: String? = nil) {
    if case .none = arena[child.value] { return }
    if case .bool = arena[child.value] { return }
    skippedCount += 1
    if path.isEmpty, let key = child.key, texts.count < Self.largestSkippedCount, let value = arena.text(child.value),
      value.utf8.count <= Self.longestText
    {
      texts[text(of: key)] = value
    }
    guard skipped.count < Self.largestSkippedCount else { return }
    let key = child.key.map(text(of:)) ?? ""
    skipped.append("\(path.isEmpty ? key : "\(path).\(key)") (\(reason ?? arena.kind(of: child.value)))")
  }
}
