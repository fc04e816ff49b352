#include "gateway/store/audit.h"

#include <algorithm>

namespace steiger::gateway {
namespace {

// RFC 8785 section 3.2.2.2: the two-character escapes where JSON has them, \u00xx for other controls, everything else as it is.
void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          const auto byte = static_cast<std::uint8_t>(c);
          out += "\\u00" + to_hex({&byte, 1});
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

std::string leaf_of(const Hash& commitment, Timestamp at) {
  return "{\"c\":\"" + to_hex(commitment) + "\",\"t\":" + std::to_string(at.ms) + ",\"v\":" + std::to_string(kAuditLeafVersion) +
         "}";
}

}  // namespace

std::string AuditEvent::record() const {
  struct Member {
    std::string_view key;
    std::string value;  // JSON text
  };
  std::vector<Member> members{{"at", std::to_string(at.ms)}};
  const auto quoted = [](std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
  };
  members.push_back({"event", quoted(name)});
  for (const auto& [key, value] : fields) members.push_back({key, quoted(value)});
  // Our keys are ASCII, for which the order of UTF-16 code units is the order of bytes.
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
  std::string out = "{";
  for (const Member& member : members) {
    if (out.size() > 1) out.push_back(',');
    append_string(out, member.key);
    out.push_back(':');
    out += member.value;
  }
  out.push_back('}');
  return out;
}

AuditRow AuditSealer::seal(std::uint64_t index, const AuditEvent& event) const {
  Bytes salted(kAuditSaltSize);
  rng_.fill(salted);
  append(salted, as_bytes(event.record()));
  AuditRow row{index, leaf_of(sha256(salted), event.at), secretbox_seal(key_, salted, rng_)};
  return row;
}

Result<std::string> AuditSealer::open(const AuditRow& row) const {
  STEIGER_TRY(const SecretBytes salted, secretbox_open(key_, row.sealed));
  if (salted.size() < kAuditSaltSize) return kBadValue;
  const std::string commitment = "{\"c\":\"" + to_hex(sha256(salted.bytes())) + "\",";
  if (row.leaf.compare(0, commitment.size(), commitment) != 0) return kBadValue;
  return std::string(as_text(salted.bytes().subspan(kAuditSaltSize)));
}

}  // namespace steiger::gateway
