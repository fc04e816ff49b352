#include "client-sdk/apps/cli/json.h"

#include <flatbuffers/minireflect.h>

#include "client-sdk/apps/cli/text_safety.h"

namespace steiger::cli {
namespace {

// Writes what flatbuffers::IterateFlatBuffer walks over.
class JsonVisitor final : public flatbuffers::IterationVisitor {
 public:
  std::string out;

  void StartSequence() override {
    out += '{';
    first_ = true;
  }
  void EndSequence() override {
    out += '}';
    first_ = false;
  }
  void Field(std::size_t, std::size_t, flatbuffers::ElementaryType type, bool is_vector, const flatbuffers::TypeTable* type_table,
             const char* name, const std::uint8_t* value) override {
    if (!first_) out += ',';
    first_ = false;
    out.append("\"").append(name).append("\":");
    const bool is_bytes = is_vector && type == flatbuffers::ET_UCHAR && type_table == nullptr;
    in_bytes_ = is_bytes;
    if (value != nullptr) return;
    if (is_bytes || (!is_vector && type == flatbuffers::ET_STRING)) {
      out += "\"\"";
    } else {
      out += is_vector ? "[]" : "null";
    }
  }
  void StartVector() override { out += in_bytes_ ? '"' : '['; }
  void EndVector() override {
    out += in_bytes_ ? '"' : ']';
    in_bytes_ = false;
    first_ = false;
  }
  void Element(std::size_t index, flatbuffers::ElementaryType, const flatbuffers::TypeTable*, const std::uint8_t*) override {
    if (index != 0 && !in_bytes_) out += ',';
  }
  void UType(std::uint8_t value, const char* name) override { number_or_name(value, name); }
  void Bool(bool value) override { out += value ? "true" : "false"; }
  void Char(std::int8_t value, const char* name) override { number_or_name(value, name); }
  void UChar(std::uint8_t value, const char* name) override {
    if (in_bytes_) {
      out += to_hex(ByteView(&value, 1));
    } else {
      number_or_name(value, name);
    }
  }
  void Short(std::int16_t value, const char* name) override { number_or_name(value, name); }
  void UShort(std::uint16_t value, const char* name) override { number_or_name(value, name); }
  void Int(std::int32_t value, const char* name) override { number_or_name(value, name); }
  void UInt(std::uint32_t value, const char* name) override { number_or_name(value, name); }
  void Long(std::int64_t value) override { out += std::to_string(value); }
  void ULong(std::uint64_t value) override { out += std::to_string(value); }
  void Float(float value) override { out += std::to_string(value); }
  void Double(double value) override { out += std::to_string(value); }
  void String(const flatbuffers::String* text) override {
    out.append("\"").append(json_escaped({text->c_str(), text->size()})).append("\"");
  }
  void Unknown(const std::uint8_t*) override { out += "null"; }

 private:
  template <class T>
  void number_or_name(T value, const char* name) {
    if (name != nullptr) {
      out.append("\"").append(name).append("\"");
    } else {
      out += std::to_string(value);
    }
  }
  bool first_ = true;
  bool in_bytes_ = false;
};

}  // namespace

std::string json_escaped(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append("\\").push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out.append("\\u00").append({kDigits[byte >> 4], kDigits[byte & 0x0f]});
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string to_json_line(const api::EventT& event) {
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(true);  // a value that equals the schema's default is still a value to the reader
  builder.Finish(api::CreateEvent(builder, &event));
  JsonVisitor visitor;
  flatbuffers::IterateFlatBuffer(builder.GetBufferPointer(), api::EventTypeTable(), &visitor);
  return std::move(visitor.out);
}

}  // namespace steiger::cli
