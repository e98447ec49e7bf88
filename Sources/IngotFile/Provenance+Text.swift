// SPDX-License-Identifier: Apache-2.0

extension Provenance.Step: CustomStringConvertible {
  /// What was done, with everything that it depends on, in one line.
  public var description: String {
    var parts: [String] = []
    if let goal {
      parts.append("an encoding planned for each tensor, for \(goal)")
    } else {
      parts.append("--encoding \(encoding)")
    }
    if let scales { parts.append("scales by \(scales)") }
    if let smoothing { parts.append("factors moved from \(smoothing.count) norms into the weights behind them") }
    if let calibration {
      parts.append(
        "calibrated with \(calibration.images) images and \(calibration.texts) texts, SHA-256 \(calibration.sha256)")
    }
    if let input { parts.append("from the .ingot file with root \(input)") }
    return "\(command) \(parts.joined(separator: "; ")) (\(tool))"
  }
}
