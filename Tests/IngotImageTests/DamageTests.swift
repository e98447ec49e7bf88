// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotImage
import IngotTestSupport
import Testing

struct DamageTests {
  @Test(arguments: [
    "p-2bit.png", "1-interlaced.png", "rgba-28x28.png", "rgb-animated.png", "l.jpg", "ycc-420-progressive.jpg",
    "ycc-restart.jpg", "cmyk.jpg", "l-16bit-28x28.png",
  ])
  func `Every file that ends early is truncated`(name: String) throws {
    let whole = try Manifest.bytes(name)
    #expect(try refusal(whole) == nil)
    for count in 0..<whole.count {
      let code = try refusal(Array(whole.prefix(count)))
      #expect(code == .truncated, "\(count) of \(whole.count) bytes")
    }
  }

  @Test(arguments: [
    "p-4bit.png", "l-4bit-interlaced.png", "la.png", "rgba-16bit.png", "ycc-444-odd.jpg", "ycc-422-progressive.jpg",
    "ycck.jpg", "l-16bit-interlaced.png",
  ])
  func `Random changes to a file never crash`(name: String) throws {
    let whole = try Manifest.bytes(name)
    var random = SeededGenerator(seed: 7)
    var refused = 0
    for _ in 0..<1000 {
      var bytes = whole
      // Half of the changes go to the first 200 bytes, where the headers are.
      let end = Bool.random(using: &random) ? min(200, bytes.count) : bytes.count
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<end, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if try refusal(bytes, pixelLimit: 1 << 20) != nil { refused += 1 }
    }
    #expect(refused > 200)
  }

  @Test func `A changed byte of a PNG's image data is found by its checksum`() throws {
    let whole = try Manifest.bytes("rgb-2x3.png")
    for index in 8..<whole.count {
      var bytes = whole
      bytes[index] ^= 0x10
      #expect(try refusal(bytes) != nil, "byte \(index)")
    }
  }

  @Test func `A PNG header of 100000x100000 pixels is refused before anything else is read`() throws {
    var bytes = try Manifest.bytes("rgb.png")
    bytes.replaceSubrange(16..<24, with: [0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0])
    #expect(throws: CheckpointError(.limit, .image, "")) { try decode(bytes) }
  }

  @Test func `A PNG whose few bytes cannot become the pixels it claims is refused before allocation`() throws {
    var bytes = try Manifest.bytes("rgb.png")
    bytes.replaceSubrange(16..<24, with: [0, 0, 0x30, 0, 0, 0, 0x30, 0])
    #expect(throws: CheckpointError(.corrupt, .image, subject: "IDAT", "")) { try decode(bytes) }
  }

  @Test func `A JPEG whose few bytes cannot become the pixels it claims is refused before allocation`() throws {
    var bytes = try Manifest.bytes("l.jpg")
    let frame = try #require(bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 })
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0x30, 0, 0x30, 0])
    #expect(throws: CheckpointError(.truncated, .image, "")) { try decode(bytes) }
  }

  @Test func `The limit is the number of pixels, and may be reached`() throws {
    for (name, count) in [("rgb-28x31.png", 28 * 31), ("l.jpg", 75 * 59)] {
      let bytes = try Manifest.bytes(name)
      #expect(try refusal(bytes, pixelLimit: count) == nil)
      #expect(try refusal(bytes, pixelLimit: count - 1) == .limit)
    }
  }

  @Test func `A JPEG cut off before an end marker is refused, though the library would fill it with grey`() throws {
    let whole = try Manifest.bytes("ycc-444.jpg")
    #expect(try refusal(Array(whole.prefix(whole.count / 2)) + [0xff, 0xd9]) == .corrupt)
  }

  /// A progressive JPEG with `count` more scans, each of which gives the constant parts of all blocks again.
  private func jpeg(withScans count: Int) throws -> [UInt8] {
    let whole = try Manifest.bytes("l-progressive.jpg")
    func markers(_ code: UInt8) -> [Int] {
      whole.indices.dropLast().filter { whole[$0] == 0xff && whole[$0 + 1] == code }
    }
    let start = try #require(markers(0xda).first)
    let end = try #require(markers(0xc4).first { $0 > start })
    var scan = Array(whole[start..<end])
    // The scan's precision: all bits at once, so that nothing is inconsistent.
    let header = Int(scan[2]) << 8 | Int(scan[3])
    scan[1 + header] = 0
    var bytes = Array(whole.prefix(whole.count - 2))
    for _ in 0..<count { bytes += scan }
    return bytes + [0xff, 0xd9]
  }

  @Test func `A JPEG of more than 500 scans is refused`() throws {
    #expect(try refusal(jpeg(withScans: 400)) == nil)
    #expect(try refusal(jpeg(withScans: 600)) == .limit)
  }
}
