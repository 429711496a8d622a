// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/direct_channel_service.hpp"

#include "channels/channel.hpp"
#include "channels/membership_store.hpp"
#include "identity/standing_store.hpp"

namespace mcp::channels {
namespace {

class OpenUnit : public ledger::Unit {
 public:
  OpenUnit(Actor actor, UserId peer, audit::Operation operation)
      : actor_(std::move(actor)),
        peer_(peer),
        operation_(operation),
        key_(direct_key(actor_.user, peer)),
        new_channel_(Uuid::v4()) {}

  void acquire(ledger::Acquisition& acquisition) const override {
    identity::ask_standing(acquisition, actor_, {Permission::message_create});
    ask_direct_pair(acquisition, key_, peer_);
  }

  void build(ledger::Work& work) override {
    answer_ = decide(work);
    if (!answer_ || !answer_->is_new) return;
    write_direct_channel(work, new_channel_, key_, actor_.user);
    for (const auto user : {actor_.user, peer_}) {
      write_membership(work, new_channel_, user, ChannelRole::member, 0, actor_.user);
    }
    work.audit(audit::entry("direct_channel_created", actor_,
                            audit::Details().id("channelId", new_channel_).id("peerId", peer_)));
  }

  // Both parties may write first at once: the second finds the channel of the first.
  std::vector<std::string> exclusive_keys() const override { return {"direct:" + key_}; }

  Result<DirectChannel> answer() const { return answer_; }

 private:
  Result<DirectChannel> decide(ledger::Work& work) {
    const auto standing = identity::read_standing(work);
    if (auto good = identity::require_standing(work, actor_, standing, operation_); !good) {
      return std::unexpected(std::move(good.error()));
    }
    const auto pair = read_direct_pair(work);
    if (!pair.is_peer_active) return fail(ErrorCode::not_found, "Not found");
    if (auto may =
            identity::require_permission(work, actor_, standing, Permission::message_create, operation_, peer_.uuid());
        !may) {
      return std::unexpected(std::move(may.error()));
    }
    if (pair.channel) return DirectChannel{.id = *pair.channel, .is_new = false};
    return DirectChannel{.id = new_channel_, .is_new = true};
  }

  Actor actor_;
  UserId peer_;
  audit::Operation operation_;
  std::string key_;
  ChannelId new_channel_;
  Result<DirectChannel> answer_ = fail(ErrorCode::internal, "not built");
};

}  // namespace

DirectChannelService::DirectChannelService(db::Database& database, ledger::Ledger& ledger)
    : store_(database), ledger_(ledger) {}

Task<Result<DirectChannel>> DirectChannelService::open(Actor actor, UserId peer, audit::Operation operation) {
  if (peer == actor.user) co_return fail(ErrorCode::not_found, "Not found");
  const auto pair = co_await store_.find(direct_key(actor.user, peer), peer);
  if (!pair.is_peer_active) co_return fail(ErrorCode::not_found, "Not found");
  if (pair.channel) co_return DirectChannel{.id = *pair.channel, .is_new = false};
  const auto unit = std::make_shared<OpenUnit>(std::move(actor), peer, operation);
  co_await ledger_.commit(unit);
  co_return unit->answer();
}

}  // namespace mcp::channels
