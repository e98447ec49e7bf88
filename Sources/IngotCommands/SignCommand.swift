// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotFile

/// `ingot sign`.
struct SignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Sign an .ingot file, or make a pair of keys.",
    discussion: """
      The signature is Ed25519 over “Ingot signature, version 1”, a line feed and the 32 bytes of the file's root digest, which covers every bit of \
      it. Keys are PEM files as OpenSSL makes them. `ingot verify MODEL --key PUBLIC` checks it.
      """)

  @Argument(help: "The .ingot file to sign.")
  var model: String?

  @Option(name: .long, help: "Private Ed25519 key (PEM, not encrypted).")
  var key: String?

  @Option(name: .long, help: "Make a pair of keys: the private one here, the public one beside it with .pub added.")
  var generateKey: String?

  @Option(name: .shortAndLong, help: "The signature (default: the model's path with .sig added).")
  var output: String?

  @Flag(name: .long, help: "Replace the output if it exists.")
  var force = false

  @OptionGroup var report: ReportOptions

  private var existing: AtomicFile.Existing { force ? .replace : .refuse }
  private static let onlyOwner: UInt32 = 0o600

  func validate() throws {
    if generateKey != nil {
      guard model == nil, key == nil, output == nil else {
        throw ValidationError("--generate-key makes keys and signs nothing: no model, --key or --output with it")
      }
    } else if model == nil || key == nil {
      throw ValidationError("name a model and --key, or --generate-key")
    }
  }

  func run() throws {
    if let path = generateKey { return try makeKeys(path) }
    guard let model, let key else { return }
    let file = try reading(model) { try IngotFile(MappedFile(path: model)) }
    // What is signed is what the digests say: they must be true.
    try reading(model) { try file.verifyIntegrity() }
    let signing = try reading(key) { try SigningKey(pem: text(of: key)) }
    let signature = try ModelSignature(of: file.rootDigest, by: signing)
    let place = output ?? model + ".sig"
    try write(signature.text, to: place)
    if report.json {
      Console.json(SignatureDocument(model: model, root: file.rootDigest.description, signature: place))
    } else {
      Console.print("\(place): signature over \(model), root \(file.rootDigest)")
    }
  }

  private func makeKeys(_ path: String) throws {
    let key = SigningKey()
    try write(key.pem, to: path, access: Self.onlyOwner)
    try write(key.verifyingKey.pem, to: path + ".pub")
    if report.json {
      Console.json(KeyDocument(privateKey: path, publicKey: path + ".pub"))
    } else {
      Console.print("\(path): private key, keep it; \(path).pub: public key, give it to whoever verifies")
    }
  }

  private func write(_ text: String, to path: String, access: UInt32 = 0o644) throws {
    let output = try AtomicFile(path: path, existing: existing, access: access)
    try Array(text.utf8).withRawSpan { try output.append($0) }
    try output.commit()
  }
}

/// What `sign --json` prints.
private struct SignatureDocument: Encodable {
  let model: String
  let root: String
  let signature: String
}

/// What `sign --generate-key --json` prints.
private struct KeyDocument: Encodable {
  let privateKey: String
  let publicKey: String
}
