// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "app/serve.hpp"
#include "cli/run.hpp"
#include "crypto/locked_key.hpp"
#include "net/listener.hpp"

int main(int argc, char** argv) {
  mcp::crypto::protect_process_memory();
  mcp::cli::Commands commands;
  commands.serve = mcp::app::serve;
  commands.check_certificate = [](const mcp::config::Tls& tls) {
    mcp::net::Tls::load(tls.certificate_file, tls.key_file);
  };
  return mcp::cli::run(argc, argv, commands);
}
