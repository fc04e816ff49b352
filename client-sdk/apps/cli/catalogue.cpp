#include "client-sdk/apps/cli/catalogue.h"

#include <cstdlib>

namespace steiger::cli {
namespace {

const CatalogueEntry* find(std::string_view key) {
  for (const auto part : catalogue_parts()) {
    for (const auto& entry : part) {
      if (entry.key == key) return &entry;
    }
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

std::array<std::span<const CatalogueEntry>, 7> catalogue_parts() {
  return {help_texts(), said_texts(), alarm_texts(), error_texts(), organisation_texts(), disclose_texts(), member_texts()};
}

bool Catalogue::has(std::string_view key) {
  return find(key) != nullptr;
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
  if (has(key)) return text(key);
  const std::string alarm_key = "alarm." + std::string(name);
  return has(alarm_key) ? text(alarm_key) : text("error.other", {name});
}

std::string Catalogue::alarm(std::string_view name, std::string_view cause) const {
  const std::string key = "alarm." + std::string(name);
  const std::string what = has(key) ? text(key) : text("alarm.other", {error(name)});
  return text("alarm", {cause.empty() ? what : text("alarm.cause", {what, cause})});
}

}  // namespace steiger::cli
