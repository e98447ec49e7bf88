// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// What a pickled `numpy.dtype` says.
enum NumPyType {
  /// A number, and whether it is big-endian.
  case number(ElementType, isBigEndian: Bool)
  /// A type that is no number; its name.
  case other(String)

  /// NumPy's codes of numbers (`numpy.dtype.str` without the byte order).
  private static let codes: [String: ElementType] = [
    "b1": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32, "i4": .int32, "u8": .uint64,
    "i8": .int64, "f2": .float16, "f4": .float32, "f8": .float64, "c8": .complex64, "c16": .complex128,
  ]

  /// Reads `numpy.dtype('f4', False, True)` with the state `(3, '<', None, None, None, -1, -1, 0)`; `nil` for any other object.
  ///
  /// - Parameters:
  ///   - reference: the object.
  ///   - arena: where it is.
  init?(_ reference: PickleArena.Reference, in arena: PickleArena) {
    guard let object = arena.object(reference), let callable = arena.callable(of: object),
      callable == PickleArena.Global(module: "numpy", name: "dtype"),
      let code = arena.tuple(object.arguments)?.first
    else { return nil }
    guard let text = arena.text(code) else {
      self = .other(arena.kind(of: code))
      return
    }
    guard let type = Self.codes[text] else {
      self = .other(text)
      return
    }
    guard let state = object.state else {
      // Types of one byte may come without a state.
      guard type.byteCount == 1 else { return nil }
      self = .number(type, isBigEndian: false)
      return
    }
    guard let parts = arena.tuple(state).map(Array.init), parts.count >= 5, let order = arena.text(parts[1]) else {
      return nil
    }
    for part in parts[2...4] {
      guard case .none = arena[part] else {
        self = .other("a structure")
        return
      }
    }
    switch order {
    case "<": self = .number(type, isBigEndian: false)
    case ">": self = .number(type, isBigEndian: true)
    case "|" where type.byteCount == 1: self = .number(type, isBigEndian: false)
    default: return nil
    }
  }
}
