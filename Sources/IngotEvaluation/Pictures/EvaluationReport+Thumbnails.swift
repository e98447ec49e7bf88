// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotDatasets
import IngotImage
import IngotPlot

extension EvaluationReport {
  /// How many wrong guesses of a result are shown.
  static let worstCount = 12
  /// How large the longer side of a thumbnail is.
  private static let thumbnailSide = 112

  /// Adds thumbnails of the wrong guesses that the page shows.
  ///
  /// A picture that cannot be read has none: results count it already.
  ///
  /// - Parameter dataset: the dataset of some results, the first of its partitions.
  /// - Throws: `missing` when it has no test split.
  public mutating func addThumbnails(of dataset: Dataset) throws {
    let samples = try dataset.samples(of: .test)
    for result in results where result.dataset == dataset.name {
      for guess in result.worst.prefix(Self.worstCount) {
        let place = Place(dataset.name, row: guess.row)
        guard thumbnails[place] == nil, (0..<samples.count).contains(guess.row) else { continue }
        guard let picture = try? Self.picture(of: samples.image(at: guess.row)) else { continue }
        thumbnails[place] = picture.shrunk(to: Self.thumbnailSide)
      }
    }
  }

  /// The pixels of a sample; nil where a side is longer than a PNG of ours may be.
  private static func picture(of image: SampleImage) throws -> PixelPicture? {
    let decoded = try image.decoded()
    guard decoded.width <= 65_535, decoded.height <= 65_535 else { return nil }
    return PixelPicture(width: decoded.width, height: decoded.height, rgb: decoded.rgb)
  }
}
