// SPDX-License-Identifier: Apache-2.0

/// The modules that come with Python, and what in them a checkpoint may name without harm.
enum StandardLibrary {
  /// Whether a module comes with Python 2 or 3.
  static func contains(_ root: String) -> Bool { modules.contains(root) }

  /// Whether a name only makes a value: Python pickles such values by it, and calling it does nothing else.
  static func isHarmless(_ module: String, _ name: String) -> Bool {
    harmless.contains("\(module).\(name)") || valueModules.contains(module) && name.first?.isUppercase == true
      || module == "collections"
  }

  /// Modules whose classes hold values.
  private static let valueModules: Set<String> = [
    "datetime", "_datetime", "decimal", "_decimal", "fractions", "enum", "numbers", "typing", "ipaddress", "pathlib",
    "pathlib._local", "_collections_abc", "collections.abc",
  ]

  /// Classes and constructors that pickles of values name.
  private static let harmless: Set<String> = [
    "argparse.Namespace", "types.SimpleNamespace", "types.MappingProxyType", "types.NoneType", "types.GenericAlias",
    "functools.partial", "_codecs.encode", "copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__",
    "copy_reg._reconstructor", "copy_reg.__newobj__", "re._compile", "array.array", "array._array_reconstructor",
    "random.Random", "uuid.UUID", "uuid.SafeUUID", "time.struct_time", "logging.getLogger", "zoneinfo.ZoneInfo",
    "zoneinfo.ZoneInfo._unpickle", "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta",
    "datetime.timezone", "string.Template", "_io.BytesIO", "_io.StringIO", "io.BytesIO", "io.StringIO",
  ]

  /// `sys.stdlib_module_names` of Python 3.11, with those that later releases added and Python 2 had besides.
  private static let modules = Set(
    """
    BaseHTTPServer CGIHTTPServer ConfigParser Cookie HTMLParser Queue SimpleHTTPServer SocketServer StringIO
    UserDict UserList UserString __future__ _abc _aix_support _ast _asyncio _bisect _blake2 _bootsubprocess
    _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections
    _collections_abc _compat_pickle _compression _contextvars _crypt _csv _ctypes _curses _curses_panel
    _datetime _dbm _decimal _elementtree _frozen_importlib _frozen_importlib_external _functools _gdbm _hashlib
    _heapq _imp _interpreters _io _json _locale _lsprof _lzma _markupbase _md5 _msi _multibytecodec
    _multiprocessing _opcode _operator _osx_support _overlapped _pickle _posixshmem _posixsubprocess _py_abc
    _pydecimal _pyio _pyrepl _queue _random _scproxy _sha1 _sha256 _sha3 _sha512 _signal _sitebuiltins _socket
    _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct _symtable _thread _threading_local _tkinter
    _tokenize _tracemalloc _typing _uuid _warnings _weakref _weakrefset _winapi _winreg _zoneinfo abc aifc
    antigravity anydbm argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect
    bsddb bz2 cPickle cProfile cStringIO calendar cgi cgitb chunk cmath cmd code codecs codeop collections
    colorsys commands compileall compiler compression concurrent configparser contextlib contextvars cookielib
    copy copy_reg copyreg crypt csv ctypes curses dataclasses datetime dbhash dbm decimal difflib dircache dis
    distutils doctest dumbdbm dummy_thread email encodings ensurepip enum errno exceptions faulthandler fcntl
    filecmp fileinput fnmatch fpformat fractions ftplib functools future_builtins gc gdbm genericpath getopt
    getpass gettext glob graphlib grp gzip hashlib heapq hmac html htmlentitydefs htmllib http httplib idlelib
    ihooks imageop imaplib imghdr imp importlib imputil inspect io ipaddress itertools json keyword lib2to3
    linecache locale logging lzma mailbox mailcap markupbase marshal math md5 mhlib mimetools mimetypes mimify
    mmap modulefinder msilib msvcrt multifile multiprocessing mutex netrc new nis nntplib nt ntpath nturl2path
    numbers opcode operator optparse os os2emxpath ossaudiodev pathlib pdb pickle pickletools pipes pkgutil
    platform plistlib popen2 poplib posix posixfile posixpath pprint profile pstats pty pwd py_compile pyclbr
    pydoc pydoc_data pyexpat queue quopri random re readline repr reprlib resource rexec rfc822 rlcompleter
    robotparser runpy sched secrets select selectors sets sgmllib sha shelve shlex shutil signal site smtpd
    smtplib sndhdr socket socketserver spwd sqlite3 sre sre_compile sre_constants sre_parse ssl stat statistics
    statvfs string stringprep strop struct subprocess sunau sunaudio symbol symtable sys sysconfig syslog
    tabnanny tarfile telnetlib tempfile termios test textwrap this thread threading time timeit tkinter toaiff
    token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest
    urllib urllib2 urlparse user uu uuid venv warnings wave weakref webbrowser whichdb winreg winsound wsgiref
    xdrlib xml xmllib xmlrpc xmlrpclib zipapp zipfile zipimport zlib zoneinfo
    """.split { $0 == " " || $0 == "\n" }.map(String.init))
}
