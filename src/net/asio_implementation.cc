// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Asio's function bodies, compiled once for the whole program.
#include <boost/asio/impl/src.hpp>
