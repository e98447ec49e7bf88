// SPDX-License-Identifier: Apache-2.0

public import IngotCLIP
import IngotPlot
public import IngotTensor

extension FidelityEvidence {
  /// How large the longer side of a thumbnail is.
  private static let thumbnail = 112

  /// Adds the logits of both models, and the images that fared worst with their thumbnails.
  ///
  /// - Parameters:
  ///   - found: the model's logits, `[images, texts]`.
  ///   - expected: the reference's, of the same shape.
  ///   - inputs: what both were run on.
  ///   - preprocessing: how pixels were normalised; without it there are no thumbnails.
  ///   - most: at most so many images.
  public mutating func add(
    found: Matrix<Float>, expected: Matrix<Float>, inputs: GoldenBundle, preprocessing: PreprocessingConfiguration?,
    most: Int = 8
  ) {
    precondition(found.rows == expected.rows && found.columns == expected.columns, "pairs")
    logits = Logits(found: found.values, expected: expected.values)
    guard found.columns > 0 else { return }
    let worst = (0..<found.rows).map { Outcome(image: $0, found, expected) }
      .sorted { ($0.isLost ? 0 : 1, -$0.difference, $0.image) < ($1.isLost ? 0 : 1, -$1.difference, $1.image) }
    worstProbes = worst.prefix(most).map { outcome in
      HTMLPage.Probe(
        picture: preprocessing.flatMap { inputs.picture(of: outcome.image, $0)?.shrunk(to: Self.thumbnail) },
        name: "image \(outcome.image)", lines: outcome.lines)
    }
  }

  /// What became of one image's logits.
  private struct Outcome {
    let image: Int
    /// The largest difference, and whether it is not a number.
    let difference: Double
    let isLost: Bool
    let lines: [String]

    init(image: Int, _ found: Matrix<Float>, _ expected: Matrix<Float>) {
      self.image = image
      let range = image * found.columns..<(image + 1) * found.columns
      let (a, b) = (Array(found.values[range]), Array(expected.values[range]))
      let differences = zip(a, b).map { abs(Double($0) - Double($1)) }
      isLost = differences.contains { !$0.isFinite }
      difference = differences.filter(\.isFinite).max() ?? 0
      let text = isLost ? differences.firstIndex { !$0.isFinite } : differences.firstIndex(of: difference)
      let (mine, theirs) = (Self.best(a), Self.best(b))
      var lines = ["largest difference \(isLost ? "not finite" : Numerals.significant(difference)), text \(text ?? 0)"]
      if mine != theirs {
        lines.append("best text changes from \(theirs) to \(mine)")
      } else if b.count > 1 {
        let second = b.enumerated().filter { $0.offset != theirs }.map(\.element).max() ?? 0
        lines.append(
          "best text \(theirs) stays; it leads by \(Numerals.significant(Double(b[theirs]) - Double(second)))")
      }
      self.lines = lines
    }

    private static func best(_ values: [Float]) -> Int {
      values.indices.max { values[$0] < values[$1] || (values[$0] == values[$1] && $0 > $1) } ?? 0
    }
  }
}

extension GoldenBundle {
  /// The pixels of one image as they were before they were normalised; nil where their number is no square.
  func picture(of image: Int, _ preprocessing: PreprocessingConfiguration) -> PixelPicture? {
    guard image < imageCount, preprocessing.mean.count == 3, preprocessing.standardDeviation.count == 3 else {
      return nil
    }
    let count = pixels.count / imageCount
    let side = Int(Double(count / 3).squareRoot().rounded())
    guard side > 0, side <= 65_535, 3 * side * side == count else { return nil }
    return PixelPicture(
      planes: pixels[image * count..<(image + 1) * count], width: side, height: side, mean: preprocessing.mean,
      deviation: preprocessing.standardDeviation)
  }
}
