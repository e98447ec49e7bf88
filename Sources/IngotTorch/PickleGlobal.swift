// SPDX-License-Identifier: Apache-2.0

/// A function or class that a pickle names.
public struct PickleGlobal: Sendable, Hashable {
  /// What naming it means.
  public enum Verdict: String, Sendable, Hashable {
    /// Its meaning is known, and read as data.
    case interpreted
    /// Unknown; what it would make is kept as data.
    case opaque
    /// Loading such a file with Python's `pickle` would run code.
    case dangerous
  }

  /// The module, for example `torch._utils`.
  public let module: String
  /// The name within it, for example `_rebuild_tensor_v2`.
  public let name: String
  /// How often it is named.
  public let count: Int
  /// What naming it means.
  public let verdict: Verdict

  /// Judges a name, unless the verdict is known.
  init(_ global: PickleArena.Global, count: Int, verdict known: Verdict?) {
    module = global.module
    name = global.name
    self.count = count
    verdict = known ?? Self.verdict(module: global.module, name: global.name)
  }

  /// Judges a name: an allowlist for meaning, a denylist for the warning, everything else opaque.
  static func verdict(module: String, name: String) -> Verdict {
    if TorchNames.isInterpreted(module: module, name: name) { return .interpreted }
    let root = module.split(separator: ".").first.map(String.init) ?? module
    if dangerousModules.contains(root) || dangerousModules.contains(module) { return .dangerous }
    if ["builtins", "__builtin__", "__builtins__"].contains(root) {
      return harmlessBuiltins.contains(name) ? .opaque : .dangerous
    }
    if dangerousNames.contains("\(module).\(name)") { return .dangerous }
    // A dotted name reaches into a module's attributes: `os` through almost anything.
    let parts = name.split(separator: ".")
    if parts.count > 1,
      parts.contains(where: { dangerousModules.contains(String($0)) || dangerousAttributes.contains(String($0)) })
    {
      return .dangerous
    }
    return .opaque
  }

  /// Modules from which anything run is code of the file's choosing.
  private static let dangerousModules: Set<String> = [
    "os", "posix", "nt", "sys", "subprocess", "commands", "popen2", "pty", "socket", "socketserver", "ssl", "ctypes",
    "_ctypes",
    "importlib", "imp", "runpy", "pkgutil", "code", "codeop", "pip", "webbrowser", "shutil", "tempfile", "signal",
    "resource",
    "multiprocessing", "threading", "_thread", "asyncio", "concurrent", "http", "httplib", "urllib", "urllib2",
    "requests", "aiohttp",
    "ftplib", "smtplib", "telnetlib", "xmlrpc", "ensurepip", "venv", "pdb", "bdb", "cProfile", "profile", "trace",
    "timeit", "doctest",
    "unittest", "idlelib", "lib2to3", "distutils", "setuptools", "marshal", "pickle", "_pickle", "cPickle", "dill",
    "cloudpickle",
    "joblib", "shelve", "gc", "inspect", "types.FunctionType", "types.CodeType", "zipimport", "fileinput", "glob",
    "linecache", "sqlite3",
    "torch.hub", "torch._inductor", "torch._dynamo", "torch.utils.bottleneck", "torch.utils.data.datapipes",
    "torch.jit.unsupported_tensor_ops",
    "numpy.testing", "numpy.f2py", "numpy.distutils", "IPython", "jinja2",
  ]
  private static let dangerousNames: Set<String> = [
    "operator.attrgetter", "operator.methodcaller", "operator.itemgetter", "_operator.attrgetter",
    "_operator.methodcaller",
    "functools.reduce", "types.FunctionType", "types.CodeType", "types.LambdaType", "torch.load",
    "torch.serialization.load", "torch.jit.load",
    "torch.storage._load_from_bytes", "torch.package.PackageImporter", "codecs.open", "io.open", "io.FileIO",
    "_io.open", "_io.FileIO",
    "numpy.load", "numpy.fromfile", "numpy.loadtxt", "pathlib.Path.write_text", "pandas.eval", "pandas.read_pickle",
    "torch.compile",
    "torch.utils.cpp_extension.load", "torch.utils.cpp_extension.load_inline", "torch._C._jit_unpickler",
  ]
  private static let dangerousAttributes: Set<String> = [
    "system", "popen", "exec", "eval", "execfile", "__globals__", "__builtins__", "__import__", "__subclasses__",
    "__reduce__", "spawn",
  ]
  /// Types of Python that only hold values, and constructors that look at nothing but their arguments.
  private static let harmlessBuiltins: Set<String> = [
    "set", "frozenset", "bytearray", "bytes", "complex", "slice", "range", "xrange", "int", "long", "float", "bool",
    "str", "unicode",
    "list", "dict", "tuple", "object", "NotImplemented", "Ellipsis",
  ]
}
