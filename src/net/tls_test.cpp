// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the confidentiality of the wire: only TLS 1.2 with forward secrecy and AEAD, and TLS 1.3, are spoken, and a
// certificate can be exchanged without ever being left without one.
#include "net/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/certificate.hpp"
#include "support/running_listener.hpp"
#include "support/socket_client.hpp"

namespace mcp::net {
namespace {

using test::KeyKind;
using test::RunningListener;
using test::SocketClient;
using TlsOptions = SocketClient::TlsOptions;

Task<> greet(std::unique_ptr<Stream> stream) {
  std::string text = stream->is_tls() ? "secret" : "plain";
  const iovec piece{.iov_base = text.data(), .iov_len = text.size()};
  stream->try_write({&piece, 1});
  stream->shutdown_write();
  co_await stream->wait_readable(std::chrono::steady_clock::now() + std::chrono::seconds{20});
}

class TlsTest : public testing::Test {
 protected:
  void make(const std::string& common_name, KeyKind kind = KeyKind::elliptic) {
    test::make_certificate(common_name, certificate_, key_, kind);
  }
  test::TemporaryFolder folder_;
  std::string certificate_ = folder_.path("cert.pem");
  std::string key_ = folder_.path("key.pem");
};

TEST_F(TlsTest, SpeaksTls13WithoutTicketsAndAgreesOnHttp) {
  make("first");
  RunningListener server(greet, Tls::load(certificate_, key_));
  SocketClient client(server.port());
  ASSERT_TRUE(client.start_tls({.protocol = "http/1.1"}));
  EXPECT_EQ(client.receive(), "secret");
  EXPECT_EQ(client.tls_version(), "TLSv1.3");
  EXPECT_EQ(client.protocol(), "http/1.1");
  EXPECT_FALSE(client.has_session_ticket());
}

struct OfferCase {
  const char* name;
  KeyKind key;
  TlsOptions offer;
  bool is_taken;
};

class TlsOffer : public TlsTest, public testing::WithParamInterface<OfferCase> {};

TEST_P(TlsOffer, IsTakenOnlyWithForwardSecrecyAndAead) {
  make("offers", GetParam().key);
  RunningListener server(greet, Tls::load(certificate_, key_));
  SocketClient client(server.port());
  EXPECT_EQ(client.start_tls(GetParam().offer), GetParam().is_taken);
  if (GetParam().is_taken) EXPECT_EQ(client.receive(), "secret") << client.cipher();
}

INSTANTIATE_TEST_SUITE_P(
    , TlsOffer,
    testing::Values(
        OfferCase{"gcm", KeyKind::elliptic, {.max_version = TLS1_2_VERSION, .ciphers_1_2 = "ECDHE+AESGCM"}, true},
        OfferCase{"chacha", KeyKind::rsa, {.max_version = TLS1_2_VERSION, .ciphers_1_2 = "ECDHE+CHACHA20"}, true},
        OfferCase{
            "cbc", KeyKind::rsa, {.max_version = TLS1_2_VERSION, .ciphers_1_2 = "ECDHE-RSA-AES128-SHA256"}, false},
        OfferCase{"rsa_key_exchange", KeyKind::rsa, {.max_version = TLS1_2_VERSION, .ciphers_1_2 = "kRSA"}, false},
        OfferCase{"finite_field", KeyKind::rsa, {.max_version = TLS1_2_VERSION, .ciphers_1_2 = "DHE+AESGCM"}, false},
        OfferCase{"tls_1_1", KeyKind::rsa, {.max_version = TLS1_1_VERSION, .ciphers_1_2 = "ALL:@SECLEVEL=0"}, false},
        OfferCase{"http_2_only", KeyKind::elliptic, {.protocol = "h2"}, false}),
    [](const auto& info) { return info.param.name; });

TEST_F(TlsTest, RefusesRenegotiation) {
  make("steady");
  RunningListener server(greet, Tls::load(certificate_, key_));
  SocketClient client(server.port());
  ASSERT_TRUE(client.start_tls({.max_version = TLS1_2_VERSION}));
  EXPECT_FALSE(client.renegotiates());
}

TEST_F(TlsTest, KeepsTls12WithoutTickets) {
  make("forgetful");
  RunningListener server(greet, Tls::load(certificate_, key_));
  SocketClient client(server.port());
  ASSERT_TRUE(client.start_tls({.max_version = TLS1_2_VERSION}));
  EXPECT_FALSE(client.has_session_ticket());
}

TEST_F(TlsTest, PresentsTheNewCertificateAfterAReloadAndTheOldAfterAFailedOne) {
  make("old");
  const auto tls = Tls::load(certificate_, key_);
  RunningListener server(greet, tls);
  const auto presented = [&] {
    SocketClient client(server.port());
    return client.start_tls() ? client.certificate_name() : std::string("none");
  };
  EXPECT_EQ(presented(), "old");
  make("new");
  EXPECT_EQ(presented(), "old") << "files count at reload only";
  tls->reload();
  EXPECT_EQ(presented(), "new");

  test::make_certificate("other", folder_.path("other.pem"), folder_.path("other.key"));
  std::filesystem::copy_file(folder_.path("other.pem"), certificate_,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THROW(tls->reload(), std::runtime_error) << "certificate and key do not fit";
  EXPECT_EQ(presented(), "new");
  std::filesystem::remove(key_);
  EXPECT_THROW(tls->reload(), std::runtime_error);
  EXPECT_EQ(presented(), "new");
}

TEST_F(TlsTest, NamesTheFileThatIsWrong) {
  make("named");
  std::ofstream(folder_.path("empty.pem")).flush();
  for (const auto& [certificate, key] :
       {std::pair{folder_.path("empty.pem"), key_}, std::pair{folder_.path("missing.pem"), key_},
        std::pair{certificate_, folder_.path("empty.pem")}}) {
    try {
      Tls::load(certificate, key);
      FAIL() << "loaded " << certificate << " with " << key;
    } catch (const std::runtime_error& error) {
      const std::string& wrong = certificate == certificate_ ? key : certificate;
      EXPECT_NE(std::string(error.what()).find(wrong), std::string::npos) << error.what();
    }
  }
}

TEST_F(TlsTest, EndsAHandshakeThatDoesNotComeForth) {
  // Without the deadline a client that says nothing keeps its descriptor for ever.
  make("patient");
  RunningListener server(greet, Tls::load(certificate_, key_), 1, "127.0.0.1",
                         {.handshake_timeout = std::chrono::milliseconds{100}});
  SocketClient silent(server.port());
  EXPECT_TRUE(silent.has_ended());
  SocketClient halting(server.port());
  ASSERT_TRUE(halting.send("\x16\x03\x01"));  // the first bytes of a ClientHello
  EXPECT_TRUE(halting.has_ended());
}

TEST_F(TlsTest, NeverHandsOutAConnectionThatSpeaksNoTls) {
  make("strict");
  RunningListener server(greet, Tls::load(certificate_, key_));
  SocketClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const std::string answer = client.receive_to_end();
  EXPECT_EQ(answer.find("secret"), std::string::npos);
  EXPECT_EQ(answer.find("HTTP"), std::string::npos);
}

}  // namespace
}  // namespace mcp::net
