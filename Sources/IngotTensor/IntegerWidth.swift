// SPDX-License-Identifier: Apache-2.0

/// How many bits the integers of a quantized tensor have; the range is symmetric.
public enum IntegerWidth: Int, Sendable, Hashable, CaseIterable {
  /// In -7...7.
  case int4 = 4
  /// In -31...31.
  case int6 = 6
  /// In -127...127.
  case int8 = 8

  /// The largest integer; the smallest is its negative.
  public var limit: Int { (1 << (rawValue - 1)) - 1 }

  /// In reports: `int4`.
  public var name: String { "int\(rawValue)" }

  /// Bytes that so many integers take as a stream of bits: at most as many as there are integers.
  public func byteCount(of count: Int) -> Int {
    count / 8 * rawValue + (count % 8 * rawValue + 7) / 8
  }
}

/// How many consecutive elements of a channel share a scale.
public enum GroupSize: Int, Sendable, Hashable, CaseIterable {
  /// 32 elements.
  case of32 = 32
  /// 64 elements.
  case of64 = 64
  /// 128 elements.
  case of128 = 128

  /// Groups of a channel with so many elements; the last may be shorter.
  public func count(in elements: Int) -> Int {
    elements / rawValue + (elements % rawValue == 0 ? 0 : 1)
  }
}
