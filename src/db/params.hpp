// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/id.hpp"

namespace mcp::db {

using Oid = std::uint32_t;

namespace oid {
inline constexpr Oid boolean = 16, bytea = 17, int8 = 20, int4 = 23, text = 25, float8 = 701, timestamptz = 1184,
                     uuid = 2950;
inline constexpr Oid boolean_array = 1000, bytea_array = 1001, int4_array = 1007, text_array = 1009, int8_array = 1016,
                     timestamptz_array = 1185, uuid_array = 2951, float8_array = 1022;
}  // namespace oid

using Bytes = std::vector<std::uint8_t>;

// One value in PostgreSQL's binary format. The C++ type decides the SQL type: bool boolean, int32_t int4, int64_t int8,
// double float8, text text, Uuid and Id uuid, Timestamp timestamptz, bytes bytea. Other SQL types are written as text
// and cast in the statement ($3::jsonb, $4::inet). An empty optional is NULL of that type.
struct Value {
  Oid type = 0;
  bool is_null = false;
  std::string bytes;
};

Value encode(bool value);
Value encode(std::int32_t value);
Value encode(std::int64_t value);
Value encode(double value);
Value encode(std::string_view value);
inline Value encode(const std::string& value) { return encode(std::string_view(value)); }
inline Value encode(const char* value) { return encode(std::string_view(value)); }
Value encode(const Uuid& value);
template <class Tag>
Value encode(const Id<Tag>& value) {
  return encode(value.uuid());
}
Value encode(Timestamp value);
Value encode(std::span<const std::uint8_t> value);
inline Value encode(const Bytes& value) { return encode(std::span<const std::uint8_t>(value)); }
template <class T>
Value encode(const std::optional<T>& value) {
  if (value) return encode(*value);
  Value null = encode(T{});
  null.is_null = true;
  null.bytes.clear();
  return null;
}

Oid array_of(Oid element);

// The parameters of one execution, in order.
class Params {
 public:
  Params() = default;
  template <class... T>
  static Params of(const T&... values) {
    Params params;
    params.values_.reserve(sizeof...(values));
    (params.values_.push_back(encode(values)), ...);
    return params;
  }
  // An array parameter for = ANY($n) and unnest($n).
  template <class T>
  Params& add_array(const std::vector<T>& elements);
  template <class T>
  Params& add(const T& value) {
    values_.push_back(encode(value));
    return *this;
  }
  Params& add_value(Value value) {
    values_.push_back(std::move(value));
    return *this;
  }

  std::span<const Value> values() const { return values_; }

 private:
  std::vector<Value> values_;
};

// Rows of parameters kept column by column, each column one array parameter: the input of a multi-row statement
// (SELECT ... FROM unnest($1::uuid[], $2::text[], ...)). Every row must have the same types as the first.
class Columns {
 public:
  template <class... T>
  void add_row(const T&... values) {
    add_encoded({encode(values)...});
  }
  void add_encoded(std::vector<Value> row);
  void append(const Columns& rows);  // all rows of another, same types
  std::size_t row_count() const { return row_count_; }
  bool empty() const { return row_count_ == 0; }
  Params params() const;  // one array parameter a column

 private:
  struct Column {
    Oid element = 0;
    bool has_null = false;
    std::string elements;  // binary array elements: length, bytes, ...
  };
  std::vector<Column> columns_;
  std::size_t row_count_ = 0;
};

template <class T>
Params& Params::add_array(const std::vector<T>& elements) {
  if (elements.empty()) {  // an empty array still needs its type
    Value empty;
    empty.type = array_of(encode(T{}).type);
    empty.bytes.assign(12, '\0');
    const Oid element = encode(T{}).type;
    for (int i = 0; i < 4; ++i)
      empty.bytes[8 + static_cast<std::size_t>(i)] = static_cast<char>(element >> (24 - 8 * i));
    values_.push_back(std::move(empty));
    return *this;
  }
  Columns column;
  for (const auto& element : elements) column.add_row(element);
  const Params array = column.params();
  values_.push_back(array.values_.front());
  return *this;
}

}  // namespace mcp::db
