// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <new>
#include <system_error>
#include <typeinfo>

#include "core/id.hpp"
#include "core/log.hpp"
#include "db/fault.hpp"
#include "db/migrations.hpp"
#include "ledger/ledger.hpp"

namespace mcp::cli {
namespace {

std::string readable_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                    std::free);
  return status == 0 ? name.get() : type.name();
}

// An exception nobody foresaw may carry anything: its kind and a reference are shown, its text is not.
Ending unexpected(const std::string& kind) {
  const auto reference = Uuid::v4().text();
  log::error("cli", "unexpected failure", {{log::Field::error_class, kind}, {log::Field::error_ref, reference}});
  return {ExitCode::internal, fmt::format("unexpected failure, reference {}", reference)};
}

ExitCode code_of(const db::Fault& fault) {
  // 28: the server does not let this role in; 42501: it may not do this.
  if (fault.sqlstate().starts_with("28") || fault.sqlstate() == "42501") return ExitCode::not_permitted;
  switch (fault.kind()) {
    case db::FaultKind::unavailable:
    case db::FaultKind::resource: return ExitCode::unavailable;
    case db::FaultKind::timeout:
    case db::FaultKind::retry: return ExitCode::try_later;
    case db::FaultKind::constraint:
    case db::FaultKind::programming: break;
  }
  return ExitCode::internal;
}

ExitCode code_of(const std::error_code& error) {
  switch (error.value()) {
    case EACCES:
    case EPERM: return ExitCode::not_permitted;
    case EADDRINUSE:
    case EADDRNOTAVAIL:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN: return ExitCode::system;
    case ENOENT: return ExitCode::no_input;
    case EEXIST:
    case EROFS: return ExitCode::cannot_create;
    case EIO:
    case ENOSPC:
    case EDQUOT: return ExitCode::io;
    default: return ExitCode::system;
  }
}

std::string hint(ExitCode code) {
  if (code == ExitCode::not_permitted) return "; the database role lacks the right, or its password is wrong";
  return code == ExitCode::unavailable ? "; is the database running, and do DB_* name it?" : "";
}

}  // namespace

Ending ending_of(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const operations::Failure& known) {
    return {known.code(), known.what()};
  } catch (const ledger::AlreadyServed& served) {
    return {ExitCode::try_later, served.what()};
  } catch (const db::SchemaMismatch& mismatch) {
    return {mismatch.state() == db::SchemaState::changed ? ExitCode::data : ExitCode::configuration, mismatch.what()};
  } catch (const db::Fault& fault) {
    const auto code = code_of(fault);
    return {code, fault.what() + hint(code)};
  } catch (const std::bad_alloc&) {
    return {ExitCode::system, "out of memory"};
  } catch (const std::system_error& error) {
    return {code_of(error.code()), error.what()};
  } catch (const std::exception& other) {
    return unexpected(readable_name(typeid(other)));
  } catch (...) {
    return unexpected("unknown");
  }
}

}  // namespace mcp::cli
