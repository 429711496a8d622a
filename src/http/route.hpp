// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/actor.hpp"
#include "core/permission.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "http/message.hpp"

namespace mcp::http {

// Who may call a route. There is no default: a route says it.
class Access {
 public:
  enum class Kind : std::uint8_t { anyone, session, session_restricted, permission };
  static constexpr Access anyone() { return Access(Kind::anyone, {}); }
  static constexpr Access session() { return Access(Kind::session, {}); }
  // Any valid session, also under forced password change or a missing second factor (contract-rest 1.3).
  static constexpr Access session_restricted() { return Access(Kind::session_restricted, {}); }
  static constexpr Access permission(Permission permission) { return Access(Kind::permission, permission); }

  constexpr Kind kind() const { return kind_; }
  constexpr Permission required() const { return permission_; }

 private:
  constexpr Access(Kind kind, Permission permission) : kind_(kind), permission_(permission) {}
  Kind kind_;
  Permission permission_;
};

enum class RateTier : std::uint8_t { none, auth, anonymous, standard };  // contract-rest 1.4

// What the route leaves in the audit trail: the name of the action, or that it leaves none (a decision, too).
class AuditEvent {
 public:
  static constexpr AuditEvent action(std::string_view name) { return AuditEvent(name); }
  static constexpr AuditEvent none() { return AuditEvent({}); }
  constexpr std::string_view name() const { return name_; }

 private:
  explicit constexpr AuditEvent(std::string_view name) : name_(name) {}
  std::string_view name_;
};

// A call as a handler sees it. `actor` is set for every access kind but anyone (there: when a valid token came along).
struct Call {
  Request request;
  std::optional<Actor> actor;
};

using Handler = std::function<Task<Result<Response>>(Call)>;

// An aggregate without defaults: leaving out access, tier or audit event does not compile
// (-Wmissing-field-initializers).
struct Route {
  Method method;
  std::string_view path;  // "/api/users/:id"
  Access access;
  RateTier tier;
  AuditEvent audit;
  std::string_view summary;  // one line for the API description
  Handler handler;
};

}  // namespace mcp::http
