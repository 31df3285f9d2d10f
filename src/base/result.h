// Result<T>: a value, or an Error that says what went wrong, where, and what to do.
//
// An Error means "we could not ask" (no nvcc, disk full, bad key). What the world answered, good or
// bad, is a value: a compile error of a candidate is not an Error.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace caesar {

enum class ErrorCode {
  kUsage,        // wrong flag or argument; exit code 2
  kBadInput,     // unusable problem, run directory or configuration file; exit code 2
  kEnvironment,  // no nvcc, no device, no key, provider unreachable; exit code 3
  kIo,           // a file could not be read or written; exit code 3
  kInterrupted,  // the user asked us to stop; exit code 130
  kInternal,     // a bug of ours; exit code 4
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // one sentence: what was wrong and where
  std::string detail;   // what to do about it, or the evidence; may be empty or several lines
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T value() && { return std::get<0>(std::move(state_)); }
  const Error& error() const& { return std::get<1>(state_); }
  Error error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  void value() const {}
  const Error& error() const& { return *error_; }
  Error error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace caesar

// TRY(expr): the value of a Result, or return its Error from the enclosing function.
#define TRY(...) CAESAR_TRY_NAMED(__COUNTER__, __VA_ARGS__)
#define CAESAR_TRY_NAMED(counter, ...) CAESAR_TRY_BODY(counter, __VA_ARGS__)
#define CAESAR_TRY_BODY(counter, ...)                                               \
  __extension__({                                                                   \
    auto try_result_##counter = (__VA_ARGS__);                                      \
    if (!try_result_##counter.ok()) return std::move(try_result_##counter).error(); \
    std::move(try_result_##counter).value();                                        \
  })
