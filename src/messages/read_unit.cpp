// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "messages/read_unit.hpp"

#include "channels/membership_store.hpp"
#include "identity/standing_store.hpp"

namespace mcp::messages {

ReadUnit::ReadUnit(Actor actor, ChannelId channel, Opened opened)
    : actor_(std::move(actor)),
      channel_(channel),
      opened_(std::move(opened)),
      answer_(fail(ErrorCode::internal, "not built")) {}

void ReadUnit::acquire(ledger::Acquisition& acquisition) const {
  identity::ask_standing(acquisition, actor_, {Permission::message_read});
  channels::ask_membership(acquisition, channel_, actor_.user);
}

void ReadUnit::build(ledger::Work& work) {
  for (const auto& failed : opened_.failed) {
    audit::Details details = audit::Details().id("messageId", failed.message);
    failed.key ? details.id("keyId", *failed.key) : details.null("keyId");
    work.audit(audit::entry("decryption_failed", actor_, std::move(details), ledger::Outcome::failure));
  }
  answer_ = decide(work);
  if (opened_.seqs.empty()) return;
  // Written for a refused reader as well: the texts were decrypted, and the counts add up to the decryptions.
  const std::vector<audit::ChannelRanges> read{{.channel = channel_,
                                                .ranges = audit::to_ranges(opened_.seqs),
                                                .count = static_cast<std::int64_t>(opened_.seqs.size())}};
  work.audit(audit::entry("phi_access", actor_, audit::phi_access("fetch", read),
                          answer_ ? ledger::Outcome::success : ledger::Outcome::denied));
}

Result<> ReadUnit::decide(ledger::Work& work) const {
  const auto standing = identity::read_standing(work);
  if (auto good = identity::require_standing(work, actor_, standing, read_operation); !good) return good;
  if (!channels::read_membership(work, channel_, actor_.user).is_member()) {
    work.audit(audit::access_denied(actor_, read_operation, "not_member", channel_.uuid()));
    return fail_recorded(ErrorCode::not_found, "Not found");
  }
  return identity::require_permission(work, actor_, standing, Permission::message_read, read_operation,
                                      channel_.uuid());
}

}  // namespace mcp::messages
