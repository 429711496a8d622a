// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include "core/json.hpp"
#include "core/log_line.hpp"

namespace mcp::log {
namespace {

namespace fs = std::filesystem;

static_assert(!std::is_constructible_v<Value, const Secret&> && !std::is_constructible_v<Value, Secret>);
static_assert(!std::is_constructible_v<Value, const MessageText&>);

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = fs::temp_directory_path() / "mcp-log.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category());
    path_ = pattern;
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string content(const fs::path& file) {
  std::string text;
  gzFile opened = gzopen(file.c_str(), "rb");  // reads plain files as well
  std::array<char, 4096> buffer{};
  for (int bytes = 0; (bytes = gzread(opened, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  gzclose(opened);
  return text;
}

std::vector<fs::path> files_ending(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

// Every test ends with the writer stopped, as it began.
class Log : public testing::Test {
 protected:
  ~Log() override {
    stop();
    set_level(Level::info);
  }
  Settings to_folder() const {
    Settings settings;
    settings.to_stdout = false;
    settings.directory = folder_.path() / "logs";
    return settings;
  }
  std::string log() const { return content(folder_.path() / "logs" / "messenger.log"); }
  fs::path logs() const { return folder_.path() / "logs"; }
  // Starts and stops until the archive has nothing left to compress.
  void finish_archive(const Settings& settings) const {
    for (int tries = 0; tries < 100 && files_ending(logs(), ".log").size() > 1; ++tries) {
      start(settings);
      stop();
    }
  }

  TemporaryFolder folder_;
};

Line line_with(std::string_view message, std::initializer_list<FieldValue> fields) {
  return {.time = Timestamp{},
          .level = Level::info,
          .instance = {},
          .component = "http",
          .message = message,
          .fields = fields};
}

TEST(LogLine, IsOneJsonObjectInAFixedOrder) {
  const auto line =
      json_line({.time = Timestamp{std::chrono::milliseconds{1'700'000'000'123}},
                 .level = Level::warn,
                 .instance = "node-1",
                 .component = "http",
                 .message = "request failed",
                 .fields = {{Field::status, 503}, {Field::request_id, "abc-12345"}, {Field::duration_ms, 1.5}}});
  EXPECT_EQ(line, R"({"time":"2023-11-14T22:13:20.123Z","level":"warn","instance":"node-1","requestId":"abc-12345",)"
                  R"("component":"http","message":"request failed","status":503,"durationMs":1.5})"
                  "\n");
}

// Protects the reader of the log: nothing a client sends forges a line or steers a terminal, in either form.
struct InjectionCase {
  const char* name;
  std::string text;
  std::string escaped;
};
class LogInjection : public testing::TestWithParam<InjectionCase> {};

TEST_P(LogInjection, StaysInsideItsField) {
  const auto json = json_line(line_with("m", {{Field::path, GetParam().text}}));
  EXPECT_NE(json.find("\"path\":\"" + GetParam().escaped + "\"}"), std::string::npos) << json;
  EXPECT_TRUE(json::parse(json).has_value());
  const auto pretty = pretty_line(line_with("m", {{Field::path, GetParam().text}}));
  EXPECT_TRUE(pretty.ends_with("path=\x1b[0m\"" + GetParam().escaped + "\"\n")) << pretty;
}

INSTANTIATE_TEST_SUITE_P(
    , LogInjection,
    testing::Values(InjectionCase{"line_feed", "a\n{\"level\":\"error\"}", "a\\n{\\\"level\\\":\\\"error\\\"}"},
                    InjectionCase{"carriage_return", "a\rb", "a\\rb"}, InjectionCase{"escape", "\x1b[2J", "\\u001b[2J"},
                    InjectionCase{"nul", std::string("a\0b", 3), "a\\u0000b"},
                    InjectionCase{"delete", "\x7f", "\\u007f"}, InjectionCase{"c1_csi", "\xC2\x9B", "\\u009b"},
                    InjectionCase{"line_separator", "\xE2\x80\xA8", "\\u2028"},
                    InjectionCase{"next_line", "\xC2\x85", "\\u0085"},
                    InjectionCase{"right_to_left", "\xE2\x80\xAE", "\\u202e"},
                    InjectionCase{"isolate", "\xE2\x81\xA6", "\\u2066"}, InjectionCase{"quotes", "\"\\", "\\\"\\\\"},
                    InjectionCase{"bad_utf8", "a\xFF\xC3z", "a\xEF\xBF\xBD\xEF\xBF\xBDz"},
                    InjectionCase{"plain_unicode", "Ärztin 😀", "Ärztin 😀"}),
    [](const auto& test) { return test.param.name; });

TEST(LogLine, CutsLongTextBetweenCharacters) {
  const auto json =
      json_line(line_with("m", {{Field::path, std::string(text_bytes_max - 1, 'a') + "é" + std::string(100, 'b')}}));
  EXPECT_TRUE(json::parse(json).has_value());
  EXPECT_LT(json.size(), text_bytes_max + 200);
  EXPECT_EQ(json.find('b', json.find("aaa")), std::string::npos);
}

TEST(LogLine, WritesNumbersThatJsonCannotHoldAsNull) {
  const auto json = json_line(line_with("m", {{Field::duration_ms, std::numeric_limits<double>::infinity()}}));
  EXPECT_NE(json.find("\"durationMs\":null"), std::string::npos);
}

// A closed list only helps while each name is its own, and none hides a member of the line itself.
TEST(LogLine, GivesEveryFieldANameOfItsOwn) {
  std::set<std::string_view> names{"time", "level", "instance", "component", "message"};
  for (int i = 0; i <= static_cast<int>(Field::level); ++i) {
    EXPECT_TRUE(names.insert(name(static_cast<Field>(i))).second) << name(static_cast<Field>(i));
  }
}

TEST_F(Log, WritesToAFileThatOnlyOwnerAndGroupCanRead) {
  const mode_t before = umask(0077);
  start(to_folder());
  info("net", "listening", {{Field::port, 3000}});
  stop();
  umask(before);
  EXPECT_EQ(mode_of(logs() / "messenger.log"), 0640U);
  EXPECT_EQ(mode_of(logs()), 0750U);
  EXPECT_NE(log().find(R"("component":"net","message":"listening","port":3000)"), std::string::npos);
}

TEST_F(Log, KeepsQuietBelowItsLevel) {
  auto settings = to_folder();
  settings.level = Level::warn;
  start(settings);
  info("net", "hidden");
  warn("net", "shown");
  set_level(Level::debug);
  debug("net", "shown later");
  stop();
  EXPECT_EQ(lines_of(log()).size(), 2U);
  EXPECT_EQ(log().find("hidden"), std::string::npos);
}

// Protects every line below the queue's bound, through rotation and from many threads.
TEST_F(Log, LosesNoLineWhileItRotates) {
  auto settings = to_folder();
  settings.file_bytes_max = 32 * 1024;
  constexpr int threads = 8;
  constexpr int lines_each = 500;
  const auto dropped_at_first = dropped_lines();
  start(settings);
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < threads; ++t) {
      writers.emplace_back([t] {
        for (int i = 0; i < lines_each; ++i) {
          info("log", "line", {{Field::count, t * lines_each + i}});
          if (i % 50 == 0) flush();  // more rounds, so more rotations
        }
      });
    }
  }
  stop();
  finish_archive(settings);
  EXPECT_EQ(dropped_lines(), dropped_at_first);

  std::set<std::int64_t> seen;
  auto files = files_ending(logs(), ".log.gz");
  EXPECT_GE(files.size(), 5U);
  files.push_back(logs() / "messenger.log");
  for (const auto& file : files) {
    EXPECT_EQ(mode_of(file), 0640U) << file;
    const auto text = content(file);
    EXPECT_LE(text.size(), settings.file_bytes_max);
    for (const auto& line : lines_of(text)) {
      const auto value = json::parse(line);
      ASSERT_TRUE(value.has_value()) << line;
      seen.insert(value->as_object().at("count").as_int64());
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(threads * lines_each));
  EXPECT_TRUE(files_ending(logs(), ".tmp").empty());
}

TEST_F(Log, StartsANewFileAtMidnightAndDropsOldOnes) {
  std::atomic<std::int64_t> hours = 0;
  const auto begin = system_now();
  auto settings = to_folder();
  settings.keep_days = 3;
  settings.clock = [&hours, begin] { return begin + std::chrono::hours{hours.load()}; };
  start(settings);
  info("log", "first day");
  flush();
  hours = 24;
  info("log", "second day");
  stop();
  finish_archive(settings);
  EXPECT_EQ(lines_of(log()).size(), 1U);
  const auto old = files_ending(logs(), ".log.gz");
  ASSERT_EQ(old.size(), 1U);
  EXPECT_NE(content(old.front()).find("first day"), std::string::npos);

  hours = 24 * 5;  // the compressed file keeps the time of its lines, so it is older than three days now
  start(settings);
  stop();
  EXPECT_TRUE(files_ending(logs(), ".log.gz").empty());
}

// logrotate moves the file and sends SIGHUP.
TEST_F(Log, OpensItsFileAnew) {
  start(to_folder());
  info("log", "before");
  flush();
  fs::rename(logs() / "messenger.log", logs() / "moved");
  reopen();
  flush();
  info("log", "after");
  stop();
  EXPECT_NE(content(logs() / "moved").find("before"), std::string::npos);
  EXPECT_EQ(content(logs() / "moved").find("after"), std::string::npos);
  EXPECT_NE(log().find("after"), std::string::npos);
}

TEST_F(Log, RefusesToStartWithoutItsFile) {
  std::ofstream(folder_.path() / "logs") << "a file where the directory should be";
  EXPECT_THROW(start(to_folder()), std::exception);
}

// A reader that stalls costs lines, not the server: write() returns, the loss is counted and told.
TEST_F(Log, CountsAndReportsWhatAFullQueueLost) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  fcntl(ends[1], F_SETPIPE_SZ, 4096);
  const int saved = dup(STDOUT_FILENO);
  ASSERT_EQ(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
  close(ends[1]);

  Settings settings;
  settings.queue_bytes_max = 8192;
  start(settings);
  const auto dropped_at_first = dropped_lines();
  for (int i = 0; i < 2000; ++i) info("log", "nobody reads this", {{Field::count, i}});
  EXPECT_GT(dropped_lines(), dropped_at_first);

  std::string read_back;
  std::jthread reader([&read_back, from = ends[0]] {
    std::array<char, 4096> buffer{};
    for (ssize_t bytes = 0; (bytes = read(from, buffer.data(), buffer.size())) > 0;) {
      read_back.append(buffer.data(), static_cast<std::size_t>(bytes));
    }
  });
  flush();
  info("log", "room again");
  stop();
  const auto dropped = dropped_lines() - dropped_at_first;
  dup2(saved, STDOUT_FILENO);
  close(saved);
  reader.join();
  close(ends[0]);

  std::uint64_t reported = 0;
  std::size_t lines = 0;
  for (const auto& line : lines_of(read_back)) {
    const auto value = json::parse(line);
    ASSERT_TRUE(value.has_value()) << line;
    if (line.find("dropped because") != std::string::npos) {
      reported += static_cast<std::uint64_t>(value->as_object().at("count").as_int64());
    } else {
      ++lines;
    }
  }
  EXPECT_EQ(reported, dropped);
  EXPECT_EQ(lines + dropped, 2001U);
}

}  // namespace
}  // namespace mcp::log
