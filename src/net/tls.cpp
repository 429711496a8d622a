// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "net/tls_context.hpp"

namespace mcp::net {
namespace {

// Names the file and OpenSSL's reason; the reason never holds key bytes.
[[noreturn]] void refuse(std::string_view what, const std::string& file) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string message(what);
  message += ": " + file;
  if (reason != nullptr) message += std::string(" (") + reason + ")";
  ERR_clear_error();
  throw std::runtime_error(message);
}

// A server has nobody to ask for a passphrase: a sealed key is an error, not a prompt on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

// A client that speaks only other protocols on this port is refused (RFC 7301 section 3.2), so that bytes meant for
// another service cannot be replayed here.
int select_protocol(ssl_st*, const unsigned char** chosen, unsigned char* chosen_length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, chosen_length, http_1_1.data(), http_1_1.size(), offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

void restrict_protocol(ssl_ctx_st* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
      SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") != 1) {
    refuse("OpenSSL lacks the ciphers or groups the server offers", "libssl");
  }
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
}

SslContext make_context(const std::string& certificate_file, const std::string& key_file) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()), [](ssl_ctx_st* doomed) { SSL_CTX_free(doomed); });
  if (!context) throw std::runtime_error("OpenSSL cannot make a TLS context");
  restrict_protocol(context.get());
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    refuse("cannot use the certificate file", certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    refuse("cannot use the key file, or it does not fit the certificate", key_file);
  }
  return context;
}

}  // namespace

std::shared_ptr<Tls> Tls::load(std::string certificate_file, std::string key_file) {
  return std::shared_ptr<Tls>(new Tls(std::move(certificate_file), std::move(key_file)));
}

Tls::Tls(std::string certificate_file, std::string key_file) : impl_(std::make_unique<Impl>()) {
  impl_->context = make_context(certificate_file, key_file);
  impl_->certificate_file = std::move(certificate_file);
  impl_->key_file = std::move(key_file);
}

Tls::~Tls() = default;

void Tls::reload() {
  SslContext fresh = make_context(impl_->certificate_file, impl_->key_file);
  const std::lock_guard lock(impl_->mutex);
  impl_->context = std::move(fresh);
}

}  // namespace mcp::net
