#include "record/gate_report.h"

#include "record/json_io.h"

namespace caesar {

static void Describe(JsonIo& io, GateCall& call) {
  io.Field("shape", call.shape);
  io.Field("fill", call.fill);
  io.Field("output", call.output);
  io.Field("error", call.error);
  io.Field("passed", call.passed);
}

static void Describe(JsonIo& io, GateTrial& trial) {
  io.Field("name", trial.name);
  io.Field("kind", trial.kind);
  io.Field("text", trial.text);
  io.Field("outcome", trial.outcome);
  io.Field("reason", trial.reason);
  io.Field("calls", trial.calls);
}

static void Describe(JsonIo& io, GateFinding& finding) {
  io.Field("level", finding.level);
  io.Field("text", finding.text);
  io.Field("advice", finding.advice);
}

static void Describe(JsonIo& io, GateReport& report) {
  io.Version("version", report.version, 1);
  io.Field("problem", report.problem);
  io.Field("device", report.device);
  io.Field("sound", report.sound);
  io.Field("findings", report.findings);
  io.Field("trials", report.trials);
}

std::string ToJson(const GateReport& report, int indent) { return WriteJson(report, indent); }

Result<GateReport> ParseGateReport(const std::string& json) {
  return ReadJson<GateReport>(json, "report");
}

}  // namespace caesar
