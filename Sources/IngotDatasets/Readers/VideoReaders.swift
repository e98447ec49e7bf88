// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Pictures, or videos of which the middle frame is the picture.
struct FrameList: SampleSource {
  private let list: PictureList
  private let frames: VideoFrames?
  private let root: String

  /// Endings of videos.
  static let videoEndings = ["avi", "mp4", "mkv", "webm"]

  /// Whether a name ends as videos do.
  static func isVideo(_ name: String) -> Bool { videoEndings.contains { name.lowercased().hasSuffix("." + $0) } }

  init(_ list: PictureList, root: String, frames: VideoFrames?) {
    self.list = list
    self.root = root
    self.frames = frames
  }

  var count: Int { list.count }
  func name(at index: Int) -> String { list.name(at: index) }
  func label(at index: Int) -> SampleLabel { list.label(at: index) }

  func image(at index: Int) throws -> SampleImage {
    let name = list.name(at: index)
    guard Self.isVideo(name), let frames else { return list.image(at: index) }
    return .encoded(LentBytes(try frames.middleFrame(of: root + "/" + name)))
  }
}

/// UCF101 and Kinetics-700: videos, or folders of their middle frames under the same names.
enum VideoReaders {
  private static let pictureEndings = ["jpg", "png", "jpeg"]

  /// The first of a name's endings that exists: a frame before a video.
  private static func resolve(_ stem: String, _ folder: DatasetFolder) -> String? {
    (pictureEndings + FrameList.videoEndings).map { stem + "." + $0 }.first { folder.has($0) }
  }

  /// UCF101: one of three splits, `trainlist01.txt` and `testlist01.txt`, whose lines are `Archery/v_Archery_g01_c01.avi`.
  static func ucf101(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("ucf101")
    let lists = [(DatasetSplit.train, "trainlist"), (.test, "testlist")].map { split, stem in
      (split, folder.file("ucfTrainTestlist/\(stem)0\(options.partition).txt", "\(stem)0\(options.partition).txt"))
    }
    let videos = folder.folder("UCF-101", "UCF-101-midframes", "midframes")
    try folder.check()
    let classes = description.paperClasses
    var found: [(split: DatasetSplit, list: PictureList)] = []
    var hasVideos = false
    for (split, name) in lists {
      var list = PictureList(root: folder.path)
      for (number, line) in try textLines(of: folder.path(name)).enumerated() where !line.isEmpty {
        let place = "line \(number + 1)"
        // The training lists have the class's number after the path.
        let path = try checkedPath(words(line).first ?? "", in: name, at: place)
        let key = path.split(separator: "/").first.map(String.init) ?? path
        let label = try classes.requireIndex(of: key, in: name, at: place)
        let stem = path.lastIndex(of: ".").map { String(path[..<$0]) } ?? path
        guard let existing = resolve(videos + "/" + stem, folder) else {
          folder.require(videos + "/" + path)
          continue
        }
        hasVideos = hasVideos || FrameList.isVideo(existing)
        list.append(existing, label: label)
      }
      found.append((split, list))
    }
    try folder.check()
    let frames = hasVideos ? try VideoFrames(program: options.ffmpeg) : nil
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, list) in found { parts[split] = FrameList(list, root: folder.path, frames: frames) }
    return try Dataset(description, options, parts: parts)
  }

  /// Kinetics-700: `train.csv` and `val.csv`, of which only those videos are here that somebody could still fetch; or folders of classes.
  static func kinetics(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path).descending("kinetics700")
    let places = [
      (DatasetSplit.train, "train", folder.folder("train")), (.test, "val", folder.folder("val", "validate")),
    ]
    try folder.check()
    let classes = description.paperClasses
    var remarks: [String] = []
    var found: [(split: DatasetSplit, list: PictureList)] = []
    for (split, stem, videos) in places {
      let names = ["annotations/\(stem).csv", "\(stem).csv", "annotations/\(videos).csv", "\(videos).csv"]
      if let table = names.first(where: { folder.has($0) }) {
        let (list, absent) = try listed(folder, table, videos, classes)
        if absent > 0 { remarks.append("\(absent) videos of \(table) are not here: they may be gone") }
        found.append((split, list))
      } else {
        found.append((split, try classFolders(folder, videos, classes)))
      }
    }
    var hasVideos = false
    for part in found {
      for index in 0..<part.list.count where !hasVideos { hasVideos = FrameList.isVideo(part.list.name(at: index)) }
    }
    let frames = hasVideos ? try VideoFrames(program: options.ffmpeg) : nil
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, list) in found { parts[split] = FrameList(list, root: folder.path, frames: frames) }
    return try Dataset(description, options, parts: parts, remarks: remarks)
  }

  private static func listed(
    _ folder: DatasetFolder, _ name: String, _ videos: String, _ classes: ClassTable
  ) throws -> (list: PictureList, absent: Int) {
    let table = try CSVTable(path: folder.path(name), name: name)
    let (label, id) = (try table.column("label"), try table.column("youtube_id"))
    let (start, end) = (try table.column("time_start"), try table.column("time_end"))
    var list = PictureList(root: folder.path)
    var absent = 0
    for (index, row) in table.rows.enumerated() {
      let place = "row \(index + 1)"
      let number = try classes.requireIndex(of: row[label], in: name, at: place)
      guard let first = Int(row[start]), let last = Int(row[end]), first >= 0, last >= 0 else {
        throw table.fault(
          .malformed, row: index, "the times are `\(row[start])` and `\(row[end])`, expected whole seconds")
      }
      let stem = try checkedPath("\(row[id])_\(padded(first))_\(padded(last))", in: name, at: place)
      let underscored = String(row[label].map { $0 == " " ? "_" : $0 })
      let stems = ["\(videos)/\(row[label])/\(stem)", "\(videos)/\(underscored)/\(stem)", "\(videos)/\(stem)"]
      if let found = stems.lazy.compactMap({ resolve($0, folder) }).first {
        list.append(found, label: number)
      } else {
        absent += 1
      }
    }
    return (list, absent)
  }

  /// Folders are named as the classes are, perhaps with underscores for blanks.
  private static func classFolders(_ folder: DatasetFolder, _ name: String, _ classes: ClassTable) throws -> PictureList
  {
    var list = PictureList(root: folder.path)
    var labels: [(label: Int, folder: String)] = []
    for entry in try Folder.entries(of: folder.path(name)) where entry.isFolder {
      let spaced = String(entry.name.map { $0 == "_" ? " " : $0 })
      guard let label = classes.index(of: entry.name) ?? classes.index(of: spaced) else {
        throw CheckpointError(
          .malformed, .dataset, subject: "\(name)/\(entry.name)", "is none of the \(classes.count) classes")
      }
      labels.append((label, entry.name))
    }
    for (label, inner) in labels.sorted(by: { ($0.label, $0.folder) < ($1.label, $1.folder) }) {
      for entry in try Folder.entries(of: folder.path("\(name)/\(inner)"))
      where !entry.isFolder && (ClassFolders.isPicture(entry.name) || FrameList.isVideo(entry.name)) {
        list.append("\(name)/\(inner)/\(entry.name)", label: label)
      }
    }
    return list
  }

  /// Seconds with six digits.
  private static func padded(_ number: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }
}
