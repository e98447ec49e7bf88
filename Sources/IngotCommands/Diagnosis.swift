// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// An error of a file's content, with the path that the reader did not know.
struct InputError: Error {
  let path: String
  let cause: CheckpointError
}

/// Adds the path to errors of a file's content.
func reading<T>(_ path: String, _ body: () throws -> T) throws -> T {
  do {
    return try body()
  } catch let error as CheckpointError {
    throw InputError(path: path, cause: error)
  }
}

/// The exit status and the message of an error: the one place where errors become codes (`man 3 sysexits`).
func diagnosis(of error: any Error) -> (status: Int32, message: String) {
  switch error {
  case let error as InputError:
    return (status(of: error.cause.code), "\(error.path): \(error.cause)")
  case let error as CheckpointError:
    return (status(of: error.code), "\(error)")
  case let error as FileError:
    switch error.code {
    case .inputMissing: return (66, "\(error)")
    case .cannotCreate: return (73, "\(error)")
    case .inputOutput: return (74, "\(error)")
    }
  default:
    return (70, "\(error)")
  }
}

private func status(of code: CheckpointError.Code) -> Int32 {
  switch code {
  case .dangerous: 77
  case .unsupported, .undetermined: 69
  case .truncated, .malformed, .corrupt, .overflow, .limit, .missing, .mismatch: 65
  }
}
