// Server-sent events, read incrementally from a stream that may be cut anywhere.
//
// Line ends are "\r\n", "\n" or a lone "\r", also across two chunks. A line of ':' is a comment.
// One leading space of a value is dropped. Several data lines join with "\n". A blank line
// dispatches; an event that no blank line closed is never dispatched. A byte order mark at the
// start of the stream is skipped. Other fields are ignored, but text that is no field at all is
// kept: servers break off a stream with a bare JSON error. Source: WHATWG HTML, "Interpreting an
// event stream". Bytes are passed on as they are, and copied only where an event is cut or has
// several data lines: text is decoded by the caller.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caesar {

// Views that live as long as the call which they are given to.
struct SseEvent {
  std::string_view name;  // of the `event` field; empty: none was sent
  std::string_view data;
};

class SseParser {
 public:
  using OnEvent = std::function<Status(const SseEvent&)>;

  // `bytes_max` limits one line, and the data of one event.
  explicit SseParser(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  SseParser(const SseParser&) = delete;
  SseParser& operator=(const SseParser&) = delete;

  // Errors: what `on_event` returned, or kEnvironment if a line or an event is too long. After an
  // error the parser is done: feed it no more.
  Status Feed(std::string_view bytes, const OnEvent& on_event);

  // Lines among the events that look like JSON and are no fields, with the unfinished one at the
  // end: their first kStrayBytesMax bytes. Mostly empty.
  std::string Stray() const;

 private:
  static constexpr std::size_t kStrayBytesMax = std::size_t{16} << 10;

  static void AddStray(std::string_view line, std::string& stray);
  std::string_view SkipByteOrderMark(std::string_view bytes);
  Status EndLine(std::string_view line, const OnEvent& on_event);
  Status AddData(std::string_view value);
  Status Dispatch(const OnEvent& on_event);
  void KeepEvent();
  Status TooLong(const char* what) const;

  std::size_t bytes_max_;
  std::size_t bom_seen_ = 0;  // bytes of the byte order mark matched so far
  bool at_start_ = true;
  bool after_return_ = false;  // the last byte was "\r": a "\n" belongs to it
  bool has_data_ = false;
  std::string line_;  // the beginning of a line whose end was not fed yet
  // The event so far: in the bytes being fed where a line lies whole there, else in the copies.
  SseEvent event_;
  std::string kept_name_;
  std::string kept_data_;
  std::string stray_;
};

}  // namespace caesar
