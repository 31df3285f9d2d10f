#include "report/simulation_text.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "report/table.h"
#include "report/units.h"

namespace caesar {
namespace {

constexpr std::size_t kKernelsShown = 8, kFindingsShown = 16;
// Lines are shown of the kernels that cost most, and of those the lines that cost most.
constexpr std::size_t kKernelsWithLines = 3, kLinesShown = 12;

using Align = TextTable::Align;

std::string Extent(const std::int64_t (&extent)[3]) {
  return Format("{}x{}x{}", extent[0], extent[1], extent[2]);
}

std::string Percent(double share) { return Format("{:.0f} %", 100 * share); }

// "18.0 (4.0)": what was needed and what would have been enough; "-": there were no requests.
std::string Against(double value, double ideal) {
  return value > 0 ? Format("{:.1f} ({:.1f})", value, ideal) : "-";
}

std::string CountOrDash(std::int64_t count) { return count > 0 ? FormatCount(count) : "-"; }

// Three digits: no model knows more.
std::string Estimate(double us) {
  const char* unit = us < 1e3 ? "us" : us < 1e6 ? "ms" : "s";
  const double value = us < 1e3 ? us : us < 1e6 ? us / 1e3 : us / 1e6;
  return Format("~{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, unit);
}

double CostOf(const SimKernel& kernel) {
  return kernel.estimated_us * static_cast<double>(kernel.launches);
}

// How a kernel was launched and what it may take.
std::string LaunchTable(const std::vector<SimKernel>& kernels, bool cut) {
  TextTable table({{"kernel", Align::kLeft, 48},
                   {"launches", Align::kRight},
                   {"grid", Align::kRight},
                   {"block", Align::kRight},
                   {"registers", Align::kRight},
                   {"shared", Align::kRight},
                   {"occupancy", Align::kLeft},
                   {"estimated", Align::kRight},
                   {"bound", Align::kLeft, 12}},
                  cut);
  for (const SimKernel& kernel : kernels) {
    table.AddRow({kernel.name, FormatCount(kernel.launches), Extent(kernel.grid),
                  Extent(kernel.block), CountOrDash(kernel.registers),
                  Format("{} B", kernel.shared_bytes),
                  Format("{} ({})", Percent(kernel.occupancy), kernel.occupancy_limit),
                  Estimate(kernel.estimated_us), kernel.bound});
  }
  return table.Text("  ");
}

std::vector<TextTable::Column> CountColumns(const char* first) {
  return {{first, Align::kLeft, 48},          {"cost", Align::kRight},
          {"instructions", Align::kRight},    {"SIMD", Align::kRight},
          {"sectors/request", Align::kRight}, {"waves/request", Align::kRight},
          {"barriers", Align::kRight},        {"atomics", Align::kRight}};
}

std::vector<std::string> CountCells(std::string name, double share, const SimCounts& counts) {
  return {std::move(name),
          Percent(share),
          FormatCount(counts.warp_instructions),
          Percent(counts.SimdEfficiency()),
          Against(counts.SectorsPerRequest(), counts.SectorsPerRequestIdeal()),
          Against(counts.WavesPerRequest(), counts.WavesPerRequestIdeal()),
          CountOrDash(counts.barriers),
          CountOrDash(counts.atomics)};
}

std::string CountTable(const std::vector<SimKernel>& kernels, bool cut) {
  const double whole =
      std::accumulate(kernels.begin(), kernels.end(), 0.0,
                      [](double sum, const SimKernel& kernel) { return sum + CostOf(kernel); });
  TextTable table(CountColumns("counted, all launches"), cut);
  for (const SimKernel& kernel : kernels) {
    table.AddRow(CountCells(kernel.name, whole > 0 ? CostOf(kernel) / whole : 0, kernel.counts));
  }
  return table.Text("  ");
}

std::string LineTable(const SimKernel& kernel, bool cut) {
  std::vector<const SimLine*> lines;
  for (const SimLine& line : kernel.lines) lines.push_back(&line);
  std::stable_sort(lines.begin(), lines.end(),
                   [](const SimLine* a, const SimLine* b) { return a->share > b->share; });
  lines.resize(std::min(lines.size(), kLinesShown));
  TextTable table(CountColumns("line"), cut);
  for (const SimLine* line : lines) {
    table.AddRow(CountCells(Format("{}:{}", line->file, line->line), line->share, line->counts));
  }
  return table.Text("  ");
}

std::string LinesText(const std::vector<SimKernel>& kernels, bool cut) {
  std::vector<const SimKernel*> costliest;
  for (const SimKernel& kernel : kernels) {
    if (!kernel.lines.empty()) costliest.push_back(&kernel);
  }
  std::stable_sort(costliest.begin(), costliest.end(),
                   [](const SimKernel* a, const SimKernel* b) { return CostOf(*a) > CostOf(*b); });
  costliest.resize(std::min(costliest.size(), kKernelsWithLines));
  std::string text;
  for (const SimKernel* kernel : costliest) {
    text +=
        Format("\ncostliest lines of {}:\n", FitLine(kernel->name, 80)) + LineTable(*kernel, cut);
  }
  return text;
}

// Work that no kernel does.
std::string TransfersText(const SimReport& report) {
  std::string text;
  for (const SimTransfer& transfer : report.transfers) {
    text += Format("  {} x {}", FormatCount(transfer.count), FitLine(transfer.kind, 20));
    if (transfer.bytes > 0)
      text += Format(", {}", FormatBytes(static_cast<std::uint64_t>(transfer.bytes)));
    if (transfer.estimated_us > 0) text += Format(", {}", Estimate(transfer.estimated_us));
    text += "\n";
  }
  return text;
}

std::string KernelsText(const Simulation& simulation, bool cut) {
  if (simulation.report.kernels.empty()) return TransfersText(simulation.report);
  std::vector<SimKernel> shown = simulation.report.kernels;
  const std::size_t hidden = shown.size() - std::min(shown.size(), kKernelsShown);
  shown.resize(shown.size() - hidden);
  std::string text = Format("simulated, shape {}; times are estimates of a model, not measured:\n",
                            FitLine(simulation.profile_shape, 40));
  text += LaunchTable(shown, cut);
  if (hidden > 0) text += Format("  and {} more\n", hidden);
  text += TransfersText(simulation.report);
  text += "\n" + CountTable(shown, cut) +
          "  in brackets: what would do if no byte were fetched in vain and no bank were asked "
          "twice\n";
  return text + LinesText(shown, cut);
}

std::string FindingText(const SimFinding& finding) {
  std::string text = Format("  {}", FitLine(finding.kind, 40));
  if (!finding.file.empty()) text += Format(" at {}:{}", FitLine(finding.file, 60), finding.line);
  text += ": " + FitLine(finding.text, 400) + "\n";
  if (finding.kernel.empty()) return text;
  return text + Format("    in {}, first in block {},{},{}, thread {},{},{}; {}\n",
                       FitLine(finding.kernel, 80), finding.block[0], finding.block[1],
                       finding.block[2], finding.thread[0], finding.thread[1], finding.thread[2],
                       Plural(finding.count, "time"));
}

std::string FindingsText(const SimReport& report) {
  if (report.findings.empty()) return "";
  std::string text = "found by the simulator:\n";
  const std::size_t shown = std::min(report.findings.size(), kFindingsShown);
  for (std::size_t i = 0; i < shown; ++i) text += FindingText(report.findings[i]);
  const std::int64_t more =
      static_cast<std::int64_t>(report.findings.size() - shown) + report.findings_dropped;
  if (more > 0) text += Format("  and {} more\n", FormatCount(more));
  return text;
}

}  // namespace

std::string SimulationText(const Simulation& simulation, const TextStyle& style) {
  const std::string kernels = KernelsText(simulation, style.cut);
  const std::string findings = FindingsText(simulation.report);
  return kernels + (kernels.empty() || findings.empty() ? "" : "\n") + findings;
}

}  // namespace caesar
