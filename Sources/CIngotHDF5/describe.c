// SPDX-License-Identifier: Apache-2.0
//
// Walks over a file's groups, datasets and attributes. Everything that is refused is refused here, before a dataset is read.

#include "ingot_hdf5.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_NONE = 0, REASON_REFUSED = 1, REASON_NOT_NUMBERS = 2, REASON_DANGEROUS = 3, REASON_LIMIT = 4, REASON_DAMAGED = 5 };
enum { KIND_OTHER = 0, KIND_SIGNED = 1, KIND_UNSIGNED = 2, KIND_FLOAT = 3, KIND_BOOL = 4, KIND_TWO_BYTES = 5, KIND_COMPLEX = 6, KIND_BFLOAT16 = 7 };

static const size_t MOST_OBJECTS = 1 << 20;
static const size_t MOST_GROUPS = 1 << 15;
static const size_t LONGEST_PATH = 1 << 12;
static const size_t MOST_ATTRIBUTE_BYTES = 1 << 26;
static const hsize_t SIZE_WITHOUT_LIMIT = (hsize_t)1 << 32;
static const hsize_t LARGEST_RATIO = 1000;
static const hsize_t LARGEST_FILL = (hsize_t)1 << 30;

typedef struct {
  uint8_t *bytes;
  size_t size, capacity, limit;
  bool failed;
} buffer;

static void put(buffer *out, const void *bytes, size_t size) {
  if (out->failed || size > out->limit - out->size) {
    out->failed = true;
    return;
  }
  if (out->size + size > out->capacity) {
    size_t capacity = out->capacity * 2 > out->size + size ? out->capacity * 2 : out->size + size + 4096;
    uint8_t *moved = realloc(out->bytes, capacity);
    if (!moved) {
      out->failed = true;
      return;
    }
    out->bytes = moved;
    out->capacity = capacity;
  }
  memcpy(out->bytes + out->size, bytes, size);
  out->size += size;
}

static void put8(buffer *out, uint8_t value) { put(out, &value, 1); }
static void put32(buffer *out, uint32_t value) { put(out, &value, 4); }
static void put64(buffer *out, uint64_t value) { put(out, &value, 8); }

static void text(buffer *out, const char *value, size_t length) {
  put32(out, (uint32_t)length);
  put(out, value, length);
}

static void string(buffer *out, const char *value) { text(out, value, strlen(value)); }

// What stops the walk: the reader makes it an error of the file.
static void fault(buffer *out, uint8_t reason, const char *path, const char *message) {
  put8(out, 'X');
  put8(out, reason);
  string(out, path);
  string(out, message);
}

typedef struct item {
  struct item *next;
  haddr_t address;
  char path[];
} item;

typedef struct {
  buffer *out;
  item *first, *last;
  haddr_t *seen;
  size_t seen_count, seen_capacity;
  size_t objects;
  size_t attribute_bytes;
  bool stopped;
  const char *path;
} walk;

static void stop(walk *walk, uint8_t reason, const char *path, const char *message) {
  if (!walk->stopped) fault(walk->out, reason, path, message);
  walk->stopped = true;
}

// MARK: Attributes

static size_t fixed_length(const char *value, size_t size, H5T_str_t padding) {
  size_t length = strnlen(value, size);
  while (padding == H5T_STR_SPACEPAD && length > 0 && value[length - 1] == ' ') length--;
  return length;
}

// Attributes that are texts, or rows of texts: what Keras says of layers and weights.
static void attribute(walk *walk, hid_t object, const char *path, const char *name) {
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  if (attribute < 0) return stop(walk, REASON_DAMAGED, path, "an attribute cannot be opened");
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  hssize_t count = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
  hsize_t stored = H5Aget_storage_size(attribute);
  bool is_text = type >= 0 && H5Tget_class(type) == H5T_STRING;
  if (type < 0 || count < 0) {
    stop(walk, REASON_DAMAGED, path, "an attribute has no type or shape");
  } else if (!is_text || count == 0) {
    // Layers without weights have an empty list, which h5py stores as one of numbers.
    put8(walk->out, 'A');
    string(walk->out, path);
    string(walk->out, name);
    put8(walk->out, is_text || count == 0 ? 1 : 0);
    put32(walk->out, 0);
  } else if ((uint64_t)count > (1 << 20) || stored > MOST_ATTRIBUTE_BYTES - walk->attribute_bytes) {
    stop(walk, REASON_LIMIT, path, "its attributes have more than 2^26 bytes");
  } else {
    walk->attribute_bytes += stored;
    bool is_variable = H5Tis_variable_str(type) > 0;
    size_t size = is_variable ? sizeof(char *) : H5Tget_size(type);
    char *content = size == 0 || (size_t)count > (MOST_ATTRIBUTE_BYTES / size) ? NULL : calloc((size_t)count, size);
    hid_t memory = is_variable ? H5Tcopy(H5T_C_S1) : H5Tcopy(type);
    if (is_variable) {
      H5Tset_size(memory, H5T_VARIABLE);
      H5Tset_cset(memory, H5Tget_cset(type));
    }
    if (!content || H5Aread(attribute, memory, content) < 0) {
      stop(walk, REASON_DAMAGED, path, "an attribute cannot be read");
    } else {
      put8(walk->out, 'A');
      string(walk->out, path);
      string(walk->out, name);
      put8(walk->out, 1);
      put32(walk->out, (uint32_t)count);
      for (hssize_t index = 0; index < count; index++) {
        if (is_variable) {
          const char *value = ((char **)content)[index];
          size_t length = value ? strlen(value) : 0;
          walk->attribute_bytes += length;
          if (walk->attribute_bytes > MOST_ATTRIBUTE_BYTES) {
            stop(walk, REASON_LIMIT, path, "its attributes have more than 2^26 bytes");
            break;
          }
          text(walk->out, value ? value : "", length);
        } else {
          const char *value = content + (size_t)index * size;
          text(walk->out, value, fixed_length(value, size, H5Tget_strpad(type)));
        }
      }
      if (is_variable) H5Dvlen_reclaim(memory, space, H5P_DEFAULT, content);
    }
    free(content);
    if (memory >= 0) H5Tclose(memory);
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  H5Aclose(attribute);
}

static herr_t each_attribute(hid_t object, const char *name, const H5A_info_t *info, void *context) {
  (void)info;
  walk *current = context;
  if (++current->objects > MOST_OBJECTS) stop(current, REASON_LIMIT, current->path, "there are more than 2^20 objects and attributes");
  if (!current->stopped) attribute(current, object, current->path, name);
  return current->stopped ? 1 : 0;
}

static void attributes(walk *walk, hid_t object, const char *path) {
  walk->path = path;
  hsize_t index = 0;
  if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &index, each_attribute, walk) < 0)
    stop(walk, REASON_DAMAGED, path, "its attributes cannot be listed");
}

// MARK: Datasets

// Whether a float's bits lie as IEEE 754 has them, or bfloat16.
static uint8_t float_kind(hid_t type) {
  static const struct { size_t size, sign, exponent, exponent_size, mantissa, mantissa_size, bias; uint8_t kind; } known[] = {
    {2, 15, 10, 5, 0, 10, 15, KIND_FLOAT}, {4, 31, 23, 8, 0, 23, 127, KIND_FLOAT},
    {8, 63, 52, 11, 0, 52, 1023, KIND_FLOAT}, {2, 15, 7, 8, 0, 7, 127, KIND_BFLOAT16},
  };
  size_t sign, exponent, exponent_size, mantissa, mantissa_size;
  if (H5Tget_fields(type, &sign, &exponent, &exponent_size, &mantissa, &mantissa_size) < 0) return KIND_OTHER;
  for (size_t index = 0; index < sizeof known / sizeof *known; index++) {
    if (H5Tget_size(type) == known[index].size && H5Tget_precision(type) == known[index].size * 8 &&
        H5Tget_offset(type) == 0 && sign == known[index].sign && exponent == known[index].exponent &&
        exponent_size == known[index].exponent_size && mantissa == known[index].mantissa &&
        mantissa_size == known[index].mantissa_size && H5Tget_ebias(type) == known[index].bias &&
        H5Tget_norm(type) == H5T_NORM_IMPLIED)
      return known[index].kind;
  }
  return KIND_OTHER;
}

// h5py stores bools as an enumeration of one byte, FALSE and TRUE.
static bool is_bool(hid_t type) {
  if (H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2) return false;
  static const char *names[] = {"FALSE", "TRUE"};
  for (signed char expected = 0; expected < 2; expected++) {
    signed char value = -1;
    if (H5Tenum_valueof(type, names[(int)expected], &value) < 0 || value != expected) return false;
  }
  return true;
}

// h5py stores complex numbers as a structure of two floats, r and i.
static bool is_complex(hid_t type, H5T_order_t *order) {
  size_t size = H5Tget_size(type);
  if (H5Tget_nmembers(type) != 2 || (size != 8 && size != 16)) return false;
  static const char *names[] = {"r", "i"};
  for (unsigned index = 0; index < 2; index++) {
    char *name = H5Tget_member_name(type, index);
    bool fits = name && strcmp(name, names[index]) == 0 && H5Tget_member_offset(type, index) == index * size / 2;
    H5free_memory(name);
    if (!fits) return false;
    hid_t member = H5Tget_member_type(type, index);
    fits = member >= 0 && H5Tget_class(member) == H5T_FLOAT && H5Tget_size(member) == size / 2 && float_kind(member) == KIND_FLOAT;
    H5T_order_t own = fits ? H5Tget_order(member) : H5T_ORDER_ERROR;
    if (member >= 0) H5Tclose(member);
    if (!fits || (index == 1 && own != *order)) return false;
    *order = own;
  }
  return true;
}

static uint8_t kind_of(hid_t type, bool *big_endian, uint8_t *reason, const char **message) {
  H5T_order_t order = H5T_ORDER_LE;
  uint8_t kind = KIND_OTHER;
  switch (H5Tget_class(type)) {
  case H5T_INTEGER:
    order = H5Tget_order(type);
    if (H5Tget_precision(type) == H5Tget_size(type) * 8 && H5Tget_offset(type) == 0)
      kind = H5Tget_sign(type) == H5T_SGN_NONE ? KIND_UNSIGNED : KIND_SIGNED;
    break;
  case H5T_FLOAT:
    order = H5Tget_order(type);
    kind = float_kind(type);
    break;
  case H5T_ENUM:
    if (is_bool(type)) kind = KIND_BOOL;
    break;
  case H5T_OPAQUE:
    if (H5Tget_size(type) == 2) kind = KIND_TWO_BYTES;
    break;
  case H5T_COMPOUND:
    if (is_complex(type, &order)) kind = KIND_COMPLEX;
    break;
  case H5T_STRING:
    *reason = REASON_NOT_NUMBERS;
    *message = "texts";
    return KIND_OTHER;
  case H5T_REFERENCE:
    *reason = REASON_NOT_NUMBERS;
    *message = "references";
    return KIND_OTHER;
  default: break;
  }
  *big_endian = order == H5T_ORDER_BE;
  if (kind == KIND_OTHER || (order != H5T_ORDER_LE && order != H5T_ORDER_BE && H5Tget_size(type) > 1)) {
    *reason = REASON_REFUSED;
    *message = "its type is none of the integers, IEEE floats, bfloat16, bools and complex numbers";
    return KIND_OTHER;
  }
  return kind;
}

static const char *filter_fault(hid_t properties) {
  int count = H5Pget_nfilters(properties);
  for (int index = 0; index < count; index++) {
    unsigned flags, config;
    size_t values = 0;
    char name[64] = "";
    H5Z_filter_t filter = H5Pget_filter2(properties, (unsigned)index, &flags, &values, NULL, sizeof name, name, &config);
    switch (filter) {
    case H5Z_FILTER_DEFLATE: case H5Z_FILTER_SHUFFLE: case H5Z_FILTER_FLETCHER32:
      if (H5Zfilter_avail(filter) <= 0) return "a filter of its is not in this build of libhdf5";
      break;
    case H5Z_FILTER_SZIP: return "it is compressed by szip; h5repack -f GZIP=4 writes it anew";
    case H5Z_FILTER_NBIT: return "it is packed by the n-bit filter; h5repack -f NONE writes it anew";
    case H5Z_FILTER_SCALEOFFSET: return "it is packed by the scale-offset filter, which may be lossy; h5repack -f NONE writes it anew";
    case 32000: return "it is compressed by LZF, which only h5py has; write it anew with compression='gzip'";
    default: return "it is compressed by a filter that is a plug-in; h5repack -f GZIP=4 writes it anew";
    }
  }
  return count < 0 ? "its filters cannot be listed" : NULL;
}

static void dataset(walk *walk, hid_t object, const char *path, haddr_t address) {
  hid_t type = H5Dget_type(object), space = H5Dget_space(object), properties = H5Dget_create_plist(object);
  uint8_t reason = REASON_NONE, kind = KIND_OTHER;
  const char *message = "";
  bool big_endian = false;
  hsize_t extents[H5S_MAX_RANK] = {0};
  int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  uint64_t offset = UINT64_MAX, storage = 0;
  size_t size = type < 0 ? 0 : H5Tget_size(type);
  if (type < 0 || properties < 0 || rank < 0 || size == 0 || H5Sget_simple_extent_dims(space, extents, NULL) < 0) {
    stop(walk, REASON_DAMAGED, path, "the dataset has no type or shape");
  } else {
    H5D_layout_t layout = H5Pget_layout(properties);
    storage = H5Dget_storage_size(object);
    if (layout == H5D_VIRTUAL) {
      stop(walk, REASON_DANGEROUS, path, "is a virtual dataset, which reads from other files");
    } else if (H5Pget_external_count(properties) != 0) {
      stop(walk, REASON_DANGEROUS, path, "keeps its data in another file (external storage)");
    } else if (H5Sget_simple_extent_type(space) == H5S_NULL) {
      reason = REASON_NOT_NUMBERS;
      message = "empty";
    } else {
      kind = kind_of(type, &big_endian, &reason, &message);
      const char *filter = filter_fault(properties);
      if (kind != KIND_OTHER && filter) {
        reason = REASON_REFUSED;
        message = filter;
      }
      hsize_t bytes = size;
      for (int axis = 0; axis < rank; axis++) {
        if (extents[axis] != 0 && bytes > INT64_MAX / extents[axis])
          bytes = INT64_MAX;
        else
          bytes *= extents[axis];
      }
      if (kind != KIND_OTHER && reason == REASON_NONE &&
          ((bytes > SIZE_WITHOUT_LIMIT && bytes / LARGEST_RATIO > storage) || (bytes > LARGEST_FILL && storage == 0)))
        stop(walk, REASON_LIMIT, path, "the shape stands for over a thousand times as many bytes as are stored");
      // Undefined for chunked and compact data, and before anything was written.
      haddr_t place = layout == H5D_CONTIGUOUS && H5Pget_nfilters(properties) == 0 ? H5Dget_offset(object) : HADDR_UNDEF;
      if (place != HADDR_UNDEF && storage == bytes) offset = place;
    }
  }
  if (!walk->stopped) {
    put8(walk->out, 'D');
    string(walk->out, path);
    put8(walk->out, kind);
    put32(walk->out, (uint32_t)size);
    put8(walk->out, big_endian);
    put8(walk->out, (uint8_t)rank);
    for (int axis = 0; axis < rank; axis++) put64(walk->out, extents[axis]);
    put64(walk->out, address);
    put64(walk->out, offset);
    put64(walk->out, storage);
    put8(walk->out, reason);
    string(walk->out, message);
    attributes(walk, object, path);
  }
  if (properties >= 0) H5Pclose(properties);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
}

// MARK: Groups

static bool is_new(walk *walk, haddr_t address) {
  for (size_t index = 0; index < walk->seen_count; index++)
    if (walk->seen[index] == address) return false;
  if (walk->seen_count == MOST_GROUPS) {
    stop(walk, REASON_LIMIT, "/", "there are more than 2^15 groups");
    return false;
  }
  if (walk->seen_count == walk->seen_capacity) {
    size_t capacity = walk->seen_capacity * 2 + 64;
    haddr_t *moved = realloc(walk->seen, capacity * sizeof *moved);
    if (!moved) {
      stop(walk, REASON_LIMIT, "/", "there is no memory for its groups");
      return false;
    }
    walk->seen = moved;
    walk->seen_capacity = capacity;
  }
  walk->seen[walk->seen_count++] = address;
  return true;
}

static herr_t each_link(hid_t group, const char *name, const H5L_info_t *info, void *context) {
  walk *current = context;
  size_t base = strlen(current->path), length = strlen(name);
  if (++current->objects > MOST_OBJECTS) {
    stop(current, REASON_LIMIT, current->path, "there are more than 2^20 objects and attributes");
    return 1;
  }
  if (base + 1 + length > LONGEST_PATH) {
    stop(current, REASON_LIMIT, current->path, "a path is longer than 4096 bytes");
    return 1;
  }
  item *next = malloc(sizeof *next + base + length + 2);
  if (!next) {
    stop(current, REASON_LIMIT, current->path, "there is no memory for its names");
    return 1;
  }
  memcpy(next->path, current->path, base);
  if (base) next->path[base++] = '/';
  memcpy(next->path + base, name, length + 1);
  next->next = NULL;
  if (info->type == H5L_TYPE_EXTERNAL) {
    stop(current, REASON_DANGEROUS, next->path, "is an external link, which opens another file");
  } else if (info->type == H5L_TYPE_SOFT) {
    stop(current, REASON_DANGEROUS, next->path, "is a soft link, which names another place; only hard links are followed");
  } else if (info->type != H5L_TYPE_HARD) {
    stop(current, REASON_DANGEROUS, next->path, "is a link of an unknown kind; only hard links are followed");
  }
  (void)group;
  if (current->stopped) {
    free(next);
    return 1;
  }
  if (current->last)
    current->last->next = next;
  else
    current->first = next;
  current->last = next;
  return 0;
}

// What libhdf5 cannot open is a dataset that nobody reads: by name, so that a conversion that needs it fails.
static void unopened(walk *walk, const char *path) {
  if (!*path) return stop(walk, REASON_DAMAGED, "/", "the root group cannot be opened");
  put8(walk->out, 'D');
  string(walk->out, path);
  put8(walk->out, KIND_OTHER);
  put32(walk->out, 0);
  put8(walk->out, 0);
  put8(walk->out, 0);
  put64(walk->out, UINT64_MAX);
  put64(walk->out, UINT64_MAX);
  put64(walk->out, 0);
  put8(walk->out, REASON_REFUSED);
  string(walk->out, "this build of libhdf5 cannot open it: it is damaged, or of a later version of the format");
}

static void visit(walk *walk, hid_t file, const char *path) {
  const char *name = *path ? path : "/";
  H5O_info_t info;
  hid_t object = -1;
  if (H5Oget_info_by_name2(file, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0) object = H5Oopen(file, name, H5P_DEFAULT);
  if (object < 0) return unopened(walk, path);
  if (info.type == H5O_TYPE_GROUP) {
    if (is_new(walk, info.addr)) {
      put8(walk->out, 'G');
      string(walk->out, path);
      attributes(walk, object, path);
      walk->path = path;
      if (!walk->stopped && H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, NULL, each_link, walk) < 0)
        stop(walk, REASON_DAMAGED, name, "the group's members cannot be listed");
    } else if (!walk->stopped) {
      stop(walk, REASON_REFUSED, name, "is a group that other names lead to already, maybe around in a circle");
    }
  } else if (info.type == H5O_TYPE_DATASET) {
    dataset(walk, object, path, info.addr);
  } else {
    put8(walk->out, 'N');
    string(walk->out, path);
  }
  H5Oclose(object);
}

uint8_t *ingot_h5_describe(int64_t file, size_t limit, size_t *size) {
  buffer out = {.limit = limit};
  walk current = {.out = &out, .path = ""};
  visit(&current, (hid_t)file, "");
  while (current.first) {
    item *next = current.first;
    current.first = next->next;
    if (!current.first) current.last = NULL;
    if (!current.stopped && !out.failed) visit(&current, (hid_t)file, next->path);
    free(next);
  }
  put8(&out, 'E');
  free(current.seen);
  if (out.failed) {
    // The limit itself is the message; there is room for it again.
    out.size = 0;
    out.failed = false;
    fault(&out, REASON_LIMIT, "", "its description takes more memory than is allowed");
    put8(&out, 'E');
  }
  *size = out.size;
  return out.bytes;
}

void ingot_h5_free(uint8_t *description) { free(description); }
