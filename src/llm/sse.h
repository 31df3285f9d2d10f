// Server-sent events, read incrementally from a stream that may be cut anywhere.
//
// Line ends are "\r\n", "\n" or a lone "\r", also across two chunks. A line of ':' is a comment.
// One leading space of a value is dropped. Several data lines join with "\n". A blank line
// dispatches; an event that no blank line closed is never dispatched. A byte order mark at the
// start of the stream is skipped. Source: WHATWG HTML, "Interpreting an event stream". Bytes are
// passed on as they are: text is decoded by the caller.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caesar {

struct SseEvent {
  std::string name;  // of the `event` field; empty: none was sent
  std::string data;
};

class SseParser {
 public:
  using OnEvent = std::function<Status(const SseEvent&)>;

  // `bytes_max` limits one line, and the data of one event.
  explicit SseParser(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Errors: what `on_event` returned, or kEnvironment if a line or an event is too long. After an
  // error the parser is done: feed it no more.
  Status Feed(std::string_view bytes, const OnEvent& on_event);

 private:
  Status EndLine(const OnEvent& on_event);
  Status Dispatch(const OnEvent& on_event);
  Status TooLong(const char* what) const;

  std::size_t bytes_max_;
  std::size_t bom_seen_ = 0;  // bytes of the byte order mark matched so far
  bool at_start_ = true;
  bool after_return_ = false;  // the last byte was "\r": a "\n" belongs to it
  bool has_data_ = false;
  std::string line_;
  SseEvent event_;
};

}  // namespace caesar
