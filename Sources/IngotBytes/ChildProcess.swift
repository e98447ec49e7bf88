// SPDX-License-Identifier: Apache-2.0

internal import CIngotSystem
import Glibc

/// A program in a process of its own, with pipes to its standard input, output and error.
///
/// It is ended with this value, whatever it does.
public final class ChildProcess {
  /// How a process ended.
  public enum Ending: Sendable, Hashable {
    /// By itself, with a status.
    case status(Int32)
    /// By a signal.
    case signal(Int32)
  }

  /// Why nothing was read.
  public enum Silence: Error, Hashable {
    /// The output is at its end.
    case ended
    /// It took too long.
    case late
    /// There is more than was asked for.
    case tooMuch
  }

  private let child: ingot_child
  private let input: ByteStream
  private let output: ByteStream
  private let errors: ByteStream
  private var ending: Ending?
  /// Whether the program has closed its output, which it does when it ends.
  private var hasClosedOutput = false
  /// How long a program that has closed its output has to end by itself, in milliseconds: its status would be lost if it were ended
  /// between the two.
  private static let grace = 5000

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: its path.
  ///   - arguments: what follows its name; without NUL characters.
  /// - Throws: `FileError.inputMissing` when it cannot be started.
  public init(program: String, arguments: [String]) throws(FileError) {
    var child = ingot_child()
    let texts = arguments.flatMap { text -> [CChar] in text.utf8.map { CChar(bitPattern: $0) }.filter { $0 != 0 } + [0]
    }
    // SAFETY: as many NUL-terminated texts as are said; `child` is a valid place to write to.
    let number = unsafe ingot_start_child(program, texts, arguments.count, &child)
    guard number == 0 else { throw FileError(.inputMissing, path: program, call: "posix_spawn", number: number) }
    self.child = child
    input = ByteStream(child.input, "the input of \(program)")
    output = ByteStream(child.output, "the output of \(program)")
    errors = ByteStream(child.errors, "the errors of \(program)")
  }

  deinit {
    _ = stop()
    close(child.input)
    close(child.output)
    close(child.errors)
  }

  /// Writes to the program's standard input.
  ///
  /// - Throws: `FileError.inputOutput` when it has ended, if SIGPIPE is ignored.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    try input.write(bytes)
  }

  /// Reads from the program's standard output.
  ///
  /// - Parameters:
  ///   - count: how many bytes.
  ///   - deadline: on the clock of `now()`.
  /// - Returns: so many bytes.
  /// - Throws: `ended` when there are fewer, `late` when they have not come by the deadline.
  public func read(_ count: Int, before deadline: Int) throws(Silence) -> [UInt8] {
    var content: [UInt8] = []
    content.reserveCapacity(min(count, 1 << 26))
    while content.count < count {
      let left = deadline - Self.now()
      guard left > 0 else { throw .late }
      guard output.isReadable(within: left) else { continue }
      guard let part = try? output.read(upTo: min(count - content.count, 1 << 16)), !part.isEmpty else {
        hasClosedOutput = true
        throw .ended
      }
      content += part
    }
    return content
  }

  /// Ends the program if it runs still: a request to terminate could be blocked.
  ///
  /// A program whose output `read` has found at its end is on its way out, and has five seconds to arrive there.
  ///
  /// - Returns: how it ended.
  public func stop() -> Ending {
    if let ending { return ending }
    if hasClosedOutput, let ending = awaitEnd(before: Self.now() + Self.grace) { return ending }
    kill(child.process, SIGKILL)
    var status: Int32 = 0
    // SAFETY: `status` is a valid place to write to.
    while unsafe waitpid(child.process, &status, 0) < 0, errno == EINTR {}
    return note(status)
  }

  /// Reads all that the program writes until it ends by itself, its complaints meanwhile, too: one that complains at length would else wait.
  ///
  /// - Parameters:
  ///   - limit: the most bytes of its standard output.
  ///   - deadline: on the clock of `now()`.
  /// - Returns: its output, how it ended, and the first words of its standard error.
  /// - Throws: `tooMuch` for more than `limit` bytes, `late` when it has not ended by the deadline; it is ended then.
  public func output(
    atMost limit: Int, before deadline: Int
  ) throws(Silence) -> (output: [UInt8], ending: Ending, words: [UInt8]) {
    var (content, words): ([UInt8], [UInt8]) = ([], [])
    var (hasOutput, hasErrors) = (true, true)
    while hasOutput || hasErrors {
      let left = deadline - Self.now()
      guard left > 0 else { throw silence(.late) }
      if hasErrors, errors.isReadable(within: hasOutput ? 0 : left) {
        let part = (try? errors.read(upTo: 1 << 16)) ?? []
        hasErrors = !part.isEmpty
        words += part.prefix(4096 - words.count)
      }
      if hasOutput, output.isReadable(within: hasErrors ? min(left, 20) : left) {
        let part = (try? output.read(upTo: 1 << 16)) ?? []
        hasOutput = !part.isEmpty
        content += part
        guard content.count <= limit else { throw silence(.tooMuch) }
      }
    }
    guard let ending = awaitEnd(before: deadline) else { throw silence(.late) }
    return (content, ending, words)
  }

  private func silence(_ kind: Silence) -> Silence {
    _ = stop()
    return kind
  }

  /// - Returns: how the program ended by itself; nil if it has not by the deadline.
  private func awaitEnd(before deadline: Int) -> Ending? {
    var status: Int32 = 0
    // SAFETY: `status` is a valid place to write to.
    while unsafe waitpid(child.process, &status, WNOHANG) != child.process {
      guard Self.now() < deadline else { return nil }
      usleep(1000)
    }
    return note(status)
  }

  private func note(_ status: Int32) -> Ending {
    // See `man 2 wait`: the low seven bits are the signal, the next byte is the status.
    let found: Ending = status & 0x7f == 0 ? .status(status >> 8 & 0xff) : .signal(status & 0x7f)
    ending = found
    return found
  }

  /// Ends the program and says what it wrote to its standard error, as far as a pipe holds it.
  ///
  /// - Parameter count: the most bytes that are of interest.
  /// - Returns: how it ended, and its words.
  public func lastWords(_ count: Int) -> (Ending, [UInt8]) {
    let ending = stop()
    // Another process could have inherited the pipe, and keep it open and silent.
    let words = errors.isReadable(within: 0) ? try? errors.read(upTo: count) : nil
    return (ending, words ?? [])
  }

  /// Milliseconds on a clock that only goes forward.
  public static func now() -> Int {
    var time = timespec()
    // SAFETY: `time` is a valid place to write to.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
  }
}
