// What becomes of an invite that goes wrong (S3): told against any gateway, so that both ends are seen to agree.
#pragma once

#include "client-sdk/src/testing/world.h"

namespace steiger::sdk::testing {

// Somebody else used the link and the coach says "nee": that person hears it and gets no second try, whoever waited with the same link
// hears that it is over, and a new invite lets the right person in. The coach's device dies after its `coach_dies`-th effect from the
// refusal on (0: does not). Returns the coach's effects from there.
std::uint64_t refused_story(const MakeGateway& make_gateway, std::uint64_t coach_dies);

// Nobody decides: after the invite's end and the time to decide both sides call it expired, and the coach's device holds no secret.
// `reconnect`: the redeemer's connection is lost then, and it asks again.
void undecided_story(const MakeGateway& make_gateway, bool reconnect);

// Somebody else has the link too, and loses (`early`: the proof came before the coach's yes, else after it): that person hears that the
// invite was used, the coach has one alarm, and the coach's device refuses that proof and no other, once, so that the gateway does not
// repeat it at every login. The coach's device dies after its `coach_dies`-th effect from the losing Join on (0: does not). Returns the
// coach's effects from there.
std::uint64_t late_proof_story(const MakeGateway& make_gateway, bool early, std::uint64_t coach_dies);

// The failure that ended this device's Join, or "".
std::string join_failure(const SimDevice& device);

}  // namespace steiger::sdk::testing
