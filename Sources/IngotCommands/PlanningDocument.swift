// SPDX-License-Identifier: Apache-2.0

import IngotPlanning
import IngotQuantization

/// A plan as `quantize` prints it.
struct PlanningDocument: Encodable {
  struct Point: Encodable {
    /// One encoding for all weights, where it is that.
    let encoding: String?
    let bytes: Int
    let predicted: PlanError

    init(_ plan: EncodingPlan, encoding: String? = nil) {
      self.encoding = encoding
      bytes = plan.size
      predicted = plan.predicted
    }
  }

  let bytes: Int
  let predicted: PlanError
  /// Of the probes that it was planned with.
  let measured: PlanError
  /// Of others.
  let unseen: PlanError?
  /// What all this rests on.
  let probes: PlanningEvidence
  /// By tensor.
  let encodings: [String: String]
  /// From the largest to the smallest.
  let front: [Point]
  /// One encoding for all weights, to compare with.
  let uniform: [Point]
  private let counts: [(scheme: EncodingScheme, tensors: Int)]

  private enum CodingKeys: CodingKey {
    case bytes, predicted, measured, unseen, probes, encodings, front, uniform
  }

  init(_ result: PlanningResult) {
    bytes = result.chosen.size
    predicted = result.chosen.predicted
    measured = result.measured
    unseen = result.unseen
    probes = result.evidence
    encodings = result.chosen.encodings.mapValues(\.rawValue)
    front = result.front.map { Point($0) }
    uniform = result.uniform.map { Point($0.plan, encoding: $0.scheme.rawValue) }
    counts = result.chosen.counts
  }

  /// For people: the front, uniform encodings beside it, and the plan.
  var lines: [String] {
    func row(_ what: String, _ bytes: Int, _ error: PlanError) -> [String] {
      [
        what, grouped(bytes), short(error.logits), short(error.kl), "\(short(100 * error.top1)) %",
        "1 − \(short(1 - error.minCosine))",
      ]
    }
    let head = ["", "bytes", "logit error", "KL", "top-1", "least cosine"]
    let points =
      front.map { ($0.bytes, row("planned", $0.bytes, $0.predicted)) }
      + uniform.map { ($0.bytes, row($0.encoding ?? "", $0.bytes, $0.predicted)) }
    let sorted = points.sorted { $0.0 > $1.0 }.map(\.1)
    return ["predicted errors, from the largest file to the smallest:"]
      + table([head] + sorted)
      + ["chosen: " + counts.map { "\($0.tensors) tensors \($0.scheme.rawValue)" }.joined(separator: ", ")]
      + table(
        [row("predicted", bytes, predicted), row("measured", bytes, measured)]
          + (unseen.map { [row("on others", bytes, $0)] } ?? []))
      + evidence
  }

  /// What the figures rest on.
  private var evidence: [String] {
    var lines = ["planned with \(probes.images) images and \(probes.texts) texts"]
    lines[0] +=
      unseen == nil
      ? "; no others were there to judge it by"
      : "; judged by \(probes.unseenImages) images and \(probes.unseenTexts) texts that it was not planned with"
    var effects = "effects of one tensor in one encoding: \(probes.measuredEffects) measured"
    if probes.derivedEffects > 0 {
      effects += ", all that the plan has among them; \(probes.derivedEffects) derived from those"
      if let deviation = probes.derivedDeviation {
        effects += " (within \(short(100 * deviation, digits: 2)) % half of the time)"
      }
    }
    lines.append(effects)
    return lines
  }
}
