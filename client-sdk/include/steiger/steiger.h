/* Steiger client SDK, C interface. C11, also C++.
 *
 * An app talks to the SDK in bytes: FlatBuffers of client-sdk/schema/client_api.fbs. Requests go in, events come out; an answer
 * carries the number of its request, everything else comes unasked with request 0.
 *
 *     steiger_client* client = NULL;
 *     steiger_error error = {0};
 *     steiger_open_options options = {.size = sizeof options, .data_dir = "sam", .create = 1};
 *     if (steiger_open(&options, &client, &error) != 0) return fail(error.name);
 *     steiger_request(client, request, request_size, &error);
 *     steiger_bytes event = {0};
 *     while (steiger_next_event(client, 1000, &event) == 0) {
 *       handle(event.data, event.size);
 *       steiger_bytes_free(&event);
 *     }
 *     steiger_close(client);
 *
 * Threads: steiger_request may be called from any thread; steiger_next_event from one thread at a time; steiger_close once, when no
 * other call is under way. Different clients are independent.
 *
 * Durability: what an event tells is on disk. The process may be killed at any instant and opened again.
 *
 * Stability: this interface may still change until it is declared stable; from then on it is only extended. Structures that the app
 * fills start with their size, so that a later library understands an older app.
 */
#ifndef STEIGER_STEIGER_H
#define STEIGER_STEIGER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define STEIGER_EXPORT __attribute__((visibility("default")))
#else
#define STEIGER_EXPORT
#endif

/* Changes when a call or a structure changes incompatibly. */
#define STEIGER_ABI_VERSION 0

typedef struct steiger_client steiger_client;

enum {
  STEIGER_FAMILY_CALLER = 0,      /* the app used the interface wrongly */
  STEIGER_FAMILY_PEER = 1,        /* bytes of another party are malformed or not allowed */
  STEIGER_FAMILY_ENVIRONMENT = 2, /* disk, network, operating system */
};

/* What went wrong. `name` is stable snake_case and lives forever; it holds no personal data and may be logged. */
typedef struct steiger_error {
  uint16_t code;
  uint8_t family;
  uint8_t retryable;       /* 1: the same call may succeed later */
  uint32_t retry_after_ms; /* 0: no advice */
  const char* name;
} steiger_error;

/* Bytes that belong to the caller until steiger_bytes_free. */
typedef struct steiger_bytes {
  uint8_t* data;
  size_t size;
} steiger_bytes;

typedef struct steiger_open_options {
  size_t size;          /* sizeof(steiger_open_options) */
  const char* data_dir; /* directory of this device: store.db, store.key, lock; UTF-8 path */
  int32_t create;       /* 1: make it when it is not there; 0: "no_data_here" */
  /* wss://: PEM file of the certificate authorities to trust instead of the system's; NULL: the system's. "certificate_file" when it
   * cannot be read. Not looked at when `size` ends before it. */
  const char* certificate_file;
} steiger_open_options;

/* The library's STEIGER_ABI_VERSION; compare it with the header's. */
STEIGER_EXPORT uint32_t steiger_abi_version(void);

/* Opens the data directory and starts. 0 and a client, or the error's code, `error` filled (it may be NULL) and *client NULL.
 * "data_in_use" when another client has the directory. */
STEIGER_EXPORT int32_t steiger_open(const steiger_open_options* options, steiger_client** client, steiger_error* error);

/* Hands over one steiger.api.Request; the bytes are copied. Never blocks. 0, or the error's code ("too_many_requests").
 * What the request itself leads to, also a malformed one, comes as an event. */
STEIGER_EXPORT int32_t steiger_request(steiger_client* client, const uint8_t* bytes, size_t size, steiger_error* error);

/* The next steiger.api.Event: 0 and `event` filled, or 1 when none came within timeout_ms (0: do not wait, negative: wait forever). */
STEIGER_EXPORT int32_t steiger_next_event(steiger_client* client, int32_t timeout_ms, steiger_bytes* event);

/* A descriptor that poll() reports as readable while events wait; do not read from it and do not close it. */
STEIGER_EXPORT int32_t steiger_event_descriptor(steiger_client* client);

/* Frees an event and empties the structure; harmless on an empty one. */
STEIGER_EXPORT void steiger_bytes_free(steiger_bytes* bytes);

/* Stops, at most after a few hundred milliseconds, and frees. NULL is allowed. */
STEIGER_EXPORT void steiger_close(steiger_client* client);

#ifdef __cplusplus
}
#endif

#endif /* STEIGER_STEIGER_H */
