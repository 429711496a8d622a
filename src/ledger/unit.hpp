// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/id.hpp"
#include "core/result.hpp"
#include "db/params.hpp"
#include "db/rows.hpp"
#include "db/statement.hpp"
#include "ledger/entry.hpp"

namespace mcp::ledger {

// A question of the acquire trip. Asked once per batch for all units together, after the channels are locked:
//   SELECT asked.unit, ... FROM unnest($1::int4[], $2::uuid[], ...) AS asked(unit, ...) JOIN ...
// The ledger adds $1, the number of the asking unit; column 0 of every answer must be it. A look-up that must not
// change until COMMIT locks its rows (FOR NO KEY UPDATE). `order` ranks the look-ups of a batch, lowest first, so that
// all batches lock in one order.
struct Lookup {
  db::Statement statement;
  int order = 0;
};

// A change of the second trip, run once per batch for the rows of all units:
//   INSERT INTO ... SELECT * FROM unnest($1::uuid[], ...)
// It must give for all rows together what it would give one after the other (two rows may name the same target).
// `order` ranks the writes of a batch so that foreign keys hold: parents before children.
struct Write {
  db::Statement statement;
  int order = 0;
};

// What a unit wants locked and asked.
class Acquisition {
 public:
  // The channel's row is locked (with all others of the batch, in id order) and its counters read.
  void lock_channel(ChannelId channel) { channels_.push_back(channel); }
  template <class... T>
  void ask(const Lookup& lookup, const T&... values) {
    ask_encoded(lookup, {db::encode(values)...});
  }

 private:
  friend class Batch;
  void ask_encoded(const Lookup& lookup, std::vector<db::Value> row) { asked_.push_back({&lookup, std::move(row)}); }
  struct Asked {
    const Lookup* lookup;
    std::vector<db::Value> row;
  };
  std::vector<ChannelId> channels_;
  std::vector<Asked> asked_;
};

struct ChannelNumbers {
  std::int64_t seq = 0;  // contract-realtime 6: counts messages
  std::int64_t rev = 0;  // counts all changes
};

class Batch;

// What the database answered to a unit, and what the unit changes. Lives during one build() call.
class Work {
 public:
  // Answers to this unit's questions; column 0 is the unit number, the look-up's own columns follow.
  const std::vector<db::Row>& answers(const Lookup& lookup) const;
  // False when no such channel exists.
  bool channel_exists(ChannelId channel) const;
  // The channel's counters now, changes of earlier units of the batch included.
  ChannelNumbers numbers(ChannelId channel) const;
  ChannelNumbers take_seq_and_rev(ChannelId channel);  // a message: both grow by one
  ChannelNumbers take_rev(ChannelId channel);          // any other change: rev alone

  template <class... T>
  void write(const Write& statement, const T&... values) {
    write_encoded(statement, {db::encode(values)...});
  }
  void audit(Entry entry);
  // What units of one batch tell those behind them: all look-ups are asked before any unit is built, so a change of an
  // earlier unit ("this membership has ended") shows in no answer. Kept only when this unit's build() succeeds.
  void mark(std::string fact);
  bool is_marked(std::string_view fact) const;
  // The time of the batch: the timestamp of its messages and entries.
  Timestamp now() const;

 private:
  friend class Batch;
  Work(Batch& batch, std::size_t unit) : batch_(batch), unit_(unit) {}
  void write_encoded(const Write& statement, std::vector<db::Value> row);
  Batch& batch_;
  std::size_t unit_;
};

// One act: locked, checked, sealed, audited and committed together with the other units of its batch. All members but
// the constructor run on the ledger's thread, must not block, and may run again when the batch is replayed: build()
// must not leave traces outside Work except in the unit's own answer, which it overwrites.
class Unit {
 public:
  virtual ~Unit() = default;

  virtual void acquire(Acquisition& acquisition) const = 0;
  // A refusal is an answer, too: write the audit entry of the refusal and remember it in the unit. A thrown exception
  // fails this unit alone and undoes nothing of others; what it wrote so far is dropped.
  virtual void build(Work& work) = 0;
  // After COMMIT, in commit order. committed() runs before the waiting coroutine is resumed: what must be in force when
  // the act is acknowledged (a listener removed, a session ended). publish() runs right after its resumption was
  // posted, so that an acknowledgement is queued before the event it announces (contract-realtime 6, O3): hub.publish
  // belongs there. Both run before those of any later unit. Must not throw.
  virtual void committed() {}
  virtual void publish() {}
  // Units that share a key never share a batch (a one-time token, an idempotency key, an account's failure counter).
  virtual std::vector<std::string> exclusive_keys() const { return {}; }
  // Sends of one sender on one channel: when one fails by a fault, those queued behind it fail, too, so that their
  // order is kept (contract-realtime 6).
  virtual std::string order_key() const { return {}; }
};

}  // namespace mcp::ledger
