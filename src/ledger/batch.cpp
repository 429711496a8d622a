// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "ledger/batch.hpp"

#include <algorithm>
#include <iterator>

#include "core/check.hpp"
#include "core/limits.hpp"

namespace mcp::ledger {

Batch::Batch(const ChainIdentity& identity, Timestamp now, const std::vector<std::shared_ptr<Unit>>& units)
    : identity_(identity), now_(now), units_(units) {}

void Batch::ask(std::size_t unit, const Lookup* lookup, const std::vector<db::Value>& row) {
  auto& together = asked_[{lookup->order, lookup->statement.name}];
  together.lookup = lookup;
  std::vector<db::Value> numbered;
  numbered.reserve(row.size() + 1);
  numbered.push_back(db::encode(static_cast<std::int32_t>(unit)));
  numbered.insert(numbered.end(), row.begin(), row.end());
  together.rows.add_encoded(std::move(numbered));
}

std::vector<db::Command> Batch::acquire_commands() {
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    Acquisition acquisition;
    units_[unit]->acquire(acquisition);
    channels_.insert(channels_.end(), acquisition.channels_.begin(), acquisition.channels_.end());
    for (const auto& asked : acquisition.asked_) ask(unit, asked.lookup, asked.row);
  }
  std::sort(channels_.begin(), channels_.end());
  channels_.erase(std::unique(channels_.begin(), channels_.end()), channels_.end());

  std::vector<db::Command> commands;
  commands.push_back({&db::begin_statement, {}});
  if (!channels_.empty()) {
    locks_channels_ = true;
    commands.push_back(chain::lock_channels(channels_));
  }
  // Look-ups are statements of their own behind the locks: folded into them they would read the older snapshot.
  for (const auto& [key, together] : asked_) {
    commands.push_back({&together.lookup->statement, together.rows.params()});
  }
  commands.push_back(chain::lock_head(identity_.chain));
  return commands;
}

void Batch::take_answers(const std::vector<db::Rows>& answers) {
  std::size_t at = 1;  // behind BEGIN
  if (locks_channels_) {
    for (const auto row : answers.at(at++)) {
      numbers_[row.get<ChannelId>(0)] = {row.get<std::int64_t>(1), row.get<std::int64_t>(2)};
    }
  }
  for (auto& [key, together] : asked_) {
    together.answers = answers.at(at++);
    for (const auto row : together.answers) together.by_unit[row.get<std::int32_t>(0)].push_back(row);
  }
  head_ = chain::read_head(answers.at(at++));
  CHECK(at == answers.size());
}

std::vector<std::exception_ptr> Batch::build() {
  std::vector<std::exception_ptr> failures(units_.size());
  std::map<std::string, std::exception_ptr> failed_keys;  // what was sent behind a failed unit fails with it
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    staged_ = {};
    const auto order_key = failed_keys.empty() ? std::string() : units_[unit]->order_key();
    if (const auto failed = failed_keys.find(order_key); failed != failed_keys.end()) {
      failures[unit] = failed->second;
      continue;
    }
    Work work(*this, unit);
    try {
      units_[unit]->build(work);
      merge(std::move(staged_));
    } catch (...) {
      failures[unit] = std::current_exception();
      if (auto key = units_[unit]->order_key(); !key.empty()) failed_keys.emplace(std::move(key), failures[unit]);
    }
  }
  return failures;
}

void Batch::merge(Staged staged) {
  for (auto& [write, row] : staged.writes) {
    auto& together = writes_[{write->order, write->statement.name}];
    together.first = write;
    together.second.add_encoded(std::move(row));
  }
  for (const auto& [channel, numbers] : staged.numbers) {
    numbers_[channel] = numbers;
    counted_.insert(channel);
  }
  std::move(staged.entries.begin(), staged.entries.end(), std::back_inserter(entries_));
  std::move(staged.marks.begin(), staged.marks.end(), std::inserter(marks_, marks_.end()));
}

std::vector<db::Command> Batch::commit_commands() {
  std::vector<db::Command> commands;
  for (const auto& [key, together] : writes_) {
    commands.push_back({&together.first->statement, together.second.params()});
  }
  if (!counted_.empty()) {
    std::vector<chain::Counter> counters;
    counters.reserve(counted_.size());
    for (const auto& channel : counted_) {
      const auto& numbers = numbers_.at(channel);
      counters.push_back({channel, numbers.seq, numbers.rev});
    }
    commands.push_back(chain::store_counters(counters, now_));
  }
  has_entries_ = !entries_.empty();
  if (has_entries_) {
    const auto chained = chain::link_entries(std::move(entries_), identity_, now_, head_);
    commands.push_back(chain::insert_entries(chained));
    commands.push_back(chain::store_head(identity_.chain, head_));
  }
  commands.push_back({&db::commit_statement, {}});
  return commands;
}

const std::vector<db::Row>& Work::answers(const Lookup& lookup) const {
  static const std::vector<db::Row> none;
  const auto together = batch_.asked_.find({lookup.order, lookup.statement.name});
  if (together == batch_.asked_.end()) return none;
  const auto rows = together->second.by_unit.find(static_cast<std::int32_t>(unit_));
  return rows == together->second.by_unit.end() ? none : rows->second;
}

bool Work::channel_exists(ChannelId channel) const { return batch_.numbers_.contains(channel); }

ChannelNumbers Work::numbers(ChannelId channel) const {
  if (const auto staged = batch_.staged_.numbers.find(channel); staged != batch_.staged_.numbers.end()) {
    return staged->second;
  }
  const auto locked = batch_.numbers_.find(channel);
  CHECK(locked != batch_.numbers_.end());  // numbers exist only for a channel that was locked
  return locked->second;
}

ChannelNumbers Work::take_seq_and_rev(ChannelId channel) {
  const auto now = numbers(channel);
  return batch_.staged_.numbers[channel] = {now.seq + 1, now.rev + 1};
}

ChannelNumbers Work::take_rev(ChannelId channel) {
  const auto now = numbers(channel);
  return batch_.staged_.numbers[channel] = {now.seq, now.rev + 1};
}

void Work::write_encoded(const Write& statement, std::vector<db::Value> row) {
  batch_.staged_.writes.emplace_back(&statement, std::move(row));
}

void Work::audit(Entry entry) {
  CHECK(entry.details.size() <= limits::audit_details_bytes_max);
  batch_.staged_.entries.push_back(std::move(entry));
}

void Work::mark(std::string fact) { batch_.staged_.marks.push_back(std::move(fact)); }

bool Work::is_marked(std::string_view fact) const { return batch_.marks_.contains(fact); }

Timestamp Work::now() const { return batch_.now_; }

}  // namespace mcp::ledger
