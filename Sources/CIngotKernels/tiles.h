// SPDX-License-Identifier: Apache-2.0
//
// Lists of the register tiles of a path: TILE(rows, vectors) for each height, with one vector and with two, and tables of them by height.
#undef TILES_OF_ALL_ROWS
#undef TABLE_OF_TILES
#define TILES_3 TILE(1, 1) TILE(1, 2) TILE(2, 1) TILE(2, 2) TILE(3, 1) TILE(3, 2)
#define TILES_6 TILES_3 TILE(4, 1) TILE(4, 2) TILE(5, 1) TILE(5, 2) TILE(6, 1) TILE(6, 2)
#define TILES_13                                                                                                \
  TILES_6 TILE(7, 1) TILE(7, 2) TILE(8, 1) TILE(8, 2) TILE(9, 1) TILE(9, 2) TILE(10, 1) TILE(10, 2) TILE(11, 1) \
      TILE(11, 2) TILE(12, 1) TILE(12, 2) TILE(13, 1) TILE(13, 2)
#define ENTRY(name, rows, vectors) NAME(name##_##rows##_##vectors)
#define ENTRIES_3(name, vectors) 0, ENTRY(name, 1, vectors), ENTRY(name, 2, vectors), ENTRY(name, 3, vectors)
#define ENTRIES_6(name, vectors) \
  ENTRIES_3(name, vectors), ENTRY(name, 4, vectors), ENTRY(name, 5, vectors), ENTRY(name, 6, vectors)
#define ENTRIES_13(name, vectors)                                                                              \
  ENTRIES_6(name, vectors), ENTRY(name, 7, vectors), ENTRY(name, 8, vectors), ENTRY(name, 9, vectors),         \
      ENTRY(name, 10, vectors), ENTRY(name, 11, vectors), ENTRY(name, 12, vectors), ENTRY(name, 13, vectors)
#if TILE_ROWS == 13
#define TILES_OF_ALL_ROWS TILES_13
#define TABLE_OF_TILES(name, vectors) {ENTRIES_13(name, vectors)}
#elif TILE_ROWS == 6
#define TILES_OF_ALL_ROWS TILES_6
#define TABLE_OF_TILES(name, vectors) {ENTRIES_6(name, vectors)}
#else
#define TILES_OF_ALL_ROWS TILES_3
#define TABLE_OF_TILES(name, vectors) {ENTRIES_3(name, vectors)}
#endif
