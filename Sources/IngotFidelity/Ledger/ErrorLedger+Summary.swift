// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ErrorLedger {
  /// The ledger for people: the error first, then the parts as shares of it, then what can be done.
  public var summary: [String] {
    func figure(_ value: Double) -> String { String(format: "%.3g", value) }
    func share(_ value: Double) -> String { String(format: "%6.1f", measured > 0 ? 100 * value / measured : 0) }
    func pad(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
    func row(_ name: String, _ shares: Shares) -> String {
      pad(name, width) + " " + share(shares.weights) + "  " + share(shares.activations) + "       "
        + share(shares.approximations) + "       " + share(shares.interaction) + "  " + share(shares.total)
    }
    let width = max(5, parts.map(\.name.count).max() ?? 0)
    var lines = [
      "\(model) against \(source): mean squared error of \(metric) \(figure(measured)), root \(figure(measured.squareRoot())), "
        + "over \(images) images and \(texts) texts"
    ]
    guard measured > 0 else { return lines + ["  nothing to explain: the two compute the same numbers"] }
    lines.append(
      "  in % of it".padding(toLength: width + 2, withPad: " ", startingAt: 0)
        + " weights  activations  approximations  interaction   total")
    lines += parts.map { "  " + row($0.name, $0.shares) }
    lines.append("  " + row("sum", shares))
    lines.append(
      "  \(share(sum).trimmingCharacters(in: .whitespaces)) % explained, \(closes ? "the ledger closes" : "the ledger does not close") (at most \(Int(Self.largestResidue * 100)) % may be left); \(runs) partial runs"
    )
    lines.append("  the tensors that cost most, and what storing them as float16 would take:")
    for tensor in tensors.prefix(5) {
      lines.append(
        "    \(tensor.name) (\(tensor.encoding)): \(share(tensor.shares.total).trimmingCharacters(in: .whitespaces)) % of the error; \(tensor.extraBytes) bytes more save \(share(tensor.saving).trimmingCharacters(in: .whitespaces)) %"
      )
    }
    return lines
  }
}
