// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension PreprocessingConfiguration {
  /// Reads how images are prepared from what is beside the weights.
  ///
  /// - Parameters:
  ///   - evidence: the files.
  ///   - imageSize: side of the image that the tower sees.
  ///   - standard: what the family's own code does when no file says anything.
  ///   - code: how sure that is.
  ///   - constants: hears where it was taken from.
  /// - Returns: the configuration.
  /// - Throws: `mismatch` for another image size, `unsupported` for steps that are not known.
  static func settle(
    _ evidence: ModelEvidence, imageSize: Int, standard: PreprocessingConfiguration, code: ConstantSource,
    _ constants: inout ConstantSettler
  ) throws(CheckpointError) -> PreprocessingConfiguration {
    if let name = evidence.options.model {
      if let pipeline = try ModelRegistry.pipeline(of: name) {
        constants.note("preprocessing", .registry)
        return try openCLIP(ConfigReader(pipeline, "the registry's \(name)"), imageSize: imageSize)
      }
    } else if let file = evidence.files.openCLIP?["preprocess_cfg"] {
      constants.note("preprocessing", .configFile)
      return try openCLIP(ConfigReader(file, "open_clip_config.json, preprocess_cfg"), imageSize: imageSize)
    }
    if let file = evidence.files.preprocessor {
      constants.note("preprocessing", .configFile)
      return try huggingFace(
        ConfigReader(file, "preprocessor_config.json"), imageSize: imageSize, standard: standard)
    }
    // OpenCLIP's configuration without a word on images says nothing of them: its files differ.
    constants.note("preprocessing", code == .fingerprint ? .fingerprint : .family)
    return standard
  }

  private static func openCLIP(
    _ reader: ConfigReader, imageSize: Int
  ) throws(CheckpointError) -> PreprocessingConfiguration {
    try reader.requireKnown([
      "size", "mode", "mean", "std", "interpolation", "resize_mode", "fill_color", "quick_gelu", "sha256",
    ])
    var configuration = openAI(imageSize: imageSize)
    configuration.pipeline = .openCLIP
    if let mode = try reader.string("mode"), mode != "RGB" { throw unsupported("mode", mode, reader) }
    if let fill = try reader.number("fill_color"), fill != 0 { throw unsupported("fill_color", "\(fill)", reader) }
    if case .array? = reader.value["size"] {
      for size in try reader.numbers("size") ?? [] { try require(size, imageSize, reader) }
    } else if let size = try reader.number("size") {
      try require(size, imageSize, reader)
    }
    try configuration.setColours(reader, "mean", "std")
    switch try reader.string("interpolation") {
    case nil, "bicubic": configuration.interpolation = .bicubic
    case "bilinear": configuration.interpolation = .bilinear
    case let other?: throw unsupported("interpolation", other, reader)
    }
    switch try reader.string("resize_mode") {
    case nil, "shortest": configuration.resize = .shortestSide
    case "longest": configuration.resize = .longestSide
    case "squash": configuration.resize = .squash
    case let other?: throw unsupported("resize_mode", other, reader)
    }
    return configuration
  }

  private static func huggingFace(
    _ reader: ConfigReader, imageSize: Int, standard: PreprocessingConfiguration
  ) throws(CheckpointError) -> PreprocessingConfiguration {
    var configuration = standard
    configuration.pipeline = .huggingFace
    for name in ["do_resize", "do_rescale", "do_normalize"] where try reader.bool(name) == false {
      throw unsupported(name, "false", reader)
    }
    if let factor = try reader.number("rescale_factor"), factor != 1.0 / 255 {
      throw unsupported("rescale_factor", "\(factor)", reader)
    }
    switch try reader.integer("resample") {
    case nil: break
    case 0: configuration.interpolation = .nearest
    case 1: configuration.interpolation = .lanczos
    case 2: configuration.interpolation = .bilinear
    case 3: configuration.interpolation = .bicubic
    case let other?: throw unsupported("resample", "\(other)", reader)
    }
    let crops = try reader.bool("do_center_crop") ?? (standard.resize == .shortestSide)
    var side = imageSize
    if case .object? = reader.value["size"], let size = try reader.object("size") {
      if let shortest = try size.integer("shortest_edge") {
        side = shortest
        configuration.resize = .shortestSide
      } else if let height = try size.integer("height"), let width = try size.integer("width"), height == width {
        side = height
        configuration.resize = .squash
      } else {
        throw unsupported("size", size.value.names.joined(separator: ", "), reader)
      }
    } else if let size = try reader.integer("size") {
      side = size
    }
    if crops {
      try require(Double(cropSide(reader) ?? side), imageSize, reader)
      configuration.resizeSize = side == imageSize ? nil : side
    } else {
      guard configuration.resize == .squash else {
        throw CheckpointError(
          .unsupported, .clip, subject: "do_center_crop",
          "\(reader.place) resizes the shortest edge and does not crop, which makes no square")
      }
      try require(Double(side), imageSize, reader)
      configuration.resizeSize = nil
    }
    try configuration.setColours(reader, "image_mean", "image_std")
    return configuration
  }

  /// The side of the crop: a number, or an object of two that agree.
  private static func cropSide(_ reader: ConfigReader) throws(CheckpointError) -> Int? {
    guard case .object? = reader.value["crop_size"], let crop = try reader.object("crop_size") else {
      return try reader.integer("crop_size")
    }
    let (height, width) = (try crop.integer("height"), try crop.integer("width"))
    guard height == width else { throw unsupported("crop_size", crop.value.names.joined(separator: ", "), reader) }
    return height
  }

  private mutating func setColours(_ reader: ConfigReader, _ mean: String, _ deviation: String) throws(CheckpointError)
  {
    self.mean = try reader.numbers(mean) ?? self.mean
    standardDeviation = try reader.numbers(deviation) ?? standardDeviation
  }

  private static func require(_ size: Double, _ imageSize: Int, _ reader: ConfigReader) throws(CheckpointError) {
    guard size == Double(imageSize) else {
      throw CheckpointError(
        .mismatch, .clip, subject: "size", "\(reader.place) says \(size), the image tower sees \(imageSize)")
    }
  }

  private static func unsupported(_ name: String, _ value: String, _ reader: ConfigReader) -> CheckpointError {
    CheckpointError(.unsupported, .clip, subject: name, "\(reader.place) says \(value), which is not supported")
  }
}
