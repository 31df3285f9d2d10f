// Who watches what a hostile candidate leaves behind: processes, files, secrets that got out. The
// test's own process is the reaper of all orphans below it, so that none can leave its tree.
#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "fakes/temp_folder.h"
#include "sys/clock.h"

namespace caesar {

// Commands (name and arguments) of all processes below this one, each with how often it is there.
using ProcessCensus = std::map<std::string, int>;
ProcessCensus Census();
// Waits, as processes come and go, until the census is `normal`; says what is too much or missing.
std::string Strangers(const ProcessCensus& normal, Milliseconds patience);

// What an attacker would like to have: a home with keys, a run directory, keys in the environment,
// and a port of this machine to which it may carry them.
class Bait {
 public:
  Bait();
  ~Bait();
  const std::string& home() const { return home_; }
  // Stands in every file and in the environment; whoever shows it has read what it must not.
  const std::string& secret() const { return secret_; }
  int port() const { return port_; }

  // What happened since the last time; empty: nothing. Files that were changed below the folders
  // that are watched (and the home), files whose name begins with caesar-hostile in places that all
  // may write, connections.
  std::string Damage();
  void Watch(const std::string& folder) { folders_.push_back(folder); }
  void Forget();                              // takes what is there for normal
  void AcceptNew(const std::string& folder);  // files that are new below it, and nothing else

 private:
  std::map<std::string, std::string> Files() const;  // path -> what tells a change
  std::string Visitors();

  TempFolder folder_;
  std::string home_;
  std::string secret_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<std::string> folders_;
  std::map<std::string, std::string> known_;
};

}  // namespace caesar
