// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import IngotBytes
import IngotConversion
import IngotHDF5
import IngotTorch

/// `ingot hdf5-worker`: this program's own child, not for people.
///
/// libhdf5 is called only here, so that whatever a file does to it ends this process and no other.
struct HDF5WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hdf5-worker", abstract: "Reads HDF5 for another process of this program.", shouldDisplay: false)

  @Argument(help: "The file.")
  var file: String

  func run() throws {
    do {
      try HDF5Worker.serve(path: file)
    } catch let error as CheckpointError {
      FileHandle.standardError.write(Data(HDF5Worker.report(error).utf8))
      throw ExitCode(65)
    }
  }
}

extension Source {
  /// Opens a file as the command line does: HDF5 in a process of its own.
  static func open(
    path: String, policy: TorchCheckpoint.Policy = TorchCheckpoint.Policy()
  ) throws -> Source {
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return try Source(path: path, policy: policy, hdf5: .worker(program: program))
  }
}
