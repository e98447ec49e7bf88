// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
public import IngotTensor

extension Doctor {
  /// Looks at a model alone for what no sound one has: a finding is a reason to look, not a proof, and much cannot be seen this way.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - compute: tensors are shared among its threads.
  /// - Returns: what was found.
  /// - Throws: what reading tensors throws.
  public static func examine(_ model: ComparedModel, _ compute: Compute) throws -> DoctorReport {
    var constants = PlausibleConstants(model.configuration)
    constants.check()
    let tensors = Dictionary(model.checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
    let entries = CanonicalSchema.entries(for: model.configuration).filter { $0.role != .buffer }
    let missing = entries.filter { $0.presence == .required && tensors[$0.name] == nil }.map {
      DoctorReport.Finding(.tensorMissing, $0.name, "the configuration needs it")
    }
    let present = entries.compactMap { entry in tensors[entry.name].map { (entry, $0) } }
    let profiles = try compute.map(present.count) { index in
      defer { model.checkpoint.release(present[index].1) }
      return try TensorProfile(present[index].0, present[index].1, in: model.checkpoint)
    }
    return DoctorReport(
      model: model.name, source: nil, findings: constants.findings + missing + PlausibleTensors(profiles).findings,
      tensors: present.count, constants: constants.count)
  }
}

/// What is looked at of one tensor.
struct TensorProfile: Sendable {
  let name: String
  let role: CanonicalSchema.Role
  /// The name with its first index replaced: what blocks have in common.
  let pattern: String
  let count: Int
  let notFinite: Int
  let atHalfLimit: Int
  let negative: Int
  let mean: Double
  let rootMeanSquare: Double
  let first: Double
  /// Rows that are all zero, at the end and in all.
  let zeroRowsAtEnd: Int
  let zeroRows: Int
  let rows: Int
  /// The first row that is its predecessor again; for tables of positions.
  let repeatedRow: Int?
  /// Of the values, where there are enough of them to tell one tensor from another.
  let digest: SHA256Digest?

  init(_ entry: CanonicalSchema.Entry, _ tensor: TensorDescriptor, in checkpoint: any Checkpoint) throws {
    name = entry.name
    role = entry.role
    pattern = entry.name.split(separator: ".").map { Int($0) == nil ? String($0) : "*" }.joined(separator: ".")
    let values = try StoredValues(tensor, in: checkpoint).values
    count = values.count
    notFinite = values.reduce(0) { $1.isFinite ? $0 : $0 + 1 }
    atHalfLimit = values.reduce(0) { $1.magnitude == 65504 ? $0 + 1 : $0 }
    negative = values.reduce(0) { $1 < 0 ? $0 + 1 : $0 }
    let sum = values.reduce(0.0) { $0 + Double($1) }
    let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    mean = count > 0 ? sum / Double(count) : 0
    rootMeanSquare = count > 0 ? (squares / Double(count)).squareRoot() : 0
    first = values.first.map { Double($0) } ?? 0
    let rows = tensor.shape.rank >= 2 ? tensor.shape[0] : 1
    let length = rows == 0 ? 0 : values.count / rows
    func isZero(_ row: Int) -> Bool { (0..<length).allSatisfy { values[row * length + $0] == 0 } }
    let zero = (0..<rows).filter(isZero)
    zeroRows = zero.count
    var end = 0
    while end < zero.count, zero[zero.count - 1 - end] == rows - 1 - end { end += 1 }
    zeroRowsAtEnd = end
    self.rows = rows
    repeatedRow =
      entry.role == .embedding && length > 1
      ? (1..<max(1, rows)).first { row in
        !isZero(row) && (0..<length).allSatisfy { values[row * length + $0] == values[(row - 1) * length + $0] }
      } : nil
    // Vectors of ones or zeros are alike in any untrained model; matrices never are.
    let isLarge = count >= 64 && [.matrix, .projection, .convolution, .embedding].contains(entry.role)
    digest = isLarge ? try checkpoint.digest(of: tensor) : nil
  }
}

/// Tensors beside each other.
private struct PlausibleTensors {
  private(set) var findings: [DoctorReport.Finding] = []

  /// How far blocks may differ in size.
  private static let largestQuotient = 30.0
  /// Logarithms of scales between 1.6 and 400: 1 / 0.07 at the start, 100 at the end, 10 and 117 for sigmoids.
  private static let logitScales = 0.5...6.0

  init(_ profiles: [TensorProfile]) {
    for profile in profiles { check(profile) }
    for (_, group) in Dictionary(grouping: profiles, by: \.pattern).sorted(by: { $0.key < $1.key }) { check(group) }
    let gains = Dictionary(uniqueKeysWithValues: profiles.map { ($0.name, $0) })
    for profile in profiles where profile.role == .norm && profile.name.hasSuffix("norm.weight") {
      guard let bias = gains[profile.name.replacingEnd("weight", with: "bias")] else { continue }
      if abs(profile.mean) < 0.1, bias.mean > 0.4 {
        add(.tensorsExchanged, profile, "gains of mean \(profile.mean), biases of mean \(bias.mean)")
      }
    }
    var seen: [SHA256Digest: String] = [:]
    for profile in profiles where profile.rootMeanSquare > 0 {
      guard let digest = profile.digest else { continue }
      if let other = seen[digest] {
        add(.blockDuplicated, profile, "holds the same values as \(other)")
      } else {
        seen[digest] = profile.name
      }
    }
  }

  private mutating func add(_ defect: Defect, _ profile: TensorProfile, _ evidence: String) {
    findings.append(DoctorReport.Finding(defect, profile.name, evidence))
  }

  private mutating func check(_ profile: TensorProfile) {
    if profile.notFinite > 0 {
      return add(.notFinite, profile, "\(profile.notFinite) of \(profile.count) values are NaN or infinite")
    }
    if profile.atHalfLimit > 0 {
      add(.halfOverflow, profile, "\(profile.atHalfLimit) values lie at 65,504, where half precision ends")
    }
    if profile.name.hasSuffix("running_var"), profile.negative > 0 {
      add(.tensorsExchanged, profile, "\(profile.negative) variances are negative")
    }
    if profile.name == "logit_scale", !Self.logitScales.contains(profile.first) {
      add(
        profile.first > 6 ? .logitScaleExponentiated : .logitScaleDropped, profile,
        "is \(profile.first); logarithms of factors lie in 0.5...6")
    }
    if profile.role == .norm, profile.name.hasSuffix("norm.weight"), profile.negative == profile.count {
      add(.signFlipped, profile, "all gains are negative")
    }
    guard [.matrix, .projection, .patches, .embedding, .convolution].contains(profile.role) else { return }
    if profile.rootMeanSquare == 0 {
      add(.zeroFilled, profile, "all \(profile.count) values are 0")
    } else if profile.name == "text.token_embedding.weight", profile.zeroRowsAtEnd > 0 {
      add(.vocabularyTruncated, profile, "the last \(profile.zeroRowsAtEnd) of \(profile.rows) rows are 0")
    } else if profile.role != .embedding, profile.zeroRows > 0 {
      add(.zeroFilled, profile, "\(profile.zeroRows) of \(profile.rows) rows are 0")
    }
    if let row = profile.repeatedRow {
      add(.rowsChanged, profile, "row \(row) is row \(row - 1) again")
    }
  }

  /// The same tensor of all blocks.
  private mutating func check(_ group: [TensorProfile]) {
    guard group.count >= 2, let kind = group.first?.role else { return }
    let empty = group.filter { $0.rootMeanSquare == 0 }
    if kind == .bias, empty.count == 1, group.count > empty.count {
      add(.biasDropped, empty[0], "all zeros, in the other \(group.count - 1) blocks it is not")
    }
    guard kind == .matrix || kind == .convolution, group.count >= 3 else { return }
    let sizes = group.map(\.rootMeanSquare).sorted()
    let median = sizes[sizes.count / 2]
    for profile in group where profile.rootMeanSquare > 0 && median > 0 {
      let quotient = max(profile.rootMeanSquare / median, median / profile.rootMeanSquare)
      if quotient > Self.largestQuotient {
        add(.scaled, profile, "its values are \(quotient.text(digits: 3)) times as large or small as in other blocks")
      }
    }
  }
}

/// Constants that published models have.
private struct PlausibleConstants {
  private let configuration: CLIPConfiguration
  private(set) var findings: [DoctorReport.Finding] = []
  private(set) var count = 0

  /// Means and deviations in use: OpenAI's, ImageNet's, one half, none, and Keras' means of 0...255 in the order blue, green, red.
  private static let normalizations: [([Double], [Double])] = [
    ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]),
    ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]), ([0, 0, 0], [1, 1, 1]),
    ([103.939 / 255, 116.779 / 255, 123.68 / 255], [1 / 255, 1 / 255, 1 / 255]),
  ]

  init(_ configuration: CLIPConfiguration) { self.configuration = configuration }

  /// Whether the checkpoint bears marks that only OpenAI leaves, or is of a family made from its models: OpenCLIP's own have the same keys and
  /// other constants.
  private var isOpenAI: Bool {
    configuration.family == "long-clip"
      || (configuration.family == "openai" && configuration.sources.values.contains(.fingerprint))
  }

  mutating func check() {
    if let preprocessing = configuration.preprocessing { check(preprocessing) }
    let isOpenAI = isOpenAI
    if let text = configuration.text {
      check("text", text.transformer, isOpenAI)
      expect(
        .maskExchanged, "text.causal", text.isCausal ? text.pooling != .firstToken : true,
        "the first token stands for the text and sees no other")
      if isOpenAI {
        expect(.wrongTextPooling, "text.pooling", text.pooling == .largestToken, "is \(text.pooling.rawValue)")
        expect(.maskExchanged, "text.causal", text.isCausal, "tokens see later ones, in none of this family")
      }
    }
    if case .transformer(let vision) = configuration.vision {
      check("vision", vision.transformer, isOpenAI)
      if isOpenAI {
        expect(.architectureChanged, "vision.pre norm", vision.hasPreNorm, "there is none; all of this family have it")
      }
    }
  }

  private mutating func expect(_ defect: Defect, _ name: String, _ isPlausible: Bool, _ evidence: String) {
    count += 1
    if !isPlausible { findings.append(DoctorReport.Finding(defect, name, evidence)) }
  }

  private mutating func check(_ tower: String, _ blocks: TransformerConfiguration, _ isOpenAI: Bool) {
    expect(
      .wrongEpsilon, "\(tower).epsilon", (1e-13...3e-5).contains(blocks.normEpsilon),
      "is \(blocks.normEpsilon); 1e-12 to 2e-5 are in use")
    guard isOpenAI else { return }
    expect(
      .activationExchanged, "\(tower).activation", blocks.activation == .quickGELU,
      "is \(blocks.activation.rawValue); all of this family have quick-gelu")
    expect(
      .wrongHeadCount, "\(tower).heads", blocks.heads == max(1, blocks.width / 64),
      "are \(blocks.heads); this family has one for 64 columns, \(blocks.width / 64)")
  }

  private mutating func check(_ preprocessing: PreprocessingConfiguration) {
    let isPublished = Self.normalizations.contains {
      $0.0 == preprocessing.mean && $0.1 == preprocessing.standardDeviation
    }
    let isReversed = Self.normalizations.contains {
      $0.0 == preprocessing.mean.reversed() && $0.1 == preprocessing.standardDeviation.reversed()
    }
    expect(
      isReversed && !isPublished ? .coloursReversed : .wrongNormalization, "preprocessing", isPublished,
      "mean \(preprocessing.mean) and deviation \(preprocessing.standardDeviation) are in no published model")
    let isPlain = preprocessing.mean.allSatisfy { $0 == 0 }
    let families = ["openclip-mobileclip", "mobileclip", "simclr-resnet", "simclr-resnet-sk"]
    expect(
      .normalizationDropped, "preprocessing", !isPlain || families.contains(configuration.family),
      "pixels are not normalised; in this family they are")
    if isOpenAI {
      expect(
        .wrongInterpolation, "preprocessing.interpolation", preprocessing.interpolation == .bicubic,
        "is \(preprocessing.interpolation.rawValue); all of this family have bicubic")
      expect(
        .wrongResize, "preprocessing.resize", preprocessing.resize == .shortestSide,
        "is \(preprocessing.resize.rawValue); all of this family crop the centre")
    }
  }
}

extension String {
  fileprivate func replacingEnd(_ end: String, with other: String) -> String {
    hasSuffix(end) ? String(dropLast(end.count)) + other : self
  }
}
