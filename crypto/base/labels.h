// Every label that separates one use of a key or hash from another, in one place. A test checks that no label is a prefix of
// another and that none starts like an MLS label ("MLS 1.0 "), so that a signature made for one purpose never verifies for
// another (S6).
#pragma once

#include "crypto/base/codec.h"

namespace steiger::labels {

// Ed25519 signatures
inline constexpr std::string_view kCertificate = "steiger certificate v1";
inline constexpr std::string_view kDeviceList = "steiger device list v1";
inline constexpr std::string_view kLogin = "steiger login v1";
inline constexpr std::string_view kChainHead = "steiger chain head v1";
inline constexpr std::string_view kDelegation = "steiger delegation v1";
inline constexpr std::string_view kStatusList = "steiger status list v1";
inline constexpr std::string_view kRootSuccession = "steiger root succession v1";
inline constexpr std::string_view kGrant = "steiger grant v1";
inline constexpr std::string_view kHandoverOffer = "steiger handover offer v1";
inline constexpr std::string_view kNack = "steiger nack v1";
inline constexpr std::string_view kStaffRequest = "steiger staff request v1";
// SHA-256
inline constexpr std::string_view kChainStart = "steiger chain start v1";
inline constexpr std::string_view kChainLink = "steiger chain link v1";
inline constexpr std::string_view kRelayBatch = "steiger relay batch v1";
inline constexpr std::string_view kRootShare = "steiger root share v1";
// HMAC-SHA-256
inline constexpr std::string_view kFranking = "steiger franking v1";
// HPKE info
inline constexpr std::string_view kResent = "steiger resent v1";
// HKDF from an invite secret, in the words of the profile (S3, S5)
inline constexpr std::string_view kInviteLookup = "lookup";
inline constexpr std::string_view kInviteRedeem = "redeem";
inline constexpr std::string_view kInvitePsk = "steiger psk";
inline constexpr std::string_view kInviteLink = "steiger link";  // S2; also in the HPKE info of what it seals

// Labels of signatures, hashes and tags begin with the product's name; those of the profile's HKDF are the profile's own words.
inline constexpr std::string_view kOfInvites[] = {kInviteLookup, kInviteRedeem, kInvitePsk, kInviteLink};
inline constexpr std::string_view kAll[] = {
    kCertificate, kDeviceList,    kLogin,  kChainHead,    kDelegation,   kStatusList, kRootSuccession,
    kGrant,       kHandoverOffer, kNack,   kStaffRequest, kChainStart,   kChainLink,  kRelayBatch,
    kRootShare,   kFranking,      kResent, kInviteLookup, kInviteRedeem, kInvitePsk,  kInviteLink};

}  // namespace steiger::labels

namespace steiger {

// What is signed: label and content, each with its length in front, so that no two (label, content) pairs give the same bytes.
inline Bytes to_be_signed(std::string_view label, ByteView content) {
  Writer out;
  out.opaque(label).opaque(content);
  return std::move(out).take();
}

}  // namespace steiger
