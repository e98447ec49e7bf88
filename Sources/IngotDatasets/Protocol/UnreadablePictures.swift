// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// What becomes of a picture that cannot be read.
public enum UnreadablePolicy: String, Sendable, CaseIterable {
  /// The first one ends the run.
  case stop
  /// They are left out, counted and named.
  case skip
}

/// Counts pictures that could not be read, and keeps the names of the first ones; for several threads.
public final class UnreadablePictures: Sendable {
  /// One picture.
  public struct Entry: Sendable, Hashable {
    /// What the dataset calls it.
    public let name: String
    /// Why it could not be read.
    public let reason: String
  }

  /// What becomes of them.
  public let policy: UnreadablePolicy
  /// Names beyond this many are counted only.
  public static let mostNames = 1000
  private let state = Guarded((count: 0, entries: [Entry]()))

  /// Starts at none.
  public init(policy: UnreadablePolicy) {
    self.policy = policy
  }

  /// How many there were.
  public var count: Int { state.withLock { $0.count } }
  /// The first ones, by name.
  public var entries: [Entry] { state.withLock { $0.entries }.sorted { $0.name < $1.name } }

  /// Notes a picture that could not be read.
  ///
  /// - Parameters:
  ///   - name: what the dataset calls it.
  ///   - error: why.
  /// - Throws: `error` itself under `stop`.
  public func note(_ name: String, _ error: any Error) throws {
    state.withLock { state in
      state.count += 1
      if state.entries.count < Self.mostNames { state.entries.append(Entry(name: name, reason: "\(error)")) }
    }
    if policy == .stop { throw error }
  }
}
