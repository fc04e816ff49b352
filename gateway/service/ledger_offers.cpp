// Handover offers (S10): the teamleider's word that another coach follows. The gateway keeps it until the jongere has decided; it can
// neither make one nor carry it out.
#include <algorithm>

#include "crypto/identity/handover.h"
#include "crypto/identity/root_succession.h"
#include "crypto/identity/status_list.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {

Result<void> Ledger::on(const Command& command, OfferHandoverCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  if (stream->role != static_cast<RoleNumber>(identity::Role::teamleider)) {
    answer(command, Refused{kNotAllowed});
    return {};
  }
  const auto bad = [&]() -> Result<void> {
    answer(command, Refused{kBadOffer});
    return {};
  };
  STEIGER_TRY(const membership::Trust* known, trust());
  const auto offer = identity::decode_handover_offer(body.offer);
  const auto chain = identity::decode_chain(body.chain);
  if (!offer.ok() || !chain.ok()) return bad();
  const auto teamleider = identity::verify_chain_under(*chain, known->roots, identity_.organisation, now_);
  if (!teamleider.ok() || teamleider->account != stream->account) return bad();
  if (!identity::verify_handover_offer(*offer, *teamleider, identity_.organisation, offer->channel, now_).ok()) return bad();
  // The coach who leaves is in that room, the one who follows is known here under the key that the offer names.
  STEIGER_TRY(Channel * room, channel(offer->channel));
  STEIGER_TRY(const auto leaving, store_.account(offer->leaving));
  STEIGER_TRY(const auto successor, store_.account(offer->successor));
  const auto coach = static_cast<RoleNumber>(identity::Role::coach);
  if (room == nullptr || !in_roster(*room, offer->leaving) || !leaving || leaving->role != coach || !successor) return bad();
  const auto successor_chain = identity::decode_chain(successor->chain);
  if (!successor_chain.ok()) return kStoreCorrupt;
  const auto follows = identity::verify_chain_under(*successor_chain, known->roots, identity_.organisation, now_);
  if (!follows.ok() || !identity::check_successor(*offer, *follows).ok()) return bad();
  if (known->status && !identity::check_standing(*known->status, *successor_chain, now_).ok()) return bad();

  OfferRow row{offer->channel, offer->leaving,        offer->successor,     offer->issued,
               offer->expires, std::move(body.offer), std::move(body.chain)};
  STEIGER_TRY(const auto there, store_.offers_of(row.channel));
  const auto same = std::find_if(there.begin(), there.end(), [&](const OfferRow& each) { return each.leaving == row.leaving; });
  if (same != there.end()) {
    if (same->offer == row.offer) {  // a resend
      answer(command, CarriedOut{});
      return {};
    }
    if (same->issued >= row.issued) return bad();
  } else if (there.size() >= kMaxOffersPerRoom) {
    return bad();
  }
  STEIGER_CHECK(store_.put_offer(row, event("offer.made", {{"account", stream->account.text()},
                                                           {"channel", row.channel.text()},
                                                           {"leaving", row.leaving.text()},
                                                           {"successor", row.successor.text()}})));
  OfferMade made{row, {}};
  for (const Member& member : room->members) {
    if (!member.gone && member.row.in_roster()) made.devices.push_back(member.row.device);
  }
  STEIGER_TRY(const auto devices, store_.devices_of(row.successor));
  for (const DeviceRow& device : devices) made.devices.push_back(device.device);
  result_.offers.push_back(std::move(made));
  answer(command, CarriedOut{});
  return {};
}

// The successor is in and the leaving coach is out.
Result<bool> Ledger::is_carried_out(const OfferRow& offer) {
  STEIGER_TRY(const Channel* room, channel(offer.channel));
  if (room == nullptr) return kStoreCorrupt;
  return in_roster(*room, offer.successor) && !in_roster(*room, offer.leaving);
}

Result<void> Ledger::lapse_offers() {
  STEIGER_TRY(const auto offers, store_.offers());
  for (const OfferRow& offer : offers) {
    STEIGER_TRY(const bool done, is_carried_out(offer));
    if (!done && now_ < offer.expires) continue;
    STEIGER_CHECK(store_.remove_offer(
        offer.channel, offer.leaving,
        event(done ? "offer.carried_out" : "offer.expired",
              {{"channel", offer.channel.text()}, {"leaving", offer.leaving.text()}, {"successor", offer.successor.text()}})));
  }
  return {};
}

}  // namespace steiger::gateway
