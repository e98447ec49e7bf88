// SPDX-License-Identifier: Apache-2.0

public import IngotCLIP
import IngotStatistics

/// What the paper published of a dataset (`Formats/paper.md`); scores in per cent.
public struct PaperDataset: Sendable, Hashable, Codable {
  /// The dataset's name.
  public let name: String
  /// Its name for people.
  public let title: String
  /// How it is scored.
  public let metric: String
  /// How many classes.
  public let classes: Int
  /// Figure 5: zero-shot minus the probe on a supervised ResNet-50.
  public let deltaToSupervised: Double
  /// Figure 7: labelled examples per class to match zero-shot; `nil` for the one dataset that is not in it.
  public let shotsToMatch: Double?
  /// Table 11, by model.
  public let zeroShot: [String: Double]
  /// Table 10, by model.
  public let linearProbe: [String: Double]
  /// Zero-shot scores of the same weights by others.
  public let again: Again?

  /// An evaluation by others.
  public struct Again: Sendable, Hashable, Codable {
    /// How many test images.
    public let testImages: Int
    /// How it was scored.
    public let metric: String
    /// By model.
    public let scores: [String: Double]
  }
}

/// What the paper has of a dataset and a model, to be shown beside a result.
public struct PaperContext: Sendable, Hashable, Codable {
  /// The paper's name of the model.
  public let model: String
  /// Its score in per cent.
  public let score: Double?
  /// What others found with the same weights, zero-shot, minus that.
  public let gap: Double?
  /// Why the gap says little: another metric, or another number of test images; `nil` where it is of the same protocol.
  public let remark: String?
}

/// What the paper published.
public enum PaperResults {
  /// Its 27 datasets, in its order.
  public static var datasets: [PaperDataset] { table }

  /// Figure 6: mean scores of few-shot probes over 20 datasets, by model.
  public static var fewShot: [(shots: Int, scores: [String: Double])] { fewShotTable }

  /// The model that figures 5 to 8 are of.
  public static let headline = "ViT-L/14@336px"
  /// The name of the supervised ResNet-50 in the tables.
  public static let supervised = "ResNet-50"
  /// KITTI's zero-shot score that figures 5 and 8 were drawn with; Table 11 prints 21.9.
  public static let drawnKITTI = 33.1

  /// What the paper has of a result.
  ///
  /// - Parameters:
  ///   - dataset: the dataset's name.
  ///   - model: the paper's name of the model.
  ///   - task: zero-shot or linear probe; there are no other figures by dataset and model.
  ///   - rows: how many test images were scored, `nil` to leave them out of the remark.
  /// - Returns: `nil` where there is nothing.
  public static func context(
    dataset: String, model: String, task: EvaluationTask, rows: Int?
  ) -> PaperContext? {
    guard let entry = table.first(where: { $0.name == dataset }) else { return nil }
    switch task {
    case .zeroShot:
      guard let score = entry.zeroShot[model] else { return nil }
      var remarks: [String] = []
      if let again = entry.again {
        if again.metric != entry.metric { remarks.append("the gap is of \(again.metric)") }
        if let rows, again.testImages != rows { remarks.append("the gap is of \(again.testImages) images") }
      }
      return PaperContext(
        model: model, score: score, gap: entry.again?.scores[model].map { $0 - score },
        remark: remarks.isEmpty ? nil : remarks.joined(separator: ", "))
    case .linearProbe:
      return entry.linearProbe[model].map { PaperContext(model: model, score: $0, gap: nil, remark: nil) }
    case .fewShot, .dataEfficiency: return nil
    }
  }

  /// The paper's name of an architecture of OpenAI's; `nil` for others.
  public static func model(of configuration: CLIPConfiguration) -> String? {
    switch configuration.vision {
    case .transformer(let vision):
      let size = vision.patchSize * vision.grid
      switch (vision.transformer.width, vision.patchSize, size) {
      case (768, 32, 224): return "ViT-B/32"
      case (768, 16, 224): return "ViT-B/16"
      case (1024, 14, 224): return "ViT-L/14"
      case (1024, 14, 336): return headline
      default: return nil
      }
    case .residualNetwork(let vision):
      switch (vision.width, vision.blocks) {
      case (64, [3, 4, 6, 3]): return "RN50"
      case (64, [3, 4, 23, 3]): return "RN101"
      case (80, [4, 6, 10, 6]): return "RN50x4"
      case (96, [6, 8, 18, 8]): return "RN50x16"
      case (128, [3, 15, 36, 10]): return "RN50x64"
      default: return nil
      }
    default: return nil
    }
  }

  /// How many datasets the zero-shot score of a model wins over the probe on the supervised ResNet-50.
  public static func wins(of model: String) -> Int {
    table.count { entry in
      guard let score = entry.zeroShot[model], let other = entry.linearProbe[supervised] else { return false }
      return score > other
    }
  }

  /// Figure 8's line: zero-shot over linear-probe scores of the headline model, with the KITTI value that it was drawn with.
  public static func trend(kitti: Double = drawnKITTI) -> LinearTrend {
    LinearTrend(
      table.compactMap { $0.linearProbe[headline] },
      table.compactMap { $0.name == "kitti" ? kitti : $0.zeroShot[headline] })
  }

  /// Mean and median of Figure 7.
  public static var shots: (mean: Double, median: Double) {
    let shots = table.compactMap(\.shotsToMatch)
    return (shots.mean, shots.quantile(0.5))
  }
}
