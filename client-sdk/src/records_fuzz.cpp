// The records of the local store: a damaged disk is an error, never a crash. What decodes encodes to the same bytes.
#include "client-sdk/src/records.h"

#include <cstdlib>

#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/room_records.h"
#include "client-sdk/src/state.h"

namespace {

template <class Record>
void check(steiger::ByteView bytes) {
  const auto record = Record::decode(bytes);
  if (record.ok() && !steiger::equal(record->encode().bytes(), bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace steiger::sdk;
  if (size == 0) return 0;
  const steiger::ByteView rest(data + 1, size - 1);
  switch (data[0] % 28) {
    case 0:
      check<SelfRecord>(rest);
      break;
    case 1:
      check<CounterRecord>(rest);
      break;
    case 2:
      check<JoinRecord>(rest);
      break;
    case 3:
      check<InviteRecord>(rest);
      break;
    case 4:
      check<ChannelRecord>(rest);
      break;
    case 5:
      check<LinkRecord>(rest);
      break;
    case 6:
      check<MessageRecord>(rest);
      break;
    case 7:
      check<DeferredRecord>(rest);
      break;
    case 8:
      check<OutboxRecord>(rest);
      break;
    case 9:
      check<PendingRecord>(rest);
      break;
    case 10:
      check<StandingRecord>(rest);
      break;
    case 11:
      check<PackageRecord>(rest);
      break;
    case 12:
      check<PurposeRecord>(rest);
      break;
    case 13:
      check<DevicesRecord>(rest);
      break;
    case 14:
      check<RoomRecord>(rest);
      break;
    case 15:
      check<WishRecord>(rest);
      break;
    case 16:
      check<QuestionRecord>(rest);
      break;
    case 17:
      check<StepRecord>(rest);
      break;
    case 18:
      check<StampRecord>(rest);
      break;
    case 19:
      check<GapsRecord>(rest);
      break;
    case 20:
      check<StaysRecord>(rest);
      break;
    case 21:
      check<EarlierRecord>(rest);
      break;
    case 22:
      check<OpeningRecord>(rest);
      break;
    case 23:
      check<CarriedRecord>(rest);
      break;
    case 24:
      static_cast<void>(Opening::decode(rest));  // what is written again is of the newest version
      break;
    case 25:
      static_cast<void>(OutOfStep::decode(rest));
      break;
    case 26:
      check<AnswerRecord>(rest);
      break;
    case 27:
      check<NewKeyRecord>(rest);
      break;
  }
  return 0;
}
