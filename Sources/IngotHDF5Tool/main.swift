// SPDX-License-Identifier: Apache-2.0
//
// `ingot-hdf5 FILE`: reads HDF5 for `ingot`, which starts it. Whatever a file does to libhdf5 ends this process and no other.

import Glibc
import IngotHDF5Library

exit(CommandLine.arguments.count == 2 ? HDF5Worker.serve(path: CommandLine.arguments[1]) : 64)
