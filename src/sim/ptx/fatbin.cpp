#include "sim/ptx/fatbin.h"

#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/format.h"

namespace caesar::sim::ptx {
namespace {

constexpr std::uint32_t kMagic = 0xBA55ED50;
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 16;
// Of an entry's header, what is read; real ones have 64 to some 128 bytes.
constexpr std::size_t kEntryBytes = 64;
constexpr std::size_t kImagesMax = 1024;
constexpr std::uint16_t kPtx = 1, kMachineCode = 2;
constexpr std::uint64_t kCompressedFlags = 0x2000 | 0x8000;  // LZ4 and Zstandard

Error Broken(std::string_view what) {
  return {ErrorCode::kBadInput, Format("unusable fat binary: {}", what), {}};
}

// A little-endian field; the caller has checked that it is there.
template <class T>
T Field(std::span<const std::byte> bytes, std::size_t offset) {
  static_assert(std::is_unsigned_v<T>);
  T value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

struct Header {
  std::size_t bytes = 0;         // of the header itself
  std::uint64_t data_bytes = 0;  // behind it
};

Result<Header> ReadHeader(std::span<const std::byte> data) {
  if (data.size() < kHeaderBytes) return Broken("it is shorter than its header");
  if (Field<std::uint32_t>(data, 0) != kMagic) return Broken("it does not begin with 0xBA55ED50");
  const auto version = Field<std::uint16_t>(data, 4);
  if (version != kVersion) return Broken(Format("version {}; 1 is read", version));
  const auto bytes = Field<std::uint16_t>(data, 6);
  if (bytes < kHeaderBytes) return Broken(Format("a header of {} bytes", bytes));
  return Header{bytes, Field<std::uint64_t>(data, 8)};
}

std::string Text(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

bool IsCompressed(std::span<const std::byte> entry) {
  return Field<std::uint32_t>(entry, 16) != 0 ||
         (Field<std::uint64_t>(entry, 40) & kCompressedFlags) != 0;
}

int ArchitectureOf(std::span<const std::byte> entry) {
  return static_cast<int>(Field<std::uint32_t>(entry, 28) & 0xFFFF);
}

// `entry`: header and payload, `header_bytes` of it the header.
Result<PtxImage> ReadImage(std::span<const std::byte> entry, std::size_t header_bytes) {
  if (IsCompressed(entry)) {
    return Error{ErrorCode::kBadInput, "the PTX in the fat binary is compressed",
                 "Compile with nvcc's option --no-compress."};
  }
  PtxImage image;
  image.version_minor = Field<std::uint16_t>(entry, 24);
  image.version_major = Field<std::uint16_t>(entry, 26);
  image.architecture = ArchitectureOf(entry);
  const std::uint64_t name_offset = Field<std::uint32_t>(entry, 32);
  const std::uint64_t name_bytes = Field<std::uint32_t>(entry, 36);
  if (name_bytes != 0) {
    if (name_offset > header_bytes || name_bytes > header_bytes - name_offset) {
      return Broken("a name outside of its entry");
    }
    image.name = Text(entry.subspan(name_offset, name_bytes));
    image.name.resize(std::strlen(image.name.c_str()));
  }
  image.text = Text(entry.subspan(header_bytes));
  image.text.resize(image.text.find_last_not_of('\0') + 1);  // npos + 1 is 0
  return image;
}

// Calls visit(kind, entry, bytes of its header) for each entry, which is header and payload.
template <class F>
Status ForEachEntry(std::span<const std::byte> data, F&& visit) {
  const Header header = TRY(ReadHeader(data));
  if (header.bytes > data.size() || header.data_bytes > data.size() - header.bytes) {
    return Broken(Format("{} bytes are there, its header says {} + {}", data.size(), header.bytes,
                         header.data_bytes));
  }
  auto rest = data.subspan(header.bytes, header.data_bytes);
  while (!rest.empty()) {
    if (rest.size() < kEntryBytes) return Broken("an entry is cut off");
    const std::size_t entry_header = Field<std::uint32_t>(rest, 4);
    const std::uint64_t payload = Field<std::uint64_t>(rest, 8);
    if (entry_header < kEntryBytes || entry_header > rest.size() ||
        payload > rest.size() - entry_header) {
      return Broken(Format("an entry of {} + {} bytes where {} are left", entry_header, payload,
                           rest.size()));
    }
    const std::size_t entry_bytes = entry_header + payload;
    TRY(visit(Field<std::uint16_t>(rest, 0), rest.first(entry_bytes), entry_header));
    rest = rest.subspan(entry_bytes);
  }
  return {};
}

Status MakeRoom(std::size_t images) {
  if (images < kImagesMax) return {};
  return Broken(Format("more than {} images", kImagesMax));
}

}  // namespace

Result<std::vector<PtxImage>> ReadFatbin(std::span<const std::byte> data) {
  std::vector<PtxImage> images;
  TRY(ForEachEntry(data, [&](std::uint16_t kind, auto entry, std::size_t header) -> Status {
    if (kind != kPtx) return {};
    TRY(MakeRoom(images.size()));
    images.push_back(TRY(ReadImage(entry, header)));
    return {};
  }));
  return images;
}

Result<std::vector<MachineImage>> ReadMachineCode(std::span<const std::byte> data) {
  std::vector<MachineImage> images;
  TRY(ForEachEntry(data, [&](std::uint16_t kind, auto entry, std::size_t header) -> Status {
    if (kind != kMachineCode || IsCompressed(entry)) return {};
    TRY(MakeRoom(images.size()));
    images.push_back({ArchitectureOf(entry), entry.subspan(header)});
    return {};
  }));
  return images;
}

Result<std::span<const std::byte>> FatbinBytes(const void* data, std::size_t bytes_max) {
  if (data == nullptr) return Broken("a null pointer");
  const auto* bytes = static_cast<const std::byte*>(data);
  const Header header = TRY(ReadHeader({bytes, kHeaderBytes}));
  if (header.bytes > bytes_max || header.data_bytes > bytes_max - header.bytes) {
    return Broken(Format("{} bytes; at most {} are read", header.data_bytes, bytes_max));
  }
  return std::span(bytes, header.bytes + header.data_bytes);
}

Result<std::vector<PtxImage>> ReadFatbin(const void* data, std::size_t bytes_max) {
  return ReadFatbin(TRY(FatbinBytes(data, bytes_max)));
}

}  // namespace caesar::sim::ptx
