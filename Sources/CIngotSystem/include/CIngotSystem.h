// SPDX-License-Identifier: Apache-2.0
//
// Calls of the C library that its headers show to GNU sources only.
#ifndef INGOT_SYSTEM_H
#define INGOT_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

// Lets the allocator keep up to `limit` bytes of freed memory instead of giving its pages back.
void ingot_keep_freed_memory(size_t limit);

// Asks the kernel to begin writing what it has of a file to the device, without waiting; nothing happens where that cannot be asked.
void ingot_begin_write_back(int descriptor);

// Gives a file `count` bytes, zeros where it has none yet, with space set aside for them where that can be done. 0, or -1 with errno.
int ingot_reserve(int descriptor, int64_t count);

// A running program, and this process's ends of pipes to its standard input, output and error.
typedef struct {
  int32_t process;
  int32_t input;
  int32_t output;
  int32_t errors;
} ingot_child;

// Starts the program at a path with `count` arguments, NUL-terminated one after the other; signals do to it what they do by default. 0, or an
// error number, and nothing is left open.
int ingot_start_child(const char *program, const char *arguments, size_t count, ingot_child *child);

// Writes a number as `printf` does with "%.Ng" (`conversion` 'g'), "%.Nf" ('f') or "%.Ne" ('e'). The number of bytes that it has, without
// the NUL; not more than `size` are written.
int ingot_print_double(char *text, size_t size, char conversion, int precision, double value);

#endif
