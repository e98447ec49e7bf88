// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension ErrorLedger {
  /// The ledger for people: the error first, then the parts as shares of it, then what can be done.
  public var summary: [String] {
    let titles = ["weights", "activations", "approximations", "interaction", "total"]
    let width = max(10, parts.map(\.name.count).max() ?? 0)
    func figure(_ value: Double) -> String { value.text(digits: 3) }
    func share(_ value: Double) -> String { (measured > 0 ? 100 * value / measured : 0).text(decimals: 1) }
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    func row(_ name: String, _ shares: Shares) -> String {
      let cells = [shares.weights, shares.activations, shares.approximations, shares.interaction, shares.total]
      return "  " + pad(name, width) + zip(cells, titles).map { right(share($0), $1.count + 2) }.joined()
    }
    var lines = [
      "\(model) against \(source): mean squared error of \(metric) \(figure(measured)), root \(figure(measured.squareRoot())), "
        + "over \(images) images and \(texts) texts"
    ]
    guard measured > 0 else { return lines + ["  nothing to explain: the two compute the same numbers"] }
    lines.append("  " + pad("in % of it", width) + titles.map { "  " + $0 }.joined())
    lines += parts.map { row($0.name, $0.shares) }
    lines.append(row("sum", shares))
    lines.append(
      "  \(share(sum)) % explained, \(closes ? "the ledger closes" : "the ledger does not close") (at most \(Int(Self.largestResidue * 100)) % may be left); \(runs) partial runs"
    )
    lines.append("  the tensors that cost most, and what storing them as float16 would take:")
    for tensor in tensors.prefix(5) {
      lines.append(
        "    \(tensor.name) (\(tensor.encoding)): \(share(tensor.shares.total)) % of the error; \(tensor.extraBytes) bytes more save \(share(tensor.saving)) %"
      )
    }
    return lines
  }
}
