#include "client-sdk/src/organisation_share.h"

#include <algorithm>
#include <optional>

#include "client-sdk/src/limits.h"
#include "crypto/base/base32.h"
#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"
#include "crypto/mls/secret_codec.h"

namespace steiger::sdk {
namespace {

constexpr std::uint8_t kShareVersion = 1;
constexpr std::size_t kCheckSize = 4;
constexpr std::size_t kShareSize = SigningKey::Seed::size();
constexpr std::size_t kGroup = 5;  // characters
constexpr std::size_t kLineLength = 4 * kGroup;
// A prime: a difference of one character, times any power of 32, is never a multiple of it. Below 32 squared: two characters.
constexpr unsigned kLineCheckPrime = 1021;
constexpr std::size_t kMaxCharacters = 1024;  // the longest name makes fewer than 400

ByteArray<kCheckSize> whole_check(ByteView content) {
  const Hash hash = sha256(to_be_signed(labels::kRootShare, content));
  ByteArray<kCheckSize> out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

SecretBytes encode(const RootShare& share) {
  mls::SecretWriter out;
  out.u8(kShareVersion).fixed(share.organisation.bytes()).fixed(share.root).fixed(share.set);
  out.u8(share.number).u8(share.needed).u8(share.total).fixed(share.share.bytes()).opaque(as_bytes(share.name));
  const SecretBytes content = std::move(out).take();
  const auto check = whole_check(content.bytes());
  SecretBytes whole(content.size() + check.size());
  std::copy(content.bytes().begin(), content.bytes().end(), whole.writable().begin());
  std::copy(check.begin(), check.end(), whole.writable().last(check.size()).begin());
  return whole;
}

Result<RootShare> read(Reader& in) {
  RootShare out;
  STEIGER_CHECK(identity::read_version(in, kShareVersion));
  STEIGER_TRY(out.organisation, identity::read_id<OrganisationId>(in));
  STEIGER_TRY(out.root, in.array<kShareFingerprintSize>());
  STEIGER_TRY(out.set, in.array<kShareSetSize>());
  STEIGER_TRY(out.number, in.u8());
  STEIGER_TRY(out.needed, in.u8());
  STEIGER_TRY(out.total, in.u8());
  STEIGER_TRY(const ByteView share, in.fixed(kShareSize));
  out.share = SecretBytes::copy_of(share);
  STEIGER_TRY(const ByteView name, in.opaque(kMaxNameBytes));
  out.name = std::string(as_text(name));
  if (out.number == 0 || out.number > out.total || out.needed < 2 || out.needed > out.total) return kBadValue;
  return out;
}

Result<RootShare> decode(ByteView bytes) {
  if (bytes.size() < kCheckSize) return kShareMistyped;
  const ByteView content = bytes.first(bytes.size() - kCheckSize);
  if (!equal(whole_check(content), bytes.last(kCheckSize))) return kShareMistyped;
  Reader in(content);
  auto share = read(in);
  if (!share.ok() || !in.empty()) return kNotAShare;
  return share;
}

std::size_t characters_of(std::size_t bytes) {
  return (bytes * 8 + kBase32Bits - 1) / kBase32Bits;
}

// The characters' values, most significant bit first; unused bits of the last one are zero.
SecretBytes to_values(ByteView bytes) {
  SecretBytes out(characters_of(bytes.size()));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const unsigned value = (bytes[bit / 8] >> (7 - bit % 8)) & 1u;
    auto& character = out.writable()[bit / kBase32Bits];
    character = static_cast<std::uint8_t>(character | (value << (kBase32Bits - 1 - bit % kBase32Bits)));
  }
  return out;
}

Result<SecretBytes> from_values(ByteView values) {
  SecretBytes out(values.size() * kBase32Bits / 8);
  if (characters_of(out.size()) != values.size()) return kShareMistyped;
  for (std::size_t bit = 0; bit < values.size() * kBase32Bits; ++bit) {
    const unsigned value = (values[bit / kBase32Bits] >> (kBase32Bits - 1 - bit % kBase32Bits)) & 1u;
    if (bit / 8 >= out.size()) {
      if (value != 0) return kShareMistyped;
      continue;
    }
    out.writable()[bit / 8] = static_cast<std::uint8_t>(out.writable()[bit / 8] | (value << (7 - bit % 8)));
  }
  return out;
}

unsigned line_check(unsigned line, ByteView values) {
  unsigned out = line;
  for (const std::uint8_t value : values) out = ((out << kBase32Bits) + value) % kLineCheckPrime;
  return out;
}

bool is_separator(char c) {
  return c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n';
}

// Appends the values of the characters of `text`. False for a character that is none, or beyond `most`.
bool read_values(std::string_view text, std::size_t most, Bytes& out) {
  for (const char c : text) {
    if (is_separator(c)) continue;
    const int value = crockford_value(c);
    if (value < 0 || out.size() == most) return false;
    out.push_back(static_cast<std::uint8_t>(value));
  }
  return true;
}

// The number in front of a line, with or without a colon behind it.
std::optional<unsigned> take_number(std::string_view& text) {
  while (!text.empty() && is_separator(text.front())) text.remove_prefix(1);
  unsigned out = 0;
  std::size_t digits = 0;
  while (digits < 2 && digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    out = out * 10 + static_cast<unsigned>(text[digits++] - '0');
  }
  text.remove_prefix(digits);
  if (digits == 0 || text.empty() || (text.front() != ':' && !is_separator(text.front()))) return std::nullopt;
  text.remove_prefix(1);
  return out;
}

// One line: its values after those of the lines before.
Result<void> read_line(std::string_view text, unsigned line, Bytes& values) {
  const auto number = take_number(text);
  if (!number) return kShareLineMistyped;
  if (*number != line) return *number > line ? kShareLineMissing : kShareLineMistyped;
  const std::size_t equals = text.find('=');
  const std::size_t before = values.size();
  Bytes check;
  if (!read_values(text.substr(0, equals), before + kLineLength, values)) return kShareLineMistyped;
  if (!read_values(text.substr(equals + 1), 2, check) || check.size() != 2) return kShareLineMistyped;
  const unsigned wanted = (static_cast<unsigned>(check[0]) << kBase32Bits) + check[1];
  if (line_check(line, ByteView(values).subspan(before)) != wanted) return kShareLineMistyped;
  return {};
}

}  // namespace

ByteArray<kShareFingerprintSize> share_fingerprint(const VerifyKey& root) {
  const Hash hash = identity::key_hash(root);
  ByteArray<kShareFingerprintSize> out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

SecretBytes share_characters(const RootShare& share) {
  SecretBytes values = to_values(encode(share).bytes());
  for (std::uint8_t& value : values.writable()) value = static_cast<std::uint8_t>(kCrockfordAlphabet[value]);
  return values;
}

SecretBytes share_lines(const RootShare& share) {
  const SecretBytes values = to_values(encode(share).bytes());
  Bytes out;
  out.reserve(values.size() * 3);  // numbers, spaces and checks included; it never grows and leaves no copy behind
  const auto put = [&](unsigned value) { out.push_back(static_cast<std::uint8_t>(kCrockfordAlphabet[value])); };
  for (std::size_t begin = 0, line = 1; begin < values.size(); begin += kLineLength, ++line) {
    const ByteView part = values.bytes().subspan(begin, std::min(kLineLength, values.size() - begin));
    append(out, as_bytes((line < 10 ? " " : "") + std::to_string(line) + ":"));
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (i % kGroup == 0) out.push_back(' ');
      put(part[i]);
    }
    const unsigned check = line_check(static_cast<unsigned>(line), part);
    append(out, as_bytes(" = "));
    put(check >> kBase32Bits);
    put(check & 31u);
    out.push_back('\n');
  }
  return SecretBytes::adopt(std::move(out));
}

Result<RootShare> parse_share(std::string_view text, unsigned& line) {
  line = 0;
  if (text.size() > kMaxShareText) return kNotAShare;
  Bytes values;
  values.reserve(kMaxCharacters);
  if (text.find('=') == std::string_view::npos) {
    if (!read_values(text, kMaxCharacters, values) || values.empty()) return kNotAShare;
  }
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.find('=') == std::string_view::npos) continue;
    ++line;
    // All lines but the last are full.
    if (values.size() != (line - 1) * kLineLength) return --line, kShareLineMistyped;
    if (values.size() + kLineLength > kMaxCharacters) return kNotAShare;
    STEIGER_CHECK(read_line(one, line, values));
  }
  const SecretBytes wiped = SecretBytes::adopt(std::move(values));
  STEIGER_TRY(const SecretBytes bytes, from_values(wiped.bytes()));
  return decode(bytes.bytes());
}

Result<void> check_shares(const std::vector<RootShare>& shares) {
  if (shares.empty()) return kSharesTooFew;
  const RootShare& first = shares.front();
  std::vector<std::uint8_t> numbers;
  for (const RootShare& share : shares) {
    const bool same = share.organisation == first.organisation && share.root == first.root && share.set == first.set &&
                      share.needed == first.needed && share.total == first.total && share.name == first.name;
    if (!same) return kSharesMixed;
    if (std::find(numbers.begin(), numbers.end(), share.number) != numbers.end()) return kShareTwice;
    numbers.push_back(share.number);
  }
  if (shares.size() < first.needed) return kSharesTooFew;
  return {};
}

Result<Organisation> restore_organisation(const RootShare& any, const SecretBytes& seed_bytes) {
  auto seed = SigningKey::Seed::from_bytes(seed_bytes.bytes());
  if (!seed.ok()) return kSharesWrong;
  SigningKey root(std::move(seed).value());
  if (share_fingerprint(root.verify_key()) != any.root) return kSharesWrong;
  identity::OrganisationPublic facts{any.organisation, root.verify_key(), any.name};
  return Organisation{std::move(facts), std::move(root)};
}

}  // namespace steiger::sdk
