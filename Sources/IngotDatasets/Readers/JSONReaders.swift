// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Datasets whose annotations are JSON.
enum JSONReaders {
  /// CLEVR: how many objects there are, of 2,000 training and 500 validation pictures that are drawn, as the paper did with a draw that is
  /// not published.
  static func clevr(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path)
    for inner in ["clevr", "CLEVR_v1.0"] { folder = folder.descending(inner) }
    let places = [(DatasetSplit.train, "train", 2000), (.test, "val", 500)].map { split, stem, count in
      (split, folder.file("scenes/CLEVR_\(stem)_scenes.json"), folder.folder("images/\(stem)"), count)
    }
    try folder.check()
    var parts: [DatasetSplit: any SampleSource] = [:]
    var draw = DrawnSplit(seed: options.seed)
    for (split, name, pictures, count) in places {
      let list = try scenes(folder, name, pictures, description.paperClasses)
      let chosen = draw.draw(min(count, list.count), of: list.count).sorted()
      for index in chosen { folder.require(list.name(at: index)) }
      parts[split] = SampleSubset(list, chosen)
    }
    try folder.check()
    return try Dataset(description, options, parts: parts)
  }

  private static func scenes(
    _ folder: DatasetFolder, _ name: String, _ pictures: String, _ classes: ClassTable
  ) throws -> PictureList {
    let file = try MappedFile(path: folder.path(name))
    var list = PictureList(root: folder.path)
    var scanner = JSONScanner(file.bytes, subject: name)
    var hasScenes = false
    try scanner.enterObject("annotations")
    while let key = try scanner.nextKey() {
      guard key == "scenes" else {
        try scanner.skipValue()
        continue
      }
      hasScenes = true
      try scanner.enterArray("scenes")
      while try scanner.nextElement() {
        var picture: String?
        var count: Int?
        try scanner.enterObject("a scene")
        while let field = try scanner.nextKey() {
          switch field {
          case "image_filename": picture = try scanner.string("a picture's name")
          case "objects":
            var objects = 0
            try scanner.enterArray("objects")
            while try scanner.nextElement() {
              objects += 1
              try scanner.skipValue()
            }
            count = objects
          default: try scanner.skipValue()
          }
        }
        let place = "scene \(list.count)"
        guard let picture, let count else {
          throw scanner.fault(.malformed, "\(place) has no \(picture == nil ? "image_filename" : "objects")")
        }
        let label = try classes.requireIndex(of: "\(count)", in: name, at: place)
        list.append(pictures + "/" + (try checkedPath(picture, in: name, at: place)), label: label)
      }
      file.release(0..<scanner.position)
    }
    try scanner.end()
    guard hasScenes else { throw scanner.fault(.malformed, "there are no scenes") }
    return list
  }

  /// Hateful Memes: `train.jsonl` and `dev.jsonl`, one object a line; the latter is the test, as in the paper.
  static func memes(_ description: DatasetDescription, _ options: DatasetOptions) throws -> Dataset {
    var folder = try DatasetFolder(options.path)
    for inner in ["hateful_memes", "data"] { folder = folder.descending(inner) }
    let names = [(DatasetSplit.train, folder.file("train.jsonl")), (.test, folder.file("dev.jsonl", "dev_seen.jsonl"))]
    try folder.check()
    var parts: [DatasetSplit: any SampleSource] = [:]
    for (split, name) in names {
      var list = PictureList(root: folder.path)
      for (number, line) in try textLines(of: folder.path(name)).enumerated() where !line.isEmpty {
        let (path, label) = try meme(line, name, number, description.paperClasses)
        list.append(path, label: label)
        folder.require(path)
      }
      parts[split] = list
    }
    try folder.check()
    return try Dataset(description, options, parts: parts)
  }

  private static func meme(
    _ line: String, _ name: String, _ number: Int, _ classes: ClassTable
  ) throws -> (path: String, label: Int) {
    try Array(line.utf8).withRawSpan { bytes in
      let subject = "\(name), line \(number + 1)"
      var scanner = JSONScanner(bytes, subject: subject)
      var (path, label): (String?, Int?) = (nil, nil)
      try scanner.enterObject("a meme")
      while let key = try scanner.nextKey() {
        switch key {
        case "img": path = try checkedPath(try scanner.string("img"), in: subject, at: "img")
        case "label":
          let number = try scanner.integer("label")
          label = try classes.requireIndex(of: "\(number)", in: subject, at: "label")
        default: try scanner.skipValue()
        }
      }
      try scanner.end()
      guard let path, let label else {
        throw scanner.fault(.missing, "has no \(path == nil ? "img" : "label"); the test without labels is not scored")
      }
      return (path, label)
    }
  }
}
