#include "client-sdk/src/native/secret_sharing.h"

#include <sodium.h>

#include <algorithm>
#include <memory>

extern "C" {
#include <libgfshare.h>
}

namespace steiger::sdk {
namespace {

// Without this the library has no randomness at all (it then calls a null pointer, when joining and freeing too); its own suggestion
// is random(3), which is none.
void fill_random(unsigned char* out, unsigned int size) {
  randombytes_buf(out, size);
}

struct FreeContext {
  void operator()(gfshare_ctx* context) const { gfshare_ctx_free(context); }
};
using Context = std::unique_ptr<gfshare_ctx, FreeContext>;

}  // namespace

Result<std::vector<SecretShare>> split_secret(ByteView secret, std::uint8_t needed, std::uint8_t total) {
  if (needed < 2 || needed > total || secret.empty()) return kBadValue;
  gfshare_fill_rand = fill_random;
  Bytes numbers;
  for (std::uint8_t number = 1; number <= total; ++number) numbers.push_back(number);
  const Context context(gfshare_ctx_init_enc(numbers.data(), total, needed, static_cast<unsigned>(secret.size())));
  if (!context) std::abort();  // out of memory
  SecretBytes copy = SecretBytes::copy_of(secret);
  gfshare_ctx_enc_setsecret(context.get(), copy.writable().data());
  std::vector<SecretShare> out;
  for (std::uint8_t i = 0; i < total; ++i) {
    out.push_back({numbers[i], SecretBytes(secret.size())});
    gfshare_ctx_enc_getshare(context.get(), i, out.back().bytes.writable().data());
  }
  return out;
}

Result<SecretBytes> join_secret(const std::vector<SecretShare>& shares) {
  if (shares.empty()) return kBadValue;
  Bytes numbers;
  for (const SecretShare& share : shares) {
    if (share.number == 0 || share.bytes.empty() || share.bytes.size() != shares.front().bytes.size()) return kBadValue;
    if (std::find(numbers.begin(), numbers.end(), share.number) != numbers.end()) return kBadValue;
    numbers.push_back(share.number);
  }
  const auto size = static_cast<unsigned>(shares.front().bytes.size());
  gfshare_fill_rand = fill_random;
  const Context context(gfshare_ctx_init_dec(numbers.data(), static_cast<unsigned>(numbers.size()), size));
  if (!context) std::abort();  // out of memory
  for (std::size_t i = 0; i < shares.size(); ++i) {
    SecretBytes copy = shares[i].bytes.clone();
    gfshare_ctx_dec_giveshare(context.get(), static_cast<unsigned char>(i), copy.writable().data());
  }
  SecretBytes out(size);
  gfshare_ctx_dec_extract(context.get(), out.writable().data());
  return out;
}

}  // namespace steiger::sdk
