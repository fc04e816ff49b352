#include "client-sdk/apps/cli/qr.h"

#include <gtest/gtest.h>
#include <qrencode.h>

#include <vector>

namespace steiger::cli {
namespace {

constexpr char kLink[] = "http://127.0.0.1:8443/#i=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

// Reads a drawing without colours back into modules: drawn halves are light.
std::vector<std::vector<bool>> dark_modules(const std::string& drawing) {
  std::vector<std::vector<bool>> rows;
  std::vector<bool> upper;
  std::vector<bool> lower;
  for (std::size_t i = 0; i < drawing.size();) {
    const std::string rest = drawing.substr(i, 3);
    if (drawing[i] == '\n') {
      rows.push_back(std::exchange(upper, {}));
      rows.push_back(std::exchange(lower, {}));
      i += 1;
    } else if (drawing[i] == ' ') {
      upper.push_back(true);
      lower.push_back(true);
      i += 1;
    } else {
      upper.push_back(rest == "▄");
      lower.push_back(rest == "▀");
      i += 3;
    }
  }
  return rows;
}

TEST(Qr, TheDrawingIsTheCodeWithItsQuietZone) {
  const auto drawing = draw_qr(kLink, false);
  ASSERT_TRUE(drawing);
  const auto rows = dark_modules(*drawing);
  QRcode* code = QRcode_encodeString8bit(kLink, 0, QR_ECLEVEL_M);
  ASSERT_NE(code, nullptr);
  const int width = code->width;
  for (int y = -kQrQuietZone; y < width + kQrQuietZone; ++y) {
    for (int x = -kQrQuietZone; x < width + kQrQuietZone; ++x) {
      const bool inside = x >= 0 && y >= 0 && x < width && y < width;
      const bool expected = inside && (code->data[y * width + x] & 1) != 0;
      ASSERT_EQ(rows.at(static_cast<std::size_t>(y + kQrQuietZone)).at(static_cast<std::size_t>(x + kQrQuietZone)), expected)
          << x << "," << y;
    }
  }
  QRcode_free(code);
}

TEST(Qr, ColoursAreResetOnEveryLine) {
  const auto drawing = draw_qr(kLink, true);
  ASSERT_TRUE(drawing);
  std::size_t start = 0;
  while (start < drawing->size()) {
    const auto end = drawing->find('\n', start);
    const auto line = drawing->substr(start, end - start);
    EXPECT_TRUE(line.starts_with("\033[30;107m") && line.ends_with("\033[0m"));
    start = end + 1;
  }
}

TEST(Qr, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(draw_qr("", false));
  EXPECT_FALSE(draw_qr(std::string(4000, 'x'), false));
}

}  // namespace
}  // namespace steiger::cli
