// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
  /// The text without the white space around it.
  public func trimmed() -> String {
    var rest = self[...]
    while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
    while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
    return String(rest)
  }
}
