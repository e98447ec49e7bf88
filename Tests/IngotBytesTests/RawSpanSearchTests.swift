// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import Testing

@Suite struct RawSpanSearchTests {
  @Test func `integers are little-endian at any offset`() {
    let bytes: [UInt8] = [0xFF, 1, 2, 3, 4, 5, 6, 7, 8]
    bytes.withRawSpan { span in
      #expect(span.littleEndian(UInt64.self, at: 1) == 0x0807_0605_0403_0201)
      #expect(span.littleEndian(UInt16.self, at: 0) == 0x01FF)
      #expect(span.littleEndian(Int8.self, at: 0) == -1)
    }
  }

  @Test(arguments: 0..<40)
  func `the first byte sought is found wherever it lies`(_ place: Int) {
    var bytes = [UInt8](repeating: 0, count: 40)
    bytes.withRawSpan { span in
      #expect(span.firstNonzeroIndex() == nil)
      #expect(span.firstIndex(of: 0x80) == nil)
    }
    bytes[place] = 0x80
    bytes[39] = 0x80
    bytes.withRawSpan { span in
      #expect(span.firstNonzeroIndex() == place)
      #expect(span.firstIndex(of: 0x80) == place)
    }
  }

  @Test func `nothing is found in no bytes`() {
    [UInt8]().withRawSpan { span in
      #expect(span.firstNonzeroIndex() == nil)
      #expect(span.firstIndex(of: 0) == nil)
    }
  }

  @Test func `bytewise order is that of unsigned bytes, prefixes first`() {
    let sorted: [[UInt8]] = [[], [0], [0, 0], [1], [1, 0x7F], [1, 0x80], [0xFF]]
    for (i, left) in sorted.enumerated() {
      for (j, right) in sorted.enumerated() {
        let precedes = left.withRawSpan { left in right.withRawSpan { right in left.precedes(right) } }
        #expect(precedes == (i < j), "\(left) before \(right)")
      }
    }
  }
}
