// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The least a durable writer can do: multi-row inserts of message and audit rows into the real tables with their real
// indexes and foreign keys, one pipelined trip and one COMMIT per batch. No checks, no locks, no sealing, no hashing.
// What the server reaches beside it is the price of those.
//
//   MCP_BENCH_DB_PASSWORD=... bench_batch_inserter SOCKET_FOLDER PORT DATABASE USER CHANNEL SENDER KEY BATCH SECONDS
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <cstdlib>

#include "db/link.hpp"

namespace {

using namespace mcp;

constexpr db::Statement head_of_channel{"bench.head", R"sql(
    SELECT coalesce(max(seq), 0)::int8 FROM messages WHERE channel_id = $1)sql"};

constexpr db::Statement insert_messages{"bench.messages", R"sql(
    INSERT INTO messages (id, channel_id, sender_id, encrypted_text, timestamp, seq, rev, created_rev, key_id)
    SELECT id, $2, $3, text, now(), seq, seq, seq, $4 FROM unnest($1::uuid[], $5::int8[], $6::bytea[]) AS m(id, seq, text))sql"};

constexpr db::Statement make_chain{"bench.chain", R"sql(
    INSERT INTO audit_chains (chain_id, instance_name, hostname, started_at, last_seq, last_hash)
    VALUES ($1, 'bench', 'bench', now(), 0, repeat('0', 64)))sql"};

constexpr db::Statement insert_entries{"bench.entries", R"sql(
    INSERT INTO audit_logs (id, user_id, action, details, ip_address, timestamp, chain_id, seq, previous_log_hash,
                            current_log_hash, hostname, process_id, outcome, severity)
    SELECT id, $2, 'message_sent', '{"channelId":"00000000-0000-0000-0000-000000000001","containsPHI":false,"seq":1}',
           '127.0.0.1', now(), $3, seq, repeat('0', 64), repeat('0', 64), 'bench', 1, 'success', 'notice'
    FROM unnest($1::uuid[], $4::int8[]) AS e(id, seq))sql"};

struct Target {
  ChannelId channel;
  UserId sender;
  KeyId key;
  std::size_t batch = 64;
  double seconds = 5;
};

Task<> insert(db::Address address, Target target) {
  db::Link link(co_await asio::this_coro::executor, std::move(address), {});
  co_await link.connect();
  const Uuid chain = Uuid::v4();
  std::vector<db::Command> prepare;
  prepare.push_back({&head_of_channel, db::Params::of(target.channel)});
  prepare.push_back({&make_chain, db::Params::of(chain)});
  const auto head = co_await link.run(std::move(prepare));
  std::int64_t message_seq = head[0][0].get<std::int64_t>(0);
  std::int64_t entry_seq = 0;
  const db::Bytes text(260, 'x');  // a 50-byte message in its envelope

  std::size_t inserted = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  while (seconds() < target.seconds) {
    std::vector<Uuid> ids;
    std::vector<Uuid> entry_ids;
    std::vector<std::int64_t> seqs;
    std::vector<std::int64_t> entry_seqs;
    std::vector<db::Bytes> texts(target.batch, text);
    for (std::size_t i = 0; i < target.batch; ++i) {
      ids.push_back(Uuid::v7());
      entry_ids.push_back(Uuid::v7());
      seqs.push_back(++message_seq);
      entry_seqs.push_back(++entry_seq);
    }
    db::Params messages;
    messages.add_array(ids).add(target.channel).add(target.sender).add(target.key).add_array(seqs).add_array(texts);
    db::Params entries;
    entries.add_array(entry_ids).add(target.sender).add(chain).add_array(entry_seqs);
    std::vector<db::Command> commands;
    commands.push_back({&db::begin_statement, {}});
    commands.push_back({&insert_messages, std::move(messages)});
    commands.push_back({&insert_entries, std::move(entries)});
    commands.push_back({&db::commit_statement, {}});
    co_await link.run(std::move(commands));
    inserted += target.batch;
  }
  fmt::print(R"({{"batch":{},"messages_per_second":{:.0f}}})"
             "\n",
             target.batch, static_cast<double>(inserted) / seconds());
}

}  // namespace

int main(int argc, char** argv) {
  const char* password = std::getenv("MCP_BENCH_DB_PASSWORD");
  if (argc != 10 || password == nullptr) {
    fmt::print(stderr, "see the head of bench/peers/batch_inserter.cpp\n");
    return 64;
  }
  db::Address address;
  address.host = argv[1];
  address.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  address.database = argv[3];
  address.user = argv[4];
  address.password = Secret(password);
  const Target target{.channel = *ChannelId::parse(argv[5]),
                      .sender = *UserId::parse(argv[6]),
                      .key = *KeyId::parse(argv[7]),
                      .batch = static_cast<std::size_t>(std::atoi(argv[8])),
                      .seconds = std::atof(argv[9])};
  asio::io_context context(1);
  std::exception_ptr failure;
  asio::co_spawn(context.get_executor(), insert(std::move(address), target),
                 [&](std::exception_ptr why) { failure = std::move(why); });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return 0;
}
