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

  /// Judges a name: an allowlist for meaning, everything that comes with Python, PyTorch and NumPy and is not known to be a value a
  /// danger, everything else opaque.
  ///
  /// A list of dangerous functions alone is never complete: whatever starts a process or opens a file in some corner of these libraries
  /// serves an attacker. Classes and functions of other packages have to be installed, and are not known here.
  static func verdict(module: String, name: String) -> Verdict {
    if TorchNames.isInterpreted(module: module, name: name) { return .interpreted }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let root = module.split(separator: ".").first.map(String.init) ?? module
    if ["builtins", "__builtin__", "__builtins__"].contains(root) {
      return root == module && harmlessBuiltins.contains(name) ? .opaque : .dangerous
    }
    if StandardLibrary.contains(root) { return StandardLibrary.isHarmless(module, name) ? .opaque : .dangerous }
    // A dotted name reaches into a module's attributes: `os` through almost anything.
    if parts.count > 1, parts.contains(where: { StandardLibrary.contains($0) || dangerousAttributes.contains($0) }) {
      return .dangerous
    }
    if dangerousPackages.contains(where: { module == $0 || module.hasPrefix($0 + ".") }) { return .dangerous }
    if ["torch", "numpy"].contains(root) { return libraryVerdict(module, name, parts.last ?? name) }
    return dangerousNames.contains("\(module).\(name)") ? .dangerous : .opaque
  }

  /// Of PyTorch and NumPy, classes are opaque; functions are dangerous unless they only make values.
  private static func libraryVerdict(_ module: String, _ name: String, _ last: String) -> Verdict {
    if valueFunctions.contains("\(module).\(name)") { return .opaque }
    if module == "torch._utils", name.hasPrefix("_rebuild_") { return .opaque }
    // Whole modules name their activations.
    if ["torch", "torch.nn.functional", "torch._C._nn", "torch.functional"].contains(module), activations.contains(name)
    {
      return .opaque
    }
    let initial = last.drop { $0 == "_" }.first
    return initial?.isUppercase == true ? .opaque : .dangerous
  }

  /// Functions and constants of PyTorch and NumPy that stand in honest checkpoints.
  private static let valueFunctions: Set<String> = [
    "torch.strided", "torch.sparse_coo", "torch.sparse_csr", "torch.sparse_csc", "torch.sparse_bsr", "torch.sparse_bsc",
    "torch.contiguous_format", "torch.channels_last", "torch.channels_last_3d", "torch.preserve_format",
    "torch.qint8", "torch.quint8", "torch.qint32", "torch.quint4x2", "torch.quint2x4", "torch.bits8", "torch.bits16",
    "torch.per_tensor_symmetric", "torch.per_channel_symmetric", "torch._tensor._rebuild_from_type",
    "torch.tensor._rebuild_from_type", "torch.serialization._get_layout",
    "torch.distributed._shard.sharded_tensor.api._rebuild_sharded_tensor",
    "numpy.random._pickle.__randomstate_ctor", "numpy.random._pickle.__generator_ctor",
    "numpy.random._pickle.__bit_generator_ctor", "numpy.random.__RandomState_ctor", "numpy.ma.core._mareconstruct",
    "numpy.float16", "numpy.float32", "numpy.float64", "numpy.int8", "numpy.int16", "numpy.int32", "numpy.int64",
    "numpy.uint8", "numpy.uint16", "numpy.uint32", "numpy.uint64", "numpy.bool", "numpy.bool_", "numpy.str_",
    "numpy.bytes_", "numpy.complex64", "numpy.complex128", "numpy.longdouble", "numpy.object_", "numpy.void",
    "numpy.core.records.recarray", "numpy.rec.recarray", "numpy.recarray", "numpy.matrix", "numpy.memmap",
  ]
  /// Functions of numbers that modules keep as attributes.
  private static let activations: Set<String> = [
    "relu", "relu6", "gelu", "silu", "sigmoid", "tanh", "softmax", "log_softmax", "leaky_relu", "elu", "selu", "celu",
    "mish",
    "glu", "hardswish", "hardsigmoid", "hardtanh", "softplus", "softsign", "logsigmoid", "prelu", "rrelu", "identity",
  ]
  /// Packages that are there to run code, or to load pickles.
  private static let dangerousPackages: Set<String> = [
    "dill", "cloudpickle", "joblib", "setuptools", "pkg_resources", "pip", "IPython", "jinja2", "requests", "aiohttp",
    "httpx", "torch.hub", "torch._inductor", "torch._dynamo", "torch.utils.cpp_extension", "torch.package",
    "numpy.testing", "numpy.f2py", "numpy.distutils", "numpy.lib", "numpy.ctypeslib", "paramiko", "fabric", "pexpect",
    "ptyprocess", "django", "flask", "lib2to3",
  ]
  private static let dangerousNames: Set<String> = [
    "pandas.eval", "pandas.read_pickle", "pandas.io.pickle.read_pickle",
  ]
  private static let dangerousAttributes: Set<String> = [
    "exec", "eval", "execfile", "__globals__", "__builtins__", "__import__", "__subclasses__", "__reduce__", "system",
    "popen", "spawn", "__getattribute__", "__class__", "__dict__", "__init__", "__call__",
  ]
  /// Types of Python that only hold values, and constructors that look at nothing but their arguments.
  private static let harmlessBuiltins: Set<String> = [
    "set", "frozenset", "bytearray", "bytes", "complex", "slice", "range", "xrange", "int", "long", "float", "bool",
    "str", "unicode", "list", "dict", "tuple", "object", "NotImplemented", "Ellipsis",
  ]
}
