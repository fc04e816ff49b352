// The C interface over NativeClient: copies and translates, decides nothing. No exception leaves it.
#include <cstdlib>
#include <cstring>

#include "client-sdk/include/steiger/steiger.h"
#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/native_client.h"
#include "crypto/primitives/system_rng.h"

struct steiger_client {
  steiger::SystemRng rng;
  steiger::sdk::SystemClock clock;
  std::unique_ptr<steiger::sdk::NativeClient> client;
};

namespace {

using steiger::Error;

constexpr int32_t kDone = 0;
constexpr int32_t kNoEvent = 1;

int32_t report(const Error& why, steiger_error* error) {
  if (error != nullptr) {
    error->code = why.code;
    error->family = static_cast<uint8_t>(why.family);
    error->retryable = why.retryable ? 1 : 0;
    error->retry_after_ms = why.retry_after_ms;
    error->name = why.name;
  }
  return why.code;
}

}  // namespace

uint32_t steiger_abi_version(void) {
  return STEIGER_ABI_VERSION;
}

int32_t steiger_open(const steiger_open_options* options, steiger_client** client, steiger_error* error) {
  if (client == nullptr) return report(steiger::sdk::kBadCall, error);
  *client = nullptr;
  if (options == nullptr || options->size < offsetof(steiger_open_options, certificate_file) || options->data_dir == nullptr) {
    return report(steiger::sdk::kBadCall, error);
  }
  auto opened = std::make_unique<steiger_client>();
  steiger::sdk::NativeClientOptions native;
  native.data_dir = options->data_dir;
  native.mode = options->create != 0 ? steiger::sdk::OpenMode::create_if_absent : steiger::sdk::OpenMode::existing;
  if (options->size >= sizeof(steiger_open_options) && options->certificate_file != nullptr) {
    native.certificate_file = options->certificate_file;
  }
  auto result = steiger::sdk::NativeClient::open(native, {&opened->clock, {}}, opened->rng);
  if (!result.ok()) return report(result.error(), error);
  opened->client = std::move(result).value();
  *client = opened.release();
  return kDone;
}

int32_t steiger_request(steiger_client* client, const uint8_t* bytes, size_t size, steiger_error* error) {
  if (client == nullptr || (bytes == nullptr && size != 0)) return report(steiger::sdk::kBadCall, error);
  const auto done = client->client->request(steiger::Bytes(bytes, bytes + size));
  return done.ok() ? kDone : report(done.error(), error);
}

int32_t steiger_next_event(steiger_client* client, int32_t timeout_ms, steiger_bytes* event) {
  if (client == nullptr || event == nullptr) return steiger::sdk::kBadCall.code;
  *event = {};
  const auto next = client->client->next_event(steiger::Duration(timeout_ms));
  if (!next) return kNoEvent;
  event->data =
      static_cast<uint8_t*>(std::malloc(next->size()));  // NOLINT: the C caller's own free() must not be needed, see below
  if (event->data == nullptr) std::abort();              // no memory left: nothing sensible can follow
  std::memcpy(event->data, next->data(), next->size());
  event->size = next->size();
  return kDone;
}

int32_t steiger_event_descriptor(steiger_client* client) {
  return client == nullptr ? -1 : client->client->event_descriptor();
}

void steiger_bytes_free(steiger_bytes* bytes) {
  if (bytes == nullptr) return;
  std::free(bytes->data);  // NOLINT
  *bytes = {};
}

void steiger_close(steiger_client* client) {
  delete client;  // NOLINT: ownership came back over the C border
}
