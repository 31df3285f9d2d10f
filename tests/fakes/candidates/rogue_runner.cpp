// A runner that never was ours: answers every message before it was sent, reads none, and stays.
#include <sys/socket.h>
#include <unistd.h>

#include "judge/runner_protocol.h"

int main() {
  constexpr int kSocket = 3;
  caesar::RunnerAnswer answer;
  answer.verb = caesar::RunnerVerb::kMap;
  answer.ok = 1;
  for (int i = 0; i < 100'000; ++i) {
    if (send(kSocket, &answer, sizeof answer, MSG_NOSIGNAL) < 0) return 1;
  }
  pause();
}
