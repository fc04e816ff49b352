#include "client-sdk/wasm/batch.h"

#include "client-sdk/wasm/errors.h"
#include "crypto/base/codec.h"

namespace steiger::sdk::wasm {
namespace {

constexpr std::uint8_t kBatchVersion = 1;
constexpr std::uint8_t kDelete = 0;
constexpr std::uint8_t kPut = 1;

// Fills a buffer of known size, so that no growing vector leaves unwiped copies of secrets behind.
class SecretWriter {
 public:
  explicit SecretWriter(std::size_t size) : out_(size) {}
  void fixed(ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), out_.writable().begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += bytes.size();
  }
  void u8(std::uint8_t value) { fixed({&value, 1}); }
  void opaque(ByteView bytes) {
    Writer header;
    header.length(bytes.size());
    fixed(header.view());
    fixed(bytes);
  }
  SecretBytes take() && { return std::move(out_); }

  static std::size_t opaque_size(ByteView bytes) {
    Writer header;
    header.length(bytes.size());
    return header.view().size() + bytes.size();
  }

 private:
  SecretBytes out_;
  std::size_t at_ = 0;
};

std::size_t put_size(std::string_view key, ByteView value) {
  return SecretWriter::opaque_size(as_bytes(key)) + 1 + SecretWriter::opaque_size(value);
}

void write_put(SecretWriter& out, std::string_view key, ByteView value) {
  out.opaque(as_bytes(key));
  out.u8(kPut);
  out.opaque(value);
}

Result<Change> read_change(Reader& reader) {
  STEIGER_TRY(const ByteView key, reader.opaque(kMaxStoreKeyBytes));
  STEIGER_TRY(const std::uint8_t kind, reader.u8());
  Change change{std::string(as_text(key)), std::nullopt};
  if (kind == kPut) {
    STEIGER_TRY(const ByteView value, reader.opaque());
    change.value = SecretBytes::copy_of(value);
  } else if (kind != kDelete) {
    return kBatchMalformed;
  }
  return change;
}

}  // namespace

SecretBytes encode_batch(const std::vector<Change>& changes) {
  std::size_t size = 1;
  for (const auto& change : changes) {
    size += change.value ? put_size(change.key, change.value->bytes()) : SecretWriter::opaque_size(as_bytes(change.key)) + 1;
  }
  SecretWriter out(size);
  out.u8(kBatchVersion);
  for (const auto& change : changes) {
    if (change.value) {
      write_put(out, change.key, change.value->bytes());
    } else {
      out.opaque(as_bytes(change.key));
      out.u8(kDelete);
    }
  }
  return std::move(out).take();
}

SecretBytes encode_snapshot(const Snapshot& snapshot) {
  std::size_t size = 1;
  for (const auto& [key, value] : snapshot) size += put_size(key, value.bytes());
  SecretWriter out(size);
  out.u8(kBatchVersion);
  for (const auto& [key, value] : snapshot) write_put(out, key, value.bytes());
  return std::move(out).take();
}

Result<void> apply_batch(ByteView batch, Snapshot& snapshot) {
  Reader reader(batch);
  const auto version = reader.u8();
  if (!version.ok()) return kBatchMalformed;
  if (version.value() != kBatchVersion) return kBatchUnknownVersion;
  std::vector<Change> changes;
  while (!reader.empty()) {
    auto change = read_change(reader);
    if (!change.ok()) return kBatchMalformed;
    changes.push_back(std::move(change).value());
  }
  for (auto& change : changes) {
    if (change.value) {
      snapshot.insert_or_assign(std::move(change.key), std::move(*change.value));
    } else {
      snapshot.erase(change.key);
    }
  }
  return {};
}

}  // namespace steiger::sdk::wasm
