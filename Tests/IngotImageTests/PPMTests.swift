// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotImage
import IngotTestSupport
import Testing

struct PPMTests {
  @Test func `Headers have blanks and comments, and samples follow one blank`() throws {
    let colour = try decode(Array("P6\n# made by hand\n2 1\n255\n".utf8) + [1, 2, 3, 4, 5, 6])
    #expect(colour.mode == .rgb && colour.width == 2 && colour.height == 1)
    #expect(colour.pixels == [1, 2, 3, 4, 5, 6])
    // The blank that ends the header may be followed by a sample that looks like one.
    #expect(try decode(Array("P5 1 2 255 ".utf8) + [32, 10]).pixels == [32, 10])
  }

  @Test func `Samples of fewer values are scaled as Pillow scales them`() throws {
    // Image.open of the same bytes gives 0, 85, 170, 255, and 0, 36, 73, 109, 146, 182, 219, 255.
    #expect(try decode(Array("P5 4 1 3\n".utf8) + [0, 1, 2, 3]).pixels == [0, 85, 170, 255])
    #expect(
      try decode(Array("P5 8 1 7\n".utf8) + Array(0...7)).pixels == [0, 36, 73, 109, 146, 182, 219, 255])
  }

  @Test(arguments: [
    ("P6 2 1 255\n12345", CheckpointError.Code.truncated), ("P6 2 1 255", .truncated), ("P6 2", .truncated),
    ("P6 ", .truncated),
    ("P3 1 1 255\n1 2 3\n", .unsupported), ("P4 8 1\n\0", .unsupported), ("P6 1 1 65535\n123456", .unsupported),
    ("P6 0 1 255\n", .malformed), ("P6 x 1 255\n", .malformed), ("P6 99999999999 1 255\n", .malformed),
    ("P6 100000 100000 255\n", .limit), ("P6 1 1 0\n123", .unsupported),
  ])
  func `Wrong files are refused`(text: String, code: CheckpointError.Code) throws {
    #expect(try refusal(Array(text.utf8)) == code)
  }
}
