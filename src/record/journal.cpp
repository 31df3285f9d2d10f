#include "record/journal.h"

#include "base/format.h"
#include "record/json_io.h"
#include "record/paths.h"

namespace caesar {
namespace {

constexpr std::size_t kLinesMax = 100'000;
constexpr std::size_t kNameBytesMax = 255;

bool IsHash(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

// What no type says. File names are joined to the round's folder by the reader, so they must not
// lead out of it.
void CheckLine(JsonIo& io, const JournalLine& line) {
  if (!io.reading() || io.failed()) return;
  if (line.seq < 1) io.FailField("seq", "must be at least 1");
  if (line.round < 1) io.FailField("round", "must be at least 1");
  if (line.ms < 0) io.FailField("ms", "must be at least 0");
  if (line.from.empty()) io.FailField("from", "is empty");
  if (line.outcome.empty()) io.FailField("outcome", "is empty");
  if (line.to.empty()) io.FailField("to", "is empty");
  for (const auto& [name, stamp] : line.files) {
    if (name.size() > kNameBytesMax || PathComponent(name) != name) {
      io.FailField("files", Format("names '{}', which is no plain file name", Shorten(name, 80)));
    }
    if (!IsHash(stamp.xxh)) io.FailField("files." + name + ".xxh", "must be 32 hexadecimal digits");
  }
}

}  // namespace

static void Describe(JsonIo& io, FileStamp& stamp) {
  io.Field("bytes", stamp.bytes);
  io.Field("xxh", stamp.xxh);
}

static void Describe(JsonIo& io, JournalLine& line) {
  io.Version("v", line.version, 1);
  io.Field("seq", line.seq);
  io.Field("utc", line.utc);
  io.Field("round", line.round);
  io.Field("from", line.from);
  io.Field("outcome", line.outcome);
  io.Field("to", line.to);
  io.Field("ms", line.ms);
  io.RawObject("data", line.data);
  io.Field("files", line.files);
  CheckLine(io, line);
}

std::string ToJsonLine(const JournalLine& line) { return WriteJson(line, -1) + "\n"; }

Result<Journal> ParseJournal(std::string_view content, std::string_view name) {
  Journal journal;
  std::size_t begin = 0;
  while (begin < content.size()) {
    const std::size_t number = journal.lines.size() + 1;
    const std::string place = Format("{}: line {} (byte {})", name, number, begin);
    const std::size_t end = content.find('\n', begin);
    if (end == content.npos) {
      journal.torn = true;
      break;
    }
    if (number > kLinesMax) {
      return Error{ErrorCode::kBadInput,
                   Format("{} is one more than the {} that a journal may have", place, kLinesMax),
                   ""};
    }
    const std::string_view text = content.substr(begin, end - begin);
    auto line = ReadJson<JournalLine>(text, place);
    if (!line.ok()) {
      const bool last = end + 1 == content.size();
      if (last && !IsJson(text)) {
        journal.torn = true;
        break;
      }
      return std::move(line).error();
    }
    if (line.value().seq != static_cast<std::int64_t>(number)) {
      return Error{ErrorCode::kBadInput,
                   Format("{} has seq {}, but {} is due: lines are missing or out of order", place,
                          line.value().seq, number),
                   ""};
    }
    journal.lines.push_back(std::move(line).value());
    begin = end + 1;
    journal.good_bytes = begin;
  }
  return journal;
}

}  // namespace caesar
