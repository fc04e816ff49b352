// What people read, in their language. Dutch first: the jongere's texts at level A2, "je", short sentences (domain.md); the coach's at B1.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "crypto/base/error.h"

namespace steiger::cli {

enum class Language { dutch, english };

// One text in every language, side by side, so that no translation can be forgotten. {0}, {1}, ... are filled in by text().
struct CatalogueEntry {
  std::string_view key;
  std::string_view dutch;
  std::string_view english;
};

// The texts, by what they are for; each in a file of its own (catalogue_help.cpp, ...).
std::span<const CatalogueEntry> help_texts();
std::span<const CatalogueEntry> said_texts();
std::span<const CatalogueEntry> alarm_texts();
std::span<const CatalogueEntry> error_texts();
std::span<const CatalogueEntry> organisation_texts();
std::span<const CatalogueEntry> disclose_texts();
std::span<const CatalogueEntry> member_texts();
// All of them.
std::array<std::span<const CatalogueEntry>, 7> catalogue_parts();

class Catalogue {
 public:
  explicit Catalogue(Language language) : language_(language) {}

  // --language wins over $STEIGER_LANGUAGE, that over $LC_ALL / $LANG; Dutch unless one of them says English.
  static Language language_of(std::string_view option);

  // An unknown key is a programming error and comes back as the key itself, so that it is seen.
  [[nodiscard]] std::string text(std::string_view key, std::initializer_list<std::string_view> arguments = {}) const;

  // The sentence for an error of the SDK or the gateway: "error.<name>", "alarm.<name>", or a general one that shows the name.
  [[nodiscard]] std::string error(std::string_view name) const;

  // What to tell a person about an alarm (table Alarm of client_api.fbs): "alarm.<name>", or a general text around error(name);
  // with the name of the error behind it, for whoever looks into it.
  [[nodiscard]] std::string alarm(std::string_view name, std::string_view cause = "") const;

  // Whether there is a text of this very key.
  [[nodiscard]] static bool has(std::string_view key);

  [[nodiscard]] Language language() const { return language_; }

 private:
  Language language_;
};

}  // namespace steiger::cli
