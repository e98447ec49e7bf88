// SPDX-License-Identifier: Apache-2.0

@_exported import IngotBytes
@_exported import IngotCLIP
@_exported import IngotFile
@_exported import IngotImage
@_exported import IngotTensor
