// ELF64 as <elf.h> lays it out; .nv.info: records of a format, an attribute and 16 bits, which are
// the value or, in format 4, the number of bytes that follow.
#include "sim/ptx/cubin.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

#include "base/format.h"

namespace caesar::sim::ptx {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint16_t kMachine = 190;  // EM_CUDA
constexpr std::uint8_t kSized = 4, kFrameSize = 0x11, kRegisterCount = 0x2F;
constexpr std::size_t kNameMax = 1 << 14, kFunctionsMax = 4096;

Error Broken(std::string_view what) {
  return {ErrorCode::kBadInput, Format("unusable machine code: {}", what), {}};
}

// Part of the image, or nothing where it is not all there.
std::optional<Bytes> Part(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.subspan(offset, size);
}

template <class T>
std::optional<T> Read(Bytes bytes, std::uint64_t offset) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto part = Part(bytes, offset, sizeof(T));
  if (!part) return std::nullopt;
  T value;
  std::memcpy(&value, part->data(), sizeof value);
  return value;
}

std::optional<std::string_view> NameAt(Bytes strings, std::uint64_t offset) {
  if (offset >= strings.size()) return std::nullopt;
  const auto* text = reinterpret_cast<const char*>(strings.data() + offset);
  const std::size_t size = ::strnlen(text, std::min(strings.size() - offset, kNameMax));
  return std::string_view(text, size);
}

class Image {
 public:
  static Result<Image> Open(Bytes bytes) {
    Image image;
    image.bytes_ = bytes;
    const auto header = Read<Elf64_Ehdr>(bytes, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
      return Broken("it is no 64-bit ELF image");
    }
    if (header->e_machine != kMachine) return Broken("it is for another machine");
    if (header->e_shentsize != sizeof(Elf64_Shdr)) return Broken("its sections are unknown");
    image.header_ = *header;
    const auto names = image.SectionAt(header->e_shstrndx);
    const auto strings = names ? image.Content(*names) : std::nullopt;
    if (!strings) return Broken("its sections have no names");
    image.section_names_ = *strings;
    return image;
  }

  std::optional<Elf64_Shdr> SectionAt(std::uint64_t index) const {
    if (index >= header_.e_shnum || header_.e_shoff > bytes_.size()) return std::nullopt;
    return Read<Elf64_Shdr>(bytes_, header_.e_shoff + index * sizeof(Elf64_Shdr));
  }
  std::optional<Elf64_Shdr> Find(std::string_view name) const {
    for (std::uint64_t i = 0; i < header_.e_shnum; ++i) {
      const auto section = SectionAt(i);
      if (!section) return std::nullopt;
      if (NameAt(section_names_, section->sh_name) == name) return section;
    }
    return std::nullopt;
  }
  std::optional<Bytes> Content(const Elf64_Shdr& section) const {
    return Part(bytes_, section.sh_offset, section.sh_size);
  }

 private:
  Bytes bytes_, section_names_;
  Elf64_Ehdr header_ = {};
};

}  // namespace

Result<ResourcesByName> ReadCubin(Bytes bytes) {
  const Image image = TRY(Image::Open(bytes));
  const auto info_section = image.Find(".nv.info"), symbol_section = image.Find(".symtab");
  if (!info_section || !symbol_section) return ResourcesByName();  // no kernels
  const auto info = image.Content(*info_section), symbols = image.Content(*symbol_section);
  const auto name_section = image.SectionAt(symbol_section->sh_link);
  const auto names = name_section ? image.Content(*name_section) : std::nullopt;
  if (!info || !symbols || !names) return Broken("a section lies outside of it");

  ResourcesByName resources;
  for (std::uint64_t at = 0; at < info->size();) {
    const auto format = Read<std::uint8_t>(*info, at),
               attribute = Read<std::uint8_t>(*info, at + 1);
    const auto size = Read<std::uint16_t>(*info, at + 2);
    if (!size) return Broken("its description is cut off");
    at += 4;
    if (*format != kSized) continue;
    const auto symbol = Read<std::uint32_t>(*info, at), value = Read<std::uint32_t>(*info, at + 4);
    at += *size;
    const bool wanted = *attribute == kRegisterCount || *attribute == kFrameSize;
    if (!wanted || *size != 8) continue;
    if (!value) return Broken("its description is cut off");
    const auto entry = Read<Elf64_Sym>(*symbols, std::uint64_t{*symbol} * sizeof(Elf64_Sym));
    const auto name = entry ? NameAt(*names, entry->st_name) : std::nullopt;
    if (!name) return Broken("it describes a function that it does not name");
    if (resources.size() == kFunctionsMax) return Broken("it has too many functions");
    KernelResources& kernel = resources[std::string(*name)];
    if (*attribute == kFrameSize) kernel.stack_bytes = *value;
    if (*attribute == kRegisterCount) kernel.registers = static_cast<int>(*value & 0xFFFF);
  }
  return resources;
}

}  // namespace caesar::sim::ptx
