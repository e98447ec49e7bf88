// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import Testing

@Suite struct PipelineApartTests {
  private struct Fault: Error, Equatable {
    let index: Int
  }

  @Test(arguments: [1, 2, 4], [0, 1, 3, 4, 7, 8, 40])
  func `results come in order, each computed with one thread of its own where there are many`(
    _ threads: Int, _ count: Int
  ) throws {
    let compute = Compute(threads: threads)
    let used = Guarded<[Int]>([])
    var found: [Matrix<Float>] = []
    @Sendable func matrix(_ index: Int) -> Matrix<Float> {
      Matrix(values: (0..<96).map { Float(($0 * 7 + index * 13) % 31) - 15 }, rows: 12, columns: 8)
    }
    try compute.pipelineApart(count, ahead: 2) { index, own in
      used.withLock { $0.append(own.threads) }
      var product = Matrix<Float>(rows: 12, columns: 12)
      try own.product(matrix(index), WeightMatrix(rows: matrix(index)), into: &product)
      return product
    } consume: {
      found.append($0)
    }
    let expected = try (0..<count).map { index in
      var product = Matrix<Float>(rows: 12, columns: 12)
      try compute.product(matrix(index), WeightMatrix(rows: matrix(index)), into: &product)
      return product
    }
    #expect(found == expected)
    let each = threads > 1 && count >= 2 * threads ? 1 : threads
    #expect(used.withLock { $0 } == [Int](repeating: each, count: count))
  }

  @Test(arguments: [1, 2, 4])
  func `the error is that of the lowest index, and what comes after it is not consumed`(_ threads: Int) {
    var consumed: [Int] = []
    let error = #expect(throws: Fault.self) {
      try Compute(threads: threads).pipelineApart(64) { index, _ in
        if index % 10 == 7 { throw Fault(index: index) }
        return index
      } consume: {
        consumed.append($0)
      }
    }
    #expect(error == Fault(index: 7))
    #expect(consumed == Array(0..<consumed.count) && consumed.count <= 7)
  }
}
