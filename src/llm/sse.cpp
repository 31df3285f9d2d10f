#include "llm/sse.h"

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}  // namespace

Status SseParser::Feed(std::string_view bytes, const OnEvent& on_event) {
  while (at_start_ && !bytes.empty()) {
    if (bytes.front() != kByteOrderMark[bom_seen_]) {
      line_.append(kByteOrderMark.substr(0, bom_seen_));  // it only looked like one
      at_start_ = false;
      break;
    }
    bytes.remove_prefix(1);
    if (++bom_seen_ == kByteOrderMark.size()) at_start_ = false;
  }
  while (!bytes.empty()) {
    if (after_return_) {
      after_return_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() > bytes_max_) return TooLong("line");
    line_ += part;
    if (end == std::string_view::npos) return {};
    after_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    TRY(EndLine(on_event));
  }
  return {};
}

Status SseParser::EndLine(const OnEvent& on_event) {
  const std::string line = std::move(line_);
  line_.clear();
  if (line.empty()) return Dispatch(on_event);
  const std::size_t colon = line.find(':');
  if (colon == 0)
    return {};  // a comment: keep-alives of proxies and of servers that are still thinking
  const std::string_view field = std::string_view(line).substr(0, colon);
  std::string_view value;
  if (colon != std::string::npos) value = std::string_view(line).substr(colon + 1);
  if (StartsWith(value, " ")) value.remove_prefix(1);
  if (field == "event") {
    event_.name = value;
  } else if (field == "data") {
    if (event_.data.size() + value.size() >= bytes_max_) return TooLong("event");
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  }
  return {};  // `id` and `retry` serve reconnecting, which a reply has no use for
}

Status SseParser::Dispatch(const OnEvent& on_event) {
  const SseEvent event = std::move(event_);
  event_ = SseEvent{};
  if (!has_data_) return {};
  has_data_ = false;
  return on_event(event);
}

Status SseParser::TooLong(const char* what) const {
  return Error{
      ErrorCode::kEnvironment,
      Format("The provider's stream holds one {} of more than {} bytes.", what, bytes_max_), ""};
}

}  // namespace caesar
