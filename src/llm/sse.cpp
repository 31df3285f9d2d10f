#include "llm/sse.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Where the next byte of a kind is, looked for only once however often it is asked for: streams
// without "\r" are searched for it once, and one of nothing but "\r" not for "\n" at each of them.
class Next {
 public:
  Next(std::string_view bytes, char byte) : bytes_(bytes), byte_(byte) {}

  std::size_t From(std::size_t begin) {  // npos: there is none; `begin` never gets smaller
    if (found_ < begin || !asked_) found_ = bytes_.find(byte_, begin);
    asked_ = true;
    return found_;
  }

 private:
  std::string_view bytes_;
  char byte_;
  bool asked_ = false;
  std::size_t found_ = 0;
};

}  // namespace

Status SseParser::Feed(std::string_view bytes, const OnEvent& on_event) {
  bytes = SkipByteOrderMark(bytes);
  Next newline(bytes, '\n');
  Next carriage_return(bytes, '\r');
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (std::exchange(after_return_, false) && bytes[at] == '\n') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(newline.From(at), carriage_return.From(at));
    const std::string_view part = bytes.substr(at, std::min(end, bytes.size()) - at);
    if (line_.size() + part.size() > bytes_max_) return TooLong("line");
    if (end == std::string_view::npos) {
      line_ += part;
      break;
    }
    after_return_ = bytes[end] == '\r';
    at = end + 1;
    if (line_.empty()) {
      TRY(EndLine(part, on_event));
    } else {
      line_ += part;
      TRY(EndLine(line_, on_event));
      KeepEvent();
      line_.clear();
    }
  }
  KeepEvent();
  return {};
}

std::string_view SseParser::SkipByteOrderMark(std::string_view bytes) {
  while (at_start_ && !bytes.empty()) {
    if (bytes.front() != kByteOrderMark[bom_seen_]) {
      line_.append(kByteOrderMark.substr(0, bom_seen_));  // it only looked like one
      at_start_ = false;
      break;
    }
    bytes.remove_prefix(1);
    if (++bom_seen_ == kByteOrderMark.size()) at_start_ = false;
  }
  return bytes;
}

Status SseParser::EndLine(std::string_view line, const OnEvent& on_event) {
  if (line.empty()) return Dispatch(on_event);
  const std::size_t colon = line.find(':');
  if (colon == 0)
    return {};  // a comment: keep-alives of proxies and of servers that are still thinking
  const std::string_view field = line.substr(0, colon);
  std::string_view value;
  if (colon != std::string_view::npos) value = line.substr(colon + 1);
  if (StartsWith(value, " ")) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field == "data") return AddData(value);
  AddStray(line, stray_);
  return {};  // `id` and `retry` serve reconnecting, which a reply has no use for
}

// A line that begins like JSON, or follows one that did.
void SseParser::AddStray(std::string_view line, std::string& stray) {
  static constexpr std::string_view kFields[] = {"data:", "event:", "id:", "retry:"};
  const bool json = StartsWith(line, "{") || StartsWith(line, "[");
  if ((stray.empty() && !json) || stray.size() + line.size() >= kStrayBytesMax) return;
  for (const std::string_view field : kFields) {
    if (StartsWith(line, field)) return;
  }
  stray += line;
  stray += '\n';
}

std::string SseParser::Stray() const {
  std::string stray = stray_;
  if (!line_.empty()) AddStray(line_, stray);
  return stray;
}

Status SseParser::AddData(std::string_view value) {
  if (event_.data.size() + value.size() >= bytes_max_) return TooLong("event");
  if (!std::exchange(has_data_, true)) {
    event_.data = value;
    return {};
  }
  KeepEvent();
  kept_data_ += '\n';
  kept_data_ += value;
  event_.data = kept_data_;
  return {};
}

Status SseParser::Dispatch(const OnEvent& on_event) {
  const SseEvent event = std::exchange(event_, {});
  return std::exchange(has_data_, false) ? on_event(event) : Status();
}

// The bytes that the event so far lies in are about to go.
void SseParser::KeepEvent() {
  const auto keep = [](std::string_view& view, std::string& kept) {
    if (view.data() == kept.data()) return;
    kept = view;
    view = kept;
  };
  keep(event_.name, kept_name_);
  keep(event_.data, kept_data_);
}

Status SseParser::TooLong(const char* what) const {
  return Error{
      ErrorCode::kEnvironment,
      Format("The provider's stream holds one {} of more than {} bytes.", what, bytes_max_), ""};
}

}  // namespace caesar
