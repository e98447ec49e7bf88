meta:
  id: ingot
  title: Ingot model file, version 1
  file-extension: ingot
  license: Apache-2.0
  encoding: UTF-8
  endian: le
  ks-version: 0.9
doc: |
  A machine-readable description of the layout in Formats/ingot.md. It describes where everything lies; the rules that tie
  fields together, the digests and the zero padding are in ingot.md.
doc-ref: Formats/ingot.md
seq:
  - id: header
    type: header
    size: 256
instances:
  sections:
    pos: header.section_table_offset
    type: section
    repeat: expr
    repeat-expr: header.section_count
  records:
    pos: header.record_table_offset
    type: record
    repeat: expr
    repeat-expr: header.record_count
types:
  header:
    seq:
      - id: magic
        contents: [0x89, 0x49, 0x4e, 0x47, 0x4f, 0x54, 0x0d, 0x0a]
      - id: version
        type: u4
        valid: 1
      - id: header_size
        type: u4
        valid: 256
      - id: must_understand_features
        type: u8
        valid:
          max: 1
        doc: Bit 0 is set when a record has encoding 2, 3 or 4.
      - id: may_ignore_features
        type: u8
      - id: file_size
        type: u8
      - id: section_table_offset
        type: u8
      - id: section_count
        type: u8
      - id: record_table_offset
        type: u8
      - id: record_count
        type: u8
      - id: names_offset
        type: u8
      - id: names_length
        type: u8
      - id: payload_offset
        type: u8
      - id: reserved
        size: 96
      - id: index_digest
        size: 32
        doc: SHA-256 of the bytes from 256 to names_offset + names_length.
      - id: root_digest
        size: 32
        doc: SHA-256 of the first 224 bytes of the file.
  section:
    seq:
      - id: kind
        type: str
        size: 4
        encoding: ASCII
      - id: flags
        type: u4
        doc: Bit 0 is set when a reader that does not know the kind may ignore the section.
      - id: offset
        type: u8
      - id: length
        type: u8
      - id: reserved
        type: u8
        valid: 0
      - id: digest
        size: 32
    instances:
      content:
        io: _root._io
        pos: offset
        size: length
  record:
    seq:
      - id: name_offset
        type: u8
      - id: name_length
        type: u4
      - id: element_type
        type: u4
        enum: element_type
      - id: rank
        type: u4
        valid:
          max: 8
      - id: encoding
        type: u4
        enum: encoding
      - id: axis
        type: u4
      - id: group_size
        type: u4
      - id: extents
        type: u8
        repeat: expr
        repeat-expr: 8
      - id: payload_offset
        type: u8
      - id: payload_length
        type: u8
      - id: scale_offset
        type: u8
        doc: From payload_offset.
      - id: reserved
        type: u8
        valid: 0
      - id: digest
        size: 32
    instances:
      name:
        io: _root._io
        pos: _root.header.names_offset + name_offset
        type: str
        size: name_length
      payload:
        io: _root._io
        pos: payload_offset
        size: payload_length
enums:
  element_type:
    1: bool
    2: u8
    3: i8
    4: u16
    5: i16
    6: u32
    7: i32
    8: u64
    9: i64
    10: f16
    11: bf16
    12: f32
    13: f64
    14: f8_e4m3
    15: f8_e5m2
    16: c32
    17: c64
    18: c128
    19: f8_e8m0
    20: f8_e4m3fnuz
    21: f8_e5m2fnuz
  encoding:
    0: plain
    1: int8_per_channel
    2: int8_per_group
    3: int6_per_group
    4: int4_per_group
