// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "messages/send_unit.hpp"

#include "channels/membership_store.hpp"
#include "core/check.hpp"
#include "crypto/envelope.hpp"
#include "identity/standing_store.hpp"
#include "messages/message_json.hpp"

namespace mcp::messages {

SendUnit::SendUnit(Actor actor, Draft draft, std::vector<std::string> mentioned, std::optional<crypto::Sha256> body_mac,
                   crypto::Keyring& keys, realtime::Hub& hub)
    : actor_(std::move(actor)),
      draft_(std::move(draft)),
      channel_(draft_.channel.value_or(ChannelId{})),
      mentioned_(std::move(mentioned)),
      body_mac_(body_mac),
      keys_(keys),
      hub_(hub),
      id_(Uuid::v7()),
      answer_(fail(ErrorCode::internal, "not built")) {
  CHECK(!channel_.is_zero());
  CHECK(draft_.client_message_id.has_value() == body_mac_.has_value());
}

void SendUnit::acquire(ledger::Acquisition& acquisition) const {
  acquisition.lock_channel(channel_);
  identity::ask_standing(acquisition, actor_, {Permission::message_create});
  channels::ask_membership(acquisition, channel_, actor_.user);
  if (draft_.client_message_id) ask_earlier_send(acquisition, channel_, actor_.user, *draft_.client_message_id);
  ask_mentioned(acquisition, channel_, mentioned_);
}

void SendUnit::build(ledger::Work& work) { answer_ = decide(work); }

// In the order of contract-realtime 3: session and account, existence and membership, permission, state.
Result<Sent> SendUnit::decide(ledger::Work& work) {
  const auto standing = identity::read_standing(work);
  if (auto good = identity::require_standing(work, actor_, standing, send_operation); !good) {
    return std::unexpected(std::move(good.error()));
  }
  const auto membership = channels::read_membership(work, channel_, actor_.user);
  if (auto good = check_membership(work, membership); !good) return std::unexpected(std::move(good.error()));
  if (auto may = identity::require_permission(work, actor_, standing, Permission::message_create, send_operation,
                                              channel_.uuid());
      !may) {
    return std::unexpected(std::move(may.error()));
  }
  // A retry gets its answer whatever became of the channel since.
  if (const auto earlier = read_earlier_send(work)) return repeat(*earlier, membership, work);
  if (membership.is_archived) return fail(ErrorCode::conflict, "Channel is archived");
  if (membership.posting_role && *membership.role < *membership.posting_role) {
    work.audit(audit::access_denied(actor_, send_operation, "posting_role", channel_.uuid()));
    return fail_recorded(ErrorCode::forbidden, "Posting in this channel needs a higher channel role");
  }
  auto sent = compose(work, membership);
  write(work, sent);
  return sent;
}

// An unknown and an invisible channel answer alike; only one that the actor can see says why.
Result<> SendUnit::check_membership(ledger::Work& work, const channels::Membership& membership) const {
  if (membership.is_member()) return {};
  work.audit(audit::access_denied(actor_, send_operation, "not_member", channel_.uuid()));
  const bool is_visible = membership.channel_exists && membership.kind == channels::ChannelKind::public_ &&
                          actor_.permissions.has(Permission::channel_read);
  return is_visible ? fail_recorded(ErrorCode::forbidden, "Only members can send to this channel")
                    : fail_recorded(ErrorCode::not_found, "Not found");
}

Result<Sent> SendUnit::repeat(const EarlierSend& earlier, const channels::Membership& membership,
                              const ledger::Work& work) const {
  if (!crypto::equal_constant_time(earlier.body_mac, *body_mac_)) {
    return fail(ErrorCode::conflict, "clientMessageId was already used for another message");
  }
  // The body is the same byte for byte, so its metadata needs no decryption: only the mentions are looked up again.
  return Sent{.id = earlier.id,
              .channel = channel_,
              .recipient = channels::other_party(membership.direct_key, actor_.user),
              .seq = earlier.seq,
              .rev = earlier.rev,
              .version = 1,
              .contains_phi = earlier.contains_phi,
              .metadata = with_mentions(draft_.metadata.value_or(""), read_mentioned(work)),
              .timestamp = earlier.timestamp,
              .client_message_id = draft_.client_message_id,
              .repeated = true};
}

Sent SendUnit::compose(ledger::Work& work, const channels::Membership& membership) const {
  const auto numbers = work.take_seq_and_rev(channel_);
  return Sent{.id = id_,
              .channel = channel_,
              .recipient = channels::other_party(membership.direct_key, actor_.user),
              .seq = numbers.seq,
              .rev = numbers.rev,
              .version = 1,
              .contains_phi = draft_.contains_phi,
              .metadata = with_mentions(draft_.metadata.value_or(""), read_mentioned(work)),
              .timestamp = work.now(),
              .client_message_id = draft_.client_message_id,
              .repeated = false};
}

void SendUnit::write(ledger::Work& work, const Sent& sent) const {
  crypto::Place place{.purpose = crypto::Purpose::message_text,
                      .subject = id_.uuid(),
                      .channel = channel_.uuid(),
                      .owner = actor_.user.uuid(),
                      .seq = static_cast<std::uint64_t>(sent.seq),
                      .version = static_cast<std::uint32_t>(sent.version)};
  auto text = crypto::seal_envelope(keys_, place, draft_.text.reveal());
  place.purpose = crypto::Purpose::message_metadata;
  auto metadata = crypto::seal_envelope(keys_, place, sent.metadata);
  write_message(work, {.id = id_,
                       .channel = channel_,
                       .sender = actor_.user,
                       .numbers = {.seq = sent.seq, .rev = sent.rev},
                       .encrypted_text = std::move(text.json),
                       .text_key = text.key,
                       .encrypted_metadata = std::move(metadata.json),
                       .contains_phi = sent.contains_phi,
                       .client_message_id = draft_.client_message_id,
                       .body_mac = body_mac_});
  channels::write_read_position(work, channel_, actor_.user, sent.seq, id_);  // the sender has read the own message
  work.audit(audit::entry("message_sent", actor_,
                          audit::Details()
                              .id("messageId", id_)
                              .id("channelId", channel_)
                              .number("seq", sent.seq)
                              .flag("containsPHI", sent.contains_phi)
                              .word("via", audit::name(actor_.via))));
}

Message SendUnit::event_message(const Sent& sent) {
  return Message{.id = sent.id,
                 .channel = sent.channel,
                 .recipient = sent.recipient,
                 .sender = actor_.user,
                 .sender_name = actor_.username,
                 .seq = sent.seq,
                 .rev = sent.rev,
                 .version = sent.version,
                 .client_message_id = sent.client_message_id,
                 .text = std::move(draft_.text),  // nobody needs it after the commit
                 .contains_phi = sent.contains_phi,
                 .metadata = sent.metadata,
                 .reactions = {},
                 .timestamp = sent.timestamp,
                 .edited_at = {},
                 .deleted_at = {},
                 .deleted_by = {}};
}

// Encoded once for all; a second time only when the sender's own connections see a clientMessageId.
void SendUnit::publish() {
  if (!answer_ || answer_->repeated) return;
  const Message message = event_message(*answer_);
  realtime::ChannelEvent event{
      .channel = channel_,
      .seq = message.seq,
      .rev = message.rev,
      .frame = realtime::text_frame(new_message_event(message, Audience::everybody, message.timestamp)),
      .sender_frame = {},
      .sender = actor_.user};
  if (message.client_message_id) {
    event.sender_frame = realtime::text_frame(new_message_event(message, Audience::own_sockets, message.timestamp));
  }
  hub_.publish(std::move(event));
}

std::vector<std::string> SendUnit::exclusive_keys() const {
  if (!draft_.client_message_id) return {};
  return {"send:" + channel_.text() + ':' + actor_.user.text() + ':' + *draft_.client_message_id};
}

std::string SendUnit::order_key() const { return "send:" + channel_.text() + ':' + actor_.user.text(); }

}  // namespace mcp::messages
