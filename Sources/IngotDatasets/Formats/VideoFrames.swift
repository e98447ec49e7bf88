// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import Synchronization

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
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw CheckpointError(.unsupported, .dataset, subject: program, "cannot be started: \(error)")
    }
    let late = Mutex(false)
    let identifier = process.processIdentifier
    let watch = DispatchWorkItem {
      late.withLock { $0 = true }
      _ = kill(identifier, SIGKILL)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.patience), execute: watch)
    // Both pipes are read at once: a program that complains at length would else wait for a reader.
    let complaints = Mutex(Data())
    let done = DispatchSemaphore(value: 0)
    let reader = errors.fileHandleForReading
    DispatchQueue.global().async {
      let words = (try? reader.readToEnd()) ?? Data()
      complaints.withLock { $0 = words.prefix(2000) }
      done.signal()
    }
    var content: [UInt8] = []
    while let part = try? output.fileHandleForReading.read(upToCount: 1 << 20), !part.isEmpty {
      content += part
      if content.count > Self.largestFrame { _ = kill(identifier, SIGKILL) }
    }
    done.wait()
    process.waitUntilExit()
    watch.cancel()
    if late.withLock({ $0 }) || content.count > Self.largestFrame {
      throw CheckpointError(
        .limit, .dataset, subject: path,
        "its frame takes more than \(Self.patience) seconds or \(Self.largestFrame) bytes")
    }
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let words = complaints.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n").last ?? ""
      throw CheckpointError(
        .corrupt, .dataset, subject: path, "\(program) ended with \(process.terminationStatus): \(words.prefix(300))")
    }
    return content
  }
}
