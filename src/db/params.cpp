// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/params.hpp"

#include <array>
#include <bit>
#include <limits>

#include "core/check.hpp"

namespace mcp::db {
namespace {

// PostgreSQL counts microseconds from 2000-01-01 00:00 UTC.
constexpr std::int64_t postgres_epoch_ms = 946'684'800'000;

// Network order, as every integer of the binary format.
template <class T>
void append_big_endian(std::string& bytes, T value) {
  for (int shift = static_cast<int>(sizeof(T) - 1) * 8; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> shift)));
  }
}

Value fixed(Oid type, std::uint64_t value, std::size_t size) {
  Value encoded;
  encoded.type = type;
  if (size == 8) {
    append_big_endian(encoded.bytes, value);
  } else {
    append_big_endian(encoded.bytes, static_cast<std::uint32_t>(value));
  }
  return encoded;
}

}  // namespace

Value encode(bool value) {
  Value encoded;
  encoded.type = oid::boolean;
  encoded.bytes.assign(1, value ? '\1' : '\0');
  return encoded;
}

Value encode(std::int32_t value) { return fixed(oid::int4, static_cast<std::uint32_t>(value), 4); }

Value encode(std::int64_t value) { return fixed(oid::int8, static_cast<std::uint64_t>(value), 8); }

Value encode(double value) { return fixed(oid::float8, std::bit_cast<std::uint64_t>(value), 8); }

Value encode(std::string_view value) {
  Value encoded;
  encoded.type = oid::text;
  encoded.bytes.assign(value);
  return encoded;
}

Value encode(const Uuid& value) {
  Value encoded;
  encoded.type = oid::uuid;
  encoded.bytes.assign(value.bytes().begin(), value.bytes().end());
  return encoded;
}

Value encode(Timestamp value) {
  const std::int64_t microseconds = (value.time_since_epoch().count() - postgres_epoch_ms) * 1000;
  return fixed(oid::timestamptz, static_cast<std::uint64_t>(microseconds), 8);
}

Value encode(std::span<const std::uint8_t> value) {
  Value encoded;
  encoded.type = oid::bytea;
  encoded.bytes.assign(value.begin(), value.end());
  return encoded;
}

Oid array_of(Oid element) {
  switch (element) {
    case oid::boolean: return oid::boolean_array;
    case oid::bytea: return oid::bytea_array;
    case oid::int8: return oid::int8_array;
    case oid::int4: return oid::int4_array;
    case oid::float8: return oid::float8_array;
    case oid::timestamptz: return oid::timestamptz_array;
    case oid::uuid: return oid::uuid_array;
    default: break;
  }
  CHECK(element == oid::text);  // no other type has an array here
  return oid::text_array;
}

void Columns::add_encoded(std::vector<Value> row) {
  if (columns_.empty()) {
    columns_.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) columns_[i].element = row[i].type;
  }
  CHECK(row.size() == columns_.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    Column& column = columns_[i];
    CHECK(row[i].type == column.element);
    if (row[i].is_null) {
      column.has_null = true;
      append_big_endian(column.elements, std::numeric_limits<std::uint32_t>::max());  // length -1 means NULL
    } else {
      append_big_endian(column.elements, static_cast<std::uint32_t>(row[i].bytes.size()));
      column.elements += row[i].bytes;
    }
  }
  ++row_count_;
}

void Columns::append(const Columns& rows) {
  if (rows.empty()) return;
  if (columns_.empty()) {
    *this = rows;
    return;
  }
  CHECK(columns_.size() == rows.columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    CHECK(columns_[i].element == rows.columns_[i].element);
    columns_[i].has_null = columns_[i].has_null || rows.columns_[i].has_null;
    columns_[i].elements += rows.columns_[i].elements;
  }
  row_count_ += rows.row_count_;
}

Params Columns::params() const {
  CHECK(row_count_ > 0);  // without a row the types are not known
  Params params;
  for (const Column& column : columns_) {
    Value array;
    array.type = array_of(column.element);
    array.bytes.reserve(20 + column.elements.size());
    append_big_endian(array.bytes, std::uint32_t{1});  // dimensions
    append_big_endian(array.bytes, std::uint32_t{column.has_null ? 1U : 0U});
    append_big_endian(array.bytes, column.element);
    append_big_endian(array.bytes, static_cast<std::uint32_t>(row_count_));
    append_big_endian(array.bytes, std::uint32_t{1});  // first index
    array.bytes += column.elements;
    params.add_value(std::move(array));
  }
  return params;
}

}  // namespace mcp::db
