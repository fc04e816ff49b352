#include "client-sdk/src/content.h"

#include "client-sdk/schema/content_generated.h"
#include "client-sdk/src/limits.h"

namespace steiger::sdk {
namespace {

namespace schema = steiger::content;

constexpr flatbuffers::uoffset_t kMaxContentDepth = 4;
constexpr flatbuffers::uoffset_t kMaxContentTables = 8 + kMaxHistoryEntries;
constexpr std::size_t kMaxPskSize = 64;
// A grant has 200 bytes, a chain with its ten devices 2 KiB.
constexpr std::size_t kMaxStatementBytes = 16 * 1024;

SecretBytes finish(schema::ContentT& content) {
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishContentBuffer(builder, schema::Content::Pack(builder, &content));
  SecretBytes out = SecretBytes::copy_of({builder.GetBufferPointer(), builder.GetSize()});
  sodium_memzero(builder.GetBufferPointer(), builder.GetSize());
  return out;
}

schema::ContentT header(schema::ContentClass content_class, schema::ContentKind kind, Timestamp created) {
  schema::ContentT content;
  content.class_ = content_class;
  content.kind = static_cast<std::uint16_t>(kind);
  content.created_ms = created.ms;
  return content;
}

Result<std::string> bounded_text(const flatbuffers::String* field, std::size_t max) {
  if (field == nullptr) return kBadValue;
  const std::string_view text(field->c_str(), field->size());
  if (text.size() > max || !is_utf8(text)) return kBadValue;
  return std::string(text);
}

// An empty text is not written at all.
Result<std::string> optional_text(const flatbuffers::String* field, std::size_t max) {
  return field == nullptr ? Result<std::string>(std::string()) : bounded_text(field, max);
}

// Statements of crypto/identity inside a content: bounded here, judged by whoever uses them.
Result<Bytes> statement(const flatbuffers::Vector<std::uint8_t>* field, bool may_be_absent) {
  if (field == nullptr || field->size() == 0) return may_be_absent ? Result<Bytes>(Bytes()) : Result<Bytes>(kBadValue);
  if (field->size() > kMaxStatementBytes) return kBadValue;
  return Bytes(field->begin(), field->end());
}

template <class IdType>
Result<IdType> id_field(const flatbuffers::Vector<std::uint8_t>* field) {
  if (field == nullptr) return kBadValue;
  return IdType::from_bytes({field->data(), field->size()});
}

Result<LetInRequestContent> read(const schema::LetInRequest& body) {
  LetInRequestContent out;
  STEIGER_TRY(out.account, id_field<AccountId>(body.account()));
  STEIGER_TRY(out.name, optional_text(body.name(), kMaxNameBytes));
  out.role = body.role();
  out.reason = body.reason();
  out.until = {body.until_ms()};
  return out;
}
Result<LetInAnswerContent> read(const schema::LetInAnswer& body) {
  LetInAnswerContent out;
  STEIGER_TRY(out.account, id_field<AccountId>(body.account()));
  STEIGER_TRY(out.grant, statement(body.grant(), true));
  return out;
}
Result<NewKeyRequestContent> read(const schema::NewKeyRequest& body) {
  NewKeyRequestContent out;
  STEIGER_TRY(out.device_list, statement(body.device_list(), false));
  STEIGER_TRY(out.account_key, statement(body.account_key(), false));
  return out;
}
Result<NewKeyAnswerContent> read(const schema::NewKeyAnswer& body) {
  NewKeyAnswerContent out;
  STEIGER_TRY(out.chain, statement(body.chain(), true));
  return out;
}
Result<RoomLabelContent> read(const schema::RoomLabel& body) {
  RoomLabelContent out;
  STEIGER_TRY(out.channel, id_field<ChannelId>(body.channel()));
  STEIGER_TRY(out.label, optional_text(body.label(), kMaxNameBytes));
  return out;
}
Result<OwnKeyContent> read(const schema::OwnKey& body) {
  OwnKeyContent out;
  if (body.seed() == nullptr || body.seed()->size() != kSecretSize) return kBadValue;
  out.seed = SecretBytes::copy_of({body.seed()->data(), body.seed()->size()});
  STEIGER_TRY(out.chain, statement(body.chain(), false));
  return out;
}
Result<HistoryRequestContent> read(const schema::HistoryRequest& body) {
  return read_history_request(body);
}
Result<HistoryContent> read(const schema::History& body) {
  return read_history(body);
}
Result<EarlierRequestContent> read(const schema::EarlierRequest& body) {
  return read_earlier_request(body);
}
Result<EarlierContent> read(const schema::Earlier& body) {
  return read_earlier(body);
}
Result<ForDeviceContent> read(const schema::ForDevice& body) {
  return read_for_device(body);
}
template <class Body>
Result<Content> read_into(Content out, const Body* body) {
  if (body == nullptr) return kBadValue;
  STEIGER_TRY(auto value, read(*body));
  out.body = std::move(value);
  return out;
}

Result<Content> unknown_kind(const schema::Content& content) {
  Content out{{content.created_ms()}, UnknownSignal{}};
  switch (content.class_()) {
    case schema::ContentClass::visible: {
      STEIGER_TRY(std::string fallback, bounded_text(content.fallback(), kMaxTextBytes));
      out.body = UnknownVisible{std::move(fallback)};
      return out;
    }
    case schema::ContentClass::state:
      out.body = UnknownState{};
      return out;
    case schema::ContentClass::signal:
      return out;
  }
  return out;  // a class of a later version asks for nothing that we know
}

}  // namespace

Result<Content> decode_content(ByteView bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMaxContentDepth, kMaxContentTables);
  if (!schema::VerifyContentBuffer(verifier)) return kBadValue;
  const schema::Content& content = *schema::GetContent(bytes.data());
  Content out{{content.created_ms()}, UnknownSignal{}};
  switch (static_cast<schema::ContentKind>(content.kind())) {
    case schema::ContentKind::text: {
      const auto* body = content.body_as_Text();
      if (body == nullptr) return kBadValue;
      STEIGER_TRY(std::string text, bounded_text(body->text(), kMaxTextBytes));
      out.body = TextContent{std::move(text)};
      return out;
    }
    case schema::ContentKind::receipt: {
      const auto* body = content.body_as_Receipt();
      if (body == nullptr) return kBadValue;
      if (body->kind() != schema::ReceiptKind::stored && body->kind() != schema::ReceiptKind::read) {
        out.body = UnknownSignal{};
        return out;
      }
      out.body = ReceiptContent{body->kind() == schema::ReceiptKind::read, body->up_to_seq()};
      return out;
    }
    case schema::ContentKind::profile: {
      const auto* body = content.body_as_Profile();
      if (body == nullptr) return kBadValue;
      STEIGER_TRY(std::string name, bounded_text(body->name(), kMaxNameBytes));
      out.body = ProfileContent{std::move(name)};
      return out;
    }
    case schema::ContentKind::commit_psk: {
      const auto* body = content.body_as_CommitPsk();
      if (body == nullptr || body->psk_id() == nullptr || body->psk() == nullptr) return kBadValue;
      if (body->psk_id()->size() > kMaxPskSize || body->psk()->size() > kMaxPskSize) return kBadValue;
      out.body = CommitPskContent{Bytes(body->psk_id()->begin(), body->psk_id()->end()),
                                  SecretBytes::copy_of({body->psk()->data(), body->psk()->size()})};
      return out;
    }
    case schema::ContentKind::let_in_request:
      return read_into(std::move(out), content.body_as_LetInRequest());
    case schema::ContentKind::let_in_answer:
      return read_into(std::move(out), content.body_as_LetInAnswer());
    case schema::ContentKind::new_key_request:
      return read_into(std::move(out), content.body_as_NewKeyRequest());
    case schema::ContentKind::new_key_answer:
      return read_into(std::move(out), content.body_as_NewKeyAnswer());
    case schema::ContentKind::room_label:
      return read_into(std::move(out), content.body_as_RoomLabel());
    case schema::ContentKind::own_key:
      return read_into(std::move(out), content.body_as_OwnKey());
    case schema::ContentKind::history_request:
      return read_into(std::move(out), content.body_as_HistoryRequest());
    case schema::ContentKind::history:
      return read_into(std::move(out), content.body_as_History());
    case schema::ContentKind::earlier_request:
      return read_into(std::move(out), content.body_as_EarlierRequest());
    case schema::ContentKind::earlier:
      return read_into(std::move(out), content.body_as_Earlier());
    case schema::ContentKind::for_device:
      return read_into(std::move(out), content.body_as_ForDevice());
  }
  return unknown_kind(content);
}

SecretBytes encode_text(std::string_view text, Timestamp created) {
  auto content = header(schema::ContentClass::visible, schema::ContentKind::text, created);
  schema::TextT body;
  body.text = std::string(text);
  content.body.Set(std::move(body));
  return finish(content);
}

// A receipt that an old device does not know may be ignored: a signal.
SecretBytes encode_receipt(const ReceiptContent& receipt, Timestamp created) {
  auto content = header(schema::ContentClass::signal, schema::ContentKind::receipt, created);
  schema::ReceiptT body;
  body.kind = receipt.read ? schema::ReceiptKind::read : schema::ReceiptKind::stored;
  body.up_to_seq = receipt.up_to_seq;
  content.body.Set(std::move(body));
  return finish(content);
}

SecretBytes encode_profile(std::string_view name, Timestamp created) {
  auto content = header(schema::ContentClass::state, schema::ContentKind::profile, created);
  schema::ProfileT body;
  body.name = std::string(name);
  content.body.Set(std::move(body));
  return finish(content);
}

SecretBytes encode_commit_psk(ByteView psk_id, ByteView psk, Timestamp created) {
  auto content = header(schema::ContentClass::signal, schema::ContentKind::commit_psk, created);
  schema::CommitPskT body;
  body.psk_id = to_bytes(psk_id);
  body.psk = to_bytes(psk);
  content.body.Set(std::move(body));
  SecretBytes out = finish(content);
  auto& kept = *content.body.AsCommitPsk();
  sodium_memzero(kept.psk.data(), kept.psk.size());
  return out;
}

SecretBytes encode_let_in_request(const LetInRequestContent& request, Timestamp created) {
  auto content = header(schema::ContentClass::state, schema::ContentKind::let_in_request, created);
  schema::LetInRequestT body;
  body.account = to_bytes(request.account.bytes());
  body.role = request.role;
  body.reason = request.reason;
  body.name = request.name;
  body.until_ms = request.until.ms;
  content.body.Set(std::move(body));
  return finish(content);
}

SecretBytes encode_let_in_answer(const LetInAnswerContent& answer, Timestamp created) {
  auto content = header(schema::ContentClass::state, schema::ContentKind::let_in_answer, created);
  schema::LetInAnswerT body;
  body.account = to_bytes(answer.account.bytes());
  body.grant = answer.grant;
  content.body.Set(std::move(body));
  return finish(content);
}

SecretBytes encode_new_key_request(const NewKeyRequestContent& request, Timestamp created) {
  auto content = header(schema::ContentClass::state, schema::ContentKind::new_key_request, created);
  schema::NewKeyRequestT body;
  body.device_list = request.device_list;
  body.account_key = request.account_key;
  content.body.Set(std::move(body));
  return finish(content);
}

SecretBytes encode_new_key_answer(const NewKeyAnswerContent& answer, Timestamp created) {
  auto content = header(schema::ContentClass::state, schema::ContentKind::new_key_answer, created);
  schema::NewKeyAnswerT body;
  body.chain = answer.chain;
  content.body.Set(std::move(body));
  return finish(content);
}

SecretBytes encode_room_label(const RoomLabelContent& label, Timestamp created) {
  auto content = header(schema::ContentClass::state, schema::ContentKind::room_label, created);
  schema::RoomLabelT body;
  body.channel = to_bytes(label.channel.bytes());
  body.label = label.label;
  content.body.Set(std::move(body));
  return finish(content);
}

SecretBytes encode_own_key(const OwnKeyContent& key, Timestamp created) {
  auto content = header(schema::ContentClass::state, schema::ContentKind::own_key, created);
  schema::OwnKeyT body;
  body.seed = to_bytes(key.seed.bytes());
  body.chain = key.chain;
  content.body.Set(std::move(body));
  SecretBytes out = finish(content);
  auto& seed = content.body.AsOwnKey()->seed;
  sodium_memzero(seed.data(), seed.size());
  return out;
}

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t lead = byte(i);
    std::size_t length = 0;
    std::uint32_t point = 0;
    if (lead == 0) return false;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
      length = 2;
      point = lead & 0x1fu;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      length = 3;
      point = lead & 0x0fu;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      length = 4;
      point = lead & 0x07u;
    } else {
      return false;
    }
    if (text.size() - i < length) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0u) != 0x80u) return false;
      point = (point << 6) | (byte(i + k) & 0x3fu);
    }
    const std::uint32_t smallest = length == 2 ? 0x80u : length == 3 ? 0x800u : 0x10000u;
    if (point < smallest || point > 0x10ffffu || (point >= 0xd800u && point <= 0xdfffu)) return false;
    i += length;
  }
  return true;
}

}  // namespace steiger::sdk
