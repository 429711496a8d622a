// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "channels/channel_service.hpp"

#include <algorithm>

#include "audit/events.hpp"
#include "core/limits.hpp"
#include "crypto/envelope.hpp"

namespace mcp::channels {
namespace {

Viewer viewer_of(const Actor& actor) {
  return {.user = actor.user,
          .sees_public = actor.permissions.has(Permission::channel_read),
          .sees_private = actor.permissions.has(Permission::admin_channels)};
}

crypto::Place description_place(ChannelId channel) {
  return {.purpose = crypto::Purpose::channel_description, .subject = {}, .channel = channel.uuid(), .owner = {}};
}

// The key an envelope names; nothing when it is too damaged to name one.
std::optional<KeyId> key_of(std::string_view envelope) {
  constexpr std::string_view begin = R"({"v":1,"keyId":")";
  return envelope.starts_with(begin) ? KeyId::parse(envelope.substr(begin.size(), 36)) : std::nullopt;
}

ledger::Entry failed_to_open(const Actor& actor, ChannelId channel, std::string_view envelope) {
  audit::Details details = audit::Details().id("channelId", channel);
  const auto key = key_of(envelope);
  key ? details.id("keyId", *key) : details.null("keyId");
  return audit::entry("decryption_failed", actor, std::move(details), ledger::Outcome::failure);
}

ChannelPlace place_of(const StoredChannel& stored) { return {.key = stored.sort_key, .id = stored.channel.id}; }

}  // namespace

ChannelService::ChannelService(db::Database& database, ledger::Ledger& ledger, const crypto::Keyring& keys)
    : store_(database), ledger_(ledger), keys_(keys) {}

Task<Result<ChannelPage>> ChannelService::list(Actor actor, ChannelQuery query) {
  const auto viewer = viewer_of(actor);
  const auto limit = std::clamp<std::size_t>(query.limit, 1, limits::page_size_max);
  // The page in front of a place is the list read backwards from it.
  const bool is_backwards = query.before.has_value();
  ChannelList list{.filter = query.filter,
                   .sort = query.sort,
                   .ascending = query.ascending != is_backwards,
                   .behind = is_backwards ? query.before : query.after,
                   .limit = static_cast<std::int64_t>(limit) + 1};
  auto stored = co_await store_.list(viewer, std::move(list));
  const bool has_more = stored.size() > limit;
  if (has_more) stored.pop_back();
  if (is_backwards) std::ranges::reverse(stored);

  ChannelPage page;
  page.total = co_await store_.count(viewer, query.filter);
  if (!stored.empty()) {
    if (is_backwards ? has_more : query.after.has_value()) page.first = place_of(stored.front());
    if (is_backwards || has_more) page.last = place_of(stored.back());
  }
  page.channels = co_await with_descriptions(std::move(actor), std::move(stored));
  co_return page;
}

Task<Result<Channel>> ChannelService::find(Actor actor, ChannelId channel) {
  auto stored = co_await store_.find(viewer_of(actor), channel);
  if (!stored) co_return fail(ErrorCode::not_found, "Not found");
  std::vector<StoredChannel> one;
  one.push_back(std::move(*stored));
  auto channels = co_await with_descriptions(std::move(actor), std::move(one));
  co_return std::move(channels.front());
}

Task<std::vector<Channel>> ChannelService::with_descriptions(Actor actor, std::vector<StoredChannel> stored) {
  std::vector<Channel> channels;
  std::vector<std::shared_ptr<ledger::Unit>> failures;
  for (auto& one : stored) {
    Channel channel = std::move(one.channel);
    if (one.encrypted_description) {
      const auto text = crypto::open_envelope(keys_, description_place(channel.id), *one.encrypted_description);
      if (text) {
        channel.description = std::string(text->reveal());
      } else {
        failures.push_back(
            std::make_shared<ledger::AuditUnit>(failed_to_open(actor, channel.id, *one.encrypted_description)));
      }
    }
    channels.push_back(std::move(channel));
  }
  for (auto& failure : failures) co_await ledger_.commit(std::move(failure));
  co_return channels;
}

}  // namespace mcp::channels
