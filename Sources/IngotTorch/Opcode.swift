// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension FormatKind {
  /// Faults of PyTorch's archives and pickles.
  public static let torchPickle = FormatKind(rawValue: "torch-pickle")
}

/// The instructions of pickle, protocols 0 to 5: the one table of them (CPython's `pickletools.opcodes`).
enum Opcode: UInt8, CaseIterable {
  case mark = 0x28, emptyTuple = 0x29, stop = 0x2e, pop = 0x30, popMark = 0x31, dup = 0x32
  case binBytes = 0x42, shortBinBytes = 0x43, float = 0x46, binFloat = 0x47, int = 0x49, binInt = 0x4a, binInt1 = 0x4b
  case long = 0x4c, binInt2 = 0x4d, none = 0x4e, persid = 0x50, binPersid = 0x51, reduce = 0x52, string = 0x53
  case binString = 0x54, shortBinString = 0x55, unicode = 0x56, binUnicode = 0x58, emptyList = 0x5d, append = 0x61
  case build = 0x62, global = 0x63, dict = 0x64, appends = 0x65, get = 0x67, binGet = 0x68, inst = 0x69, longBinGet =
    0x6a
  case list = 0x6c, obj = 0x6f, put = 0x70, binPut = 0x71, longBinPut = 0x72, setItem = 0x73, tuple = 0x74, setItems =
    0x75
  case emptyDict = 0x7d, proto = 0x80, newObj = 0x81, ext1 = 0x82, ext2 = 0x83, ext4 = 0x84, tuple1 = 0x85, tuple2 =
    0x86
  case tuple3 = 0x87, newTrue = 0x88, newFalse = 0x89, long1 = 0x8a, long4 = 0x8b, shortBinUnicode = 0x8c
  case binUnicode8 = 0x8d, binBytes8 = 0x8e, emptySet = 0x8f, addItems = 0x90, frozenSet = 0x91, newObjEx = 0x92
  case stackGlobal = 0x93, memoize = 0x94, frame = 0x95, byteArray8 = 0x96, nextBuffer = 0x97, readOnlyBuffer = 0x98

  /// What follows the instruction's byte.
  enum Argument {
    case nothing
    /// An unsigned little-endian integer of so many bytes.
    case unsigned(Int)
    /// A signed little-endian 32-bit integer.
    case signed
    /// A big-endian IEEE binary64.
    case double
    /// Text up to a newline.
    case line
    /// Two of them.
    case twoLines
    /// Bytes, preceded by their count as an unsigned integer of so many bytes.
    case counted(Int)
    /// Bytes, preceded by their count as a signed 32-bit integer.
    case countedSigned
  }

  var argument: Argument {
    switch self {
    case .binInt1, .binGet, .binPut, .proto, .ext1: .unsigned(1)
    case .binInt2, .ext2: .unsigned(2)
    case .longBinGet, .longBinPut: .unsigned(4)
    case .frame: .unsigned(8)
    case .binInt, .ext4: .signed
    case .binFloat: .double
    case .float, .int, .long, .persid, .string, .unicode, .get, .put: .line
    case .global, .inst: .twoLines
    case .shortBinBytes, .shortBinString, .shortBinUnicode, .long1: .counted(1)
    case .binBytes, .binUnicode: .counted(4)
    case .binUnicode8, .binBytes8, .byteArray8: .counted(8)
    case .binString, .long4: .countedSigned
    default: .nothing
    }
  }
}
