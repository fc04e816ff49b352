// What sessions hear of standing, key packages and handover offers, asked and unasked.
#include "gateway/service/sessions.h"

namespace steiger::gateway {

Sessions::Session* Sessions::online(const DeviceId& device) {
  const auto found = by_device_.find(device);
  return found == by_device_.end() ? nullptr : find(found->second);
}

void Sessions::reply(Session& session, std::uint64_t request, CarriedOut&) {
  session.sink->send(encode_frame(request, wire::DoneT{}));
}

void Sessions::reply(Session& session, std::uint64_t request, PackagesPut& body) {
  push_stock(session, request, body.stock);
}

void Sessions::reply(Session& session, std::uint64_t request, PackagesClaimed& body) {
  wire::KeyPackagesT out;
  out.account = wire_pointer(body.account);
  out.chain = std::move(body.chain);
  for (PackagesClaimed::Package& each : body.packages) {
    auto package = std::make_unique<wire::ClaimedKeyPackageT>();
    package->device = wire_pointer(each.device);
    package->key_package = std::move(each.key_package);
    package->last_resort = each.last_resort;
    out.packages.push_back(std::move(package));
  }
  session.sink->send(encode_frame(request, std::move(out)));
}

void Sessions::push_standing(Session& session, const StandingRow& standing) {
  wire::StandingT out;
  out.status_list = standing.status_list;
  out.root_successions = standing.root_successions;
  session.sink->send(encode_frame(0, std::move(out)));
}

void Sessions::push_stock(Session& session, std::uint64_t request, const KeyPackageStock& stock) {
  wire::KeyPackageCountT out;
  out.available = static_cast<std::uint16_t>(stock.available);
  out.last_resort = stock.last_resort;
  session.sink->send(encode_frame(request, std::move(out)));
}

void Sessions::push_offer(Session& session, const OfferRow& offer) {
  wire::HandoverOfferT out;
  out.offer = offer.offer;
  out.chain = offer.chain;
  session.sink->send(encode_frame(0, std::move(out)));
}

// Whoever logs in within this batch hears the same with its LoginReply.
void Sessions::push_news(const BatchResult& result) {
  if (result.standing != nullptr) {
    for (const auto& [device, id] : by_device_) push_standing(*find(id), *result.standing);
  }
  for (const StockChanged& changed : result.stock) {
    if (Session* session = online(changed.device); session != nullptr) push_stock(*session, 0, changed.stock);
  }
  for (const OfferMade& made : result.offers) {
    for (const DeviceId& device : made.devices) {
      if (Session* session = online(device); session != nullptr) push_offer(*session, made.offer);
    }
  }
}

void Sessions::end(const std::vector<DeviceEnded>& ended) {
  for (const DeviceEnded& each : ended) {
    if (Session* session = online(each.device); session != nullptr) fail(*session, 0, each.why);
  }
}

}  // namespace steiger::gateway
