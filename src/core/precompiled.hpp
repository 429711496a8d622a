// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The light precompiled header: standard headers and the coroutine type, nothing that is slow to instantiate.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/task.hpp"
