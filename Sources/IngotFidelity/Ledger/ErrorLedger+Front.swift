// SPDX-License-Identifier: Apache-2.0

public import IngotPlot

extension ErrorLedger {
  /// What the file is and what remains of the error after one tensor more was stored as float16.
  public struct Purchase: Sendable, Hashable {
    /// The tensor; nil before the first.
    public var tensor: String?
    /// By how many bytes the file has grown, all purchases together.
    public var extraBytes: Int
    /// The mean squared error that remains by the ledger, which takes shares as additive.
    public var error: Double
  }

  /// Tensors bought back one after the other, those first that save most for a byte.
  ///
  /// Tensors whose errors cancel others', and such as are stored as float16 or better, are not bought. It ends when all are bought, or when
  /// nothing of the error is left: where errors cancel each other that is sooner.
  public var purchases: [Purchase] {
    let bargains = tensors.filter { $0.shares.total > 0 && $0.extraBytes > 0 }.sorted {
      // Without divisions: a / b > c / d.
      let (left, right) = ($0.shares.total * Double($1.extraBytes), $1.shares.total * Double($0.extraBytes))
      return left == right ? $0.name < $1.name : left > right
    }
    var purchases = [Purchase(tensor: nil, extraBytes: 0, error: measured)]
    for tensor in bargains {
      guard var purchase = purchases.last, purchase.error > 0 else { break }
      purchase.tensor = tensor.name
      purchase.extraBytes += tensor.extraBytes
      purchase.error = max(0, purchase.error - tensor.shares.total)
      purchases.append(purchase)
    }
    return purchases
  }

  /// Error against size: what the purchases give, and the file as it is.
  ///
  /// - Parameter fileSize: the model's file in bytes.
  /// - Returns: a picture; nil where nothing can be bought.
  func front(fileSize: Int) -> Plot? {
    let purchases = purchases
    guard purchases.count > 1, let first = purchases.first else { return nil }
    func candidate(_ purchase: Purchase, _ name: String) -> Plot.Candidate {
      Plot.Candidate(x: Double(fileSize + purchase.extraBytes), y: purchase.error.squareRoot(), name: name)
    }
    return .pareto(
      "Error against size",
      summary: """
        Each point stores one tensor more as float16, the one that saves most for a byte. Errors are predicted by the ledger.
        """, x: Axis("file size", format: .bytes), y: Axis("error of \(metric), root mean square"),
      groups: [
        (
          "one tensor more as float16",
          purchases.dropFirst().map { candidate($0, FidelityReport.shortTensor($0.tensor ?? "")) }
        )
      ], chosen: candidate(first, "this file"))
  }

  /// The ledger on the page of a verification.
  ///
  /// - Parameter fileSize: the model's file in bytes.
  /// - Returns: what is shown: pictures, and a sentence where there is nothing to explain.
  public func section(fileSize: Int) -> HTMLPage.Section {
    var blocks = pictures
    if let front = front(fileSize: fileSize) { blocks.append(.charts([front])) }
    if blocks.isEmpty { blocks = [.text("The two compute the same numbers: there is nothing to explain.")] }
    return HTMLPage.Section("Where the error comes from", blocks)
  }
}
