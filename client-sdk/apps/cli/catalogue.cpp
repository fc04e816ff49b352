#include "client-sdk/apps/cli/catalogue.h"

#include <cstdlib>

namespace steiger::cli {
namespace {

const CatalogueEntry* find(std::string_view key) {
  for (const auto& entry : catalogue_entries()) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

Language Catalogue::language_of(std::string_view option) {
  for (const std::string_view value : {option, environment("STEIGER_LANGUAGE"), environment("LC_ALL"), environment("LANG")}) {
    if (value.starts_with("en")) return Language::english;
    if (value.starts_with("nl")) return Language::dutch;
  }
  return Language::dutch;
}

std::string Catalogue::text(std::string_view key, std::initializer_list<std::string_view> arguments) const {
  const CatalogueEntry* entry = find(key);
  if (entry == nullptr) return std::string(key);
  const std::string_view pattern = language_ == Language::dutch ? entry->dutch : entry->english;
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool placeholder = pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}';
    const std::size_t index = placeholder ? static_cast<std::size_t>(pattern[i + 1] - '0') : 0;
    if (placeholder && index < arguments.size()) {
      out += *(arguments.begin() + index);
      i += 2;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

std::string Catalogue::error(std::string_view name) const {
  const std::string key = "error." + std::string(name);
  return find(key) != nullptr ? text(key) : text("error.other", {name});
}

}  // namespace steiger::cli
