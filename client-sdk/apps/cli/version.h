#pragma once

namespace steiger::cli {

inline constexpr const char* kVersion = "0.1.0";  // as project() in the root CMakeLists.txt

}  // namespace steiger::cli
