// The processes above and beside the candidate's own.
#include <dirent.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
static std::string content(const std::string& path) {
  std::string text;
  if (FILE* file = fopen(path.c_str(), "r")) {
    char buffer[4096];
    for (size_t count; (count = fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, count);
    fclose(file);
  }
  return text;
}
static std::string of(int pid, const char* what) { return "/proc/" + std::to_string(pid) + "/" + what; }
static int parent(int pid) {
  const std::string stat = content(of(pid, "stat"));
  const size_t end = stat.rfind(')');
  return end == std::string::npos ? 0 : atoi(stat.c_str() + end + 4);
}
// The nearest process above whose arguments hold `word`, supervisors (whose names say so) left out; 0: none.
static int above(const char* word) {
  for (int pid = parent(getpid()); pid > 1; pid = parent(pid)) {
    std::string words = content(of(pid, "cmdline"));
    for (char& c : words) c = c == '\0' ? ' ' : c;
    if (words.find(word) == std::string::npos) continue;
    if (content(of(pid, "comm")).find("caesar-watch") == std::string::npos) return pid;
  }
  return 0;
}
template <class Visit>
static void each_process(Visit visit) {
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return;
  while (const dirent* entry = readdir(folder)) {
    if (const int pid = atoi(entry->d_name); pid > 0) visit(pid);
  }
  closedir(folder);
}
