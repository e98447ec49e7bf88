// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads a pickle into an arena.
///
/// It has no instruction that calls anything.
struct PickleMachine: ~Escapable {
  typealias Reference = PickleArena.Reference

  private(set) var cursor: ByteCursor
  private let subject: String
  var arena = PickleArena()
  private var stack: [Reference] = []
  private var marks: [Int] = []
  private var memo: [UInt32: Reference] = [:]
  /// Where the current frame ends; instructions may not cross it.
  private var frameEnd: Int?
  private var instruction = Opcode.stop
  private var start = 0
  /// Where the pickle begins.
  private let origin: Int
  /// Bytes of text copied so far.
  private var textBytes = 0

  @_lifetime(copy bytes)
  private init(_ bytes: RawSpan, at origin: Int, subject: String) {
    cursor = ByteCursor(bytes, format: .torchPickle, subject: subject)
    self.origin = origin
    self.subject = subject
  }

  /// Runs the pickle that begins at a place, to its STOP.
  ///
  /// - Parameters:
  ///   - bytes: what the pickle is part of; ranges and offsets are counted from its start.
  ///   - start: where the pickle begins.
  ///   - subject: what the pickle is, for errors.
  /// - Returns: everything it describes, the root, and where it ends; or as far as it could be read, what stopped it.
  static func run(_ bytes: RawSpan, at start: Int = 0, subject: String) -> Outcome {
    var machine = PickleMachine(bytes, at: start, subject: subject)
    do {
      try machine.cursor.seek(to: start, "pickle")
      let root = try machine.run()
      return .read(Pickle(arena: machine.arena, root: root, end: machine.cursor.offset))
    } catch {
      return .failed(error, machine.arena)
    }
  }

  /// What became of a pickle.
  enum Outcome {
    case read(Pickle)
    /// The error, naming the instruction and its place, and what was described before it.
    case failed(CheckpointError, PickleArena)
  }

  func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
    CheckpointError(code, .torchPickle, at: start, subject: subject, "\(instruction): \(detail)")
  }

  private mutating func run() throws(CheckpointError) -> Reference {
    while true {
      start = cursor.offset
      if let end = frameEnd, start == end { frameEnd = nil }
      let byte = try cursor.read(UInt8.self, "instruction")
      guard let opcode = Opcode(rawValue: byte) else {
        throw CheckpointError(
          .malformed, .torchPickle, at: start, subject: subject, "unknown instruction \(String(byte, radix: 16))")
      }
      instruction = opcode
      guard arena.nodes.count < Self.mostObjects else {
        throw fault(.limit, "would make object \(arena.nodes.count + 1), allowed are \(Self.mostObjects)")
      }
      let references = max(arena.referenceCount, stack.count)
      guard references < Self.mostReferences else {
        throw fault(.limit, "comes after \(references) references, allowed are fewer than \(Self.mostReferences)")
      }
      if opcode == .stop {
        guard stack.count == 1, marks.isEmpty else {
          throw fault(.malformed, "\(stack.count) objects and \(marks.count) marks are left, expected one object")
        }
        return stack[0]
      }
      try execute(opcode)
      if let end = frameEnd, opcode != .frame, cursor.offset > end {
        throw fault(.malformed, "crosses the end of its frame at \(end), ending at \(cursor.offset)")
      }
    }
  }

  private mutating func execute(_ opcode: Opcode) throws(CheckpointError) {
    switch opcode.argument {
    case .nothing: try execute(plain: opcode)
    case .unsigned(let size): try execute(opcode, try unsigned(size))
    case .signed:
      let value = Int(try cursor.read(Int32.self, "integer"))
      guard opcode == .binInt else { throw fault(.unsupported, "extension registry code \(value)") }
      push(.int(value))
    case .double:
      push(.double(Double(bitPattern: try cursor.read(UInt64.self, "float").byteSwapped)))
    case .line:
      let line = try line()
      try execute(opcode, line: line)
    case .twoLines:
      let module = try shortLine(try line())
      let name = try shortLine(try line())
      guard let module = text(module), let name = text(name) else { throw fault(.malformed, "a name is not UTF-8") }
      let global = try global(module, name)
      if opcode == .global {
        stack.append(global)
      } else {
        let arguments = try popToMark()
        stack.append(arena.addObject(callable: global, arguments: arena.addTuple(arguments)))
      }
    case .counted(let size):
      let count = try unsigned(size)
      guard let count = Int(exactly: count) else {
        throw fault(.truncated, "needs \(count) bytes, \(cursor.remaining) left")
      }
      try execute(opcode, counted: count)
    case .countedSigned:
      try execute(opcode, counted: Int(try cursor.read(Int32.self, "count")))
    }
  }

  // MARK: Arguments

  private mutating func unsigned(_ size: Int) throws(CheckpointError) -> UInt64 {
    switch size {
    case 1: UInt64(try cursor.read(UInt8.self, "argument"))
    case 2: UInt64(try cursor.read(UInt16.self, "argument"))
    case 4: UInt64(try cursor.read(UInt32.self, "argument"))
    default: try cursor.read(UInt64.self, "argument")
    }
  }

  /// The place of a line of text, without its newline.
  private mutating func line() throws(CheckpointError) -> Range<Int> {
    let first = cursor.offset
    let count = try cursor.skip(past: UInt8(ascii: "\n"), "line")
    return first..<first + count
  }

  /// The bytes of a line that is a number or a name.
  func shortLine(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
    guard range.count <= Self.longestLine else {
      throw fault(.limit, "a line of \(range.count) bytes, the longest allowed is \(Self.longestLine)")
    }
    return cursor.bytes(in: range)
  }

  func text(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }

  // MARK: Stack

  mutating func push(_ node: PickleArena.Node) { stack.append(arena.add(node)) }

  mutating func pop() throws(CheckpointError) -> Reference {
    guard stack.count > (marks.last ?? 0), let top = stack.popLast() else {
      throw fault(.malformed, "the stack is empty")
    }
    return top
  }

  func top() throws(CheckpointError) -> Reference {
    guard stack.count > (marks.last ?? 0), let top = stack.last else { throw fault(.malformed, "the stack is empty") }
    return top
  }

  private mutating func popToMark() throws(CheckpointError) -> [Reference] {
    guard let mark = marks.popLast() else { throw fault(.malformed, "there is no mark") }
    let elements = Array(stack[mark...])
    stack.removeLast(elements.count)
    return elements
  }

  // MARK: Instructions

  private mutating func execute(plain opcode: Opcode) throws(CheckpointError) {
    switch opcode {
    case .mark: marks.append(stack.count)
    case .pop:
      if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup: stack.append(try top())
    case .none: push(.none)
    case .newTrue: push(.bool(true))
    case .newFalse: push(.bool(false))
    case .emptyTuple: stack.append(arena.addTuple([]))
    case .emptyList: push(.list(arena.addList()))
    case .emptyDict: push(.dict(arena.addList()))
    case .emptySet: push(.set(arena.addList()))
    case .tuple:
      let elements = try popToMark()
      stack.append(arena.addTuple(elements))
    case .tuple1, .tuple2, .tuple3:
      var elements: [Reference] = []
      for _ in 0..<(Int(opcode.rawValue) - Int(Opcode.tuple1.rawValue) + 1) { elements.append(try pop()) }
      stack.append(arena.addTuple(elements.reversed()))
    case .list:
      let elements = try popToMark()
      push(.list(arena.addList(elements)))
    case .frozenSet:
      let elements = try popToMark()
      push(.set(arena.addList(elements)))
    case .dict:
      let elements = try popToMark()
      try requirePairs(elements)
      push(.dict(arena.addList(elements)))
    case .append: try append([try pop()])
    case .appends:
      let elements = try popToMark()
      try append(elements)
    case .addItems:
      let elements = try popToMark()
      guard case .set(let list) = arena[try top()] else {
        throw fault(.malformed, "adds to a \(arena.kind(of: try top())), expected a set")
      }
      arena.append(elements, toList: list)
    case .setItem:
      let value = try pop()
      let key = try pop()
      try setItems([key, value])
    case .setItems:
      let elements = try popToMark()
      try requirePairs(elements)
      try setItems(elements)
    case .reduce, .newObj:
      let arguments = try pop()
      let callable = try pop()
      stack.append(arena.addObject(callable: callable, arguments: arguments))
    case .newObjEx:
      let keywords = try pop()
      let arguments = try pop()
      let callable = try pop()
      stack.append(arena.addObject(callable: callable, arguments: arena.addTuple([arguments, keywords])))
    case .obj:
      let elements = try popToMark()
      guard let callable = elements.first else { throw fault(.malformed, "there is no class above the mark") }
      stack.append(arena.addObject(callable: callable, arguments: arena.addTuple(elements.dropFirst())))
    case .build: try build()
    case .binPersid:
      let identifier = try pop()
      push(.persistent(identifier))
    case .stackGlobal:
      let name = try pop()
      let module = try pop()
      guard case .text(let name) = arena[name], case .text(let module) = arena[module] else {
        throw fault(
          .malformed, "names a global by \(arena.kind(of: module)) and \(arena.kind(of: name)), expected two strings")
      }
      stack.append(try global(module, name))
    case .memoize: try remember(UInt64(memo.count))
    case .nextBuffer, .readOnlyBuffer: throw fault(.unsupported, "out-of-band buffers")
    default: throw fault(.malformed, "has an argument")
    }
  }

  private mutating func execute(_ opcode: Opcode, _ value: UInt64) throws(CheckpointError) {
    switch opcode {
    case .binInt1, .binInt2: push(.int(Int(value)))
    case .binGet, .longBinGet: try recall(value)
    case .binPut, .longBinPut: try remember(value)
    case .proto:
      guard start == origin else {
        throw fault(.malformed, "stands at byte \(start - origin) of the pickle, allowed is only 0")
      }
      guard value <= UInt64(Self.highestProtocol) else {
        throw fault(.unsupported, "protocol \(value), the highest known is \(Self.highestProtocol)")
      }
    case .frame:
      guard frameEnd == nil else { throw fault(.malformed, "begins inside another frame") }
      guard let length = Int(exactly: value), length <= cursor.remaining else {
        throw fault(.truncated, "needs \(value) bytes, \(cursor.remaining) left")
      }
      frameEnd = cursor.offset + length
    default: throw fault(.unsupported, "extension registry code \(value)")
    }
  }

  private mutating func execute(_ opcode: Opcode, counted count: Int) throws(CheckpointError) {
    let first = cursor.offset
    let bytes = try cursor.take(count, "counted bytes")
    let range = first..<first + count
    switch opcode {
    case .long1, .long4:
      // Longer ones are no sizes: what matters of them is that they are there.
      push(count <= Self.longestInteger ? Self.integer(littleEndian: bytes.copied()) : .largeInt)
    case .binUnicode, .shortBinUnicode, .binUnicode8:
      try pushText(
        bytes.byteCount <= PickleArena.longestName ? bytes.utf8String() : nil, PickleBlob(range: range, form: .utf8))
    case .binString, .shortBinString:
      // Python 2's strings are keys (text) or data (bytes).
      try pushText(
        bytes.byteCount <= PickleArena.longestName ? bytes.utf8String() : nil, PickleBlob(range: range, form: .bytes))
    default: stack.append(arena.addBlob(PickleBlob(range: range, form: .bytes)))
    }
  }

  /// Pushes text that may be a name, or the place of what may not.
  mutating func pushText(_ text: String?, _ blob: PickleBlob) throws(CheckpointError) {
    guard let text, text.utf8.count <= PickleArena.longestName else { return stack.append(arena.addBlob(blob)) }
    textBytes += text.utf8.count
    guard textBytes <= Self.mostTextBytes else {
      throw fault(.limit, "comes after \(textBytes) bytes of names and texts, allowed are \(Self.mostTextBytes)")
    }
    push(.text(text))
  }

  mutating func remember(_ index: UInt64) throws(CheckpointError) {
    guard let index = UInt32(exactly: index) else {
      throw fault(.limit, "memo index \(index), the largest is \(UInt32.max)")
    }
    memo[index] = try top()
  }

  mutating func recall(_ index: UInt64) throws(CheckpointError) {
    guard let index = UInt32(exactly: index), let node = memo[index] else {
      throw fault(.corrupt, "memo \(index) is not set")
    }
    stack.append(node)
  }

  private mutating func global(_ module: String, _ name: String) throws(CheckpointError) -> Reference {
    let length = max(module.utf8.count, name.utf8.count)
    guard length <= PickleArena.longestName else {
      throw fault(.limit, "a name of \(length) bytes, the longest allowed is \(PickleArena.longestName)")
    }
    return arena.addGlobal(PickleArena.Global(module: module, name: name))
  }
}
