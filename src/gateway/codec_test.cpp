// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects what a hostile or careless peer may make of us: every rule of RFC 6455 sections 5 to 7 that binds the
// receiving side, and that the outcome never depends on how TCP cut the bytes.
#include "gateway/codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/utf8_scanner.hpp"

namespace mcp::gateway {
namespace {

constexpr std::size_t message_bytes_max = 70'000;
using namespace std::string_literals;

struct Case {
  std::string name;
  std::string input;
  std::string expected;  // rendered events
};

std::string big_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i))));
  return text;
}

enum class LengthForm : std::uint8_t { minimal, seven_bits, sixteen_bits, sixty_four_bits };

std::string length_field(std::uint64_t length, LengthForm form) {
  if (form == LengthForm::minimal) {
    form = length < 126     ? LengthForm::seven_bits
           : length < 65536 ? LengthForm::sixteen_bits
                            : LengthForm::sixty_four_bits;
  }
  switch (form) {
    case LengthForm::sixteen_bits: return "\xFE"s + big_endian(length, 2);
    case LengthForm::sixty_four_bits: return "\xFF"s + big_endian(length, 8);
    default: return {static_cast<char>(0x80 | length)};
  }
}

// A masked client frame. `first` is the whole first byte: FIN, RSV and opcode.
std::string frame(int first, std::string_view payload, LengthForm form = LengthForm::minimal) {
  constexpr std::array<char, 4> mask{'\x11', '\x92', '\x5A', '\xC3'};
  std::string bytes{static_cast<char>(first)};
  bytes += length_field(payload.size(), form);
  bytes.append(mask.data(), mask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) bytes.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return bytes;
}

std::string header(int first, std::uint64_t length, LengthForm form) {
  return std::string{static_cast<char>(first)} + length_field(length, form);
}

constexpr int text_final = 0x81;
constexpr int text_first = 0x01;
constexpr int more = 0x00;
constexpr int last = 0x80;
constexpr int close_ = 0x88;
constexpr int ping_ = 0x89;
constexpr int pong_ = 0x8A;

std::string render(const std::vector<CodecEvent>& events) {
  struct Renderer {
    std::string operator()(const TextMessage& it) const { return "text:" + it.text; }
    std::string operator()(const Ping& it) const { return "ping:" + it.payload; }
    std::string operator()(const Pong&) const { return "pong"; }
    std::string operator()(const CloseReceived& it) const { return "close:" + std::to_string(it.code); }
    std::string operator()(const ProtocolFailure& it) const { return "fail:" + std::to_string(it.close_code); }
  };
  std::string text;
  for (const auto& event : events) text += std::visit(Renderer{}, event) + "|";
  return text;
}

std::vector<CodecEvent> decode(const std::vector<std::string_view>& pieces) {
  Decoder decoder(message_bytes_max);
  std::vector<CodecEvent> events;
  for (const auto piece : pieces) {
    const std::vector<std::uint8_t> bytes(piece.begin(), piece.end());
    decoder.feed(bytes, events);
  }
  return events;
}

std::string close_payload(int code, std::string_view reason = "") {
  return big_endian(static_cast<std::uint64_t>(code), 2) + std::string(reason);
}

void add_length_cases(std::vector<Case>& cases) {
  for (const std::size_t length :
       {0U, 1U, 2U, 7U, 8U, 9U, 124U, 125U, 126U, 127U, 128U, 255U, 256U, 65535U, 65536U, 65537U}) {
    const std::string payload(length, 'a');
    cases.push_back(
        {"text of " + std::to_string(length) + " bytes", frame(text_final, payload), "text:" + payload + "|"});
  }
  for (const std::size_t length : {0U, 1U, 124U, 125U}) {
    const std::string payload(length, 'p');
    cases.push_back({"ping of " + std::to_string(length) + " bytes", frame(ping_, payload), "ping:" + payload + "|"});
    cases.push_back({"pong of " + std::to_string(length) + " bytes", frame(pong_, payload), "pong|"});
  }
  for (const std::size_t length : {0U, 1U, 125U}) {
    cases.push_back({"16-bit length for " + std::to_string(length),
                     header(text_final, length, LengthForm::sixteen_bits), "fail:1002|"});
    cases.push_back({"64-bit length for " + std::to_string(length),
                     header(text_final, length, LengthForm::sixty_four_bits), "fail:1002|"});
  }
  for (const std::size_t length : {126U, 65535U}) {
    cases.push_back({"64-bit length for " + std::to_string(length),
                     header(text_final, length, LengthForm::sixty_four_bits), "fail:1002|"});
  }
  for (const std::uint64_t length : {1ULL << 63, (1ULL << 63) | 70'000ULL, ~0ULL}) {
    cases.push_back({"length with its highest bit " + std::to_string(length),
                     header(text_final, length, LengthForm::sixty_four_bits), "fail:1002|"});
  }
  for (const std::uint64_t length : {70'001ULL, 1ULL << 20, 1ULL << 32, (1ULL << 63) - 1}) {
    cases.push_back({"announced " + std::to_string(length) + " bytes, refused before the payload",
                     header(text_final, length, LengthForm::sixty_four_bits), "fail:1009|"});
  }
  const std::string largest(message_bytes_max, 'x');
  cases.push_back({"largest message", frame(text_final, largest), "text:" + largest + "|"});
  cases.push_back(
      {"largest message in two", frame(text_first, largest.substr(1)) + frame(last, "x"), "text:" + largest + "|"});
  cases.push_back(
      {"second fragment too large", frame(text_first, largest) + header(last, 1, LengthForm::minimal), "fail:1009|"});
  cases.push_back({"second fragment too large, 16-bit",
                   frame(text_first, largest.substr(100)) + header(last, 126, LengthForm::minimal), "fail:1009|"});
  for (const int control : {close_, ping_, pong_}) {
    for (const auto form : {LengthForm::sixteen_bits, LengthForm::sixty_four_bits}) {
      cases.push_back(
          {"control " + std::to_string(control) + " longer than 125, form " + std::to_string(static_cast<int>(form)),
           header(control, 126, form), "fail:1002|"});
    }
  }
}

void add_header_cases(std::vector<Case>& cases) {
  for (int opcode = 0; opcode < 16; ++opcode) {
    const std::string name = "opcode " + std::to_string(opcode);
    for (const int rsv : {0x40, 0x20, 0x10, 0x70}) {
      cases.push_back({name + " with RSV " + std::to_string(rsv), frame(0x80 | rsv | opcode, ""), "fail:1002|"});
    }
    if ((opcode > 2 && opcode < 8) || opcode > 10) {
      cases.push_back({name + " is reserved", frame(0x80 | opcode, ""), "fail:1002|"});
      cases.push_back(
          {name + " is reserved, within fragments", frame(text_first, "a") + frame(0x80 | opcode, ""), "fail:1002|"});
    }
  }
  for (const int control : {close_, ping_, pong_}) {
    cases.push_back({"fragmented control " + std::to_string(control), frame(control & 0x0F, ""), "fail:1002|"});
    cases.push_back(
        {"unmasked control " + std::to_string(control), std::string{static_cast<char>(control), '\0'}, "fail:1002|"});
  }
  cases.push_back({"unmasked text", "\x81\x05Hello"s, "fail:1002|"});
  cases.push_back({"unmasked empty text", "\x81\0"s, "fail:1002|"});
  cases.push_back({"binary", frame(0x82, "\x01\x02"), "fail:1003|"});
  cases.push_back({"binary, not final", frame(0x02, "\x01"), "fail:1003|"});
  cases.push_back({"binary within a text", frame(text_first, "a") + frame(0x82, "b"), "fail:1002|"});
  cases.push_back({"the RFC's masked Hello", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s, "text:Hello|"});
  cases.push_back({"a zero mask", "\x81\x82\0\0\0\0ab"s, "text:ab|"});
  cases.push_back({"an HTTP request", "GET / HTTP/1.1\r\n", "fail:1002|"});
  cases.push_back({"nothing", "", ""});
  cases.push_back({"one byte", "\x81", ""});
  cases.push_back({"header without mask", "\x81\x81"s, ""});
  cases.push_back({"header without payload", "\x81\x81\0\0\0\0"s, ""});
}

void add_fragment_cases(std::vector<Case>& cases) {
  cases.push_back({"two fragments", frame(text_first, "Hel") + frame(last, "lo"), "text:Hello|"});
  cases.push_back({"three fragments", frame(text_first, "a") + frame(more, "b") + frame(last, "c"), "text:abc|"});
  cases.push_back({"empty fragments", frame(text_first, "") + frame(more, "") + frame(last, ""), "text:|"});
  cases.push_back({"ping between", frame(text_first, "a") + frame(ping_, "p") + frame(last, "b"), "ping:p|text:ab|"});
  cases.push_back({"pong between", frame(text_first, "a") + frame(pong_, "p") + frame(last, "b"), "pong|text:ab|"});
  cases.push_back({"close between", frame(text_first, "a") + frame(close_, "") + frame(last, "b"), "close:1005|"});
  cases.push_back({"continuation of nothing", frame(last, "a"), "fail:1002|"});
  cases.push_back({"open continuation of nothing", frame(more, "a"), "fail:1002|"});
  cases.push_back({"continuation after the end", frame(text_first, "a") + frame(last, "b") + frame(last, "c"),
                   "text:ab|fail:1002|"});
  cases.push_back({"continuation after a whole text", frame(text_final, "a") + frame(last, "b"), "text:a|fail:1002|"});
  cases.push_back({"new text within a text", frame(text_first, "a") + frame(text_final, "b"), "fail:1002|"});
  cases.push_back({"new fragmented text within a text", frame(text_first, "a") + frame(text_first, "b"), "fail:1002|"});
  cases.push_back({"two messages in a row", frame(text_final, "a") + frame(text_final, "b"), "text:a|text:b|"});
  cases.push_back({"fragmented twice in a row",
                   frame(text_first, "a") + frame(last, "b") + frame(text_first, "c") + frame(last, "d"),
                   "text:ab|text:cd|"});
  std::string many = frame(text_first, "x");
  for (int i = 2; i < Decoder::fragments_max; ++i) many += frame(more, "x");
  cases.push_back({"as many fragments as allowed", many + frame(last, "x"),
                   "text:" + std::string(Decoder::fragments_max, 'x') + "|"});
  cases.push_back({"one fragment more", many + frame(more, "x") + frame(last, "x"), "fail:1009|"});
  cases.push_back({"pings do not count as fragments", many + frame(ping_, "") + frame(last, "x"),
                   "ping:|text:" + std::string(Decoder::fragments_max, 'x') + "|"});
}

void add_close_cases(std::vector<Case>& cases) {
  cases.push_back({"close without a code", frame(close_, ""), "close:1005|"});
  cases.push_back({"close with half a code", frame(close_, "\x03"), "fail:1002|"});
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    cases.push_back(
        {"close " + std::to_string(code), frame(close_, close_payload(code)), "close:" + std::to_string(code) + "|"});
  }
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    cases.push_back({"close with forbidden " + std::to_string(code), frame(close_, close_payload(code)), "fail:1002|"});
  }
  cases.push_back({"close with a reason", frame(close_, close_payload(1000, "Auf Wiederh\xC3\xB6ren")), "close:1000|"});
  cases.push_back(
      {"close with the longest reason", frame(close_, close_payload(1000, std::string(123, 'r'))), "close:1000|"});
  cases.push_back({"close with a reason that is no UTF-8", frame(close_, close_payload(1000, "\xFF")), "fail:1007|"});
  cases.push_back(
      {"close with a reason cut within a character", frame(close_, close_payload(1000, "\xC3")), "fail:1007|"});
  cases.push_back({"text after a close", frame(close_, "") + frame(text_final, "a"), "close:1005|"});
  cases.push_back({"ping after a close", frame(close_, "") + frame(ping_, "a"), "close:1005|"});
  cases.push_back({"second close", frame(close_, "") + frame(close_, ""), "close:1005|"});
  cases.push_back({"text after a failure", frame(last, "") + frame(text_final, "a"), "fail:1002|"});
}

void add_utf8_cases(std::vector<Case>& cases) {
  const std::vector<std::string> valid = {"\xC2\x80",
                                          "\xDF\xBF",
                                          "\xE0\xA0\x80",
                                          "\xED\x9F\xBF",
                                          "\xEE\x80\x80",
                                          "\xEF\xBF\xBF",
                                          "\xF0\x90\x80\x80",
                                          "\xF4\x8F\xBF\xBF",
                                          "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5",
                                          "\0"s,
                                          "\xEF\xBB\xBF",
                                          "\xF0\x9F\x91\xA9\xE2\x80\x8D\xE2\x9A\x95"};
  for (const auto& text : valid) {
    cases.push_back(
        {"valid UTF-8 of " + std::to_string(text.size()) + " bytes", frame(text_final, text), "text:" + text + "|"});
    cases.push_back({"the same behind ASCII", frame(text_final, "eight ascii bytes" + text),
                     "text:eight ascii bytes" + text + "|"});
    std::string pieces = frame(text_first, text.substr(0, 1));
    for (std::size_t i = 1; i < text.size(); ++i) pieces += frame(more, text.substr(i, 1));
    cases.push_back({"the same, a fragment a byte", pieces + frame(last, ""), "text:" + text + "|"});
  }
  const std::vector<std::string> invalid = {"\x80",
                                            "\xBF",
                                            "\xC0\xAF",
                                            "\xC1\xBF",
                                            "\xC2\x41",
                                            "\xC2\xC2",
                                            "\xE0\x80\x80",
                                            "\xE0\x9F\xBF",
                                            "\xE1\x80\x41",
                                            "\xED\xA0\x80",
                                            "\xED\xBF\xBF",
                                            "\xF0\x80\x80\x80",
                                            "\xF0\x8F\xBF\xBF",
                                            "\xF1\x80\x80\x41",
                                            "\xF4\x90\x80\x80",
                                            "\xF5\x80\x80\x80",
                                            "\xF8\x88\x80\x80\x80",
                                            "\xFC\x84\x80\x80\x80\x80",
                                            "\xFE",
                                            "\xFF"};
  for (const auto& text : invalid) {
    cases.push_back(
        {"invalid UTF-8 of " + std::to_string(text.size()) + " bytes", frame(text_final, text), "fail:1007|"});
    cases.push_back({"the same behind ASCII", frame(text_final, "eight ascii bytes" + text), "fail:1007|"});
    cases.push_back({"the same as first fragment, at once", frame(text_first, text), "fail:1007|"});
  }
  for (const std::string cut : {"\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
    cases.push_back({"message ends within a character", frame(text_final, cut), "fail:1007|"});
    cases.push_back(
        {"fragmented message ends within a character", frame(text_first, "a") + frame(last, cut), "fail:1007|"});
    cases.push_back({"a fragment may end within a character", frame(text_first, cut), ""});
  }
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  add_length_cases(cases);
  add_header_cases(cases);
  add_fragment_cases(cases);
  add_close_cases(cases);
  add_utf8_cases(cases);
  return cases;
}

TEST(Codec, FollowsTheRfcInEveryCase) {
  const auto cases = all_cases();
  EXPECT_GE(cases.size(), 150U);
  for (const auto& it : cases) {
    EXPECT_EQ(render(decode({it.input})), it.expected) << it.name;
  }
}

TEST(Codec, GivesTheSameEventsHoweverTheBytesAreCut) {
  for (const auto& it : all_cases()) {
    const std::string_view input = it.input;
    std::vector<std::string_view> single_bytes;
    for (std::size_t i = 0; i < input.size(); ++i) single_bytes.push_back(input.substr(i, 1));
    EXPECT_EQ(render(decode(single_bytes)), it.expected) << it.name << ", byte by byte";

    // Long payloads are cut everywhere near their ends; the middle of one is like the next byte of it.
    for (std::size_t at = 1; at < input.size(); at += at > 300 && at + 300 < input.size() ? 9973 : 1) {
      ASSERT_EQ(render(decode({input.substr(0, at), input.substr(at)})), it.expected) << it.name << ", cut at " << at;
    }
  }
}

TEST(Codec, FailsAtTheFirstBadByteWithoutWaitingForTheRest) {
  const std::string input = frame(text_final, "good \xFF and much more that has not arrived yet");
  EXPECT_EQ(render(decode({std::string_view(input).substr(0, 6 + 6)})), "fail:1007|");
  const std::string overlong = frame(text_final, "\xE0\x80" + std::string(100, 'a'));
  EXPECT_EQ(render(decode({std::string_view(overlong).substr(0, 6 + 2)})), "fail:1007|");
}

TEST(Codec, HoldsNothingBetweenMessages) {
  Decoder decoder(message_bytes_max);
  std::vector<CodecEvent> events;
  const auto feed = [&](const std::string& input) {
    decoder.feed(std::vector<std::uint8_t>(input.begin(), input.end()), events);
  };
  feed(frame(text_final, std::string(60'000, 'a')));
  EXPECT_EQ(decoder.held_bytes(), 0U);
  const std::string half = frame(text_final, std::string(60'000, 'a')).substr(0, 30'000);
  feed(half);
  EXPECT_GE(decoder.held_bytes(), 29'000U);
  EXPECT_LT(decoder.held_bytes(), 61'000U);
}

TEST(Codec, DoesNotSetAsideWhatAFrameOnlyAnnounces) {
  Decoder decoder(message_bytes_max);
  std::vector<CodecEvent> events;
  const std::string input = frame(text_final, std::string(65'000, 'a')).substr(0, 20);
  decoder.feed(std::vector<std::uint8_t>(input.begin(), input.end()), events);
  EXPECT_LT(decoder.held_bytes(), 256U);
}

TEST(Codec, TakesANewLimitForTheNextFrame) {
  Decoder decoder(10);
  std::vector<CodecEvent> events;
  const std::string input = frame(text_final, "eleven char");
  decoder.set_message_bytes_max(11);
  decoder.feed(std::vector<std::uint8_t>(input.begin(), input.end()), events);
  decoder.set_message_bytes_max(10);
  decoder.feed(std::vector<std::uint8_t>(input.begin(), input.end()), events);
  EXPECT_EQ(render(events), "text:eleven char|fail:1009|");
  EXPECT_TRUE(decoder.has_ended());
}

TEST(CodecFrames, AreUnmaskedAndMinimal) {
  EXPECT_EQ(ping_frame(), "\x89\0"s);
  EXPECT_EQ(pong_frame("abc"),
            "\x8A\x03"
            "abc");
  EXPECT_EQ(close_frame(1001, "server shutdown"), "\x88\x11\x03\xE9server shutdown"s);
  EXPECT_EQ(close_frame(1005, ""), "\x88\0"s);
}

TEST(CodecFrames, CutALongReasonBetweenCharacters) {
  const std::string reason = std::string(122, 'a') + "\xC3\xA4";
  const std::string bytes = close_frame(1008, reason);
  EXPECT_EQ(bytes.size(), 2U + 2U + 122U);
  EXPECT_EQ(bytes.substr(4), std::string(122, 'a'));
  EXPECT_EQ(close_frame(1008, std::string(200, 'b')).size(), 127U);
}

TEST(Utf8Scanner, AgreesWithItselfFromEveryState) {
  // A text scanned whole and in two halves ends in the same state: the eight-byte path must not skip a transition.
  const std::string text = "plain ascii, then \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 and ascii again, twelve more bytes";
  const auto whole = Utf8Scanner::scan(Utf8Scanner::between_characters, text);
  EXPECT_EQ(whole, Utf8Scanner::between_characters);
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const auto first = Utf8Scanner::scan(Utf8Scanner::between_characters, std::string_view(text).substr(0, at));
    EXPECT_EQ(Utf8Scanner::scan(first, std::string_view(text).substr(at)), whole) << at;
  }
}

}  // namespace
}  // namespace mcp::gateway
