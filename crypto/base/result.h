// Result<T>: a value or an Error. No exceptions cross a room's door.
#pragma once

#include <cstdlib>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "crypto/base/error.h"

namespace steiger {

// Holds either a T or an Error. Reading the side that is not there is a programming error and aborts.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, error) {}         // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    require(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    require(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    require(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  const Error& error() const {
    require(!ok());
    return *std::get_if<1>(&state_);
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  static void require(bool condition) {
    if (!condition) std::abort();
  }
  std::variant<T, Error> state_;
};

// Result<void>: success, or an Error. `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(error) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const {
    if (!ok()) std::abort();
  }
  const Error& error() const {
    if (ok()) std::abort();
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace steiger

#define STEIGER_CONCAT_INNER(a, b) a##b
#define STEIGER_CONCAT(a, b) STEIGER_CONCAT_INNER(a, b)

// STEIGER_TRY(auto x, f()); binds the value of a Result, or returns its Error from the enclosing function.
#define STEIGER_TRY(declaration, expression) STEIGER_TRY_INNER(STEIGER_CONCAT(steiger_result_, __LINE__), declaration, expression)
#define STEIGER_TRY_INNER(name, declaration, expression) \
  auto name = (expression);                              \
  if (!name.ok()) return name.error();                   \
  declaration = std::move(name).value()

// STEIGER_CHECK(f()); returns the Error of a Result<void> from the enclosing function, or goes on.
#define STEIGER_CHECK(expression)                                                                \
  do {                                                                                           \
    if (auto steiger_check_ = (expression); !steiger_check_.ok()) return steiger_check_.error(); \
  } while (false)
