#include "record/sim_report.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "record/describe.h"

namespace caesar {
namespace {

constexpr std::size_t kDocumentBytesMax = std::size_t{16} << 20;
constexpr std::size_t kItemsMax = 64;  // findings, kernels, lines of a kernel
constexpr std::size_t kClassesMax = 32;
constexpr std::size_t kTextBytesMax = 400;

void Count(JsonIo& io, std::string_view name, std::int64_t& value) {
  io.Field(name, value);
  if (io.failed() || !io.reading()) return;
  if (value < 0) io.FailField(name, "must be at least 0");
  if (value > kSimCountMax) io.FailField(name, Format("must be at most {}", kSimCountMax));
}

void Amount(JsonIo& io, std::string_view name, double& value) {
  io.Field(name, value);
  if (io.failed() || !io.reading()) return;
  if (!std::isfinite(value) || value < 0) io.FailField(name, "must be finite and at least 0");
}

void Text(JsonIo& io, std::string_view name, std::string& value) {
  io.Field(name, value);
  if (io.reading()) value = Shorten(value, kTextBytesMax);
}

// Extents and places: [x, y, z].
void Triple(JsonIo& io, std::string_view name, std::int64_t (&value)[3]) {
  std::vector<std::int64_t> items(std::begin(value), std::end(value));
  io.Field(name, items);
  if (io.failed() || !io.reading()) return;
  const auto fits = [](std::int64_t item) { return item >= 0 && item <= kSimCountMax; };
  if (items.size() != 3 || !std::all_of(items.begin(), items.end(), fits)) {
    return io.FailField(name, "must be [x, y, z], each at least 0");
  }
  std::copy(items.begin(), items.end(), std::begin(value));
}

template <class T>
void AtMost(JsonIo& io, std::vector<T>& items, std::size_t max) {
  if (io.reading() && items.size() > max) items.resize(max);
}

void DescribeClasses(JsonIo& io, SimCounts& counts) {
  io.Field("classes", counts.classes);
  if (io.failed() || !io.reading()) return;
  AtMost(io, counts.classes, kClassesMax);
  for (auto& [name, count] : counts.classes) {
    name = Shorten(name, kTextBytesMax);
    if (count < 0 || count > kSimCountMax) io.FailField("classes", "must hold counts");
  }
}

}  // namespace

static void Describe(JsonIo& io, SimFinding& finding) {
  Text(io, "kind", finding.kind);
  Text(io, "text", finding.text);
  Text(io, "kernel", finding.kernel);
  Text(io, "file", finding.file);
  io.Field("line", finding.line);
  Triple(io, "block", finding.block);
  Triple(io, "thread", finding.thread);
  Count(io, "count", finding.count);
  io.Field("fatal", finding.fatal);
}

static void Describe(JsonIo& io, SimCounts& counts) {
  Count(io, "warp_instructions", counts.warp_instructions);
  Count(io, "lane_instructions", counts.lane_instructions);
  DescribeClasses(io, counts);
  Count(io, "global_requests", counts.global_requests);
  Count(io, "global_sectors", counts.global_sectors);
  Count(io, "global_bytes", counts.global_bytes);
  Count(io, "shared_requests", counts.shared_requests);
  Count(io, "shared_waves", counts.shared_waves);
  Count(io, "shared_waves_ideal", counts.shared_waves_ideal);
  Count(io, "local_sectors", counts.local_sectors);
  Count(io, "barriers", counts.barriers);
  Count(io, "atomics", counts.atomics);
}

static void Describe(JsonIo& io, SimLine& line) {
  Text(io, "file", line.file);
  io.Field("line", line.line);
  io.Field("counts", line.counts);
  Amount(io, "share", line.share);
}

static void Describe(JsonIo& io, SimKernel& kernel) {
  Text(io, "name", kernel.name);
  Count(io, "launches", kernel.launches);
  Triple(io, "grid", kernel.grid);
  Triple(io, "block", kernel.block);
  Triple(io, "cluster", kernel.cluster);
  Count(io, "blocks", kernel.blocks);
  Count(io, "blocks_run", kernel.blocks_run);
  Count(io, "shared_bytes", kernel.shared_bytes);
  io.Field("registers", kernel.registers);
  Amount(io, "occupancy", kernel.occupancy);
  Text(io, "occupancy_limit", kernel.occupancy_limit);
  io.Field("counts", kernel.counts);
  io.Field("lines", kernel.lines);
  AtMost(io, kernel.lines, kItemsMax);
  Amount(io, "estimated_us", kernel.estimated_us);
  Text(io, "bound", kernel.bound);
}

static void Describe(JsonIo& io, SimTransfer& transfer) {
  Text(io, "kind", transfer.kind);
  Count(io, "count", transfer.count);
  Count(io, "bytes", transfer.bytes);
  Amount(io, "estimated_us", transfer.estimated_us);
}

void Describe(JsonIo& io, SimReport& report) {
  io.Field("findings", report.findings);
  AtMost(io, report.findings, kItemsMax);
  Count(io, "findings_dropped", report.findings_dropped);
  io.Field("kernels", report.kernels);
  AtMost(io, report.kernels, kItemsMax);
  io.Later("transfers", report.transfers);
  AtMost(io, report.transfers, kItemsMax);
  if (!io.Lacks("launches_dropped")) Count(io, "launches_dropped", report.launches_dropped);
  Amount(io, "estimated_us", report.estimated_us);
}

static double Quotient(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

double SimCounts::SimdEfficiency() const {
  return Quotient(lane_instructions, warp_instructions) / 32;
}
double SimCounts::SectorsPerRequest() const { return Quotient(global_sectors, global_requests); }
double SimCounts::SectorsPerRequestIdeal() const {
  return Quotient(global_bytes, global_requests) / 32;
}
double SimCounts::WavesPerRequest() const { return Quotient(shared_waves, shared_requests); }
double SimCounts::WavesPerRequestIdeal() const {
  return Quotient(shared_waves_ideal, shared_requests);
}

std::string ToJson(const SimReport& report, int indent) { return WriteJson(report, indent); }

Result<SimReport> ParseSimReport(std::string_view json) {
  if (json.size() > kDocumentBytesMax) {
    return Error{
        ErrorCode::kBadInput,
        Format("simulator report has {} bytes, more than {}", json.size(), kDocumentBytesMax), ""};
  }
  return ReadJson<SimReport>(json, "simulator report");
}

}  // namespace caesar
