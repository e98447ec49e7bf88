// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Ingot
import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotFile
import IngotImage
import IngotTensor

/// What two models are compared on.
struct ComparisonInputOptions: ParsableArguments {
  @Option(name: .long, parsing: .upToNextOption, help: "PNG or JPEG files, or folders of them, to compare on.")
  var images: [String] = []

  @Option(name: .long, help: "A text file, one text a line, to compare on.")
  var texts: String?

  @Option(name: .long, help: "Vocabulary for --texts, where the model has none embedded.")
  var tokenizer: String?

  @Option(name: .customLong("probes"), help: "How many images and texts to make where none are named (default: 64).")
  var count: Int?

  /// How many probes are made where nothing else is said: a rate of 1 is then known to be at least 0.944.
  static let customaryCount = 64

  /// Whether a person said anything about probes.
  var isGiven: Bool { !images.isEmpty || texts != nil || count != nil }

  func validate() throws {
    if let count, !(1...ProbeInputs.largestCount).contains(count) {
      throw ValidationError("--probes is \(count); allowed are 1 to \(ProbeInputs.largestCount)")
    }
  }

  /// Reads or makes the probes.
  ///
  /// - Parameters:
  ///   - loaded: the model that they are for.
  ///   - compute: how to compute.
  /// - Returns: as many as were named or asked for.
  /// - Throws: what reading pictures and texts throws.
  func probes(for loaded: LoadedModel, _ compute: Compute) throws -> Probes {
    let count = count ?? Self.customaryCount
    let made = ProbeInputs.bundle(for: loaded.configuration, images: count, texts: count)
    guard !images.isEmpty || texts != nil else { return Probes(.synthetic, made) }
    var (pixels, imageCount, names) = (made.pixels, made.imageCount, [String]())
    if !images.isEmpty {
      names = try files()
      let preprocessing = try ImagePreprocessing(loaded.configuration.requirePreprocessing())
      let paths = names
      pixels = try compute.map(paths.count) { index in
        try reading(paths[index]) { try preprocessing.tensor(fromFile: paths[index]) }
      }.flatMap { $0 }
      imageCount = names.count
    }
    var tokens = made.texts
    if let texts {
      let context = try loaded.configuration.requireText().contextLength
      tokens = try loaded.tokenizer(at: tokenizer).rows(for: lines(of: texts), contextLength: context)
    }
    guard imageCount <= ProbeInputs.largestCount, tokens.count <= ProbeInputs.largestCount else {
      throw ValidationError(
        "\(imageCount) images and \(tokens.count) texts; at most \(ProbeInputs.largestCount) of each")
    }
    return Probes(
      .files, GoldenBundle(pixels: pixels, imageCount: imageCount, texts: tokens, imageNames: names))
  }

  /// The files named, and those in the folders named, by name.
  private func files() throws -> [String] {
    try images.flatMap { path in
      guard FilePath.kind(of: path) == .folder else { return [path] }
      let names = try Folder.entries(of: path).map(\.name).sorted().filter(isPicture)
      guard !names.isEmpty else { throw ValidationError("\(path) holds no .png, .jpg or .jpeg file") }
      return names.map { "\(path)/\($0)" }
    }
  }

  private func lines(of path: String) throws -> [String] {
    let lines = try reading(path) { try IngotCommands.lines(ofFile: path) }
    guard !lines.isEmpty else { throw ValidationError("\(path) has no line of text") }
    return lines
  }
}

/// Where a certified copy goes.
struct StampOptions: ParsableArguments {
  @Option(name: .long, help: "Where to write a copy of the model with a certificate of this comparison, if it passes.")
  var stamp: String?

  @Flag(name: .long, help: "Replace what --stamp and --report name if it exists.")
  var force = false

  var existing: AtomicFile.Existing { force ? .replace : .refuse }
}

/// Whose signature is wanted.
struct SignatureOptions: ParsableArguments {
  @Option(name: .long, help: "Public Ed25519 key (PEM) whose signature the file must have.")
  var key: String?

  @Option(name: .long, help: "The signature (default: the model's path with .sig added).")
  var signature: String?

  func validate() throws {
    if signature != nil, key == nil { throw ValidationError("--signature needs --key: whose signature it must be") }
  }

  /// Checks the signature, if one is wanted.
  ///
  /// - Returns: what was found, in words; `nil` where nothing was asked for.
  func check(_ file: IngotFile) throws -> String? {
    guard let path = key else { return nil }
    let key = try reading(path) { try VerifyingKey(pem: text(of: path)) }
    let place = signature ?? file.path + ".sig"
    try reading(place) {
      let bytes = try MappedFile(path: place)
      guard bytes.size <= ModelSignature.largestFile else {
        throw CheckpointError(.malformed, .signature, "\(bytes.size) bytes are too many for a signature")
      }
      try ModelSignature(reading: bytes.bytes.copied()).check(file, by: key)
    }
    return "valid: \(place) is by the key \(path) over the root \(file.rootDigest)"
  }
}

/// The text of a small file, such as a key.
func text(of path: String) throws -> String {
  let file = try MappedFile(path: path)
  guard file.size <= ModelSignature.largestFile, let text = file.bytes.utf8String() else {
    throw CheckpointError(.malformed, .key, "\(file.size) bytes that are no short text, expected PEM")
  }
  return text
}

/// Runs `body`; where the file turns out damaged, says in which 4 KiB blocks, if the file was stamped and so can tell.
func locatingDamage<T>(_ path: String, _ body: () throws -> T) throws -> T {
  do {
    return try body()
  } catch let error as InputError {
    guard let file = try? MappedFile(path: path), let blocks = IngotFile.damagedBlocks(of: file) else { throw error }
    let shown = blocks.prefix(8).map {
      "block \($0.lowerBound / 4096) (bytes \($0.lowerBound) to \($0.upperBound - 1))"
    }
    let more = blocks.count > shown.count ? " and \(blocks.count - shown.count) more" : ""
    let cause = error.cause
    // A file whose first bytes are damaged is taken for one of no known kind: it is damaged all the same.
    throw InputError(
      path: path,
      cause: CheckpointError(
        cause.format == .ingot ? cause.code : .corrupt, .ingot, at: cause.offset ?? blocks[0].lowerBound,
        subject: cause.subject ?? "header",
        "\(cause.detail); damaged since it was stamped: \(shown.joined(separator: ", "))\(more)"))
  }
}
