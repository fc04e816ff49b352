// What the parts of the Api share: fields of requests and events, and sending. Private to api*.cpp.
#pragma once

#include "client-sdk/src/api.h"
#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/errors.h"

namespace steiger::sdk {

template <class Tag>
std::vector<std::uint8_t> bytes_of(const Id<Tag>& id) {
  return to_bytes(id.bytes());
}

// UTF-8 of at most `max` bytes; an absent field is an empty text.
inline Result<std::string> text_of(const flatbuffers::String* field, std::size_t max, const Error& too_long) {
  if (field == nullptr) return std::string();
  if (field->size() > max) return too_long;
  std::string text(field->c_str(), field->size());
  if (!is_utf8(text)) return kBadTextEncoding;
  return text;
}

inline ByteView view_of(const flatbuffers::Vector<std::uint8_t>* field) {
  if (field == nullptr) return {};
  return {field->data(), field->size()};
}

template <class IdType>
Result<IdType> id_of(const flatbuffers::Vector<std::uint8_t>* field) {
  const auto id = IdType::from_bytes(view_of(field));
  if (!id.ok()) return kBadRequest;
  return *id;
}

template <class Body>
Bytes encode_event(std::uint64_t request, Body body) {
  api::EventT event;
  event.request = request;
  event.body.Set(std::move(body));
  flatbuffers::FlatBufferBuilder builder;
  api::FinishEventBuffer(builder, api::Event::Pack(builder, &event));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

template <class Body>
void Api::send(std::uint64_t request, Body body, Journal::Event worth) {
  engine_.journal.app_event(encode_event(request, std::move(body)), worth, request);
}

}  // namespace steiger::sdk
