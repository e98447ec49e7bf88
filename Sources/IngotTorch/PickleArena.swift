// SPDX-License-Identifier: Apache-2.0

/// Everything a pickle describes, as nodes that refer to each other by index.
///
/// Nothing in it is ever called.
///
/// Shared objects are shared indices, so that neither time nor memory can exceed what the pickle's length allows; and as nodes hold no
/// references, nothing recurses when an arena goes away.
struct PickleArena: Sendable {
  /// Index of a node.
  typealias Reference = Int32

  /// One value.
  enum Node: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    /// An integer that does not fit; kept for its presence only.
    case largeInt
    case double(Double)
    /// Text short enough to be a name.
    case text(String)
    /// Bytes, or text too long for a name, where they stand in the pickle; an index into `blobs`.
    case blob(Int32)
    /// A range of `items`.
    case tuple(start: Int32, count: Int32)
    /// An index into `lists`: elements in order.
    case list(Int32)
    /// An index into `lists`: elements.
    case set(Int32)
    /// An index into `lists`: keys and values in turn.
    case dict(Int32)
    /// An index into `globals`.
    case global(Int32)
    /// An index into `objects`.
    case object(Int32)
    /// What a persistent identifier names; the identifier's node.
    case persistent(Reference)
  }

  /// The result of a call that is not made.
  struct Object: Sendable {
    /// What would be called.
    let callable: Reference
    /// With what.
    let arguments: Reference
    /// The last state given by BUILD.
    var state: Reference?
    /// An index into `lists`: keys and values set afterwards, in turn.
    var entries: Int32?
    /// An index into `lists`: elements appended afterwards.
    var elements: Int32?
  }

  /// A name that stands for a function or class.
  struct Global: Sendable, Hashable {
    let module: String
    let name: String
  }

  private(set) var nodes: [Node] = []
  private(set) var items: [Reference] = []
  private(set) var lists: [[Reference]] = []
  /// How many references tuples and lists hold together.
  private(set) var referenceCount = 0
  private(set) var blobs: [PickleBlob] = []
  private(set) var globals: [Global] = []
  /// How often each global is named.
  private(set) var globalCounts: [Int] = []
  /// How each global makes tensors, if it does.
  private var rebuilds: [TorchNames.Rebuild?] = []
  private var globalIndex: [Global: Int32] = [:]
  var objects: [Object] = []

  subscript(reference: Reference) -> Node { nodes[Int(reference)] }

  mutating func add(_ node: Node) -> Reference {
    nodes.append(node)
    return Reference(nodes.count - 1)
  }

  mutating func addTuple(_ elements: some Collection<Reference>) -> Reference {
    let start = Int32(items.count)
    items += elements
    referenceCount += elements.count
    return add(.tuple(start: start, count: Int32(elements.count)))
  }

  mutating func addList(_ elements: [Reference] = []) -> Int32 {
    lists.append(elements)
    referenceCount += elements.count
    return Int32(lists.count - 1)
  }

  mutating func addBlob(_ blob: PickleBlob) -> Reference {
    blobs.append(blob)
    return add(.blob(Int32(blobs.count - 1)))
  }

  mutating func addGlobal(_ global: Global) -> Reference {
    if let index = globalIndex[global] {
      globalCounts[Int(index)] += 1
      return add(.global(index))
    }
    let index = Int32(globals.count)
    globals.append(global)
    globalCounts.append(1)
    rebuilds.append(TorchNames.rebuild(global))
    globalIndex[global] = index
    return add(.global(index))
  }

  mutating func addObject(callable: Reference, arguments: Reference) -> Reference {
    objects.append(Object(callable: callable, arguments: arguments))
    return add(.object(Int32(objects.count - 1)))
  }

  mutating func append(_ elements: [Reference], toList list: Int32) {
    lists[Int(list)] += elements
    referenceCount += elements.count
  }

  // MARK: Reading

  func tuple(_ reference: Reference) -> ArraySlice<Reference>? {
    guard case .tuple(let start, let count) = self[reference] else { return nil }
    return items[Int(start)..<Int(start) + Int(count)]
  }

  /// The elements of a tuple or a list.
  func sequence(_ reference: Reference) -> ArraySlice<Reference>? {
    if case .list(let list) = self[reference] { lists[Int(list)][...] } else { tuple(reference) }
  }

  /// The values of a plain dict by those keys that are text; a later one replaces an earlier one.
  func dictionary(_ reference: Reference) -> [String: Reference]? {
    guard case .dict(let list) = self[reference] else { return nil }
    var values: [String: Reference] = [:]
    let pairs = lists[Int(list)]
    for index in stride(from: 0, to: pairs.count - 1, by: 2) {
      if let key = text(pairs[index]) { values[key] = pairs[index + 1] }
    }
    return values
  }

  func int(_ reference: Reference) -> Int? {
    if case .int(let value) = self[reference] { value } else { nil }
  }

  /// Names, keys and types are no longer than this; whatever is, is not looked at.
  static let longestName = 1 << 12

  /// Text that may be a name.
  func text(_ reference: Reference) -> String? {
    if case .text(let text) = self[reference] { text } else { nil }
  }

  func blob(_ reference: Reference) -> PickleBlob? {
    if case .blob(let index) = self[reference] { blobs[Int(index)] } else { nil }
  }

  /// The beginning of a text, for messages.
  func clipped(_ text: String) -> String {
    text.utf8.count <= 128 ? text : String(decoding: text.utf8.prefix(128), as: UTF8.self) + "…"
  }

  func global(_ reference: Reference) -> Global? {
    if case .global(let index) = self[reference] { globals[Int(index)] } else { nil }
  }

  func object(_ reference: Reference) -> Object? {
    if case .object(let index) = self[reference] { objects[Int(index)] } else { nil }
  }

  /// How an object's callable makes a tensor, if it does.
  func rebuild(_ object: Object) -> TorchNames.Rebuild? {
    if case .global(let index) = self[object.callable] { rebuilds[Int(index)] } else { nil }
  }

  /// What is called in making an object, if it is named.
  func callable(of object: Object) -> Global? { global(object.callable) }

  /// What a node is, in a word.
  func kind(of reference: Reference) -> String {
    switch self[reference] {
    case .none: "None"
    case .bool: "bool"
    case .int, .largeInt: "int"
    case .double: "float"
    case .text: "str"
    case .blob(let index): blobs[Int(index)].form.isText ? "str" : "bytes"
    case .tuple: "tuple"
    case .list: "list"
    case .set: "set"
    case .dict: "dict"
    case .global(let index): "the name \(clipped("\(globals[Int(index)].module).\(globals[Int(index)].name)"))"
    case .object(let index): callable(of: objects[Int(index)]).map { clipped("\($0.module).\($0.name)") } ?? "object"
    case .persistent: "storage"
    }
  }
}
