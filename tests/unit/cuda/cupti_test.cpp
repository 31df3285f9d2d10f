// The pure part of cuda/cupti.h, on made-up records.
#include "cuda/cupti.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

constexpr const char* kDelay = "caesar_delay";

ActivityRecord Kernel(const std::string& name, std::uint64_t start_ns, std::uint64_t end_ns,
                      std::uint32_t stream = 7) {
  ActivityRecord record;
  record.start_ns = start_ns;
  record.end_ns = end_ns;
  record.stream = stream;
  record.kernel.name = name;
  record.kernel.us = static_cast<double>(end_ns - start_ns) / 1000;
  return record;
}

ActivityRecord Copy(std::uint64_t start_ns, std::uint64_t end_ns, bool host,
                    std::uint32_t stream = 7) {
  ActivityRecord record = Kernel("", start_ns, end_ns, stream);
  record.kind = ActivityRecord::Kind::kCopy;
  record.host_copy = host;
  return record;
}

TEST(Condense, NothingIsNothing) {
  const CallRecords call = Condense({}, kDelay, 0);
  EXPECT_EQ(call.envelope_us, 0);
  EXPECT_TRUE(call.kernels.empty());
  EXPECT_EQ(call.dropped, 0);
  EXPECT_EQ(Condense({Kernel(kDelay, 1000, 51'000)}, kDelay, 0).envelope_us, 0);
}

TEST(Condense, TheEnvelopeReachesFromFirstStartToLastEnd) {
  // In no order, as CUPTI gives them; overlapping, with a gap; the delay kernel before them does
  // not count.
  const CallRecords call = Condense({Kernel("b", 60'000, 70'000), Kernel(kDelay, 1'000, 50'000),
                                     Kernel("a", 52'000, 66'000), Kernel("c", 90'000, 94'500)},
                                    kDelay, 0);
  EXPECT_DOUBLE_EQ(call.envelope_us, 42.5);
  ASSERT_EQ(call.kernels.size(), 3u);
  EXPECT_EQ(call.kernels[0].name, "b");
  EXPECT_DOUBLE_EQ(call.kernels[2].us, 4.5);
  EXPECT_EQ(call.other_stream_records, 0);
  EXPECT_EQ(call.host_copies, 0);
}

TEST(Condense, CopiesAndSetsCountAsWork) {
  ActivityRecord set = Copy(90'000, 91'000, false);
  set.kind = ActivityRecord::Kind::kSet;
  const CallRecords call = Condense(
      {Copy(10'000, 20'000, true), Kernel("a", 30'000, 40'000), Copy(50'000, 60'000, false), set},
      kDelay, 0);
  EXPECT_DOUBLE_EQ(call.envelope_us, 81);
  EXPECT_EQ(call.host_copies, 1);
  EXPECT_EQ(call.kernels.size(), 1u);
}

TEST(Condense, NamesWorkOnOtherStreams) {
  const std::vector<ActivityRecord> records = {
      Kernel(kDelay, 1'000, 2'000, 7), Kernel("a", 3'000, 4'000, 7), Kernel("b", 3'000, 4'000, 8),
      Copy(5'000, 6'000, false, 9)};
  EXPECT_EQ(Condense(records, kDelay, 0).other_stream_records, 2);
  // Without the delay kernel nobody knows which stream was the given one.
  EXPECT_EQ(Condense({records[1], records[2]}, kDelay, 0).other_stream_records, 0);
}

TEST(Condense, RecordsWithoutTimesAreLost) {
  const CallRecords call = Condense(
      {Kernel("a", 0, 0), Kernel("b", 5'000, 4'000), Kernel("c", 10'000, 12'000)}, kDelay, 3);
  EXPECT_EQ(call.dropped, 5);
  EXPECT_DOUBLE_EQ(call.envelope_us, 2);
  EXPECT_EQ(call.kernels.size(), 1u);
}

}  // namespace
}  // namespace caesar
