// Errors of disclosures (52x): which lie was told.
#pragma once

#include "crypto/base/error.h"

namespace steiger::disclosure {

inline constexpr Error kNotADisclosure{520, "not_a_disclosure",
                                       ErrorFamily::peer};  // damaged, of something else, or beyond a bound
inline constexpr Error kOtherOrganisation{521, "disclosure_other_organisation", ErrorFamily::peer};
inline constexpr Error kOtherGateway{522, "disclosure_other_gateway",
                                     ErrorFamily::peer};  // another head key than the reader knows
inline constexpr Error kLinksMissing{523, "disclosure_links_missing",
                                     ErrorFamily::peer};  // not every place up to the signed head
inline constexpr Error kMessageOutside{524, "disclosure_message_outside", ErrorFamily::peer};  // at a place that no link is for
inline constexpr Error kTextDiffers{525, "disclosure_text_differs", ErrorFamily::peer};        // not what was sent at this place
inline constexpr Error kFromElsewhere{526, "disclosure_from_elsewhere",
                                      ErrorFamily::peer};  // another channel, sender or message than its text was made for
inline constexpr Error kNotSigned{527, "disclosure_not_signed",
                                  ErrorFamily::peer};  // order, times or senders are not what the gateway signed
inline constexpr Error kSenderUnknown{528, "disclosure_sender_unknown", ErrorFamily::peer};  // whose account it is is not shown
inline constexpr Error kSenderNotCertified{529, "disclosure_sender_not_certified",
                                           ErrorFamily::peer};  // not by this organisation
inline constexpr Error kSenderNotValidThen{530, "disclosure_sender_not_valid_then",
                                           ErrorFamily::peer};                             // certified, but not at that time
inline constexpr Error kSenderDevice{531, "disclosure_sender_device", ErrorFamily::peer};  // not a device of that account
inline constexpr Error kDisclosureTooLong{532, "disclosure_too_long", ErrorFamily::caller};

}  // namespace steiger::disclosure
