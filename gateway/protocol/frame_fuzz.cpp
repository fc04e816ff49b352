// Any bytes: verify_frame names an error or gives a frame whose every field can be read (the object API walks all of it).
#include "gateway/protocol/frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto frame = steiger::gateway::verify_frame({data, size});
  if (!frame.ok()) return 0;
  const std::unique_ptr<steiger::gateway::wire::FrameT> all((*frame)->UnPack());
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(steiger::gateway::wire::Frame::Pack(builder, all.get()));
  return 0;
}
