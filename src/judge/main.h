// The two programs that live in the same binary and are started by caesar itself, never by people.
#pragma once

#include "device/device.h"

namespace caesar {

// caesar judge --socket FD --device SELECTOR --toolkit FOLDER --cache FOLDER
//              --sandbox required|best-effort|off
int JudgeMain(int argc, char** argv, DeviceFactory& devices);

// caesar runner --role oracle|baseline|candidate|best --uuid UUID --toolkit FOLDER --socket FD
// --control FD --sandbox on|off
int RunnerMain(int argc, char** argv, DeviceFactory& devices);

}  // namespace caesar
