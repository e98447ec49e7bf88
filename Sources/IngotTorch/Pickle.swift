// SPDX-License-Identifier: Apache-2.0

/// What a pickle describes.
struct Pickle: Sendable {
  /// Everything in it.
  let arena: PickleArena
  /// The object that it stands for.
  let root: PickleArena.Reference
  /// The first byte after it, in the bytes that it is part of.
  let end: Int
}
