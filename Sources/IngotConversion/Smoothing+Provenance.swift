// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization

extension Smoothing {
  /// What provenance says: norms from which something was moved; `nil` where nothing was.
  var record: [String: Provenance.Smoothing]? {
    let moved = sites.compactMap { site in
      site.alpha.map { alpha in
        (site.norm, Provenance.Smoothing(weights: site.weights, alpha: Double(alpha) / 10, exponents: site.exponents))
      }
    }
    return moved.isEmpty ? nil : Dictionary(uniqueKeysWithValues: moved)
  }
}

extension Provenance {
  /// What was moved from norms into weights on the way to the file, by name.
  ///
  /// - Parameter configuration: the model's.
  /// - Returns: `nil` where nothing was moved.
  /// - Throws: `malformed` for a norm whose results do not enter exactly the weights named: moving its factors would change the function.
  public func smoothing(of configuration: CLIPConfiguration) throws(CheckpointError) -> IngotQuantization.Smoothing? {
    let records = steps.compactMap(\.smoothing).first ?? [:]
    guard !records.isEmpty else { return nil }
    let products = Dictionary(uniqueKeysWithValues: configuration.normedProducts.map { ($0.norm, $0.weights) })
    var sites: [IngotQuantization.Smoothing.Site] = []
    for (norm, record) in records.sorted(by: { $0.key < $1.key }) {
      guard products[norm] == record.weights else {
        throw CheckpointError(
          .malformed, .smoothing, subject: norm,
          "is said to be smoothed into \(record.weights.joined(separator: ", ")), it enters \(products[norm]?.joined(separator: ", ") ?? "no product alone")"
        )
      }
      let tenths = (10 * record.alpha).rounded()
      sites.append(
        IngotQuantization.Smoothing.Site(
          norm: norm, weights: record.weights, alpha: Int(max(0, min(10, tenths))), exponents: record.exponents))
    }
    return IngotQuantization.Smoothing(sites)
  }
}
