#include "record/device_info.h"

#include <gtest/gtest.h>

#include "unit/record/corrupt.h"

namespace caesar {
namespace {

DeviceInfo Hopper() {
  return {"cuda",     "NVIDIA H100", "GPU-1", "13.0", 9,    0,      132,    85'000'000'000,
          52'428'800, 232'448,       233'472, 65'536, 2048, 1980.5, 3012.25};
}

TEST(DeviceInfo, ArchIsTheOneWithAllInstructions) {
  const std::tuple<int, int, const char*> cases[] = {
      {7, 5, "sm_75"},    {8, 0, "sm_80"},    {8, 9, "sm_89"},   {9, 0, "sm_90a"},
      {10, 0, "sm_100a"}, {10, 3, "sm_103a"}, {12, 0, "sm_120a"}};
  for (const auto& [major, minor, want] : cases) {
    DeviceInfo device;
    device.compute_major = major;
    device.compute_minor = minor;
    EXPECT_EQ(device.Arch(), want);
  }
}

TEST(DeviceInfo, BaseArchHasNoFeatureLetter) {
  EXPECT_EQ(Hopper().BaseArch(), "sm_90");
  DeviceInfo ampere;
  ampere.compute_major = 8;
  EXPECT_EQ(ampere.BaseArch(), "sm_80");
}

TEST(DeviceInfo, RoundTrips) {
  const std::string json = ToJson(Hopper());
  const auto read = ParseDeviceInfo(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), json);
  EXPECT_EQ(read.value().memory_bytes, 85'000'000'000);
  EXPECT_EQ(read.value().clock_mhz, 1980.5);
  EXPECT_EQ(read.value().bandwidth_gbs, 3012.25);
}

TEST(DeviceInfo, ErrorsNameTheField) {
  const std::string json = ToJson(Hopper());
  EXPECT_EQ(ParseDeviceInfo(test::Replaced(json, "132", "\"132\"")).error().message,
            "device information: field sm_count must be an integer, not string");
  EXPECT_EQ(ParseDeviceInfo(test::Replaced(json, "132", "3000000000")).error().message,
            "device information: field sm_count is too large");
  EXPECT_EQ(ParseDeviceInfo(test::Replaced(json, "\"sm_count\"", "\"sms\"")).error().message,
            "device information: field sm_count is missing");
  EXPECT_EQ(ParseDeviceInfo("[]").error().message,
            "device information must be an object, not array");
}

}  // namespace
}  // namespace caesar
