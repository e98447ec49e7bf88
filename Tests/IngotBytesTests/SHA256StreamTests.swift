// SPDX-License-Identifier: Apache-2.0

@testable import IngotBytes
import IngotTestSupport
import Testing

@Suite struct SHA256StreamTests {
  private func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// swift-crypto's digest.
  private func reference(_ bytes: [UInt8]) -> SHA256Digest {
    var stream = SHA256Stream(withInstructions: false)
    bytes.withRawSpan { stream.update($0) }
    return stream.finalize()
  }

  @Test func `the examples of FIPS 180-4`() {
    let examples = [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ]
    for (text, digest) in examples {
      let bytes = Array(text.utf8)
      #expect(bytes.withRawSpan { SHA256Digest(of: $0) }.description == digest)
      #expect(reference(bytes).description == digest)
    }
  }

  @Test(.enabled(if: SHA256Stream.hasInstructions))
  func `instructions agree with swift-crypto at every length and any cut`() {
    let all = bytes(1 << 16, seed: 1)
    var generator = SeededGenerator(seed: 2)
    for count in Array(0...300) + [4095, 4096, 1 << 16] {
      let content = Array(all.prefix(count))
      var whole = SHA256Stream(withInstructions: true)
      content.withRawSpan { whole.update($0) }
      #expect(whole.finalize() == reference(content), "\(count) bytes")
      var pieces = SHA256Stream(withInstructions: true)
      var start = 0
      while start < count {
        let end = min(count, start + Int.random(in: 0...150, using: &generator))
        content.withRawSpan { pieces.update($0.extracting(start..<end)) }
        // A digest in between does not disturb.
        _ = pieces.finalize()
        start = end
      }
      #expect(pieces.finalize() == reference(content), "\(count) bytes in pieces")
    }
  }

  @Test(arguments: [true, false])
  func `two streams side by side are two streams`(_ withInstructions: Bool) {
    guard !withInstructions || SHA256Stream.hasInstructions else { return }
    var generator = SeededGenerator(seed: 3)
    for round in 0..<300 {
      var (first, second) = (
        SHA256Stream(withInstructions: withInstructions), SHA256Stream(withInstructions: withInstructions)
      )
      var (left, right): ([UInt8], [UInt8]) = ([], [])
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let a = bytes(Int.random(in: 0...300, using: &generator), seed: UInt64(round))
        let b = bytes(Int.random(in: 0...300, using: &generator), seed: UInt64(round + 1000))
        a.withRawSpan { a in b.withRawSpan { b in SHA256Stream.update(&first, a, and: &second, b) } }
        left += a
        right += b
      }
      #expect(first.finalize() == reference(left))
      #expect(second.finalize() == reference(right))
      #expect(left == right || first.finalize() != second.finalize())
    }
  }
}
