// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import IngotBytes
import IngotTensor

/// Runs the command line of this process and exits.
public func runIngot() -> Never {
  // Writing past a file size limit or to a closed pipe is an error that is reported, not a signal that kills.
  signal(SIGXFSZ, SIG_IGN)
  signal(SIGPIPE, SIG_IGN)
  Compute.keepFreedMemory(upTo: 1 << 26)
  let wantsJSON = CommandLine.arguments.contains("--json")
  do {
    var command = try IngotCommand.parseAsRoot()
    try command.run()
    exit(0)
  } catch let error as ExitCode {
    exit(error.rawValue)
  } catch let error where error is CheckpointError || error is FileError || error is InputError {
    let (status, message) = diagnosis(of: error)
    Console.error(message)
    if wantsJSON { Console.json(ErrorDocument(error: message, status: status)) }
    exit(status)
  } catch {
    IngotCommand.exit(withError: error)
  }
}

/// What `--json` prints when a command fails.
private struct ErrorDocument: Encodable {
  let error: String
  let status: Int32
}
