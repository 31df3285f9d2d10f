#include "llm/describe_simulation.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::size_t kFindingsShownMax = 12, kKernelsShownMax = 6, kLinesShownMax = 8;
constexpr std::size_t kNameBytesMax = 100, kTextBytesMax = 400;
// From here on a figure is worth the reader's attention.
constexpr double kWasteful = 1.25, kFewLanes = 0.9, kLowOccupancy = 0.5, kNotableShare = 0.02;

// Names and texts are the candidate's.
std::string Safe(std::string_view text, std::size_t bytes_max) {
  return ReplaceAll(ForTerminal(Shorten(ReplaceAll(text, "\n", " "), bytes_max)), "`", "'");
}

std::string Us(double us) {
  return us < 10    ? Format("{:.2f} us", us)
         : us < 100 ? Format("{:.1f} us", us)
                    : Format("{:.0f} us", us);
}

std::string Extent(const std::int64_t (&extent)[3]) {
  return Format("{}x{}x{}", extent[0], extent[1], extent[2]);
}

std::string DescribeFinding(const SimFinding& finding) {
  std::string text = "- ";
  if (!finding.file.empty()) {
    text += Format("`{}:{}`: ", Safe(finding.file, kNameBytesMax), finding.line);
  }
  text += Format("{}: {}", Safe(finding.kind, 40), Safe(finding.text, kTextBytesMax));
  if (!finding.kernel.empty()) {
    text += Format(" (kernel `{}`, first in block {},{},{}, thread {},{},{}; {} time{})",
                   Safe(finding.kernel, kNameBytesMax), finding.block[0], finding.block[1],
                   finding.block[2], finding.thread[0], finding.thread[1], finding.thread[2],
                   FormatCount(finding.count), finding.count == 1 ? "" : "s");
  }
  return text + "\n";
}

std::string DescribeFindings(const SimReport& report) {
  if (report.findings.empty()) return "";
  std::string text = "The simulated GPU found:\n\n";
  const std::size_t shown = std::min(report.findings.size(), kFindingsShownMax);
  for (std::size_t i = 0; i < shown; ++i) text += DescribeFinding(report.findings[i]);
  const std::int64_t more =
      static_cast<std::int64_t>(report.findings.size() - shown) + report.findings_dropped;
  if (more > 0) text += Format("- and {} more\n", more);
  return text;
}

// What a name that the cost model gives means to the author of the kernel.
std::string_view Meaning(std::string_view bound) {
  struct Row {
    std::string_view bound, meaning;
  };
  constexpr Row kRows[] = {
      {"dram", "the bytes that DRAM must move"},
      {"l2", "traffic of the L2 cache"},
      {"l1", "requests to global memory, each as many passes of the L1 cache as it touches lines"},
      {"shared", "passes of shared memory and shuffles"},
      {"issue", "the number of instructions"},
      {"float32", "FP32 arithmetic"},
      {"float64", "FP64 arithmetic"},
      {"integer", "integer arithmetic"},
      {"half", "FP16 and BF16 arithmetic"},
      {"special", "special functions (exp, log, rsqrt, sin, ...)"},
      {"convert", "conversions between types"},
      {"tensor", "the tensor cores"},
      {"atomics", "atomic operations on global memory"},
      {"latency", "latency: too few warps, or too little work in flight, to hide it"},
      {"launch", "the launch itself"}};
  for (const Row& row : kRows) {
    if (row.bound == bound) return row.meaning;
  }
  return "something that has no name here";
}

// Where work is lost, for a kernel or a line.
std::vector<std::string> Waste(const SimCounts& counts) {
  std::vector<std::string> waste;
  if (counts.SectorsPerRequest() > kWasteful * counts.SectorsPerRequestIdeal() &&
      counts.SectorsPerRequest() > 1) {
    waste.push_back(Format("{:.1f} sectors per request to global memory where {:.1f} would do",
                           counts.SectorsPerRequest(), counts.SectorsPerRequestIdeal()));
  }
  if (counts.WavesPerRequest() > kWasteful * counts.WavesPerRequestIdeal()) {
    waste.push_back(
        Format("{:.1f} passes per request to shared memory where {:.1f} would do (bank "
               "conflicts)",
               counts.WavesPerRequest(), counts.WavesPerRequestIdeal()));
  }
  if (counts.warp_instructions > 0 && counts.SimdEfficiency() < kFewLanes) {
    waste.push_back(Format("only {:.0f} % of the lanes are active", 100 * counts.SimdEfficiency()));
  }
  if (counts.local_sectors > 0) {
    waste.push_back(Format("{} sectors of local memory (arrays that are not in registers)",
                           FormatCount(counts.local_sectors)));
  }
  return waste;
}

std::string DescribeLine(const SimLine& line) {
  std::string text = Format("  - `{}:{}`: {:.0f} % of the cost, {} warp instructions",
                            Safe(line.file, kNameBytesMax), line.line, 100 * line.share,
                            FormatCount(line.counts.warp_instructions));
  std::vector<std::string> remarks = Waste(line.counts);
  if (line.counts.barriers > 0) {
    remarks.push_back(Format("{} warps at barriers", FormatCount(line.counts.barriers)));
  }
  if (line.counts.atomics > 0) {
    remarks.push_back(Format("{} atomic operations", FormatCount(line.counts.atomics)));
  }
  for (const std::string& remark : remarks) text += "; " + remark;
  return text + "\n";
}

std::string DescribeLines(const SimKernel& kernel) {
  std::vector<const SimLine*> lines;
  for (const SimLine& line : kernel.lines) {
    if (line.share >= kNotableShare) lines.push_back(&line);
  }
  if (lines.empty()) return "";
  std::stable_sort(lines.begin(), lines.end(),
                   [](const SimLine* a, const SimLine* b) { return a->share > b->share; });
  lines.resize(std::min(lines.size(), kLinesShownMax));
  std::string text = "- costliest lines:\n";
  for (const SimLine* line : lines) text += DescribeLine(*line);
  return text;
}

std::string DescribeKernel(const SimKernel& kernel) {
  std::string text = Format(
      "Kernel `{}`, grid {}, block {}, {} launch{} of about {} (estimated), limited by {}:\n\n",
      Safe(kernel.name, kNameBytesMax), Extent(kernel.grid), Extent(kernel.block),
      FormatCount(kernel.launches), kernel.launches == 1 ? "" : "es", Us(kernel.estimated_us),
      Meaning(kernel.bound));
  std::string resources = Format("- {} bytes of shared memory per block", kernel.shared_bytes);
  if (kernel.registers > 0) resources += Format(", {} registers per thread", kernel.registers);
  text += resources + Format("; occupancy {:.0f} %", 100 * kernel.occupancy);
  if (kernel.occupancy < kLowOccupancy) {
    text += Format(", limited by {}", Safe(kernel.occupancy_limit, 40));
  }
  text += "\n";
  for (const std::string& waste : Waste(kernel.counts)) text += "- " + waste + "\n";
  return text + DescribeLines(kernel);
}

std::string DescribeEstimate(const Simulation& simulation) {
  std::string text =
      Format("Counted at shape `{}`. Times are estimates of a model of an H100, not measured.\n",
             Safe(simulation.profile_shape, kNameBytesMax));
  text += Format("The call takes about {} (estimated)", Us(simulation.report.estimated_us));
  if (simulation.baseline_estimated_us > 0) {
    text += Format("; the {} about {} (estimated): {:.2f}x", Safe(simulation.baseline_kind, 40),
                   Us(simulation.baseline_estimated_us), simulation.estimated_speedup);
  }
  text += ".\n";
  if (!simulation.baseline_skipped.empty())
    text += Format("No comparison with the baseline: {}.\n",
                   Safe(simulation.baseline_skipped, kTextBytesMax));
  if (simulation.bench_estimated_us > 0) {
    text += Format("At the bench shape, from a sample of its blocks: about {} (estimated).\n",
                   Us(simulation.bench_estimated_us));
  } else if (!simulation.bench_skipped.empty()) {
    text += Format("The bench shape could not be sampled: {}.\n",
                   Safe(simulation.bench_skipped, kTextBytesMax));
  }
  for (const SimTransfer& transfer : simulation.report.transfers) {
    text += Format("- {} x {}", FormatCount(transfer.count),
                   Safe(ReplaceAll(transfer.kind, "_", " "), 20));
    if (transfer.bytes > 0) text += Format(", {} bytes", FormatCount(transfer.bytes));
    if (transfer.estimated_us > 0)
      text += Format(": about {} (estimated)", Us(transfer.estimated_us));
    text += "\n";
  }
  return text;
}

// Whole lines from the start, as what matters most stands first.
std::string Cut(const std::string& text, std::size_t bytes_max) {
  constexpr std::string_view kMark = "[... the rest is left out ...]\n";
  if (text.size() <= bytes_max) return text;
  if (bytes_max < kMark.size()) return "";
  const std::size_t end = text.rfind('\n', bytes_max - kMark.size());
  const std::size_t kept = end == text.npos || end >= bytes_max - kMark.size() ? 0 : end + 1;
  return text.substr(0, kept) + std::string(kMark);
}

}  // namespace

std::string DescribeSimulation(const Simulation& simulation, std::size_t bytes_max) {
  std::vector<std::string> parts;
  if (!simulation.report.findings.empty()) parts.push_back(DescribeFindings(simulation.report));
  std::vector<const SimKernel*> kernels;
  for (const SimKernel& kernel : simulation.report.kernels) kernels.push_back(&kernel);
  std::stable_sort(kernels.begin(), kernels.end(), [](const SimKernel* a, const SimKernel* b) {
    return a->estimated_us * static_cast<double>(a->launches) >
           b->estimated_us * static_cast<double>(b->launches);
  });
  if (!kernels.empty() || !simulation.report.transfers.empty())
    parts.push_back(DescribeEstimate(simulation));
  for (std::size_t i = 0; i < std::min(kernels.size(), kKernelsShownMax); ++i) {
    parts.push_back(DescribeKernel(*kernels[i]));
  }
  if (kernels.size() > kKernelsShownMax) {
    parts.push_back(
        Format("{} more kernels, which take less.\n", kernels.size() - kKernelsShownMax));
  }
  return Cut(Join(parts, "\n"), bytes_max);
}

}  // namespace caesar
