// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotQuantization

/// Weights rounded with compensation, on made inputs that have much in common, as activations do.
@Suite struct CompensatedRoundingTests {
  private static let channels = 24
  private static let inputs = 150
  private static let rows = 300

  private let weights = made(channels * inputs, seed: 10)
  private let entering: Matrix<Float>
  private let original: Matrix<Float>

  init() {
    let common = made(Self.rows, seed: 8)
    let own = made(Self.rows * Self.inputs, seed: 7)
    let entering = own.indices.map { own[$0] + 2 * common[$0 / Self.inputs] }
    let away = made(Self.rows * Self.inputs, seed: 9)
    let original = away.indices.map { entering[$0] + 0.125 * away[$0] }
    self.entering = Matrix(values: entering, rows: Self.rows, columns: Self.inputs)
    self.original = Matrix(values: original, rows: Self.rows, columns: Self.inputs)
  }

  private func encode(
    _ scheme: EncodingScheme, axis: Int = 0, compensates: Bool = true, batch: Int = 300, _ compute: Compute = Compute()
  ) throws -> (target: TensorDescriptor, bytes: [UInt8], outcome: TensorEncoder.Outcome) {
    let (channels, inputs) = (Self.channels, Self.inputs)
    let shape = axis == 0 ? Shape(channels, inputs) : Shape(inputs, channels)
    let values =
      axis == 0 ? weights : (0..<channels * inputs).map { weights[$0 % channels * inputs + $0 / channels] }
    let source = try #require(TensorDescriptor(name: "w", type: .float32, shape: shape, access: .mapped))
    let checkpoint = OneTensor(tensors: [source], bytes: values.withRawSpan { $0.copied() })
    let target = try #require(scheme.target(of: source, for: .weights(outputAxis: axis)))
    var rounding: CompensatedRounding?
    if compensates {
      let seen = InputRows(of: ["w"], RowChoice())
      let products = InputProducts(of: [("w", inputs)], beside: seen, compute)
      for start in stride(from: 0, to: Self.rows, by: batch) {
        let part = Array(start..<min(start + batch, Self.rows))
        seen.observe(original.gathering(part), meeting: "w")
      }
      for start in stride(from: 0, to: Self.rows, by: batch) {
        let part = Array(start..<min(start + batch, Self.rows))
        products.observe(entering.gathering(part), meeting: "w")
      }
      rounding = try CompensatedRounding("w", products, compute)
    }
    let encoded = try TensorEncoder(
      TensorStorage(source, in: checkpoint), as: target, compute, rounding: rounding
    ).encoded()
    let (bytes, outcome) = (encoded.bytes, encoded.outcome)
    #expect(bytes.count == target.byteCount)
    return (target, bytes, outcome)
  }

  /// The sum of squares of what the products of the stored weights are away from those of the original model.
  private func error(_ target: TensorDescriptor, _ bytes: [UInt8]) throws -> Double {
    let found = try bytes.withRawSpan { try TensorDecoder.values(of: target, $0) }
    var sum = 0.0
    for row in 0..<Self.rows {
      for channel in 0..<Self.channels {
        var difference = 0.0
        for k in 0..<Self.inputs {
          let place = channel * Self.inputs + k
          difference += Double(entering.values[row * Self.inputs + k]) * Double(found[place])
          difference -= Double(original.values[row * Self.inputs + k]) * Double(weights[place])
        }
        sum += difference * difference
      }
    }
    return sum
  }

  /// What `Tools/compensated_reference.py` computes, another way, from the papers.
  @Test func `bytes are those of the papers' algorithms`() throws {
    var all: [UInt8] = []
    for scheme in [EncodingScheme.int8, .int6Group64, .int4Group32] { all += try encode(scheme).bytes }
    let digest = all.withRawSpan { SHA256Digest(of: $0).description }
    #expect(digest == "0e02c6cb7cd7db7148a97bd9940fe8863f85892ba22c0789082c0e636bc89713")
  }

  @Test(arguments: [EncodingScheme.int8, .int6Group64, .int4Group32])
  func `products come nearer to the original's than by rounding to nearest`(_ scheme: EncodingScheme) throws {
    let compensated = try encode(scheme)
    let nearest = try encode(scheme, compensates: false)
    let (found, plain) = (try error(compensated.target, compensated.bytes), try error(nearest.target, nearest.bytes))
    #expect(found * 1.5 < plain, "\(found) against \(plain)")
    // The weights themselves are further away: that is what it costs.
    #expect(compensated.outcome.fidelity.relativeError > nearest.outcome.fidelity.relativeError)
  }

  @Test func `bytes depend on neither threads nor instructions nor batches nor the order of the axes`() throws {
    for scheme in [EncodingScheme.int8, .int4Group32] {
      let expected = try encode(scheme)
      #expect(try encode(scheme, Compute(threads: 1)).bytes == expected.bytes)
      #expect(try encode(scheme, batch: 7, Compute(path: .plain, threads: 3)).bytes == expected.bytes)
      let turned = try encode(scheme, axis: 1)
      let one = try expected.bytes.withRawSpan { try TensorDecoder.values(of: expected.target, $0) }
      let other = try turned.bytes.withRawSpan { try TensorDecoder.values(of: turned.target, $0) }
      for channel in 0..<Self.channels {
        for k in 0..<Self.inputs {
          #expect(one[channel * Self.inputs + k] == other[k * Self.channels + channel])
        }
      }
    }
  }

  @Test func `the error told is that of the decoded values`() throws {
    let (target, bytes, outcome) = try encode(.int6Group64)
    let decoded = try bytes.withRawSpan { try TensorDecoder.values(of: target, $0) }
    var (error, signal, largest) = (0.0, 0.0, 0.0)
    for (value, stored) in zip(weights, decoded) {
      let difference = abs(Double(value) - Double(stored))
      error += difference * difference
      signal += Double(value) * Double(value)
      largest = max(largest, difference)
    }
    #expect(abs(outcome.fidelity.relativeError - (error / signal).squareRoot()) <= 1e-12)
    #expect(abs(outcome.fidelity.maximumError - largest) <= 1e-12)
  }

  @Test func `nothing is compensated that met nothing, and infinities are named`() throws {
    let compute = Compute()
    for value in [Float(0), .infinity] {
      let seen = InputRows(of: ["w"], RowChoice())
      let products = InputProducts(of: [("w", 3)], beside: seen, compute)
      let rows = Matrix<Float>(values: [value, 0, 0], rows: 1, columns: 3)
      seen.observe(rows, meeting: "w")
      products.observe(rows, meeting: "w")
      if value == 0 {
        #expect(try CompensatedRounding("w", products, compute) == nil)
        #expect(try CompensatedRounding("other", products, compute) == nil)
      } else {
        let error = #expect(throws: CheckpointError.self) { _ = try CompensatedRounding("w", products, compute) }
        #expect(error?.description.contains("NaN or infinite") == true)
      }
    }
  }

  @Test func `of texts only the tokens that are needed count, and of many rows every so many`() throws {
    let choice = RowChoice(strides: ["w": 2], needed: [true, false, true, true, true, false])
    let seen = InputRows(of: ["w", "v"], choice)
    let rows = Matrix<Float>(values: [0, 1, 2, 3, 4, 5], rows: 6, columns: 1)
    for name in ["w", "v"] { seen.observe(rows, meeting: name) }
    #expect(Array(seen.rows(of: "w", 0..<9)) == [0, 3])
    #expect(Array(seen.rows(of: "v", 0..<9)) == [0, 2, 3, 4])
    // Other numbers of rows are not tokens.
    seen.observe(Matrix<Float>(values: [7, 8, 9], rows: 3, columns: 1), meeting: "w")
    #expect(Array(seen.rows(of: "w", 0..<9)) == [0, 3, 7, 9])
  }
}
