// SPDX-License-Identifier: Apache-2.0

import Glibc
public import IngotBytes
public import IngotCLIP
import IngotFile
import IngotQuantization
import IngotTensor

extension Exporter {
  /// Exports a model under the names of a library, with the files that it needs to load the model.
  ///
  /// - Parameters:
  ///   - source: an `.ingot` file, or a checkpoint that can be converted.
  ///   - naming: the library.
  ///   - options: what the person said of a checkpoint.
  ///   - stateDict: the key of a checkpoint's state dict, when the person said it.
  ///   - path: of the weights, when it ends in `.safetensors`; else of a folder, which is made if there is none.
  ///   - existing: what to do when there is a file already.
  /// - Returns: what was done.
  /// - Throws: `unsupported` where the library's code cannot be this model, naming each constant that stands against it, and what opening the
  ///   source throws, before anything is written; `FileError`.
  public static func export(
    _ source: Source, as naming: Naming, options: ModelOptions = ModelOptions(), stateDict: String? = nil,
    to path: String, existing: AtomicFile.Existing
  ) throws -> Report {
    let model = try Model(source, options, stateDict)
    let types = Set(model.checkpoint.tensors.map { $0.encoding == .plain ? $0.type : .float32 })
    let publication = try Publication(model.configuration, as: naming, types: types)
    var tensors = Dictionary(uniqueKeysWithValues: model.checkpoint.tensors.map { ($0.name, $0) })
    var restorer = TensorRestorer(model.configuration)
    var own: [(TensorDescriptor, [UInt8])] = []
    var left: [String] = []
    for entry in CanonicalSchema.entries(for: model.configuration) {
      let parts = publication.parts(of: entry)
      var carried = tensors.removeValue(forKey: entry.name)
      // A size that the source carries may be that of another image.
      if let tensor = carried, let number = publication.numbers[entry.name],
        try model.checkpoint.withBytes(of: tensor, { doubles(of: $0, tensor.type).first }) != Double(number)
      {
        carried = nil
      }
      if let tensor = carried {
        guard let parts else {
          guard entry.presence == .optional else { throw nameless(entry.name, naming) }
          left.append("\(entry.name) (\(naming.title) has no such tensor)")
          continue
        }
        try restorer.add(tensor, parts)
      } else if let number = publication.numbers[entry.name], let name = parts?.first?.name {
        own.append(try self.number(number, named: name))
      } else if entry.presence == .required {
        throw CheckpointError(.missing, .clip, subject: entry.name, "expected \(entry.shape)")
      }
    }
    if let stranger = tensors.keys.min() { throw nameless(stranger, naming) }
    let restored = try restorer.finish()
    let isFile = path.hasSuffix(".safetensors")
    let folder = isFile ? nil : try Folder(path)
    do {
      let weightsPath = isFile ? path : path + "/" + publication.weightsName
      // Every file that is there already is found before the first one is written.
      let beside = try (isFile ? [] : publication.files).map { file in
        (output: try AtomicFile(path: path + "/" + file.name, existing: existing), bytes: try file.content.file())
      }
      let weights = try WeightsWriter(
        restored, own: own, to: weightsPath, existing: existing, metadata: publication.metadata)
      let decoded = try weights.write(from: model.checkpoint)
      for (output, bytes) in beside {
        try bytes.withRawSpan { try output.append($0) }
        try output.commit()
      }
      return Report(
        tensors: restored.count + own.count, decoded: decoded, aliases: [:], left: model.left + left,
        files: [weightsPath] + beside.map(\.output.path), loader: publication.loader, notes: publication.notes)
    } catch {
      folder?.remove()
      throw error
    }
  }

  /// A model to export.
  private struct Model {
    let configuration: CLIPConfiguration
    let checkpoint: any Checkpoint
    let left: [String]

    init(_ source: Source, _ options: ModelOptions, _ stateDict: String?) throws {
      if case .ingot(let file) = source.content {
        guard options == ModelOptions(), stateDict == nil else {
          throw CheckpointError(
            .unsupported, .clip, "options of a model apply to checkpoints; an .ingot file records its own")
        }
        configuration = try file.configuration()
        checkpoint = file
        left = []
      } else {
        let plan = try ConversionPlan(source, scheme: .source, options: options, stateDict: stateDict)
        try plan.check()
        configuration = plan.configuration
        checkpoint = PlannedCheckpoint(source, plan)
        left = plan.ignored
      }
    }
  }

  /// A folder for output.
  private struct Folder {
    private let path: String
    private let isNew: Bool

    init(_ path: String) throws {
      self.path = path
      switch FilePath.kind(of: path) {
      case .folder:
        isNew = false
        return
      case .file:
        throw FileError(
          .cannotCreate, path: path, "is a file; a folder is needed, or a name that ends in .safetensors")
      case .nothing: isNew = true
      }
      // SAFETY: Swift passes a NUL-terminated string.
      guard unsafe mkdir(path, 0o755) == 0 else { throw FileError(.cannotCreate, path: path, call: "mkdir") }
    }

    /// Removes the folder if it was made here and is empty.
    func remove() {
      // SAFETY: Swift passes a NUL-terminated string; a folder with files in it stays.
      if isNew { _ = unsafe rmdir(path) }
    }
  }

  private static func nameless(_ tensor: String, _ naming: Naming) -> CheckpointError {
    CheckpointError(.unsupported, .clip, subject: tensor, "\(naming.title) has no name for it")
  }

  private static func number(_ value: Int64, named name: String) throws -> (TensorDescriptor, [UInt8]) {
    guard let tensor = TensorDescriptor(name: name, type: .int64, shape: Shape(), access: .assembled) else {
      preconditionFailure("one number is not too large")
    }
    return (tensor, (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
  }
}
