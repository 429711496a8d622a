// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "db/rows.hpp"

#include <libpq-fe.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

#include "core/check.hpp"
#include "db/fault.hpp"
#include "db/raw_result.hpp"

namespace mcp::db {
namespace {

constexpr std::int64_t postgres_epoch_ms = 946'684'800'000;  // 2000-01-01 00:00 UTC, where timestamptz counts from

// Types of the catalogue that have text's binary form.
constexpr Oid name_oid = 19, bpchar_oid = 1042, varchar_oid = 1043;

bool is_text(Oid type) { return type == oid::text || type == varchar_oid || type == bpchar_oid || type == name_oid; }

[[noreturn]] void refuse(const RawResult& result) { throw Fault(FaultKind::programming, "", result.statement(), ""); }

void require_cell(const RawResult& result, int row, int column) {
  if (row < 0 || row >= PQntuples(result.get()) || column < 0 || column >= PQnfields(result.get())) refuse(result);
}

std::string_view cell(const RawResult& result, int row, int column) {
  require_cell(result, row, column);
  if (PQgetisnull(result.get(), row, column) != 0) refuse(result);
  return {PQgetvalue(result.get(), row, column), static_cast<std::size_t>(PQgetlength(result.get(), row, column))};
}

// A value of exactly this type and size.
std::string_view cell_of(const RawResult& result, int row, int column, Oid type, std::size_t size) {
  const std::string_view bytes = cell(result, row, column);
  if (PQftype(result.get(), column) != type || bytes.size() != size) refuse(result);
  return bytes;
}

template <class T>
T from_big_endian(std::string_view bytes) {
  T value = 0;
  for (const char byte : bytes) value = static_cast<T>(value << 8) | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

RawResult::RawResult(pg_result* result, std::string statement) : result_(result), statement_(std::move(statement)) {}

RawResult::~RawResult() { PQclear(result_); }

bool Row::is_null(int column) const {
  require_cell(*result_, row_, column);
  return PQgetisnull(result_->get(), row_, column) != 0;
}

std::string_view Row::view(int column) const {
  const std::string_view bytes = cell(*result_, row_, column);
  const Oid type = PQftype(result_->get(), column);
  if (!is_text(type) && type != oid::bytea) refuse(*result_);
  return bytes;
}

Rows::Rows() = default;

Rows::Rows(std::shared_ptr<const RawResult> result) : result_(std::move(result)) {}

std::size_t Rows::size() const { return result_ ? static_cast<std::size_t>(PQntuples(result_->get())) : 0; }

std::int64_t Rows::affected() const {
  if (!result_) return 0;
  const std::string_view digits = PQcmdTuples(result_->get());
  std::int64_t count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count;
}

namespace detail {

bool read(const RawResult& result, int row, int column, bool* /*type*/) {
  return cell_of(result, row, column, oid::boolean, 1).front() != '\0';
}

std::int32_t read(const RawResult& result, int row, int column, std::int32_t* /*type*/) {
  return static_cast<std::int32_t>(from_big_endian<std::uint32_t>(cell_of(result, row, column, oid::int4, 4)));
}

std::int64_t read(const RawResult& result, int row, int column, std::int64_t* /*type*/) {
  return static_cast<std::int64_t>(from_big_endian<std::uint64_t>(cell_of(result, row, column, oid::int8, 8)));
}

double read(const RawResult& result, int row, int column, double* /*type*/) {
  return std::bit_cast<double>(from_big_endian<std::uint64_t>(cell_of(result, row, column, oid::float8, 8)));
}

std::string read(const RawResult& result, int row, int column, std::string* /*type*/) {
  const std::string_view bytes = cell(result, row, column);
  if (!is_text(PQftype(result.get(), column))) refuse(result);
  return std::string(bytes);
}

Uuid read(const RawResult& result, int row, int column, Uuid* /*type*/) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), cell_of(result, row, column, oid::uuid, bytes.size()).data(), bytes.size());
  return Uuid(bytes);
}

Timestamp read(const RawResult& result, int row, int column, Timestamp* /*type*/) {
  const auto since_2000 =
      static_cast<std::int64_t>(from_big_endian<std::uint64_t>(cell_of(result, row, column, oid::timestamptz, 8)));
  // The ends of the range are PostgreSQL's infinities: no time of ours.
  if (since_2000 == std::numeric_limits<std::int64_t>::max() ||
      since_2000 == std::numeric_limits<std::int64_t>::min()) {
    refuse(result);
  }
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(std::chrono::microseconds(since_2000));
  return Timestamp(milliseconds + std::chrono::milliseconds(postgres_epoch_ms));
}

Bytes read(const RawResult& result, int row, int column, Bytes* /*type*/) {
  const std::string_view bytes = cell(result, row, column);
  if (PQftype(result.get(), column) != oid::bytea) refuse(result);
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace detail
}  // namespace mcp::db
