// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser

/// The `ingot` command line.
public struct IngotCommand: ParsableCommand {
  /// Name, abstract and verbs.
  public static let configuration = CommandConfiguration(
    commandName: "ingot",
    abstract:
      "Converts CLIP checkpoints into one memory-mapped weight file, quantizes them, and shows that nothing was lost.",
    discussion: """
      Exit codes: 0 done and within tolerance; 1 ran, and the fidelity is out of tolerance; 64 usage; 65 bad input file; \
      66 input missing; 69 unsupported; 73 cannot create output; 74 input/output failure; 77 refused as dangerous.
      """,
    version: "0.1.0",
    subcommands: [
      ConvertCommand.self, QuantizeCommand.self, VerifyCommand.self, SignCommand.self, BisectCommand.self,
      ReplayCommand.self,
      ExplainCommand.self, DoctorCommand.self, LogitsCommand.self, InspectCommand.self, DiffCommand.self,
      ScanCommand.self, ExportCommand.self, ClassifyCommand.self, EmbedCommand.self,
      TokenizeCommand.self, PreprocessCommand.self, EvaluateCommand.self, FamiliesCommand.self,
      DatasetsCommand.self, BenchCommand.self,
    ])

  /// Makes the command.
  public init() {}
}
