// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTensor

/// A checkpoint that PyTorch wrote, of any generation: zip archive, TorchScript archive (whose code is never looked at), legacy stream,
/// tar archive, or a bare pickle.
///
/// `Formats/pytorch.md` says what is read and how.
public struct TorchCheckpoint: Checkpoint {
  /// The generations.
  public enum Container: String, Sendable, Hashable {
    /// What `torch.save` writes since PyTorch 1.6.
    case torchZip = "torch-zip"
    /// What `torch.jit.save` writes.
    case torchScript = "torchscript"
    /// What `torch.save` wrote from PyTorch 0.1.10 to 1.5, and writes with `_use_new_zipfile_serialization=False`.
    case torchLegacy = "torch-legacy"
    /// What PyTorch before 0.1.10 wrote.
    case torchTar = "torch-tar"
    /// A pickle alone, as `pickle.dump` writes it.
    case pickle
  }

  /// What to do about things that need not stop reading.
  public struct Policy: Sendable, Hashable {
    /// What to do about a pickle that names an executable function.
    public enum Dangerous: Sendable, Hashable {
      /// Throw `dangerous`, naming it.
      case refuse
      /// Go on; `globals` has the verdict.
      case report
    }

    /// What to do about a pickle that names an executable function.
    public var dangerous: Dangerous
    /// What to do about CRC-32s.
    public var checksums: ChecksumPolicy

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - dangerous: what to do about a pickle that names an executable function.
    ///   - checksums: what to do about CRC-32s.
    public init(dangerous: Dangerous = .refuse, checksums: ChecksumPolicy = .verify) {
      self.dangerous = dangerous
      self.checksums = checksums
    }
  }

  /// Which kind of archive it is.
  public let container: Container
  /// The tensors, in the pickle's order.
  public let tensors: [TensorDescriptor]
  /// What is there beside them; a group of values without any tensor in it is one entry.
  public let notes: CheckpointNotes
  /// Every function or class that the pickle names.
  public let globals: [PickleGlobal]
  private let shelf: StorageShelf
  private let recipes: [String: TensorRecipe]

  /// Opens a file: reads headers and pickles, no tensor data.
  ///
  /// - Parameters:
  ///   - file: the checkpoint.
  ///   - policy: what to do about things that need not stop reading.
  /// - Throws: `CheckpointError` naming the place and both numbers of what is wrong.
  public init(_ file: MappedFile, policy: Policy = Policy()) throws(CheckpointError) {
    var opening: TorchOpening
    let object: TorchObject
    switch TorchFileKind(file) {
    case .archive:
      let zip = try ZipArchive(file, checksums: policy.checksums)
      let archive = try TorchArchive(zip)
      container = archive.container
      opening = TorchOpening(StorageShelf(file, archive: zip), policy)
      object = try opening.archived(archive)
    case .legacyStream:
      container = .torchLegacy
      opening = TorchOpening(StorageShelf(file), policy)
      object = try opening.legacyStream(in: .file(0..<file.size))
    case .tar:
      container = .torchTar
      opening = TorchOpening(StorageShelf(file), policy)
      object = try opening.legacyTar(try TarArchive(file))
    case .pickle:
      container = .pickle
      opening = TorchOpening(StorageShelf(file), policy)
      object = try opening.barePickle()
    case .other(let meaning): throw CheckpointError(.unsupported, .torchPickle, at: 0, "this is \(meaning)")
    case nil: throw CheckpointError(.malformed, .torchPickle, at: 0, "this is none of PyTorch's files")
    }
    shelf = opening.shelf
    globals = opening.tally.globals
    let tree = try TensorTree(object)
    var notes = CheckpointNotes()
    notes.refused = tree.refused
    notes.skipped = tree.skipped
    notes.metadata = tree.texts
    var recipes: [String: TensorRecipe] = [:]
    var descriptors: [TensorDescriptor] = []
    var firstNames: [TensorRecipe: String] = [:]
    for (name, recipe) in tree.tensors {
      let isMapped = recipe.isPlain && recipe.storage.place.map(shelf.isMapped) != false
      guard
        let descriptor = TensorDescriptor(
          name: name, type: recipe.type, shape: recipe.shape, access: isMapped ? .mapped : .assembled)
      else { throw CheckpointError(.overflow, .torchPickle, subject: name, "shape \(recipe.shape)") }
      descriptors.append(descriptor)
      recipes[name] = recipe
      notes.remarks[name] = recipe.quantization?.label(recipe.storedType)
      guard recipe.shape.elementCount > 0 else { continue }
      if let first = firstNames[recipe] { notes.aliases[name] = first } else { firstNames[recipe] = name }
    }
    tensors = descriptors
    self.recipes = recipes
    self.notes = notes
  }

  /// Whether a file is one of PyTorch's, of any generation.
  ///
  /// Those that hold no checkpoint are recognised too, so that `init` can say what they are.
  public static func recognises(_ file: MappedFile) -> Bool { TorchFileKind(file) != nil }

  /// Lends a tensor's bytes, mapped where they lie one after the other, else assembled.
  ///
  /// - Throws: `corrupt` when the record's CRC-32 is wrong, and what `body` throws.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let recipe = recipes[tensor.name] else {
      throw CheckpointError(.missing, .torchPickle, subject: tensor.name, "no such tensor in this checkpoint")
    }
    guard recipe.shape.elementCount > 0, let place = recipe.storage.place else {
      return try [UInt8]().withRawSpan(body)
    }
    return try shelf.withBytes(at: place) { storage in
      guard let quantization = recipe.quantization else { return try recipe.layout.withBytes(in: storage, body) }
      let integers = recipe.layout.assembled(from: storage)
      return try quantization.dequantized(integers, recipe.storedType, recipe.shape).withRawSpan(body)
    }
  }

  /// Tells that a tensor's pages are not needed for now.
  public func release(_ tensor: TensorDescriptor) {
    if let place = recipes[tensor.name]?.storage.place { shelf.release(place) }
  }
}

extension TorchOpening {
  /// Reads a file that is one pickle.
  fileprivate mutating func barePickle() throws(CheckpointError) -> TorchObject {
    let place = StoragePlace.file(0..<shelf.file.size)
    let pickle = try pickle(in: place, "pickle")
    guard pickle.end == shelf.file.size else {
      throw CheckpointError(
        .malformed, .torchPickle, at: pickle.end,
        "\(shelf.file.size - pickle.end) bytes follow the end of the pickle, expected none")
    }
    var object = TorchObject(pickle, in: place, of: shelf, storages: .empty)
    try resolve(&object, "pickle")
    return object
  }
}
