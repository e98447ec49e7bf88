// SPDX-License-Identifier: Apache-2.0
//
// The few things that are asked of libhdf5. The description of a file is written as bytes, so that it can be made in one process and
// read in another, which trusts none of it. `Sources/IngotHDF5/HDF5Description.swift` reads it and says what each field is.

#ifndef INGOT_HDF5_H
#define INGOT_HDF5_H

#include <stddef.h>
#include <stdint.h>

// Opens a file for reading. Returns a handle, or a negative number with a message in `error`.
int64_t ingot_h5_open(const char *path, char *error, size_t capacity);

// The same of a file that stands in memory, which is copied.
int64_t ingot_h5_open_image(const void *image, size_t size, char *error, size_t capacity);

// Closes a handle.
void ingot_h5_close(int64_t file);

// Describes everything in a file, in at most `limit` bytes of memory. Returns memory that `ingot_h5_free` releases and its size, or
// NULL when there is no memory.
uint8_t *ingot_h5_describe(int64_t file, size_t limit, size_t *size);

// Releases a description.
void ingot_h5_free(uint8_t *description);

// Reads a whole dataset, little-endian, into exactly `size` bytes. Returns 0, or a negative number with a message in `error`.
int ingot_h5_read(int64_t file, const char *path, void *target, size_t size, char *error, size_t capacity);

// Reads `rows` rows of a dataset from row `first` on, along its slowest dimension, little-endian, into exactly `size` bytes. Returns 0, or
// a negative number with a message in `error`.
int ingot_h5_read_rows(int64_t file, const char *path, uint64_t first, uint64_t rows, void *target, size_t size, char *error, size_t capacity);

// Limits this process from now on to so many bytes of memory and seconds of computing; it writes no files and no core.
void ingot_h5_limit(uint64_t memory, uint64_t seconds);

#endif
