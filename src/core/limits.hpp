// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

// Bounds that are not configuration. A bound that an operator can change is a field of config::Config.
namespace mcp::limits {

inline constexpr std::size_t json_depth_max = 16;           // contract-rest 1.1
inline constexpr std::size_t json_members_max = 200;        // in one object
inline constexpr std::size_t uri_bytes_max = 8 * 1024;      // 414 above
inline constexpr std::size_t header_bytes_max = 16 * 1024;  // 431 above
inline constexpr std::size_t header_lines_max = 100;
inline constexpr std::size_t user_agent_bytes_max = 512;
inline constexpr std::size_t metadata_bytes_max = 4 * 1024;  // message and channel metadata, JSON text
inline constexpr std::size_t client_message_id_max = 64;
inline constexpr std::size_t request_id_max = 64;
inline constexpr std::size_t page_size_max = 200;
inline constexpr std::size_t page_size_default = 50;
inline constexpr std::size_t password_code_points_max = 128;
inline constexpr std::size_t password_hashes_waiting_max = 256;   // for the hasher's threads; some seconds of work
inline constexpr std::size_t audit_details_bytes_max = 8 * 1024;  // contract-data 5.1

inline constexpr std::size_t unauthenticated_frame_bytes_max = 8 * 1024;  // contract-realtime 1
inline constexpr int unauthenticated_frames_max = 10;
inline constexpr std::size_t pending_frames_max = 64;  // frames of one connection being worked on; then reading pauses
inline constexpr std::chrono::seconds close_handshake{5};
inline constexpr std::chrono::seconds request_body_max{30};

inline constexpr std::size_t ledger_units_queued_max = 20'000;  // waiting for a batch; more are refused as unavailable
inline constexpr std::size_t ledger_batch_units_max = 256;      // beyond this a larger batch gains nothing (measured)

}  // namespace mcp::limits
