// SPDX-License-Identifier: Apache-2.0

#include "ingot_hdf5.h"

#include <hdf5.h>
#include <stdio.h>
#include <sys/resource.h>

// The innermost sentence of libhdf5's error stack.
static herr_t innermost(unsigned depth, const H5E_error2_t *entry, void *context) {
  if (depth == 0 && entry->desc) snprintf(context, 200, "%.190s", entry->desc);
  return 0;
}

static void explain(const char *what, char *error, size_t capacity) {
  char detail[200] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, detail);
  snprintf(error, capacity, "%s%s%s", what, *detail ? ": " : "", detail);
}

static hid_t start(char *error, size_t capacity) {
  if (H5open() < 0) {
    snprintf(error, capacity, "libhdf5 cannot be started");
    return -1;
  }
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  // No filter may be loaded from a file of this machine.
  H5PLset_loading_state(0);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  return access;
}

static int64_t finish(const char *path, hid_t access, char *error, size_t capacity) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
  if (file < 0) explain("libhdf5 cannot open it", error, capacity);
  H5Pclose(access);
  return file;
}

int64_t ingot_h5_open(const char *path, char *error, size_t capacity) {
  hid_t access = start(error, capacity);
  return access < 0 ? access : finish(path, access, error, capacity);
}

int64_t ingot_h5_open_image(const void *image, size_t size, char *error, size_t capacity) {
  hid_t access = start(error, capacity);
  if (access < 0) return access;
  // Nothing is read from or written to the name.
  if (H5Pset_fapl_core(access, 1 << 16, 0) < 0 || H5Pset_file_image(access, (void *)image, size) < 0) {
    explain("libhdf5 has no memory for it", error, capacity);
    H5Pclose(access);
    return -1;
  }
  return finish("image", access, error, capacity);
}

void ingot_h5_close(int64_t file) { H5Fclose((hid_t)file); }

int ingot_h5_read(int64_t file, const char *path, void *target, size_t size, char *error, size_t capacity) {
  int status = -1;
  hid_t dataset = H5Dopen2((hid_t)file, path, H5P_DEFAULT);
  hid_t type = dataset < 0 ? -1 : H5Dget_type(dataset), space = dataset < 0 ? -1 : H5Dget_space(dataset);
  hid_t memory = type < 0 ? -1 : H5Tcopy(type);
  if (dataset < 0 || type < 0 || space < 0 || memory < 0) {
    explain("libhdf5 cannot open the dataset", error, capacity);
  } else {
    H5T_class_t kind = H5Tget_class(type);
    if (kind == H5T_INTEGER || kind == H5T_FLOAT) H5Tset_order(memory, H5T_ORDER_LE);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    if (count < 0 || (size_t)count != size / H5Tget_size(memory) || size % H5Tget_size(memory) != 0) {
      snprintf(error, capacity, "the dataset has %lld elements of %zu bytes, expected %zu bytes", (long long)count, H5Tget_size(memory), size);
    } else if (count > 0 && H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, target) < 0) {
      explain("libhdf5 cannot read the dataset", error, capacity);
    } else {
      status = 0;
    }
  }
  if (memory >= 0) H5Tclose(memory);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

int ingot_h5_read_rows(int64_t file, const char *path, uint64_t first, uint64_t rows, void *target, size_t size, char *error, size_t capacity) {
  int status = -1;
  hid_t dataset = H5Dopen2((hid_t)file, path, H5P_DEFAULT);
  hid_t type = dataset < 0 ? -1 : H5Dget_type(dataset), space = dataset < 0 ? -1 : H5Dget_space(dataset);
  hid_t memory = type < 0 ? -1 : H5Tcopy(type), target_space = -1;
  if (dataset < 0 || type < 0 || space < 0 || memory < 0) {
    explain("libhdf5 cannot open the dataset", error, capacity);
  } else {
    H5T_class_t kind = H5Tget_class(type);
    if (kind == H5T_INTEGER || kind == H5T_FLOAT) H5Tset_order(memory, H5T_ORDER_LE);
    hsize_t extents[H5S_MAX_RANK], start[H5S_MAX_RANK] = {first}, count[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_dims(space, extents, NULL);
    size_t bytes = H5Tget_size(memory);
    for (int axis = 0; axis < rank; axis++) {
      count[axis] = axis == 0 ? rows : extents[axis];
      bytes = count[axis] != 0 && bytes > SIZE_MAX / count[axis] ? SIZE_MAX : bytes * count[axis];
    }
    if (rank < 1 || first > extents[0] || rows > extents[0] - first || bytes != size) {
      snprintf(error, capacity, "the dataset has other rows than its description says");
    } else if (size > 0) {
      target_space = H5Screate_simple(rank, count, NULL);
      if (target_space < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0
          || H5Dread(dataset, memory, target_space, space, H5P_DEFAULT, target) < 0) {
        explain("libhdf5 cannot read the dataset", error, capacity);
      } else {
        status = 0;
      }
    } else {
      status = 0;
    }
  }
  if (target_space >= 0) H5Sclose(target_space);
  if (memory >= 0) H5Tclose(memory);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  if (dataset >= 0) H5Dclose(dataset);
  return status;
}

void ingot_h5_limit(uint64_t memory, uint64_t seconds) {
  setrlimit(RLIMIT_AS, &(struct rlimit){memory, memory});
  setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds});
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0});
}
