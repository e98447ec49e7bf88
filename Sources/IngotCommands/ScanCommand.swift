// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotConversion
import IngotTorch

/// `ingot scan`.
struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "List every function and class that a file's pickles name, and what is wrong with its archive.",
    discussion: """
      Nothing is run, and no fault stops the scan. Exit code 77 when executable code is named, 65 when something is damaged or \
      contradicts itself, else 0. Names are judged by a list of what is understood and a list of what runs code; all others are opaque: \
      unknown classes, which Ingot keeps as data and Python would import.
      """)

  @Argument(help: "A checkpoint of any kind, the index of one in several files, or a folder with one.")
  var file: String

  @OptionGroup var report: ReportOptions

  func run() throws {
    let files = try ContainerKind.files(at: file)
    if files[0].kind == nil, let meaning = UnknownFile.meaning(of: files[0].file) {
      throw InputError(
        path: file, cause: CheckpointError(.unsupported, FormatKind(rawValue: "file"), at: 0, "this is \(meaning)"))
    }
    let scan = files.dropFirst().reduce(into: PickleScan(files[0])) { scan, shard in
      scan.add(PickleScan(shard), of: String(shard.file.path.split(separator: "/").last ?? ""))
    }
    let document = ScanDocument(scan, path: file, container: files[0].kind)
    if report.json { Console.json(document) } else { document.print() }
    if scan.isDangerous {
      Console.error("\(file): names executable code, which was not run: \(document.dangerous.joined(separator: ", "))")
      throw ExitCode(77)
    }
    if scan.isIrregular {
      Console.error("\(file): is damaged or contradicts itself in \(document.faults.count) places")
      throw ExitCode(65)
    }
  }
}

extension PickleScan {
  /// Looks at a file whose kind is known.
  fileprivate init(_ part: (file: MappedFile, kind: ContainerKind?)) {
    self.init(part.file, isOther: part.kind?.holdsPickles == false)
  }
}

/// What `scan` shows; `--json` prints it as it is.
struct ScanDocument: Encodable {
  struct Global: Encodable {
    let name: String
    let count: Int
    let verdict: String
  }

  struct Pickle: Encodable {
    let name: String
    let offset: Int
    let globals: [Global]
    let fault: String?
  }

  let file: String
  /// Which reader the file is for, `null` for a file of no known kind.
  let container: String?
  /// `dangerous`, `damaged`, `opaque` (unknown classes are named) or `clean`.
  let verdict: String
  let pickles: [Pickle]
  let irregularities: [String]

  init(_ scan: PickleScan, path: String, container kind: ContainerKind?) {
    file = path
    container = kind?.rawValue
    pickles = scan.items.map { item in
      Pickle(
        name: item.name, offset: item.offset,
        globals: item.globals.map {
          Global(name: "\($0.module).\($0.name)", count: $0.count, verdict: $0.verdict.rawValue)
        }, fault: item.fault.map { "\($0)" })
    }
    irregularities = scan.irregularities
    let isOpaque = scan.items.contains { item in item.globals.contains { $0.verdict == .opaque } }
    verdict = scan.isDangerous ? "dangerous" : scan.isIrregular ? "damaged" : isOpaque ? "opaque" : "clean"
  }

  var dangerous: [String] {
    var seen: Set<String> = []
    return pickles.flatMap(\.globals).filter { $0.verdict == "dangerous" }.map(\.name).filter {
      seen.insert($0).inserted
    }
  }

  var faults: [String] { pickles.compactMap(\.fault) + irregularities }

  /// The same for people.
  func print() {
    for pickle in pickles {
      Console.print("\(pickle.name) at byte \(pickle.offset)")
      for line in table(pickle.globals.map { ["  " + $0.verdict, "\($0.count) ×", $0.name] }) { Console.print(line) }
      if let fault = pickle.fault { Console.print("  damaged: \(fault)") }
    }
    for irregularity in irregularities { Console.print("irregular: \(irregularity)") }
    Console.print("\(file): \(verdict), \(pickles.count) pickles, \(faults.count) faults")
  }
}
