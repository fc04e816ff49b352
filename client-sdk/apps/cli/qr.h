// A QR code drawn with half blocks, two modules per character row, so that a phone can scan it from the screen.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace steiger::cli {

// Light modules around the code (ISO/IEC 18004 asks for four; two scan well on a screen and keep small terminals usable).
inline constexpr int kQrQuietZone = 2;

// Lines end in '\n'. `colours`: black on white whatever the terminal's theme; without it light modules are drawn and dark ones left
// blank, which suits a dark terminal. Nothing when `text` is empty or longer than a QR code holds.
std::optional<std::string> draw_qr(std::string_view text, bool colours);
// The same for paper, where the ink is what is dark.
std::optional<std::string> draw_qr_on_paper(std::string_view text);

}  // namespace steiger::cli
