// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotConversion
import IngotFile
import IngotQuantization
import IngotTensor

/// `ingot quantize`.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Change the encoding of an .ingot file.",
    discussion: "The input's own digests are checked on the way. A file that is quantized already is refused.")

  @Argument(help: "The .ingot file to read.")
  var input: String

  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: "float32, float16, bfloat16 or int8.")
  var encoding: EncodingScheme

  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let source = try reading(input) { try Source(path: input) }
    let converter = Converter(computing.compute, existing: output.existing) { Console.progress($0, of: $1, $2) }
    let result = try reading(input) { try converter.quantize(source, to: encoding, at: output.output) }
    if report.json {
      Console.json(
        ConversionDocument(
          result, source: input, output: output.output, container: source.container, family: nil, encoding: encoding,
          ignored: []))
    } else {
      ConversionSummary.print(result, source: input, output: output.output, encoding: encoding)
    }
  }
}
