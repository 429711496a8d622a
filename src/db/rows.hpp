// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "db/params.hpp"

namespace mcp::db {

class RawResult;  // one PGresult, binary format; only connection.cpp and rows.cpp know libpq

// One row; valid while its Rows lives. Columns count from 0. Reading a NULL as a plain type, or a column as another
// type than encode() maps it to, is a bug of ours: Fault{programming}. jsonb, inet and enums are selected as ::text.
class Row {
 public:
  Row(const RawResult* result, int row) : result_(result), row_(row) {}

  template <class T>
  T get(int column)
      const;  // bool, int32_t, int64_t, double, std::string, Uuid, Id<>, Timestamp, Bytes, optional of these
  bool is_null(int column) const;
  std::string_view view(int column) const;  // text or bytea, not copied

 private:
  const RawResult* result_;
  int row_;
};

class Rows {
 public:
  Rows();
  explicit Rows(std::shared_ptr<const RawResult> result);

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  Row operator[](std::size_t row) const { return Row(result_.get(), static_cast<int>(row)); }
  std::int64_t affected() const;  // rows changed by INSERT, UPDATE or DELETE

  class Iterator {
   public:
    Iterator(const Rows* rows, std::size_t at) : rows_(rows), at_(at) {}
    Row operator*() const { return (*rows_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const Rows* rows_;
    std::size_t at_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  std::shared_ptr<const RawResult> result_;
};

namespace detail {
bool read(const RawResult&, int row, int column, bool*);
std::int32_t read(const RawResult&, int row, int column, std::int32_t*);
std::int64_t read(const RawResult&, int row, int column, std::int64_t*);
double read(const RawResult&, int row, int column, double*);
std::string read(const RawResult&, int row, int column, std::string*);
Uuid read(const RawResult&, int row, int column, Uuid*);
Timestamp read(const RawResult&, int row, int column, Timestamp*);
Bytes read(const RawResult&, int row, int column, Bytes*);
template <class Tag>
Id<Tag> read(const RawResult& result, int row, int column, Id<Tag>*) {
  return Id<Tag>(read(result, row, column, static_cast<Uuid*>(nullptr)));
}
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
}  // namespace detail

template <class T>
T Row::get(int column) const {
  if constexpr (detail::IsOptional<T>::value) {
    if (is_null(column)) return std::nullopt;
    return get<typename T::value_type>(column);
  } else {
    return detail::read(*result_, row_, column, static_cast<T*>(nullptr));
  }
}

}  // namespace mcp::db
