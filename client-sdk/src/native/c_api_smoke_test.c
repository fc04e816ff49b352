/* The C interface as a C11 program uses it: open, ask, hear the answer, errors by name. Exit code 0 when everything held. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client-sdk/include/steiger/steiger.h"

#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) {                                                   \
      fprintf(stderr, "line %d: not true: %s\n", __LINE__, #condition);   \
      return 1;                                                           \
    }                                                                     \
  } while (0)

/* Not a request; an app makes requests with the code that flatc generates from client_api.fbs. */
static const uint8_t kNoRequest[] = {0x00, 0x01, 0x02, 0x03};

static int wait_for_event(steiger_client* client, steiger_bytes* event) {
  return steiger_next_event(client, 10 * 1000, event);
}

int main(void) {
  char directory[] = "/tmp/steiger-c-XXXXXX";
  char device[sizeof directory + 8];
  steiger_client* client = NULL;
  steiger_client* second = NULL;
  steiger_error error = {0};
  steiger_bytes event = {0};
  steiger_open_options options = {0};

  CHECK(mkdtemp(directory) != NULL);
  snprintf(device, sizeof device, "%s/device", directory);
  CHECK(steiger_abi_version() == STEIGER_ABI_VERSION);

  /* Wrong calls are answered, not crashed on. */
  CHECK(steiger_open(NULL, &client, &error) != 0 && strcmp(error.name, "bad_call") == 0);
  options.size = sizeof options;
  options.data_dir = device;
  CHECK(steiger_open(&options, &client, &error) != 0 && client == NULL);
  CHECK(strcmp(error.name, "no_data_here") == 0 && error.family == STEIGER_FAMILY_ENVIRONMENT);

  options.create = 1;
  CHECK(steiger_open(&options, &client, &error) == 0 && client != NULL);
  CHECK(steiger_open(&options, &second, &error) != 0 && strcmp(error.name, "data_in_use") == 0 && error.retryable == 1);

  /* The present status comes unasked; bytes that are no request are answered with an event. */
  CHECK(wait_for_event(client, &event) == 0 && event.size > 0);
  steiger_bytes_free(&event);
  CHECK(event.data == NULL);
  CHECK(steiger_request(client, kNoRequest, sizeof kNoRequest, &error) == 0);
  CHECK(wait_for_event(client, &event) == 0);
  steiger_bytes_free(&event);
  CHECK(steiger_next_event(client, 0, &event) == 1);
  CHECK(steiger_event_descriptor(client) >= 0);

  steiger_close(client);
  steiger_close(NULL);
  /* Closed means free: it opens again, without asking to create it. */
  options.create = 0;
  CHECK(steiger_open(&options, &client, NULL) == 0);
  steiger_close(client);

  {
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    CHECK(system(command) == 0);
  }
  puts("ok");
  return 0;
}
