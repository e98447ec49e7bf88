// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import IngotTorch
import Testing

@Suite struct ScanTests {
  private func scan(_ bytes: [UInt8]) throws -> PickleScan {
    let folder = try TemporaryFolder()
    return PickleScan(try MappedFile(path: folder.write(bytes, to: "a")))
  }

  private static let call = Build.global("os", "system") + Build.tuple([Build.text("true")]) + [0x52] as [UInt8]

  @Test(arguments: ContainerFixture.all)
  func `a file by PyTorch is dangerous exactly when it was made so`(_ fixture: ContainerFixture) throws {
    let scan = PickleScan(try MappedFile(path: fixture.path))
    #expect(scan.isDangerous == (fixture.dangerous == true), "\(scan.items)")
    #expect(!scan.items.isEmpty)
    // Checksums of zero are one irregularity for each record.
    #expect(scan.isIrregular == (fixture.file == "no-crc.pt"), "\(scan.irregularities)")
  }

  @Test func `what a pickle names before it breaks is found`() throws {
    let scan = try scan([0x80, 2] + Self.call + [0xff])
    #expect(scan.isDangerous && scan.isIrregular)
    #expect(scan.items.first?.fault?.code == .malformed)
  }

  @Test func `every pickle of a row is looked at`() throws {
    let harmless: [UInt8] = [0x80, 2, 0x4e, 0x2e]
    let scan = try scan(harmless + harmless + [0x80, 2] + Self.call + [0x2e])
    #expect(scan.items.count == 3 && scan.isDangerous)
    #expect(scan.items.last?.offset == 8)
  }

  @Test func `a pickle of protocol 0 is found without a mark`() throws {
    #expect(try scan(Array("Vos\nVsystem\n\u{93}.".unicodeScalars.map { UInt8($0.value) })).isDangerous)
  }

  @Test func `a pickle in a member of any name is found`() throws {
    let zip = Build.archive(
      Build.pickle([Build.tensor()]), extra: [("model/notes.txt", [0x80, 2] + Self.call + [0x2e])])
    #expect(try scan(zip.bytes()).isDangerous)
  }

  @Test func `a storage that looks like a pickle is none`() throws {
    let bytes = [0x80, 2] + Self.call + [0x2e] as [UInt8]
    let storage = bytes + [UInt8](repeating: 0, count: 28 - bytes.count % 28)
    let pickle = Build.pickle([Build.tensor(Build.storage(count: Int32(storage.count / 4)))])
    #expect(try !scan(Build.archive(pickle, storage: storage).bytes()).isDangerous)
  }

  @Test func `a pickle in an archive without a directory is found`() throws {
    let bytes = Build.archive([0x80, 2] + Self.call + [0x2e]).bytes()
    let scan = try scan(Array(bytes.dropLast(30)))
    #expect(scan.isDangerous && scan.isIrregular)
  }

  @Test func `an archive within an archive is told`() throws {
    let inner = Build.archive(Build.pickle([Build.tensor()])).bytes()
    let scan = try scan(Build.archive(Build.pickle([Build.tensor()]), extra: [("model/more.zip", inner)]).bytes())
    #expect(scan.irregularities.contains { $0.contains("more.zip") })
  }

  @Test func `other files have no pickles`() throws {
    #expect(try scan(Array("just a text, no pickle".utf8)).items.isEmpty)
    #expect(try scan([]).items.isEmpty)
    let safetensors = PickleScan(
      try MappedFile(path: Fixtures.path("safetensors/reference-every-type.safetensors")))
    #expect(safetensors.items.isEmpty && !safetensors.isIrregular)
  }
}

@Suite struct VerdictTests {
  /// Names that checkpoints of training runs hold.
  @Test(arguments: [
    "collections.OrderedDict", "argparse.Namespace", "omegaconf.dictconfig.DictConfig", "pathlib.PosixPath",
    "numpy.random._pickle.__randomstate_ctor", "torch.optim.adamw.AdamW", "datetime.datetime", "builtins.set",
    "torch.nn.modules.linear.Linear", "typing.Any", "transformers.training_args.TrainingArguments",
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint", "functools.partial", "_codecs.encode",
    "torch.torch_version.TorchVersion", "copyreg._reconstructor", "enum.Enum", "uuid.UUID", "torch.bfloat16",
    "torch.nn.functional.gelu", "torch._C._nn.gelu", "torch.relu",
  ])
  func `an honest name is not dangerous`(_ name: String) throws {
    #expect(try verdict(name) != .dangerous)
  }

  /// Names out of attacks and advisories.
  @Test(arguments: [
    "os.system", "posix.system", "nt.system", "builtins.eval", "__builtin__.exec", "builtins.getattr", "sys.exit",
    "subprocess.Popen", "runpy._run_code", "pty.spawn", "webbrowser.open", "pydoc.pipepager", "logging.FileHandler",
    "importlib.import_module", "operator.attrgetter", "torch.utils.collect_env.run",
    "numpy.f2py.crackfortran.getlincoef",
    "torch._dynamo.guards.GuardBuilder.get", "_aix_support._read_cmd_output", "uuid._get_command_stdout", "idlelib.run",
    "torch.serialization.load", "torch.hub.load", "types.CodeType", "io.FileIO", "pip._internal.main", "shutil.rmtree",
    "numpy.testing._private.utils.runstring", "ctypes.CDLL", "profile.Profile.run", "torch.jit.load",
  ])
  func `a name that runs code or reaches files is dangerous`(_ name: String) throws {
    #expect(try verdict(name) == .dangerous)
  }

  private func verdict(_ name: String) throws -> PickleGlobal.Verdict? {
    let parts = name.split(separator: ".")
    let global = Build.global(parts.dropLast().joined(separator: "."), String(parts[parts.count - 1]))
    let folder = try TemporaryFolder()
    let path = try folder.write([0x80, 2] + global + [0x2e], to: "a.pkl")
    return PickleScan(try MappedFile(path: path)).items.first?.globals.first?.verdict
  }
}
