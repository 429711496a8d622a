// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mcp::test {

// A folder of the test's own, removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

enum class KeyKind { rsa, elliptic };

// A self-signed certificate and its key, made by the openssl program. Overwrites the files.
void make_certificate(const std::string& common_name, const std::string& certificate_file, const std::string& key_file,
                      KeyKind kind = KeyKind::elliptic);

}  // namespace mcp::test
