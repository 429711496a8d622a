// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Load on a running server, or on a peer that speaks plain WebSocket: prints one JSON object with what was measured.
//
//   bench_load fanout     --receivers N --in-flight K --messages M
//   bench_load throughput --senders S --window W --seconds T
//   bench_load idle       --connections N
// Common: --host --port --tls --pid P (whose CPU time and memory are read) --user NAME (prefix; passwords from
// MCP_BENCH_PASSWORD) --users U --channel ID --peer (no login, no protocol).
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "websocket_client.hpp"

namespace {

using bench::Client;
using bench::Connection;

class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 2; i < argc; ++i) {
      const std::string name = argv[i];
      if (i + 1 < argc && std::strncmp(argv[i + 1], "--", 2) != 0) {
        values_[name] = argv[++i];
      } else {
        values_[name] = "";
      }
    }
  }
  bool has(const std::string& name) const { return values_.contains(name); }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }
  std::size_t number(const std::string& name, std::size_t otherwise) const {
    return has(name) ? static_cast<std::size_t>(std::strtoull(values_.at(name).c_str(), nullptr, 10)) : otherwise;
  }

 private:
  std::map<std::string, std::string> values_;
};

// User and system time of a process with all its threads, in seconds.
double cpu_seconds(std::size_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::stringstream content;
  content << file.rdbuf();
  const std::string text = content.str();
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double resident_bytes(std::size_t pid) {
  std::ifstream file(fmt::format("/proc/{}/statm", pid));
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::string_view member(std::string_view json, std::string_view name) {
  const std::string key = fmt::format("\"{}\":\"", name);
  const auto start = json.find(key);
  if (start == std::string_view::npos) return {};
  const auto value = start + key.size();
  return json.substr(value, json.find('"', value) - value);
}

double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

struct Load {
  explicit Load(const Arguments& arguments)
      : client(arguments.text("--host", "127.0.0.1"), static_cast<std::uint16_t>(arguments.number("--port", 3000)),
               arguments.has("--tls")),
        pid(arguments.number("--pid", 0)),
        peer(arguments.has("--peer")),
        channel(arguments.text("--channel", "00000000-0000-0000-0000-000000000001")) {
    if (peer) return;
    const char* password = std::getenv("MCP_BENCH_PASSWORD");
    if (password == nullptr) bench::give_up("MCP_BENCH_PASSWORD is not set");
    for (std::size_t i = 0; i < arguments.number("--users", 1); ++i) {
      const std::string body =
          fmt::format(R"({{"username":"{}{}","password":"{}"}})", arguments.text("--user", "bench"), i, password);
      tokens.emplace_back(member(client.post_json("/api/auth/login", body), "token"));
    }
  }

  // A connection that is authenticated as one of the users and, if asked, has joined the channel.
  Connection& open(bool join) {
    Connection& connection = client.connect();
    if (peer) return connection;
    bool ready = false;
    const std::string_view awaited = join ? "channel_joined" : "authentication_response";
    connection.on_text = [&](Connection&, std::string_view text) {
      if (text.starts_with(R"({"type":"error")") || text.find(R"("success":false)") != std::string_view::npos) {
        bench::give_up(std::string(text));
      }
      if (text.starts_with(fmt::format(R"({{"type":"{}")", awaited))) ready = true;
    };
    connection.send_text(
        fmt::format(R"({{"type":"authenticate","token":"{}"}})", tokens[connection.index() % tokens.size()]));
    if (join) connection.send_text(fmt::format(R"({{"type":"join_channel","channelId":"{}"}})", channel));
    if (!client.run_until([&] { return ready || !connection.is_open(); }, 20) || !ready) {
      bench::give_up("the connection was not accepted");
    }
    connection.on_text = nullptr;
    return connection;
  }

  void send(Connection& connection, std::size_t number) const {
    connection.send_text(fmt::format(
        R"({{"type":"send_message","channelId":"{}","text":"Bed 4 is ready, the patient can be moved after lunch.","requestId":"{}"}})",
        channel, number));
  }

  Client client;
  std::size_t pid;
  bool peer;
  std::string channel;
  std::vector<std::string> tokens;
};

// One sender, N receivers that joined: `in_flight` messages are on their way at any time.
void fanout(const Arguments& arguments) {
  Load load(arguments);
  const auto receivers = arguments.number("--receivers", 100);
  const auto in_flight = arguments.number("--in-flight", 1);
  const auto messages = arguments.number("--messages", 1000);
  std::size_t delivered = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < receivers; ++i) {
    load.open(true).on_text = [&](Connection&, std::string_view text) {
      if (load.peer || text.starts_with(R"({"type":"new_message")")) {
        ++delivered;
        bytes = text.size();
      }
    };
  }
  Connection& sender = load.open(false);
  std::size_t refused = 0;
  sender.on_text = [&](Connection&, std::string_view text) {
    if (text.starts_with(R"({"type":"error")")) {
      if (refused++ == 0) std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
    }
  };

  const auto run = [&](std::size_t count) {
    delivered = 0;
    std::size_t sent = 0;
    return load.client.run_until(
        [&] {
          while (sent < count && sent - delivered / receivers < in_flight) load.send(sender, sent++);
          return delivered >= count * receivers || refused > 0;
        },
        120);
  };
  if (!run(std::max<std::size_t>(in_flight, messages / 10)) || refused > 0) bench::give_up("warm-up did not finish");
  const double cpu = cpu_seconds(load.pid);
  const double start = bench::now_seconds();
  if (!run(messages) || refused > 0) bench::give_up(fmt::format("only {} deliveries came", delivered));
  const double wall = bench::now_seconds() - start;
  const double used = cpu_seconds(load.pid) - cpu;
  fmt::print(R"({{"deliveries":{},"frame_bytes":{},"cpu_us_per_delivery":{:.4f},"deliveries_per_second":{:.0f}}})"
             "\n",
             delivered, bytes, used * 1e6 / static_cast<double>(delivered), static_cast<double>(delivered) / wall);
}

// S senders, each with W unacknowledged messages; nobody listens.
void throughput(const Arguments& arguments) {
  Load load(arguments);
  const auto senders = arguments.number("--senders", 16);
  const auto window = arguments.number("--window", 1);
  const auto seconds = static_cast<double>(arguments.number("--seconds", 5));
  std::map<std::string, double, std::less<>> sent_at;
  std::vector<double> latencies;
  std::size_t acked = 0;
  std::size_t refused = 0;
  std::size_t number = 0;
  bool measuring = false;
  const auto send = [&](Connection& connection) {
    sent_at[std::to_string(number)] = bench::now_seconds();
    load.send(connection, number++);
  };
  for (std::size_t i = 0; i < senders; ++i) {
    load.open(false).on_text = [&](Connection& connection, std::string_view text) {
      const bool ack = text.starts_with(R"({"type":"message_ack")");
      if (!ack && !text.starts_with(R"({"type":"error")")) return;
      const auto request = sent_at.find(member(text, "requestId"));
      if (ack && measuring) {
        ++acked;
        if (request != sent_at.end()) latencies.push_back(bench::now_seconds() - request->second);
      }
      if (!ack && refused++ == 0) std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
      if (request != sent_at.end()) sent_at.erase(request);
      if (refused < 1000) send(connection);
    };
  }
  for (auto& connection : load.client.connections()) {
    for (std::size_t i = 0; i < window; ++i) send(*connection);
  }
  load.client.run_until([] { return false; }, 1);
  measuring = true;
  const double cpu = cpu_seconds(load.pid);
  const double start = bench::now_seconds();
  load.client.run_until([] { return false; }, seconds);
  const double wall = bench::now_seconds() - start;
  const double used = cpu_seconds(load.pid) - cpu;
  fmt::print(
      R"({{"messages_per_second":{:.0f},"ack_p50_ms":{:.3f},"ack_p99_ms":{:.3f},"cpu_us_per_message":{:.2f},"refused":{}}})"
      "\n",
      static_cast<double>(acked) / wall, percentile(latencies, 0.5) * 1e3, percentile(latencies, 0.99) * 1e3,
      acked > 0 ? used * 1e6 / static_cast<double>(acked) : 0, refused);
}

// N authenticated connections that do nothing.
void idle(const Arguments& arguments) {
  Load load(arguments);
  const auto connections = arguments.number("--connections", 1000);
  for (std::size_t i = 0; i < connections / 10; ++i) load.open(false);  // warms allocator and caches
  const double before = resident_bytes(load.pid);
  for (std::size_t i = 0; i < connections; ++i) load.open(false);
  load.client.run_until([] { return false; }, 1);
  fmt::print(R"({{"connections":{},"bytes_per_connection":{:.0f},"closed":{}}})"
             "\n",
             connections, (resident_bytes(load.pid) - before) / static_cast<double>(connections), load.client.closed());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string scenario = argc > 1 ? argv[1] : "";
  const Arguments arguments(argc, argv);
  if (scenario == "fanout") {
    fanout(arguments);
  } else if (scenario == "throughput") {
    throughput(arguments);
  } else if (scenario == "idle") {
    idle(arguments);
  } else {
    bench::give_up("usage: bench_load fanout|throughput|idle ... (see the head of bench/load_generator.cpp)");
  }
  return 0;
}
