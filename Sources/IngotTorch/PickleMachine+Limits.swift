// SPDX-License-Identifier: Apache-2.0

/// What a pickle may ask for.
extension PickleMachine {
  /// The pickle of an archive, which holds no tensor data, is smaller than this.
  static let largestPickle = 1 << 28
  /// So many bytes of texts are copied; longer ones than a name are only remembered by their place.
  static let mostTextBytes = 1 << 28
  /// So many objects may be described: some take one byte of pickle and over a hundred of memory.
  static let mostObjects = 1 << 23
  /// So many references to them may be held, by tuples and lists together, and by the stack.
  static let mostReferences = 1 << 24
  /// Lines of numbers and names are short.
  static let longestLine = 1 << 16
  /// Bytes of an integer whose value is looked at.
  static let longestInteger = 16
  static let highestProtocol = 5
}
