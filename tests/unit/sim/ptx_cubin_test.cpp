#include "sim/ptx/cubin.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "sim/ptx/fatbin.h"
#include "unit/record/corrupt.h"

namespace caesar::sim::ptx {
namespace {

template <class T>
void Append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string Record(std::uint8_t attribute, std::uint32_t symbol, std::uint32_t value) {
  std::string bytes = {4, static_cast<char>(attribute), 8, 0};
  Append(bytes, symbol);
  Append(bytes, value);
  return bytes;
}

// What nvcc makes of two kernels, less what is not read: symbols 1 and 2, `_Z1kPf` and `solve`.
std::string Cubin(const std::string& info) {
  const std::string names("\0_Z1kPf\0solve\0", 14);
  const std::string section_names("\0.nv.info\0.symtab\0.strtab\0", 26);
  std::string symbols;
  for (const std::uint32_t name : {0U, 1U, 8U}) {
    Elf64_Sym symbol = {};
    symbol.st_name = name;
    Append(symbols, symbol);
  }
  std::string bytes(sizeof(Elf64_Ehdr), '\0'), table;
  const auto add = [&](std::uint32_t name, std::uint32_t link, const std::string& content) {
    Elf64_Shdr section = {};
    section.sh_name = name;
    section.sh_link = link;
    section.sh_offset = bytes.size();
    section.sh_size = content.size();
    bytes += content;
    Append(table, section);
  };
  add(0, 0, "");
  add(1, 2, info);
  add(10, 3, symbols);
  add(18, 0, names);
  add(0, 0, section_names);
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = 190;
  header.e_shoff = bytes.size();
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 5;
  header.e_shstrndx = 4;
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes + table;
}

std::string Good() {
  return Cubin(std::string({3, 0x1B, 8, 0}) + Record(0x2F, 1, 96) + Record(0x11, 1, 1200) +
               Record(0x2F, 2, 20) + Record(0x12, 2, 7));
}

// In memory of exactly this size, so that a sanitizer sees a step beyond it.
Result<ResourcesByName> Read(const std::string& bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return ReadCubin(std::as_bytes(std::span(exact)));
}
std::string ErrorOf(const std::string& bytes) {
  const auto resources = Read(bytes);
  return resources.ok() ? "" : resources.error().message;
}

TEST(Cubin, SaysWhatEachKernelNeeds) {
  const auto resources = Read(Good());
  ASSERT_TRUE(resources.ok()) << resources.error().message;
  ASSERT_EQ(resources.value().size(), 2U);
  EXPECT_EQ(resources.value().at("_Z1kPf").registers, 96);
  EXPECT_EQ(resources.value().at("_Z1kPf").stack_bytes, 1200U);
  EXPECT_EQ(resources.value().at("solve").registers, 20);
  EXPECT_EQ(resources.value().at("solve").stack_bytes, 0U);
}

TEST(Cubin, HasNothingToSayWithoutADescription) {
  const auto resources = Read(Cubin(""));
  ASSERT_TRUE(resources.ok());
  EXPECT_TRUE(resources.value().empty());
}

TEST(Cubin, RefusesWhatItIsNot) {
  EXPECT_EQ(ErrorOf(""), "unusable machine code: it is no 64-bit ELF image");
  std::string other = Good();
  other[offsetof(Elf64_Ehdr, e_machine)] = 62;
  EXPECT_EQ(ErrorOf(other), "unusable machine code: it is for another machine");
  EXPECT_EQ(ErrorOf(Cubin(Record(0x2F, 3, 1))),
            "unusable machine code: it describes a function that it does not name");
  EXPECT_EQ(ErrorOf(Cubin(std::string({4, 0x2F, 8}))),
            "unusable machine code: its description is cut off");
  EXPECT_EQ(ErrorOf(Cubin(Record(0x2F, 1, 9).substr(0, 8))),
            "unusable machine code: its description is cut off");
}

TEST(Cubin, SurvivesDamage) {
  // The table of sections is its end: without it, there is nothing.
  test::ForEachTruncation(Good(), [](const std::string& text) { EXPECT_FALSE(Read(text).ok()); });
  test::ForEachChangedByte(Good(), [](const std::string& text) {
    const auto resources = Read(text);
    EXPECT_TRUE(resources.ok() || resources.error().code == ErrorCode::kBadInput);
  });
}

TEST(Cubin, IsFoundInAFatBinary) {
  std::string entry(64, '\0');
  const auto put = [&entry](std::size_t offset, auto value) {
    std::memcpy(entry.data() + offset, &value, sizeof value);
  };
  put(0, std::uint16_t{2});
  put(4, std::uint32_t{64});
  put(8, std::uint64_t{Good().size()});
  put(28, std::uint32_t{90});
  const std::string plain = entry + Good();
  put(40, std::uint64_t{0x8000});
  const std::string compressed = entry + Good();
  std::string fatbin;
  Append(fatbin, std::uint32_t{0xBA55ED50});
  Append(fatbin, std::uint16_t{1});
  Append(fatbin, std::uint16_t{16});
  Append(fatbin, std::uint64_t{plain.size() + compressed.size()});
  fatbin += compressed + plain;

  const auto images = ReadMachineCode(std::as_bytes(std::span(fatbin)));
  ASSERT_TRUE(images.ok()) << images.error().message;
  ASSERT_EQ(images.value().size(), 1U);
  EXPECT_EQ(images.value()[0].architecture, 90);
  EXPECT_EQ(ReadCubin(images.value()[0].bytes).value().size(), 2U);
  EXPECT_TRUE(ReadFatbin(std::as_bytes(std::span(fatbin))).value().empty());
  EXPECT_FALSE(ReadMachineCode(std::as_bytes(std::span(fatbin).first(100))).ok());
}

}  // namespace
}  // namespace caesar::sim::ptx
