#include "sim/ptx/fatbin.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

namespace caesar::sim::ptx {
namespace {

template <class T>
void Put(std::string& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

struct Entry {
  std::uint16_t kind = 1;
  std::string payload;
  std::uint32_t compressed_bytes = 0;
  std::uint64_t flags = 0x11;
  std::string name = {};
};
std::string Serialize(const Entry& entry) {
  const std::size_t header = (64 + entry.name.size() + 7) / 8 * 8;
  std::string bytes(header, '\0');
  Put(bytes, 0, entry.kind);
  Put(bytes, 2, std::uint16_t{0x101});
  Put(bytes, 4, static_cast<std::uint32_t>(header));
  Put(bytes, 8, std::uint64_t{entry.payload.size()});
  Put(bytes, 16, entry.compressed_bytes);
  Put(bytes, 24, std::uint16_t{7});
  Put(bytes, 26, std::uint16_t{8});
  Put(bytes, 28, std::uint32_t{90});
  if (!entry.name.empty()) {
    Put(bytes, 32, std::uint32_t{64});
    Put(bytes, 36, static_cast<std::uint32_t>(entry.name.size()));
    std::memcpy(bytes.data() + 64, entry.name.data(), entry.name.size());
  }
  Put(bytes, 40, entry.flags);
  return bytes + entry.payload;
}
std::string Fatbin(const std::vector<Entry>& entries) {
  std::string bytes(16, '\0');
  for (const Entry& entry : entries) bytes += Serialize(entry);
  Put(bytes, 0, std::uint32_t{0xBA55ED50});
  Put(bytes, 4, std::uint16_t{1});
  Put(bytes, 6, std::uint16_t{16});
  Put(bytes, 8, std::uint64_t{bytes.size() - 16});
  return bytes;
}
// In memory of exactly this size, so that a sanitizer sees a step beyond it.
Result<std::vector<PtxImage>> Read(const std::string& bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return ReadFatbin(std::as_bytes(std::span(exact)));
}
std::string ErrorOf(const std::string& bytes) {
  const auto images = Read(bytes);
  return images.ok() ? "" : images.error().message;
}
std::string ReadData(const std::string& name) {
  std::ifstream file(std::string(CAESAR_SIM_TEST_DATA) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Fatbin, GivesPtxAndSkipsMachineCode) {
  const auto images = Read(Fatbin({{.kind = 2,
                                    .payload = "\x7f"
                                               "ELF"},
                                   {.payload = std::string("one\0\0\0", 6), .name = "a.ptx"},
                                   {.payload = "two"}}));
  ASSERT_TRUE(images.ok()) << images.error().message;
  ASSERT_EQ(images.value().size(), 2U);
  EXPECT_EQ(images.value()[0].text, "one");
  EXPECT_EQ(images.value()[0].name, "a.ptx");
  EXPECT_EQ(images.value()[0].architecture, 90);
  EXPECT_EQ(images.value()[0].version_major, 8);
  EXPECT_EQ(images.value()[0].version_minor, 7);
  EXPECT_EQ(images.value()[1].text, "two");
  EXPECT_EQ(images.value()[1].name, "");
}

TEST(Fatbin, FromNvcc) {
  const std::string bytes = ReadData("ptx_and_elf.fatbin");
  const auto images = ReadFatbin(static_cast<const void*>(bytes.data()), bytes.size());
  ASSERT_TRUE(images.ok()) << images.error().message;
  ASSERT_EQ(images.value().size(), 1U);
  const PtxImage& image = images.value()[0];
  EXPECT_EQ(image.architecture, 90);
  EXPECT_EQ(image.version_major, 9);
  EXPECT_NE(image.text.find(".entry _Z3onePi"), std::string::npos);
  EXPECT_EQ(image.text.find('\0'), std::string::npos);
}

TEST(Fatbin, CompressedSaysWhatToDo) {
  for (const std::string& bytes :
       {ReadData("compressed.fatbin"), Fatbin({{.payload = "x", .compressed_bytes = 1}}),
        Fatbin({{.payload = "x", .flags = 0x2011}}), Fatbin({{.payload = "x", .flags = 0x8011}})}) {
    const auto images = Read(bytes);
    ASSERT_FALSE(images.ok());
    EXPECT_EQ(images.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(images.error().message, "the PTX in the fat binary is compressed");
    EXPECT_NE(images.error().detail.find("--no-compress"), std::string::npos);
  }
}

TEST(Fatbin, EmptyIsNoError) {
  const auto images = Read(Fatbin({}));
  ASSERT_TRUE(images.ok());
  EXPECT_TRUE(images.value().empty());
  EXPECT_EQ(Read(Fatbin({{.payload = std::string(4, '\0')}})).value().at(0).text, "");
}

TEST(Fatbin, EveryCutIsAnError) {
  const std::string bytes = Fatbin({{.payload = "one", .name = "a"}, {.payload = "two"}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(ErrorOf(bytes.substr(0, size)), "") << size;
  }
  // The same with a header that believes in what is left.
  for (std::size_t size = 17; size < bytes.size(); ++size) {
    std::string cut = bytes.substr(0, size);
    Put(cut, 8, std::uint64_t{size - 16});
    const bool between = size == 16 + Serialize({.payload = "one", .name = "a"}).size();
    EXPECT_EQ(ErrorOf(cut) == "", between) << size;
  }
}

TEST(Fatbin, WrongHeaders) {
  const auto with = [](std::size_t offset, auto value) {
    std::string bytes = Fatbin({{.payload = "one", .name = "a"}});
    Put(bytes, offset, value);
    return ErrorOf(bytes);
  };
  EXPECT_EQ(with(0, std::uint32_t{1}), "unusable fat binary: it does not begin with 0xBA55ED50");
  EXPECT_EQ(with(4, std::uint16_t{2}), "unusable fat binary: version 2; 1 is read");
  EXPECT_EQ(with(6, std::uint16_t{8}), "unusable fat binary: a header of 8 bytes");
  EXPECT_NE(with(6, std::uint16_t{0xFFFF}), "");
  EXPECT_NE(with(8, ~std::uint64_t{0}), "");
  EXPECT_EQ(with(16 + 4, std::uint32_t{63}),
            "unusable fat binary: an entry of 63 + 3 bytes where 75 are left");
  EXPECT_NE(with(16 + 4, ~std::uint32_t{0}), "");
  EXPECT_NE(with(16 + 8, ~std::uint64_t{0}), "");
  EXPECT_EQ(with(16 + 32, std::uint32_t{73}), "unusable fat binary: a name outside of its entry");
  EXPECT_EQ(with(16 + 36, ~std::uint32_t{0}), "unusable fat binary: a name outside of its entry");
}

TEST(Fatbin, TrustedHeaderIsBelievedUpToALimit) {
  const std::string bytes = Fatbin({{.payload = "one"}});
  EXPECT_TRUE(ReadFatbin(static_cast<const void*>(bytes.data()), bytes.size()).ok());
  const auto refused = ReadFatbin(static_cast<const void*>(bytes.data()), bytes.size() - 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "unusable fat binary: 67 bytes; at most 82 are read");
  EXPECT_FALSE(ReadFatbin(nullptr, 100).ok());
}

}  // namespace
}  // namespace caesar::sim::ptx
