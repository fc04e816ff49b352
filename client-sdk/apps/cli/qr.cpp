#include "client-sdk/apps/cli/qr.h"

#include <qrencode.h>

#include <memory>

namespace steiger::cli {
namespace {

constexpr const char* kBlackOnWhite = "\033[30;107m";
constexpr const char* kReset = "\033[0m";

struct FreeQr {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

// One character for two modules above each other; `ink` modules are drawn in the foreground colour.
const char* half_block(bool upper_ink, bool lower_ink) {
  if (upper_ink && lower_ink) return "█";
  if (upper_ink) return "▀";
  if (lower_ink) return "▄";
  return " ";
}

// What the dark modules are drawn with.
enum class Dark { ink, ink_on_white, nothing };

std::optional<std::string> draw(std::string_view text, Dark how) {
  const std::string terminated(text);
  // Level M (15 % damage): a screen is clean, and fewer modules are easier for an old camera. Mode 8 bit, case kept.
  const std::unique_ptr<QRcode, FreeQr> code(QRcode_encodeString8bit(terminated.c_str(), 0, QR_ECLEVEL_M));
  if (!code) return std::nullopt;
  const int width = code->width;
  const auto dark = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= width || y >= width) return false;
    return (code->data[y * width + x] & 1) != 0;  // bit 0 is the colour; the others say what the module is for
  };
  std::string out;
  for (int y = -kQrQuietZone; y < width + kQrQuietZone; y += 2) {
    if (how == Dark::ink_on_white) out += kBlackOnWhite;
    for (int x = -kQrQuietZone; x < width + kQrQuietZone; ++x) {
      const bool upper = dark(x, y);
      const bool lower = dark(x, y + 1);
      out += how == Dark::nothing ? half_block(!upper, !lower) : half_block(upper, lower);
    }
    if (how == Dark::ink_on_white) out += kReset;
    out += '\n';
  }
  return out;
}

}  // namespace

std::optional<std::string> draw_qr(std::string_view text, bool colours) {
  return draw(text, colours ? Dark::ink_on_white : Dark::nothing);
}

std::optional<std::string> draw_qr_on_paper(std::string_view text) {
  return draw(text, Dark::ink);
}

}  // namespace steiger::cli
