// SPDX-License-Identifier: Apache-2.0

/// What conversions of models get wrong: the catalogue of the doctor, in the order of `Formats/fidelity.md`.
public enum Defect: String, Sendable, Hashable, Codable, CaseIterable {
  // Constants.
  case activationExchanged = "activation-exchanged"
  case wrongEpsilon = "wrong-epsilon"
  case wrongHeadCount = "wrong-head-count"
  case wrongTextPooling = "wrong-text-pooling"
  case wrongImagePooling = "wrong-image-pooling"
  case maskExchanged = "mask-exchanged"
  case similarityExchanged = "similarity-exchanged"
  case coloursReversed = "colours-reversed"
  case wrongNormalization = "wrong-normalization"
  case normalizationDropped = "normalization-dropped"
  case wrongInterpolation = "wrong-interpolation"
  case wrongResize = "wrong-resize"
  case wrongImageSize = "wrong-image-size"
  case architectureChanged = "architecture-changed"
  // Tensors as wholes.
  case tensorMissing = "tensor-missing"
  case shapeChanged = "shape-changed"
  case zeroFilled = "zero-filled"
  case biasDropped = "bias-dropped"
  case notFinite = "not-finite"
  case tensorsExchanged = "tensors-exchanged"
  case blocksPermuted = "blocks-permuted"
  case blockDuplicated = "block-duplicated"
  case unrelatedValues = "unrelated-values"
  // Order of values.
  case transposed
  case queriesKeysValuesExchanged = "queries-keys-values-exchanged"
  case headsInterleaved = "heads-interleaved"
  case headsPermuted = "heads-permuted"
  case rowsPermuted = "rows-permuted"
  case channelsReversed = "channels-reversed"
  case kernelTransposed = "kernel-transposed"
  case layoutReinterpreted = "layout-reinterpreted"
  case positionsShifted = "positions-shifted"
  case vocabularyShifted = "vocabulary-shifted"
  case vocabularyTruncated = "vocabulary-truncated"
  case bytesSwapped = "bytes-swapped"
  // Values.
  case logitScaleDropped = "logit-scale-dropped"
  case logitScaleExponentiated = "logit-scale-exponentiated"
  case signFlipped = "sign-flipped"
  case scaled
  case channelsScaled = "channels-scaled"
  case scalesOnWrongAxis = "scales-on-wrong-axis"
  case offset
  case varianceAsDeviation = "variance-as-deviation"
  case halfOverflow = "half-overflow"
  case subnormalsFlushed = "subnormals-flushed"
  case truncatedNotRounded = "truncated-not-rounded"
  case precisionLost = "precision-lost"
  case rowsChanged = "rows-changed"

  /// In a sentence.
  public var title: String {
    switch self {
    case .activationExchanged: "the MLPs have another activation"
    case .wrongEpsilon: "norms add another number to the variance"
    case .wrongHeadCount: "attention is divided into another number of heads"
    case .wrongTextPooling: "another token stands for the text"
    case .wrongImagePooling: "the image is pooled in another way"
    case .maskExchanged: "tokens see other tokens than they should"
    case .similarityExchanged: "logits are read in another way"
    case .coloursReversed: "blue comes before red in preprocessing"
    case .wrongNormalization: "pixels are normalised with other constants"
    case .normalizationDropped: "pixels are not normalised"
    case .wrongInterpolation: "images are resized by another interpolation"
    case .wrongResize: "images are cropped or squeezed in another way"
    case .wrongImageSize: "images have another size"
    case .architectureChanged: "a block is put together in another way"
    case .tensorMissing: "a tensor is missing"
    case .shapeChanged: "a tensor has another shape"
    case .zeroFilled: "a tensor is all zeros"
    case .biasDropped: "a bias is all zeros"
    case .notFinite: "values are NaN or infinite"
    case .tensorsExchanged: "a tensor holds the values of another"
    case .blocksPermuted: "blocks are in another order"
    case .blockDuplicated: "a block is there twice"
    case .unrelatedValues: "a tensor holds other values altogether"
    case .transposed: "a matrix is transposed"
    case .queriesKeysValuesExchanged: "queries, keys and values are exchanged"
    case .headsInterleaved: "queries, keys and values are interleaved by head"
    case .headsPermuted: "heads are in another order"
    case .rowsPermuted: "rows are in another order"
    case .channelsReversed: "the colours of patches or kernels are reversed"
    case .kernelTransposed: "kernels are turned over their diagonal"
    case .layoutReinterpreted: "kernels were copied from another order of axes"
    case .positionsShifted: "positions are off"
    case .vocabularyShifted: "token rows are off"
    case .vocabularyTruncated: "the last token rows are empty"
    case .bytesSwapped: "bytes are in the other order"
    case .logitScaleDropped: "the logit scale is lost"
    case .logitScaleExponentiated: "the logit scale is stored as a factor, not as its logarithm"
    case .signFlipped: "signs are flipped"
    case .scaled: "all values have one factor too many"
    case .channelsScaled: "some channels have a factor too many"
    case .scalesOnWrongAxis: "integers were multiplied with the scales of the other axis"
    case .offset: "a constant is added to all values"
    case .varianceAsDeviation: "a variance is stored as something else"
    case .halfOverflow: "values beyond half precision's range are cut off"
    case .subnormalsFlushed: "small values became zero"
    case .truncatedNotRounded: "values are cut off where they should be rounded"
    case .precisionLost: "values went through a type with fewer digits"
    case .rowsChanged: "some rows hold other values"
    }
  }
}

/// What a doctor found: a value that is printed as text or JSON.
public struct DoctorReport: Sendable, Hashable, Codable {
  /// One defect at one place.
  public struct Finding: Sendable, Hashable, Codable {
    /// Which defect.
    public var defect: Defect
    /// The constant or the tensor.
    public var subject: String
    /// What was seen.
    public var evidence: String

    /// Makes a finding.
    public init(_ defect: Defect, _ subject: String, _ evidence: String) {
      self.defect = defect
      self.subject = subject
      self.evidence = evidence
    }
  }

  /// The model's file.
  public var model: String
  /// The file it was compared with; `nil` where it was looked at alone.
  public var source: String?
  /// Whether nothing was found.
  public var healthy: Bool { findings.isEmpty }
  /// What was found.
  public var findings: [Finding]
  /// Tensors that were looked at.
  public var tensors: Int
  /// Constants that were looked at.
  public var constants: Int

  private enum CodingKeys: String, CodingKey { case model, source, findings, tensors, constants }
}
