// Shares on paper (S1): what is typed back is what was printed, and a typing error is found and named by its line.
#include "client-sdk/src/organisation_share.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/base/base32.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::sdk {
namespace {

class ShareTest : public ::testing::Test {
 protected:
  ShareTest() : share(make("Gemeente Voorbeeld", 2)), text(as_text(share_lines(share).bytes())) {}

  RootShare make(const std::string& name, std::uint8_t number) {
    RootShare out;
    out.organisation = organisation.facts.id;
    out.root = share_fingerprint(organisation.facts.root_key);
    out.set = {1, 2, 3, 4};
    out.number = number;
    out.needed = 2;
    out.total = 3;
    out.share = SecretBytes(SigningKey::Seed::size());
    rng.fill(out.share.writable());
    out.name = name;
    return out;
  }
  static void expect_same(const RootShare& a, const RootShare& b) {
    EXPECT_EQ(a.organisation, b.organisation);
    EXPECT_EQ(a.root, b.root);
    EXPECT_EQ(a.set, b.set);
    EXPECT_EQ(a.number, b.number);
    EXPECT_EQ(a.needed, b.needed);
    EXPECT_EQ(a.total, b.total);
    EXPECT_EQ(a.share, b.share);
    EXPECT_EQ(a.name, b.name);
  }
  // The error of parsing `changed`, and the line that it names in `line`.
  std::string problem(const std::string& changed) {
    const auto parsed = parse_share(changed, line);
    return parsed.ok() ? "none" : parsed.error().name;
  }
  static unsigned line_at(const std::string& whole, std::size_t position) {
    return 1 + static_cast<unsigned>(std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
  }
  static bool is_base32(char c) { return kCrockfordAlphabet.find(c) != std::string_view::npos; }

  SystemRng rng;
  Organisation organisation = Organisation::create(rng, "Gemeente Voorbeeld").value();
  RootShare share;
  std::string text;
  unsigned line = 0;
};

TEST_F(ShareTest, WhatIsPrintedReadsBackInBothForms) {
  for (const std::string name : {"A", "Gemeente Voorbeeld", "Zuid-West \xc3\xa9\xc3\xa9n"}) {
    const RootShare one = make(name, 3);
    const auto paper = parse_share(as_text(share_lines(one).bytes()), line);
    ASSERT_TRUE(paper.ok());
    expect_same(*paper, one);
    const auto qr = parse_share(as_text(share_characters(one).bytes()), line);
    ASSERT_TRUE(qr.ok());
    expect_same(*qr, one);
  }
  const RootShare longest = make(std::string(128, 'x'), 1);
  const auto read = parse_share(as_text(share_lines(longest).bytes()), line);
  ASSERT_TRUE(read.ok());
  expect_same(*read, longest);
}

TEST_F(ShareTest, HowItIsTypedDoesNotMatter) {
  std::string typed = text;
  for (char& c : typed) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ') c = '-';
  }
  std::replace(typed.begin(), typed.end(), '1', 'l');  // also in the line numbers
  EXPECT_EQ(problem(typed), "share_line_mistyped") << "a line number is a number";
  typed = "Steiger, deel 2 van 3\nbewaren!\n\n" + text + "\nniet weggooien\n";
  EXPECT_EQ(problem(typed), "none");
  typed = text;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (i > 4 && typed[i - 1] != ':' && typed[i] == '0' && is_base32(typed[i - 1])) typed[i] = 'o';
  }
  EXPECT_EQ(problem(typed), "none");
}

// The promise of the line check, over every place and every other character.
TEST_F(ShareTest, EveryWrongCharacterIsFoundInItsLine) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t begin =
        text.rfind('\n', at == 0 ? 0 : at - 1) == std::string::npos || at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
    if (at < text.find(':', begin) || !is_base32(text[at])) continue;  // line numbers: below
    for (const char other : kCrockfordAlphabet) {
      if (other == text[at]) continue;
      std::string changed = text;
      changed[at] = other;
      ASSERT_EQ(problem(changed), "share_line_mistyped") << changed;
      ASSERT_EQ(line, line_at(text, at)) << changed;
    }
  }
}

TEST_F(ShareTest, EverySwapOfNeighboursIsFoundInItsLine) {
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    const bool data = is_base32(text[at]) && is_base32(text[at + 1]) && text.find(':', at) != at + 1 &&
                      text.find(':', at) != at + 2 && text[at] != text[at + 1];
    if (!data) continue;
    std::string changed = text;
    std::swap(changed[at], changed[at + 1]);
    EXPECT_EQ(problem(changed), "share_line_mistyped") << changed;
    EXPECT_EQ(line, line_at(text, at)) << changed;
  }
}

TEST_F(ShareTest, MissingSwappedAndShortLinesAreNamed) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  ASSERT_GT(lines.size(), 4U);
  const auto joined = [](const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all) out += one;
    return out;
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto without = lines;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    const bool last = i + 1 == lines.size();
    EXPECT_EQ(problem(joined(without)), last ? "share_mistyped" : "share_line_missing") << i;
    if (!last) {
      EXPECT_EQ(line, i + 1);
      auto swapped = lines;
      std::swap(swapped[i], swapped[i + 1]);
      EXPECT_NE(problem(joined(swapped)), "none");
      EXPECT_EQ(line, i + 1);
    }
    auto shorter = lines;
    shorter[i].erase(shorter[i].find('=') - 2, 1);
    EXPECT_EQ(problem(joined(shorter)), "share_line_mistyped");
    EXPECT_EQ(line, i + 1);
  }
}

// A second mistake that makes a line's check right again is found by the check over everything.
TEST_F(ShareTest, WhatSlipsThroughTheLinesIsFoundInTheWhole) {
  std::string characters(as_text(share_characters(share).bytes()));
  for (std::size_t at = 0; at < characters.size(); ++at) {
    std::string changed = characters;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(problem(changed), "share_mistyped") << at;
  }
}

TEST_F(ShareTest, WhatIsNoShareIsRefused) {
  EXPECT_EQ(problem(""), "share_unreadable");
  EXPECT_EQ(problem("\n\n"), "share_unreadable");
  EXPECT_EQ(problem("this is not a share!"), "share_unreadable");
  EXPECT_EQ(problem(std::string(20'000, 'A')), "share_unreadable");
  EXPECT_EQ(problem(std::string(5'000, 'A')), "share_unreadable");
  EXPECT_EQ(problem("="), "share_line_mistyped");
  EXPECT_EQ(problem("1: ABC = "), "share_line_mistyped");
}

TEST_F(ShareTest, OnlySharesOfOneSplittingGoTogether) {
  const auto check = [&](auto change) {
    std::vector<RootShare> shares;
    shares.push_back(make("Gemeente Voorbeeld", 1));
    shares.push_back(make("Gemeente Voorbeeld", 2));
    change(shares);
    const auto result = check_shares(shares);
    return result.ok() ? std::string("none") : std::string(result.error().name);
  };
  EXPECT_EQ(check([](auto&) {}), "none");
  EXPECT_EQ(check([](auto& shares) { shares[1].set[0] ^= 1; }), "shares_mixed");
  EXPECT_EQ(check([](auto& shares) { shares[1].root[0] ^= 1; }), "shares_mixed");
  EXPECT_EQ(check([&](auto& shares) { shares[1].organisation = OrganisationId::random(rng); }), "shares_mixed");
  EXPECT_EQ(check([](auto& shares) { shares[1].name = "Andere"; }), "shares_mixed");
  EXPECT_EQ(check([](auto& shares) { shares[1].needed = 3; }), "shares_mixed");
  EXPECT_EQ(check([](auto& shares) { shares[1].number = 1; }), "share_twice");
  EXPECT_EQ(check([](auto& shares) { shares.pop_back(); }), "shares_too_few");
  EXPECT_EQ(check([](auto& shares) { shares.clear(); }), "shares_too_few");
}

TEST_F(ShareTest, WhatComesBackIsProvenToBeThatRoot) {
  const SecretBytes seed = SecretBytes::copy_of(organisation.root.seed().bytes());
  const auto same = restore_organisation(share, seed);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->facts, organisation.facts);
  SecretBytes other = seed.clone();
  other.writable()[0] ^= 1;
  const auto wrong = restore_organisation(share, other);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error(), kSharesWrong);
}

}  // namespace
}  // namespace steiger::sdk
