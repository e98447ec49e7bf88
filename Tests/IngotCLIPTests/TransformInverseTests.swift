// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import Testing

@testable import IngotCLIP

@Suite struct TransformInverseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let transform: TensorTransform
    let shape: Shape
    var testDescription: String { "\(transform) of \(shape)" }
  }

  static let cases = [
    Case(transform: TensorTransform(), shape: Shape(3, 5)),
    Case(transform: TensorTransform(layout: .reshape, ones: 2), shape: Shape(1, 1, 7)),
    Case(transform: TensorTransform(layout: .reshape, ones: 1), shape: Shape(1, 3, 5)),
    Case(transform: TensorTransform(layout: .reshape, ones: 1), shape: Shape(1)),
    Case(transform: TensorTransform(layout: .reshape, ones: 0, onesAfter: 2), shape: Shape(3, 5, 1, 1)),
    Case(transform: TensorTransform(layout: .flatten), shape: Shape(3, 4)),
    Case(transform: TensorTransform(layout: .transpose), shape: Shape(4, 7)),
    Case(transform: TensorTransform(layout: .transposeFoldingColumns), shape: Shape(5, 3, 4)),
    Case(transform: TensorTransform(layout: .transposeFoldingRows), shape: Shape(3, 4, 5)),
    Case(transform: TensorTransform(layout: .hwio), shape: Shape(2, 3, 5, 7)),
  ]

  @Test(arguments: cases)
  func `what a transform made is arranged as it was`(_ item: Case) throws {
    let numbers = (0..<UInt16(item.shape.elementCount)).map { $0 &* 257 }
    let original = numbers.withRawSpan { $0.copied() }
    let forth = item.transform.layout(.uint16, of: item.shape)
    let arranged = original.withRawSpan { forth.assembled(from: $0) }
    // Behind something else, as a part of several is.
    let behind = [UInt8](repeating: 0xEE, count: 6) + arranged
    let back = try item.transform.restored(forth.shape, .uint16, offset: 3, heads: 3)
    #expect(back.shape == item.shape)
    #expect(behind.withRawSpan { back.assembled(from: $0) } == original)
    if item.transform.layout == .transpose || item.transform.layout == .hwio { #expect(arranged != original) }
  }

  @Test func `a transform is recorded as it was`() {
    let reshape = TensorTransform(layout: .reshape)
    for (shape, words) in [
      (Shape(1, 1, 7), "reshape 2"), (Shape(3, 5, 1, 1), "reshape 0+2"), (Shape(1, 3, 1, 5), "reshape"),
      (Shape(1), "reshape 1"), (Shape(), "reshape 0"),
    ] {
      #expect(reshape.observed(on: shape, becoming: Shape()).description == words)
    }
    #expect(TensorTransform().observed(on: Shape(1), becoming: Shape()).description == "reshape 1")
    #expect(TensorTransform().observed(on: Shape(1, 7), becoming: Shape(1, 7)).description == "copy")
  }

  @Test func `the words of a transform are read again`() {
    let all =
      Self.cases.map(\.transform) + [
        TensorTransform(layout: .reshape), TensorTransform(layout: .flatten, slice: 3),
        TensorTransform(rows: 0..<20), TensorTransform(layout: .transpose, slice: 0, rows: 20..<Int.max),
      ]
    for transform in all { #expect(TensorTransform(parsing: transform.description) == transform, "\(transform)") }
    for text in [
      "", "other", "copy, copy", "slice -1, copy", "rows 3-2", "copy, rows 5-2", "copy, rows 1-9223372036854775807",
      "reshape 99", "reshape 1+", "reshape 1+2+3", "concatenate",
    ] {
      #expect(TensorTransform(parsing: text) == nil, "\(text)")
    }
  }

  @Test func `what is not known is refused in words`() {
    func refusal(_ transform: TensorTransform, _ shape: Shape, heads: Int?) -> String {
      let error = #expect(throws: CheckpointError.self) {
        try transform.restored(shape, .float32, offset: 0, heads: heads)
      }
      #expect(error?.code == .unsupported)
      return error?.detail ?? ""
    }
    #expect(refusal(TensorTransform(layout: .reshape), Shape(3), heads: nil).contains("dimensions of 1"))
    #expect(refusal(TensorTransform(layout: .flatten), Shape(12), heads: nil).contains("heads"))
    #expect(refusal(TensorTransform(layout: .flatten), Shape(12), heads: 5).contains("12"))
    #expect(refusal(TensorTransform(rows: 0..<20), Shape(20, 2), heads: nil).contains("rows 0 to 19"))
    #expect(refusal(TensorTransform(layout: .transpose), Shape(20), heads: nil).contains("2 dimensions"))
  }
}
