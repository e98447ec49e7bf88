// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotCLIP
import IngotStatistics
import IngotTensor

extension FidelityReport {
  /// Fills in what is computed from embeddings and logits of both sides.
  ///
  /// - Parameters:
  ///   - outputs: the model's.
  ///   - reference: the other side's.
  ///   - inputs: what both were given.
  ///   - preprocessing: the model's, to show pixels as pictures.
  mutating func add(
    _ outputs: ModelOutputs<Float>, _ reference: Reference, _ inputs: GoldenBundle,
    _ preprocessing: PreprocessingConfiguration?
  ) {
    var bound: FlipBound?
    if let images = outputs.imageEmbeds, let texts = outputs.textEmbeds, let otherImages = reference.imageEmbeds,
      let otherTexts = reference.textEmbeds
    {
      let flips = FlipBound(images, texts, reference: otherImages, otherTexts)
      flipGuarantee = flips.guarantee
      bound = flips
    }
    func cosines(_ found: Matrix<Float>?, _ expected: Matrix<Float>?) -> [Double] {
      guard let found, let expected else { return [] }
      return (0..<found.rows).map { cosine(found.row($0), expected.row($0)) }
    }
    var series = Series(
      referenceLogits: [], modelLogits: [], imageCosines: cosines(outputs.imageEmbeds, reference.imageEmbeds),
      textCosines: cosines(outputs.textEmbeds, reference.textEmbeds), margins: bound?.margins.filter(\.isFinite) ?? [],
      requiredMargins: bound?.required ?? [], divergences: [], worst: [])
    if let found = outputs.logits, let expected = reference.logits, found.rows > 0 {
      let figures = Figures(found, expected)
      agreement = figures.agreement
      retrieval = figures.retrieval
      divergences = figures.divergences
      calibration = figures.calibration(labels: inputs.labels)
      let step = max(1, (found.values.count + Series.largestSample - 1) / Series.largestSample)
      for place in stride(from: 0, to: found.values.count, by: step) {
        series.referenceLogits.append(Double(expected.values[place]))
        series.modelLogits.append(Double(found.values[place]))
      }
      series.divergences = zip(figures.reference, figures.model).map { Divergence.kullbackLeibler($0, $1) }
      series.worst = figures.worst(inputs, preprocessing)
    }
    self.series = series
  }
}

extension FidelityReport.Series {
  /// No more pairs of logits than this are kept.
  static let largestSample = 4096
}

extension Figures {
  private static let worstCount = 8

  /// The images whose logits are off furthest.
  fileprivate func worst(
    _ inputs: GoldenBundle, _ preprocessing: PreprocessingConfiguration?
  ) -> [FidelityReport.WorstProbe] {
    let probes = reference.indices.compactMap { image -> FidelityReport.WorstProbe? in
      let differences = zip(reference[image], model[image]).map { abs($0 - $1) }
      guard let text = Self.best(differences), let expected = Self.best(reference[image]),
        let found = Self.best(model[image])
      else { return nil }
      let second = reference[image].indices.filter { $0 != expected }.map { reference[image][$0] }.max()
      return FidelityReport.WorstProbe(
        image: image, name: inputs.imageNames.indices.contains(image) ? inputs.imageNames[image] : nil,
        maxAbs: differences[text], text: text, referenceBest: expected, modelBest: found,
        margin: second.map { reference[image][expected] - $0 }, thumbnail: nil)
    }
    return probes.sorted { ($1.maxAbs, $0.image) < ($0.maxAbs, $1.image) }.prefix(Self.worstCount).map { probe in
      var probe = probe
      probe.thumbnail = preprocessing.flatMap { FidelityReport.Thumbnail(of: probe.image, in: inputs, $0) }
      return probe
    }
  }
}

extension FidelityReport.Thumbnail {
  private static let largestSide = 64

  /// Every so-manieth pixel of a probe, its normalisation undone.
  ///
  /// - Returns: `nil` where the pixels are not those of the configuration.
  init?(of image: Int, in inputs: GoldenBundle, _ preprocessing: PreprocessingConfiguration) {
    let size = preprocessing.imageSize
    let plane = size * size
    guard size > 0, inputs.pixels.count == inputs.imageCount * 3 * plane, preprocessing.mean.count == 3,
      preprocessing.standardDeviation.count == 3
    else { return nil }
    let side = min(size, Self.largestSide)
    var bytes: [UInt8] = []
    for row in 0..<side {
      for column in 0..<side {
        for channel in 0..<3 {
          let place = (image * 3 + channel) * plane + (row * size / side) * size + column * size / side
          let value =
            Double(inputs.pixels[place]) * preprocessing.standardDeviation[channel] + preprocessing.mean[channel]
          let byte = (value * 255).rounded()
          bytes.append(byte.isFinite ? UInt8(min(max(byte, 0), 255)) : 0)
        }
      }
    }
    self.init(side: side, rgb: Data(bytes).base64EncodedString())
  }
}
