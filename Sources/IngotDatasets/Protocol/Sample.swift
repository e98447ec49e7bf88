// SPDX-License-Identifier: Apache-2.0

/// What a sample shows.
public enum SampleLabel: Sendable, Hashable {
  /// One class, by its index.
  case one(Int)
  /// Several classes, by their indices in rising order.
  ///
  /// `ignored` are those for which the picture counts neither as right nor as wrong.
  case several(present: [Int], ignored: [Int])

  /// The class of a sample that has one.
  public var index: Int? {
    if case .one(let index) = self { index } else { nil }
  }
}

/// One picture with its label.
public struct Sample: Sendable {
  /// What the dataset calls the picture: its path within the dataset, or its place in a file.
  public let name: String
  /// What it shows.
  public let label: SampleLabel
  /// The picture, not yet decoded.
  public let image: SampleImage
}

/// Samples that are read one by one, in any order and by several threads.
///
/// Opening reads names and labels, never pictures. Indices must lie in `0..<count`.
public protocol SampleSource: Sendable {
  /// How many samples.
  var count: Int { get }

  /// What the dataset calls a picture.
  func name(at index: Int) -> String

  /// What a picture shows; known without reading it.
  func label(at index: Int) -> SampleLabel

  /// A picture.
  ///
  /// - Throws: `FileError` or `CheckpointError` when it cannot be read; a picture file is not looked into.
  func image(at index: Int) throws -> SampleImage
}

extension SampleSource {
  /// A picture with its name and label.
  ///
  /// - Throws: what `image(at:)` throws.
  public func sample(at index: Int) throws -> Sample {
    Sample(name: name(at: index), label: label(at: index), image: try image(at: index))
  }
}
