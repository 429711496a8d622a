// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/membership_service.hpp"

#include <algorithm>

#include "audit/events.hpp"
#include "channels/channel_json.hpp"
#include "channels/membership_store.hpp"
#include "identity/standing_store.hpp"

namespace mcp::channels {
namespace {

constexpr audit::Operation join_operation{.route = "POST /api/channels/:id/members", .frame_type = "join_channel"};
constexpr audit::Operation leave_operation{.route = "DELETE /api/channels/:id/members/:userId",
                                           .frame_type = "leave_channel"};

// Joins and leaves of one person on one channel never share a batch: the second must see what the first has done.
std::string membership_key(ChannelId channel, UserId user) {
  return "membership:" + channel.text() + ':' + user.text();
}

audit::Details membership_details(const Actor& actor, ChannelId channel) {
  return audit::Details().id("channelId", channel).word("via", audit::name(actor.via));
}

// What a connection was sent live of one channel. The count stays null: live delivery decrypts nothing, and the sum of
// the counts is the number of decryptions (contract-rest 9.3).
audit::ChannelRanges sent_live(const LiveRange& live) {
  audit::ChannelRanges ranges{.channel = live.channel, .ranges = {}, .count = std::nullopt};
  if (live.last >= live.first) ranges.ranges.emplace_back(live.first, live.last);
  return ranges;
}

class JoinUnit : public ledger::Unit {
 public:
  JoinUnit(Actor actor, ChannelId channel, realtime::ConnectionRef connection, bool is_live, realtime::Hub& hub)
      : actor_(std::move(actor)), channel_(channel), connection_(connection), is_live_(is_live), hub_(hub) {}

  void acquire(ledger::Acquisition& acquisition) const override {
    acquisition.lock_channel(channel_);
    identity::ask_standing(acquisition, actor_, {Permission::message_read, Permission::channel_join});
    ask_membership(acquisition, channel_, actor_.user);
  }

  void build(ledger::Work& work) override {
    becomes_member_ = false;
    answer_ = decide(work);
    if (!answer_) return;
    at_ = work.now();
    if (becomes_member_) {
      write_membership(work, channel_, actor_.user, ChannelRole::member, answer_->head_seq, std::nullopt);
      work.audit(audit::entry("channel_joined", actor_, membership_details(actor_, channel_)));
    }
    if (is_live_) return;
    const std::vector<audit::ChannelRanges> open{
        {.channel = channel_, .ranges = {{answer_->live_from, std::nullopt}}, .count = std::nullopt}};
    work.audit(audit::entry("phi_access", actor_, audit::phi_access("live", open)));
  }

  void committed() override {
    if (!answer_) return;
    if (becomes_member_) {  // before the subscription: the person concerned is not told
      hub_.publish({.channel = channel_,
                    .frame = realtime::text_frame(member_joined_event(actor_, channel_, ChannelRole::member, at_)),
                    .sender_frame = {},
                    .sender = actor_.user});
    }
    if (!is_live_) hub_.subscribe(connection_, channel_, answer_->live_from);
  }

  std::vector<std::string> exclusive_keys() const override { return {membership_key(channel_, actor_.user)}; }

  // Copied: publish() may still run on the ledger's thread.
  Result<Joined> answer() const { return answer_; }

 private:
  Result<Joined> decide(ledger::Work& work) {
    const auto standing = identity::read_standing(work);
    if (auto good = identity::require_standing(work, actor_, standing, join_operation); !good) {
      return std::unexpected(std::move(good.error()));
    }
    const auto membership = read_membership(work, channel_, actor_.user);
    if (!membership.is_member()) {
      const bool is_visible = membership.channel_exists && membership.kind == ChannelKind::public_ &&
                              actor_.permissions.has(Permission::channel_read);
      if (!is_visible) {
        work.audit(audit::access_denied(actor_, join_operation, "not_member", channel_.uuid()));
        return fail_recorded(ErrorCode::not_found, "Not found");
      }
    }
    if (auto may = identity::require_permission(work, actor_, standing, Permission::message_read, join_operation,
                                                channel_.uuid());
        !may) {
      return std::unexpected(std::move(may.error()));
    }
    if (!membership.is_member()) {
      if (auto may = identity::require_permission(work, actor_, standing, Permission::channel_join, join_operation,
                                                  channel_.uuid());
          !may) {
        return std::unexpected(std::move(may.error()));
      }
      if (membership.is_archived) return fail(ErrorCode::conflict, "Channel is archived");
    }
    becomes_member_ = !membership.is_member();
    const auto numbers = work.numbers(channel_);
    return Joined{.channel = channel_,
                  .head_seq = numbers.seq,
                  .head_rev = numbers.rev,
                  .live_from = numbers.seq + 1,
                  .last_read_seq = becomes_member_ ? numbers.seq : membership.last_read_seq,
                  .role = membership.role.value_or(ChannelRole::member)};
  }

  Actor actor_;
  ChannelId channel_;
  realtime::ConnectionRef connection_;
  bool is_live_;
  realtime::Hub& hub_;

  bool becomes_member_ = false;
  Timestamp at_;
  Result<Joined> answer_ = fail(ErrorCode::internal, "not built");
};

class LeaveUnit : public ledger::Unit {
 public:
  LeaveUnit(Actor actor, LiveRange live, bool keep_membership, realtime::ConnectionRef connection, realtime::Hub& hub)
      : actor_(std::move(actor)),
        channel_(live.channel),
        live_(live),
        keep_membership_(keep_membership),
        connection_(connection),
        hub_(hub) {}

  void acquire(ledger::Acquisition& acquisition) const override {
    acquisition.lock_channel(channel_);
    identity::ask_standing(acquisition, actor_, {Permission::message_read});
    ask_membership(acquisition, channel_, actor_.user);
    if (!keep_membership_) ask_others(acquisition, channel_, actor_.user);
  }

  void build(ledger::Work& work) override {
    ends_membership_ = false;
    answer_ = decide(work);
    if (!answer_) return;
    at_ = work.now();
    if (work.channel_exists(channel_)) last_seq_ = work.numbers(channel_).seq;
    if (ends_membership_) {
      delete_membership(work, channel_, actor_.user);
      work.audit(audit::entry("channel_left", actor_, membership_details(actor_, channel_)));
    }
    if (live_.first > 0) {
      const LiveRange sent{.channel = channel_, .first = live_.first, .last = std::max(live_.last, last_seq_)};
      work.audit(audit::entry("phi_access", actor_, audit::phi_access("live", {sent_live(sent)})));
    }
  }

  // The listener is gone before the leave is acknowledged.
  void committed() override {
    if (!answer_) return;
    hub_.unsubscribe(connection_, channel_, {});
    if (ends_membership_) {
      hub_.unsubscribe_user(actor_.user, channel_,
                            realtime::text_frame(channel_left_notice(channel_, "membership_ended", at_)));
    }
  }

  void publish() override {
    if (!answer_ || !ends_membership_) return;
    hub_.publish({.channel = channel_,
                  .frame = realtime::text_frame(member_left_event(actor_, channel_, last_seq_, at_)),
                  .sender_frame = {},
                  .sender = actor_.user});
  }

  // Leaves that may end a membership exclude each other on a channel: two last administrators must not both go.
  std::vector<std::string> exclusive_keys() const override {
    std::vector<std::string> keys{membership_key(channel_, actor_.user)};
    if (!keep_membership_) keys.push_back("leave:" + channel_.text());
    return keys;
  }

  Result<> answer() const { return answer_; }

 private:
  Result<> decide(ledger::Work& work) {
    const auto standing = identity::read_standing(work);
    if (auto good = identity::require_standing(work, actor_, standing, leave_operation); !good) return good;
    const auto membership = read_membership(work, channel_, actor_.user);
    ends_membership_ = !keep_membership_ && membership.is_member() && membership.kind == ChannelKind::public_;
    if (!ends_membership_ || membership.role != ChannelRole::admin) return {};
    const auto others = read_others(work);
    if (others.members > 0 && others.admins == 0) {
      return fail(ErrorCode::last_admin, "The last admin of a channel with other members cannot leave");
    }
    return {};
  }

  Actor actor_;
  ChannelId channel_;
  LiveRange live_;
  bool keep_membership_;
  realtime::ConnectionRef connection_;
  realtime::Hub& hub_;

  bool ends_membership_ = false;
  std::int64_t last_seq_ = 0;
  Timestamp at_;
  Result<> answer_ = fail(ErrorCode::internal, "not built");
};

// One entry holds at most this many channels: about 110 bytes each, within limits::audit_details_bytes_max.
constexpr std::size_t channels_per_entry = 50;

}  // namespace

MembershipService::MembershipService(ledger::Ledger& ledger, realtime::Hub& hub) : ledger_(ledger), hub_(hub) {}

Task<Result<Joined>> MembershipService::join(Actor actor, ChannelId channel, realtime::ConnectionRef connection,
                                             bool is_live) {
  const auto unit = std::make_shared<JoinUnit>(std::move(actor), channel, connection, is_live, hub_);
  co_await ledger_.commit(unit);
  co_return unit->answer();
}

Task<Result<>> MembershipService::leave(Actor actor, ChannelId channel, bool keep_membership,
                                        realtime::ConnectionRef connection, LiveRange live) {
  live.channel = channel;
  const auto unit = std::make_shared<LeaveUnit>(std::move(actor), live, keep_membership, connection, hub_);
  co_await ledger_.commit(unit);
  co_return unit->answer();
}

void MembershipService::delivery_ended(const Actor& actor, std::vector<LiveRange> ranges) {
  std::erase_if(ranges, [](const LiveRange& live) { return live.first <= 0; });
  for (std::size_t at = 0; at < ranges.size(); at += channels_per_entry) {
    std::vector<audit::ChannelRanges> sent;
    for (std::size_t i = at; i < std::min(ranges.size(), at + channels_per_entry); ++i) {
      sent.push_back(sent_live(ranges[i]));
    }
    ledger_.submit(
        std::make_shared<ledger::AuditUnit>(audit::entry("phi_access", actor, audit::phi_access("live", sent))));
  }
}

}  // namespace mcp::channels
