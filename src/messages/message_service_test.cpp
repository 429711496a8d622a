// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// Protects the path of a message: who may send and read, that what is acknowledged is stored sealed and audited exactly
// once, that numbers have no gap, and that a text is shown only where it was written.
#include "messages/message_service.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messages/message_json.hpp"
#include "support/chat.hpp"

namespace mcp::messages {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Draft draft(ChannelId channel, std::string_view text, std::optional<std::string> key = std::nullopt) {
  Draft made;
  made.channel = channel;
  made.text = MessageText(std::string(text));
  made.client_message_id = std::move(key);
  return made;
}

Draft draft_to(UserId recipient, std::string_view text) {
  Draft made;
  made.recipient = recipient;
  made.text = MessageText(std::string(text));
  return made;
}

class MessageServiceTest : public testing::Test {
 protected:
  Result<Sent> send(const Actor& actor, Draft what) { return chat.run(service.send(actor, std::move(what))); }
  std::vector<Result<Sent>> send_together(std::vector<std::pair<Actor, Draft>> sends) {
    std::vector<Task<Result<Sent>>> tasks;
    tasks.reserve(sends.size());
    for (auto& [actor, what] : sends) tasks.push_back(service.send(actor, std::move(what)));
    return chat.run_together(std::move(tasks));
  }
  Result<History> history(const Actor& actor, ChannelId channel, bool ascending = true) {
    return chat.run(service.history(
        actor,
        {.channel = channel, .after_seq = {}, .before_seq = {}, .ascending = ascending, .from_newest = !ascending}));
  }
  std::vector<std::string> texts(const Actor& actor, ChannelId channel) {
    std::vector<std::string> read;
    for (const auto& message : history(actor, channel)->messages) read.emplace_back(message.text.reveal());
    return read;
  }

  test::Chat chat;
  MessageService service{chat.pool, chat.ledger, chat.keys, chat.hub, {.text_code_points_max = 100}};
  Actor amara = chat.person("amara");
  Actor bo = chat.person("bo-2");
  ChannelId ward = chat.channel("Ward 4", "private", {amara, bo});
};

TEST_F(MessageServiceTest, StoresWhatItAcknowledgesAndGivesItBack) {
  const auto sent = send(amara, draft(ward, "Bed 4 is ready\n\tnow", "k-1"));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->seq, 1);
  EXPECT_EQ(sent->rev, 1);
  EXPECT_FALSE(sent->repeated);
  EXPECT_THAT(texts(bo, ward), ElementsAre("Bed 4 is ready\n\tnow"));
  EXPECT_EQ(chat.entries("message_sent"), 1);
  EXPECT_THAT(chat.details("message_sent"), HasSubstr(sent->id.text()));
  EXPECT_EQ(chat.number("SELECT last_seq FROM channels WHERE id = '" + ward.text() + "'"), 1);
}

TEST_F(MessageServiceTest, KeepsNoPlaintextInAnyColumn) {
  // A text, a metadata value and a mention that would show up wherever they were stored in clear.
  Draft secret = draft(ward, "canary-text-9431 for @bo-2");
  secret.metadata = R"({"ward":"canary-meta-9431"})";
  ASSERT_TRUE(send(amara, std::move(secret)));
  ASSERT_EQ(chat.number("SELECT count(*) FROM messages"), 1);
  for (const auto* table : {"messages", "audit_logs", "read_positions", "channels", "channel_members"}) {
    EXPECT_EQ(chat.number(fmt::format("SELECT count(*) FROM {0} WHERE {0}::text LIKE '%canary%' OR {0}::text LIKE '%'"
                                      "|| encode('canary', 'hex') || '%' OR {0}::text LIKE '%'"
                                      "|| rtrim(encode('canary', 'base64'), '=') || '%'",
                                      table)),
              0)
        << table;
  }
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages WHERE text IS NOT NULL"), 0);
}

TEST_F(MessageServiceTest, AnswersARetryWithTheFirstAnswerAndWritesNothing) {
  const auto first = send(amara, draft(ward, "one", "k-1"));
  const auto again = send(amara, draft(ward, "one", "k-1"));
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(again->seq, first->seq);
  EXPECT_EQ(again->rev, first->rev);
  EXPECT_EQ(again->timestamp, first->timestamp);
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 1);
  EXPECT_EQ(chat.entries("message_sent"), 1);
}

TEST_F(MessageServiceTest, RefusesAKeyThatWasUsedForAnotherBody) {
  ASSERT_TRUE(send(amara, draft(ward, "one", "k-1")));
  auto flagged = draft(ward, "one", "k-1");
  flagged.contains_phi = true;
  auto with_metadata = draft(ward, "one", "k-1");
  with_metadata.metadata = R"({"a":1})";
  std::vector<Draft> others;
  others.push_back(draft(ward, "two", "k-1"));
  others.push_back(std::move(flagged));
  others.push_back(std::move(with_metadata));
  for (auto& other : others) {
    const auto refused = send(amara, std::move(other));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  }
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 1);
}

TEST_F(MessageServiceTest, KeysAreEachSendersAndChannelsOwn) {
  const auto other = chat.channel("Ward 5", "private", {amara});
  ASSERT_TRUE(send(amara, draft(ward, "one", "k-1")));
  EXPECT_TRUE(send(bo, draft(ward, "two", "k-1")));
  EXPECT_TRUE(send(amara, draft(other, "three", "k-1")));
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 3);
}

TEST_F(MessageServiceTest, StoresOneMessageWhenTheSameKeyComesManyTimesAtOnce) {
  std::vector<std::pair<Actor, Draft>> sends;
  sends.reserve(20);
  for (int i = 0; i < 20; ++i) sends.emplace_back(amara, draft(ward, "once", "k-1"));
  const auto answers = send_together(std::move(sends));
  int fresh = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->id, answers.front()->id);
    fresh += answer->repeated ? 0 : 1;
  }
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(chat.ledger.stats().replays, 0U);  // they waited for each other instead of breaking the unique index
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 1);
  EXPECT_EQ(chat.number("SELECT last_seq FROM channels WHERE id = '" + ward.text() + "'"), 1);
}

TEST_F(MessageServiceTest, NumbersHaveNoGapWithManySendersAndRefusalsInBetween) {
  const Actor stranger = chat.person("stranger");
  std::vector<std::pair<Actor, Draft>> sends;
  sends.reserve(300);
  for (int i = 0; i < 300; ++i) {
    const Actor& who = i % 3 == 0 ? amara : i % 3 == 1 ? bo : stranger;
    sends.emplace_back(who, draft(ward, fmt::format("text {}", i)));
  }
  const auto answers = send_together(std::move(sends));
  std::int64_t refused = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].has_value(), i % 3 != 2);
    if (!answers[i]) ++refused;
  }
  EXPECT_EQ(refused, 100);
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 200);
  EXPECT_EQ(chat.number("SELECT max(seq) FROM messages"), 200);
  EXPECT_EQ(chat.number("SELECT last_seq FROM channels WHERE id = '" + ward.text() + "'"), 200);
  EXPECT_EQ(chat.entries("message_sent"), 200);
  EXPECT_EQ(chat.entries("authorization_failure"), 100);
}

TEST_F(MessageServiceTest, KeepsTheOrderOfEachSender) {
  std::vector<std::pair<Actor, Draft>> sends;
  sends.reserve(300);
  for (int i = 0; i < 300; ++i) sends.emplace_back(i % 2 == 0 ? amara : bo, draft(ward, std::to_string(i)));
  const auto answers = send_together(std::move(sends));
  for (std::size_t i = 2; i < answers.size(); ++i) EXPECT_GT(answers[i]->seq, answers[i - 2]->seq);
}

TEST_F(MessageServiceTest, TellsTheChannelOnceAndTheSenderItsOwnKey) {
  test::Recorder at_bo(bo.user, bo.session);
  test::Recorder at_amara(amara.user, amara.session);
  chat.hub.subscribe(chat.connect(at_bo), ward, 1);
  chat.hub.subscribe(chat.connect(at_amara), ward, 1);
  const auto sent = send(amara, draft(ward, "hello", "k-77"));
  ASSERT_TRUE(send(amara, draft(ward, "hello", "k-77")));  // a retry is no event
  chat.settle();
  EXPECT_THAT(at_bo.seqs(), ElementsAre(1));
  EXPECT_THAT(at_amara.seqs(), ElementsAre(1));
  EXPECT_FALSE(at_bo.saw("k-77"));
  EXPECT_TRUE(at_amara.saw(R"("clientMessageId":"k-77")"));
  EXPECT_TRUE(at_bo.saw(R"("text":"hello")"));
  EXPECT_TRUE(at_bo.saw(sent->id.text()));
}

TEST_F(MessageServiceTest, AStrangerLearnsNothingAndLeavesAnEntry) {
  const Actor stranger = chat.person("stranger");
  const auto absent = send(stranger, draft(ChannelId(Uuid::v4()), "x"));
  const auto invisible = send(stranger, draft(ward, "x"));
  ASSERT_FALSE(absent || invisible);
  EXPECT_EQ(absent.error().code, ErrorCode::not_found);
  EXPECT_EQ(invisible.error().code, ErrorCode::not_found);
  EXPECT_EQ(absent.error().message, invisible.error().message);
  EXPECT_EQ(chat.sql("SELECT string_agg(DISTINCT severity || ' ' || outcome, ',') FROM audit_logs "
                     "WHERE action = 'authorization_failure'"),
            "critical denied");
  EXPECT_THAT(chat.details("authorization_failure"), HasSubstr("not_member"));
  const auto seen = chat.channel("Everybody", "public", {amara});
  const auto visible = send(stranger, draft(seen, "x"));
  ASSERT_FALSE(visible);
  EXPECT_EQ(visible.error().code, ErrorCode::forbidden);
}

struct LostRight {
  const char* name;
  const char* change;  // {0} user, {1} session, {2} channel
  ErrorCode code;
  const char* action;  // the entry it leaves; empty: none
};

class LostRights : public MessageServiceTest, public testing::WithParamInterface<LostRight> {};

// The actor was good when the frame came in; what counts is the moment of the commit.
TEST_P(LostRights, RefuseASendAtCommit) {
  chat.change(fmt::format(fmt::runtime(GetParam().change), bo.user.text(), bo.session.text(), ward.text()));
  const auto before = chat.number("SELECT count(*) FROM audit_logs");
  const auto refused = send(bo, draft(ward, "too late"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, GetParam().code);
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 0);
  EXPECT_EQ(chat.number("SELECT last_seq FROM channels WHERE id = '" + ward.text() + "'"), 0);
  if (*GetParam().action != '\0') {
    EXPECT_EQ(chat.entries(GetParam().action), 1);
  } else {
    EXPECT_EQ(chat.number("SELECT count(*) FROM audit_logs"), before);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , LostRights,
    testing::Values(
        LostRight{"session_revoked", "UPDATE sessions SET is_valid = false WHERE id = '{1}'", ErrorCode::token_invalid,
                  "authentication_failure"},
        LostRight{"session_expired", "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = '{1}'",
                  ErrorCode::token_invalid, "authentication_failure"},
        LostRight{"session_removed", "DELETE FROM sessions WHERE id = '{1}'", ErrorCode::token_invalid,
                  "authentication_failure"},
        LostRight{"account_suspended", "UPDATE users SET status = 'suspended' WHERE id = '{0}'",
                  ErrorCode::token_invalid, "authentication_failure"},
        LostRight{"password_forced", "UPDATE users SET force_password_change = true WHERE id = '{0}'",
                  ErrorCode::password_change_required, ""},
        LostRight{"membership_ended", "DELETE FROM channel_members WHERE user_id = '{0}'", ErrorCode::not_found,
                  "authorization_failure"},
        LostRight{"role_changed",
                  "UPDATE users SET role_id = (SELECT id FROM roles WHERE name = 'auditor') WHERE id = '{0}'",
                  ErrorCode::forbidden, "authorization_failure"},
        LostRight{"archived", "UPDATE channels SET archived = true WHERE id = '{2}'", ErrorCode::conflict, ""},
        LostRight{"posting_role", "UPDATE channels SET metadata = '{{\"postingRole\":\"moderator\"}}' WHERE id = '{2}'",
                  ErrorCode::forbidden, "authorization_failure"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(MessageServiceTest, TheHigherChannelRoleMayPostWhereMembersMayNot) {
  chat.change("UPDATE channels SET metadata = '{\"postingRole\":\"moderator\"}' WHERE id = '" + ward.text() + "'");
  EXPECT_TRUE(send(amara, draft(ward, "from the admin")));
}

struct BadText {
  const char* name;
  std::string text;
  FieldCode code;
};

class BadTexts : public MessageServiceTest, public testing::WithParamInterface<BadText> {};

TEST_P(BadTexts, AreRefusedBeforeAnythingIsWritten) {
  const auto refused = send(amara, draft(ward, GetParam().text));
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().code, ErrorCode::validation_failed);
  EXPECT_EQ(refused.error().fields.front().field, "text");
  EXPECT_EQ(refused.error().fields.front().code, GetParam().code);
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 0);
}

INSTANTIATE_TEST_SUITE_P(, BadTexts,
                         testing::Values(BadText{"empty", "", FieldCode::too_short},
                                         BadText{"blank", " \t\n\xC2\xA0", FieldCode::too_short},
                                         BadText{"control", "a\x01", FieldCode::format},
                                         BadText{"nul", std::string("a\0b", 3), FieldCode::format},
                                         BadText{"bad_utf8", "a\xC3", FieldCode::format},
                                         BadText{"too_long", std::string(101, 'a'), FieldCode::too_long}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(MessageServiceTest, CountsCodePointsNotBytes) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xE2\x82\xAC";  // 300 bytes
  EXPECT_TRUE(send(amara, draft(ward, text)));
  EXPECT_FALSE(send(amara, draft(ward, text + "a")));
}

TEST_F(MessageServiceTest, ResolvesMentionsOfMembersAndKeepsTheClientsOtherKeys) {
  const Actor stranger = chat.person("stranger");
  auto mention = draft(ward, "@Amara @nobody @stranger see this");
  mention.metadata = R"({"mentions":["forged"],"thread":7})";
  const auto sent = send(bo, std::move(mention));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->metadata, R"({"mentions":[")" + amara.user.text() + R"("],"thread":7})");
  EXPECT_EQ(history(amara, ward)->messages.front().metadata, sent->metadata);
}

TEST_F(MessageServiceTest, MovesTheSendersOwnReadPosition) {
  ASSERT_TRUE(send(amara, draft(ward, "one")));
  ASSERT_TRUE(send(bo, draft(ward, "two")));
  std::vector<std::pair<Actor, Draft>> batch;
  batch.reserve(5);
  for (int i = 0; i < 5; ++i) batch.emplace_back(amara, draft(ward, "more"));
  send_together(std::move(batch));
  const auto position = [&](const Actor& who) {
    return chat.number(
        fmt::format("SELECT last_read_seq FROM channel_members WHERE channel_id = '{}' AND user_id = '{}'", ward.text(),
                    who.user.text()));
  };
  EXPECT_EQ(position(amara), 7);
  EXPECT_EQ(position(bo), 2);
  EXPECT_EQ(chat.number("SELECT count(*) FROM read_positions"), 7);
}

TEST_F(MessageServiceTest, RecordsEachReadOnceWithTheExactCount) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(send(amara, draft(ward, std::to_string(i))));
  chat.change(
      "UPDATE messages SET deleted = true, encrypted_text = NULL, metadata = NULL, deleted_at = now() WHERE seq = 3");
  const auto read = history(bo, ward);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->messages.size(), 5U);
  EXPECT_FALSE(read->messages[2].has_text);
  EXPECT_EQ(read->messages[2].metadata, "{}");
  EXPECT_EQ(chat.entries("phi_access"), 1);
  EXPECT_EQ(chat.sql("SELECT details::text FROM audit_logs WHERE action = 'phi_access'"),
            fmt::format(
                R"({{"via": "fetch", "channels": [{{"count": 4, "channelId": "{}", "seqRanges": [[1, 2], [4, 5]]}}]}})",
                ward.text()));
}

TEST_F(MessageServiceTest, AnEmptyChannelLeavesNoReadEntry) {
  EXPECT_THAT(history(bo, ward)->messages, IsEmpty());
  EXPECT_EQ(chat.entries("phi_access"), 0);
}

TEST_F(MessageServiceTest, NotOpenedTextIsMarkedAndTheListGoesOn) {
  // Two rows of one author exchange their ciphertexts: whoever can write the table must not be able to move words.
  for (const auto* text : {"first", "second", "third"}) ASSERT_TRUE(send(amara, draft(ward, text)));
  chat.change(
      "UPDATE messages m SET encrypted_text = o.encrypted_text FROM messages o "
      "WHERE (m.seq, o.seq) IN ((1, 2), (2, 1)) AND m.channel_id = o.channel_id");
  const auto read = history(bo, ward);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->messages[0].decryption_error);
  EXPECT_TRUE(read->messages[1].decryption_error);
  EXPECT_FALSE(read->messages[0].has_text);
  EXPECT_EQ(read->messages[2].text.reveal(), "third");
  EXPECT_EQ(chat.entries("decryption_failed"), 2);
  EXPECT_THAT(chat.details("phi_access"), HasSubstr(R"("count": 1)"));
  EXPECT_THAT(message_to_json(read->messages[0], Audience::rest_caller, bo.user),
              HasSubstr(R"("text":null,"decryptionError":true)"));
}

struct Edited {
  const char* name;
  const char* change;
};
class EditedRows : public MessageServiceTest, public testing::WithParamInterface<Edited> {};

// The AAD binds a ciphertext to its message, channel, author, position and version.
TEST_P(EditedRows, DoNotOpen) {
  ASSERT_TRUE(send(amara, draft(ward, "bound to its place")));
  chat.change(fmt::format(fmt::runtime(GetParam().change), bo.user.text()));
  const auto read = history(bo, ward);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->messages.size(), 1U);
  EXPECT_TRUE(read->messages[0].decryption_error);
  EXPECT_EQ(chat.entries("phi_access"), 0);
}

INSTANTIATE_TEST_SUITE_P(, EditedRows,
                         testing::Values(Edited{"seq", "UPDATE messages SET seq = 2"},
                                         Edited{"author", "UPDATE messages SET sender_id = '{0}'"},
                                         Edited{"version", "UPDATE messages SET version = 2"},
                                         Edited{"bytes",
                                                "UPDATE messages SET encrypted_text = "
                                                "set_byte(encrypted_text, 140, get_byte(encrypted_text, 140) # 1)"}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(MessageServiceTest, ReadsNeedMembershipEvenOfPublicChannels) {
  const auto seen = chat.channel("Everybody", "public", {amara});
  ASSERT_TRUE(send(amara, draft(seen, "for members")));
  const Actor stranger = chat.person("stranger");
  EXPECT_EQ(history(stranger, seen).error().code, ErrorCode::not_found);
  EXPECT_EQ(history(stranger, ChannelId(Uuid::v4())).error().code, ErrorCode::not_found);
  const Actor administrator = chat.person("administrator", "admin");
  EXPECT_EQ(history(administrator, seen).error().code, ErrorCode::reason_required);
  EXPECT_EQ(history(administrator, ChannelId(Uuid::v4())).error().code, ErrorCode::not_found);
  EXPECT_EQ(chat.entries("authorization_failure"), 4);
  EXPECT_EQ(chat.entries("phi_access"), 0);
}

TEST_F(MessageServiceTest, PagesFromEitherEnd) {
  for (int i = 1; i <= 7; ++i) ASSERT_TRUE(send(amara, draft(ward, std::to_string(i))));
  const auto page = [&](HistoryQuery query) {
    query.channel = ward;
    query.limit = 3;
    const auto read = chat.run(service.history(bo, query));
    std::vector<std::int64_t> seqs;
    for (const auto& message : read->messages) seqs.push_back(message.seq);
    return std::pair(seqs, read->has_more);
  };
  using Seqs = std::vector<std::int64_t>;
  EXPECT_EQ(page({.channel = {}, .after_seq = {}, .before_seq = {}}), std::pair(Seqs({7, 6, 5}), true));
  EXPECT_EQ(page({.channel = {}, .after_seq = {}, .before_seq = 5}), std::pair(Seqs({4, 3, 2}), true));
  EXPECT_EQ(page({.channel = {}, .after_seq = {}, .before_seq = 2}), std::pair(Seqs({1}), false));
  EXPECT_EQ(page({.channel = {}, .after_seq = 5, .before_seq = {}, .ascending = true, .from_newest = false}),
            std::pair(Seqs({6, 7}), false));
  EXPECT_EQ(page({.channel = {}, .after_seq = 1, .before_seq = {}, .ascending = false, .from_newest = false}),
            std::pair(Seqs({4, 3, 2}), true));
}

TEST_F(MessageServiceTest, OpensTheDirectChannelOfAPairOnce) {
  std::vector<std::pair<Actor, Draft>> sends;
  sends.reserve(6);
  for (int i = 0; i < 6; ++i) {
    sends.emplace_back(i % 2 == 0 ? amara : bo, draft_to(i % 2 == 0 ? bo.user : amara.user, "just us"));
  }
  const auto answers = send_together(std::move(sends));
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->channel, answers.front()->channel);
  }
  EXPECT_EQ(answers[0]->recipient, bo.user);
  EXPECT_EQ(answers[1]->recipient, amara.user);
  EXPECT_EQ(chat.entries("direct_channel_created"), 1);
  EXPECT_EQ(chat.number("SELECT count(*) FROM channel_members WHERE channel_id = '" + answers[0]->channel.text() + "'"),
            2);
  EXPECT_EQ(history(bo, answers[0]->channel)->messages.front().recipient, bo.user);
}

TEST_F(MessageServiceTest, DirectMessagesNeedAnActiveOtherPerson) {
  const Actor gone = chat.person("gone");
  chat.change("UPDATE users SET status = 'inactive' WHERE id = '" + gone.user.text() + "'");
  EXPECT_EQ(send(amara, draft_to(amara.user, "me")).error().code, ErrorCode::not_found);
  EXPECT_EQ(send(amara, draft_to(UserId(Uuid::v4()), "nobody")).error().code, ErrorCode::not_found);
  EXPECT_EQ(send(amara, draft_to(gone.user, "gone")).error().code, ErrorCode::not_found);
  EXPECT_EQ(chat.number("SELECT count(*) FROM channels WHERE kind = 'direct'"), 0);
}

TEST_F(MessageServiceTest, ASendThatBreaksAConstraintFailsAloneAndLeavesNoGap) {
  // A trigger refuses one text's row, which is seen only when the batch is written: the batch is replayed without it.
  chat.change(
      "CREATE FUNCTION refuse_phi() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.contains_phi THEN "
      "RAISE EXCEPTION 'broken on purpose' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER refuse_phi BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse_phi()");
  std::vector<Task<bool>> tasks;
  struct Attempt {
    static Task<bool> run(MessageService* service, Actor who, Draft what) {
      auto sending = service->send(std::move(who), std::move(what));
      try {
        co_return (co_await std::move(sending)).has_value();
      } catch (const db::Fault&) {
        co_return false;
      }
    }
  };
  for (int i = 0; i < 20; ++i) {
    auto what = draft(ward, std::to_string(i));
    what.contains_phi = i == 7;
    tasks.push_back(Attempt::run(&service, i == 7 ? bo : amara, std::move(what)));
  }
  const auto done = chat.run_together(std::move(tasks));
  for (std::size_t i = 0; i < done.size(); ++i) EXPECT_EQ(done[i], i != 7) << i;
  EXPECT_EQ(chat.number("SELECT count(*) FROM messages"), 19);
  EXPECT_EQ(chat.number("SELECT max(seq) FROM messages"), 19);
  EXPECT_EQ(chat.entries("message_sent"), 19);
  EXPECT_THAT(texts(amara, ward).size(), 19U);
}

}  // namespace
}  // namespace mcp::messages
