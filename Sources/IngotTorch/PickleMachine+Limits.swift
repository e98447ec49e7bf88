// SPDX-License-Identifier: Apache-2.0

/// What a pickle may ask for.
extension PickleMachine {
  /// A pickle larger than this is not a checkpoint's; it also keeps every index within 31 bits.
  static let largestPickle = 1 << 28
  /// So many objects may be described: some take one byte of pickle and over a hundred of memory.
  static let mostObjects = 1 << 23
  /// So many references to them may be held, by tuples and lists together, and by the stack.
  static let mostReferences = 1 << 24
  /// Lines of numbers and names are short; this bounds what a file without newlines costs.
  static let longestLine = 1 << 16
  static let highestProtocol = 5
}
