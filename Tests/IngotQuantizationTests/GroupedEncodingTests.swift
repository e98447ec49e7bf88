// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

/// Weights in integers, by every encoding and every way to choose scales.
@Suite struct GroupedEncodingTests {
  static let schemes = EncodingScheme.allCases.filter { $0.integers != nil }

  private func encode(
    _ values: [Float], _ shape: Shape, _ scheme: EncodingScheme, axis: Int = 0, _ scales: ScaleSearch = .absmax,
    moments: [Float] = [], threads: Int = 2
  ) throws -> (target: TensorDescriptor, bytes: [UInt8], outcome: TensorEncoder.Outcome) {
    let source = try #require(TensorDescriptor(name: "w", type: .float32, shape: shape, access: .mapped))
    let checkpoint = OneTensor(tensors: [source], bytes: values.withRawSpan { $0.copied() })
    let target = try #require(scheme.target(of: source, for: .weights(outputAxis: axis)))
    let encoded = try TensorEncoder(
      TensorStorage(source, in: checkpoint), as: target, Compute(threads: threads), scales: scales, moments: moments
    ).encoded()
    let (bytes, outcome) = (encoded.bytes, encoded.outcome)
    #expect(bytes.count == target.byteCount)
    return (target, bytes, outcome)
  }

  @Test(arguments: schemes, [0, 1])
  func `the error told is that of the decoded values, and within the steps`(_ scheme: EncodingScheme, _ axis: Int)
    throws
  {
    let shape = Shape(45, 71)
    let values = made(45 * 71, seed: 1)
    for scales in [ScaleSearch.absmax, .mse] {
      let (target, bytes, outcome) = try encode(values, shape, scheme, axis: axis, scales)
      let decoded = try bytes.withRawSpan { try TensorDecoder.values(of: target, $0) }
      let steps = bytes.withRawSpan { TensorDecoder.steps(of: target, $0) }
      var (error, signal, largest) = (0.0, 0.0, 0.0)
      for index in values.indices {
        let difference = abs(Double(decoded[index]) - Double(values[index]))
        error += difference * difference
        signal += Double(values[index]) * Double(values[index])
        largest = max(largest, difference)
        // Half a step, and what the product of integer and scale is rounded by; nothing is clipped.
        if scales == .absmax { #expect(difference <= Double(steps[index]) * 0.5001) }
      }
      #expect(outcome.fidelity.maximumError == largest)
      #expect(abs(outcome.fidelity.relativeError - (error / signal).squareRoot()) <= 1e-12)
    }
  }

  @Test(arguments: schemes)
  func `the least squared error is not larger than that without clipping`(_ scheme: EncodingScheme) throws {
    let values = made(64 * 300, seed: 2)
    let plain = try encode(values, Shape(64, 300), scheme, .absmax)
    let searched = try encode(values, Shape(64, 300), scheme, .mse)
    #expect(searched.outcome.fidelity.relativeError <= plain.outcome.fidelity.relativeError)
    if scheme.integers?.width == .int4 {
      #expect(searched.outcome.fidelity.relativeError < 0.98 * plain.outcome.fidelity.relativeError)
    }
  }

  @Test func `scales weighted by inputs lessen the error of the products with such inputs`() throws {
    let (outputs, inputs) = (48, 256)
    let values = made(outputs * inputs, seed: 3)
    // A few inputs are large, as the channels of a residual stream are.
    let moments = (0..<inputs).map { Float($0 % 37 == 0 ? 40 : 0.2) }
    func weighted(_ scales: ScaleSearch) throws -> Double {
      let (target, bytes, _) = try encode(
        values, Shape(outputs, inputs), .int4Group64, scales, moments: moments)
      let decoded = try bytes.withRawSpan { try TensorDecoder.values(of: target, $0) }
      return values.indices.reduce(0) { sum, index in
        let difference = Double(decoded[index]) - Double(values[index])
        return sum + difference * difference * Double(moments[index % inputs])
      }
    }
    let (absmax, mse, activation) = (try weighted(.absmax), try weighted(.mse), try weighted(.activation))
    #expect(activation < mse)
    #expect(activation < absmax)
  }

  @Test(arguments: schemes)
  func `bytes and figures do not depend on the number of threads`(_ scheme: EncodingScheme) throws {
    let values = made(700 * 300, seed: 4)
    for scales in [ScaleSearch.absmax, .mse] {
      let one = try encode(values, Shape(700, 300), scheme, scales, threads: 1)
      let three = try encode(values, Shape(700, 300), scheme, scales, threads: 3)
      #expect(one.bytes == three.bytes)
      #expect(one.outcome == three.outcome)
    }
  }

  /// What `Tools/encode_reference.py` computes from the specification alone; the instruction paths of one machine are compared in `GroupTests`.
  @Test func `bytes are those that were recorded`() throws {
    let values = made(40 * 200, seed: 5)
    let moments = made(200, seed: 6).map { $0 * $0 }
    var all: [UInt8] = []
    for scheme in Self.schemes {
      for scales in ScaleSearch.allCases {
        all += try encode(values, Shape(40, 200), scheme, scales, moments: moments).bytes
      }
    }
    let digest = all.withRawSpan { SHA256Digest(of: $0).description }
    #expect(digest == "db9d643c46583c809de598e3831dd124a59427420811cd93936160fcc4e6a334")
  }

  @Test func `what is protected stays in floating point unless it is asked for`() throws {
    let tensor = try #require(TensorDescriptor(name: "p", type: .float32, shape: Shape(8, 64), access: .mapped))
    for scheme in Self.schemes {
      #expect(scheme.target(of: tensor, for: .protected(outputAxis: 1))?.encoding == .plain)
      #expect(scheme.target(of: tensor, for: .protected(outputAxis: 1), includingProtected: true)?.encoding != .plain)
      #expect(scheme.target(of: tensor, for: .table, includingProtected: true)?.encoding == .plain)
      #expect(scheme.target(of: tensor, for: .small, includingProtected: true)?.type == .float32)
    }
    #expect(EncodingScheme.float16.target(of: tensor, for: .protected(outputAxis: 1))?.type == .float16)
  }

  @Test func `moments are means of squares over their mean`() {
    let moments = InputMoments()
    moments.observe(Matrix<Float>(values: [1, 2, 3, 4], rows: 2, columns: 2), meeting: "w")
    moments.observe(Matrix<Float>(values: [0, 2], rows: 1, columns: 2), meeting: "w")
    // Sums of squares: 1 + 9 + 0, 4 + 16 + 4.
    #expect(moments.moments(of: "w") == [Float(10.0 / 17), Float(24.0 / 17)])
    #expect(moments.moments(of: "other").isEmpty)
    #expect(moments.names == ["w"])
  }
}
