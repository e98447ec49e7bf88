// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotFile
import IngotQuantization
import IngotTensor

extension FidelityReport.TensorCheck {
  /// Compares every tensor of a model with the one of the same canonical name in its source.
  ///
  /// - Parameters:
  ///   - subject: the model.
  ///   - source: what it was made of, under canonical names.
  ///   - compute: how to compute; each thread holds one tensor.
  /// - Returns: one check for each tensor of the model, in order.
  /// - Throws: what reading a tensor throws.
  static func all(
    of subject: VerificationSubject, against source: any Checkpoint, _ compute: Compute
  ) throws -> [FidelityReport.TensorCheck] {
    let originals = Dictionary(source.tensors.map { ($0.name, $0) }) { first, _ in first }
    let tensors = subject.checkpoint.tensors
    let isCompensated = subject.provenance?.isCompensated ?? false
    return try compute.map(tensors.count) { number in
      let tensor = tensors[number]
      let stated = subject.provenance?.tensors[tensor.name]?.fidelity
      guard let original = originals[tensor.name] else {
        return FidelityReport.TensorCheck(tensor, sourceType: "none", verdict: "missing")
      }
      guard original.shape == tensor.shape else {
        return FidelityReport.TensorCheck(tensor, sourceType: original.type.rawValue, verdict: "shape")
      }
      defer {
        subject.checkpoint.release(tensor)
        source.release(original)
      }
      return try subject.checkpoint.withBytes(of: tensor) { bytes in
        try source.withBytes(of: original) { originalBytes in
          try FidelityReport.TensorCheck(
            tensor, bytes, original, originalBytes, stated: stated?.relativeError,
            saturatedShare: stated?.saturatedShare, isCompensated: isCompensated)
        }
      }
    }
  }

  /// A check that fails before values are compared.
  private init(_ tensor: TensorDescriptor, sourceType: String, verdict: String) {
    self.init(
      name: tensor.name, encoding: tensor.encoding.label, type: tensor.type.rawValue, sourceType: sourceType,
      verdict: verdict, maximumError: 0, relativeError: 0, shareOfBound: 0, bound: 0, worstIndex: 0, saturated: 0,
      stated: nil, passed: false)
  }

  /// Both value / step and step × integer are rounded in float32: 127 × 2^-24 of a step each at most, beside half a step.
  private static let productRounding = 1 + 4 * 127 * 0x1p-24
  /// What float32 sums of squares may be off by, relative to what provenance states.
  private static let statedResolution = 1 + 1e-5

  private init(
    _ tensor: TensorDescriptor, _ bytes: RawSpan, _ original: TensorDescriptor, _ originalBytes: RawSpan,
    stated: Double?, saturatedShare: Double?, isCompensated: Bool
  ) throws {
    self.init(tensor, sourceType: original.type.rawValue, verdict: "bit-identical")
    self.stated = stated
    if tensor.encoding == .plain, tensor.type == original.type, original.encoding == .plain,
      bytes.elementsEqual(originalBytes)
    {
      passed = true
      return
    }
    guard tensor.type.isComputable, original.type.isComputable else {
      // Integers and the like are carried as they are: any difference is damage.
      verdict = "different"
      return
    }
    let (found, expected) = (
      try TensorDecoder.values(of: tensor, bytes), try TensorDecoder.values(of: original, originalBytes)
    )
    let steps = tensor.encoding == .plain ? [] : TensorDecoder.steps(of: tensor, bytes)
    // Integers end at 127, 31 or 7; the product is rounded.
    let rangeEnd = Double(tensor.encoding.width?.limit ?? 0) - 0.001
    var (errors, size) = (0.0, 0.0)
    for index in found.indices {
      let (x, y) = (Double(expected[index]), Double(found[index]))
      let error = abs(x - y)
      errors += error * error
      size += x * x
      let allowed = steps.isEmpty ? Self.rounding(x, tensor.type) : Double(steps[index]) / 2 * Self.productRounding
      if !(error <= maximumError) { maximumError = error }
      bound = max(bound, allowed)
      guard error > 0 || error.isNaN else { continue }
      if !steps.isEmpty, error > allowed, abs(y) < abs(x), x * y > 0, abs(y) >= Double(steps[index]) * rangeEnd {
        // Beyond the end of the range: a clipped value may be off by any distance.
        saturated += 1
      } else {
        let share = allowed > 0 ? error / allowed : .infinity
        // Written so that NaN stays.
        if !(share <= shareOfBound) { (shareOfBound, worstIndex) = (share, index) }
      }
    }
    if isCompensated, !steps.isEmpty {
      // Single integers may be some steps away from the nearest.
      (shareOfBound, worstIndex) = CompensationBound.share(of: tensor, expected, found, steps)
      saturated = 0
    }
    relativeError = size > 0 ? (errors / size).squareRoot() : errors == 0 ? 0 : .infinity
    verdict = maximumError == 0 ? "exactly-representable" : tensor.encoding == .plain ? "rounded" : "quantized"
    let clipped = Double(saturated) <= (saturatedShare ?? 0) * Double(found.count) + 0.5
    let isAsStated = stated.map { relativeError <= $0 * Self.statedResolution + 1e-12 } ?? true
    passed = shareOfBound <= 1 && clipped && isAsStated
  }

  /// Half the distance between neighbours in a floating-point type near a value; 0 for types that hold every float32.
  private static func rounding(_ value: Double, _ type: ElementType) -> Double {
    let (digits, smallest): (Int, Double) =
      switch type {
      case .float16: (11, 0x1p-14)
      case .bfloat16: (8, 0x1p-126)
      case .float32: (24, 0x1p-126)
      default: (53, 0x1p-1022)
      }
    let binade = max(abs(value), smallest).binade
    return binade * Double(sign: .plus, exponent: -digits, significand: 1)
  }
}
