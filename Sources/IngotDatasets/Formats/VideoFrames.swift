// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes

/// Takes the middle frame out of videos with the programs `ffmpeg` and `ffprobe`.
struct VideoFrames: Sendable {
  private let ffmpeg: String
  private let ffprobe: String
  /// Seconds that one video may take.
  private static let patience = 120
  /// What one frame may be.
  private static let largestFrame = 1 << 27

  /// Finds the programs.
  ///
  /// - Parameter program: `ffmpeg` itself, with `ffprobe` beside it; looked for on the `PATH` where it is `nil`.
  /// - Throws: `unsupported` when they are not installed.
  init(program: String?) throws(CheckpointError) {
    if let program {
      ffmpeg = program
      ffprobe = URL(filePath: program).deletingLastPathComponent().appending(path: "ffprobe").path
    } else {
      let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
      func find(_ name: String) -> String? {
        folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
      }
      ffmpeg = find("ffmpeg") ?? "ffmpeg"
      ffprobe = find("ffprobe") ?? "ffprobe"
    }
    for name in [ffmpeg, ffprobe] where !FileManager.default.isExecutableFile(atPath: name) {
      throw CheckpointError(
        .unsupported, .dataset, subject: name,
        "these are videos, and this program, which takes frames out of them, is not installed; install ffmpeg, or give a folder of middle frames"
      )
    }
  }

  /// The middle frame, number n/2 of n counted from 0, as a PNG file.
  ///
  /// - Parameter path: the video.
  /// - Returns: the bytes of the PNG file.
  /// - Throws: `corrupt` with the program's own words, `limit` when it takes too long.
  func middleFrame(of path: String) throws -> [UInt8] {
    let source = "file:" + path
    let answer = try run(
      ffprobe,
      [
        "-v", "error", "-protocol_whitelist", "file", "-select_streams", "v:0", "-count_packets", "-show_entries",
        "stream=nb_read_packets", "-of", "csv=p=0", source,
      ], path)
    let words = String(decoding: answer, as: UTF8.self).split { !$0.isNumber }
    guard let count = words.first.flatMap({ Int($0) }), count > 0 else {
      throw CheckpointError(.corrupt, .dataset, subject: path, "the video has no frames")
    }
    let frame = try run(
      ffmpeg,
      [
        "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-i", source, "-map", "0:v:0", "-vf",
        "select=gte(n\\,\(count / 2))", "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "pipe:1",
      ], path)
    guard !frame.isEmpty else {
      throw CheckpointError(.corrupt, .dataset, subject: path, "frame \(count / 2) of \(count) could not be taken")
    }
    return frame
  }

  private func run(_ program: String, _ arguments: [String], _ path: String) throws -> [UInt8] {
    let process: ChildProcess
    do {
      process = try ChildProcess(program: program, arguments: arguments)
    } catch {
      throw CheckpointError(.unsupported, .dataset, subject: program, "cannot be started: \(error)")
    }
    let result: (output: [UInt8], ending: ChildProcess.Ending, words: [UInt8])
    do {
      result = try process.output(
        atMost: Self.largestFrame, before: ChildProcess.now() + 1000 * Self.patience)
    } catch {
      throw CheckpointError(
        .limit, .dataset, subject: path,
        "its frame takes more than \(Self.patience) seconds or \(Self.largestFrame) bytes")
    }
    guard result.ending == .status(0) else {
      let words = String(decoding: result.words, as: UTF8.self).split(separator: "\n").last ?? ""
      throw CheckpointError(
        .corrupt, .dataset, subject: path, "\(program) ended with \(result.ending): \(words.prefix(300))")
    }
    return result.output
  }
}
