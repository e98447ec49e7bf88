// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads a pickle into an arena.
///
/// It has no instruction that calls anything.
struct PickleMachine: ~Escapable {
  typealias Reference = PickleArena.Reference

  private var cursor: ByteCursor
  private let subject: String
  var arena = PickleArena()
  private var stack: [Reference] = []
  private var marks: [Int] = []
  private var memo: [UInt32: Reference] = [:]
  /// Where the current frame ends; instructions may not cross it.
  private var frameEnd: Int?
  private var instruction = Opcode.stop
  private var start = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, subject: String) {
    cursor = ByteCursor(bytes, format: .torchPickle, subject: subject)
    self.subject = subject
  }

  /// Runs one pickle to its STOP.
  ///
  /// - Parameters:
  ///   - bytes: the pickle; what follows STOP is an error.
  ///   - subject: the archive member's name, for errors.
  /// - Returns: everything it describes, and the root.
  /// - Throws: `CheckpointError` naming the instruction and its place.
  static func read(_ bytes: RawSpan, subject: String) throws(CheckpointError) -> (PickleArena, Reference) {
    guard bytes.byteCount <= largestPickle else {
      throw CheckpointError(
        .limit, .torchPickle, at: 0, subject: subject,
        "is a pickle of \(bytes.byteCount) bytes, the largest allowed is \(largestPickle)")
    }
    var machine = PickleMachine(bytes, subject: subject)
    let root = try machine.run()
    guard machine.cursor.isAtEnd else {
      throw machine.fault(.malformed, "\(machine.cursor.remaining) bytes follow the end of the pickle")
    }
    return (machine.arena, root)
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
    case .line: try execute(opcode, line: try line())
    case .twoLines:
      let module = try line()
      let name = try line()
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
      try execute(opcode, bytes: try cursor.take(count, "counted bytes").copied())
    case .countedSigned:
      let count = try cursor.read(Int32.self, "count")
      try execute(opcode, bytes: try cursor.take(Int(count), "counted bytes").copied())
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

  private mutating func line() throws(CheckpointError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let byte = try cursor.read(UInt8.self, "line")
      if byte == UInt8(ascii: "\n") { return bytes }
      bytes.append(byte)
      guard bytes.count <= Self.longestLine else {
        throw fault(.limit, "a line is longer than \(Self.longestLine) bytes")
      }
    }
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
      guard start == 0 else { throw fault(.malformed, "stands at byte \(start), allowed is only 0") }
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

  private mutating func execute(_ opcode: Opcode, bytes: [UInt8]) throws(CheckpointError) {
    switch opcode {
    case .long1, .long4: push(Self.integer(littleEndian: bytes))
    case .binUnicode, .shortBinUnicode, .binUnicode8, .binString, .shortBinString:
      if let text = text(bytes) { push(.text(text)) } else { stack.append(arena.addBytes(bytes)) }
    default: stack.append(arena.addBytes(bytes))
    }
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
