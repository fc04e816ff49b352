// The search of S26: does anything hold a planted marker, in whatever form programs write bytes? Markers are texts or raw secrets.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"

namespace steiger::test {

enum class Encoding : std::uint8_t { raw, utf16_little, utf16_big, hex, hex_upper, base64, base64url };
inline constexpr Encoding kEncodings[] = {Encoding::raw,       Encoding::utf16_little, Encoding::utf16_big, Encoding::hex,
                                          Encoding::hex_upper, Encoding::base64,       Encoding::base64url};
const char* name_of(Encoding encoding);

// Shorter ones could be there by chance.
inline constexpr std::size_t kMinMarkerBytes = 12;
// base64 writes three bytes as four characters, so the same marker has three forms, depending on what stands before it.
inline constexpr std::size_t kAlignments = 3;

// `marker` as a program writes it in the middle of other bytes, `before` of them in front.
std::string written(std::string_view marker, Encoding encoding, std::size_t before = 0);
// All forms: the controls that a search must find.
std::string written_in_every_form(std::string_view marker);

// The encodings in which `haystack` holds `marker`, by name.
std::vector<std::string> found(std::string_view haystack, std::string_view marker);
// What found() answers for written_in_every_form().
std::vector<std::string> every_form();

// ---- where to look

std::string content_of(const std::filesystem::path& file);

// What a live process of ours has in memory that it may have written: heap, stacks, globals; what a core dump would hold. Empty when the
// system does not allow it.
std::string memory_of(pid_t process);

// Every value of every table of a SQLCipher database, decrypted. `database` must not be in use; works on a copy. Empty when it does not
// open with this key.
std::string decrypted(const std::filesystem::path& database, ByteView key);
// The same for every state that the write-ahead log still holds, the last one included: what was deleted since is there too.
std::string decrypted_history(const std::filesystem::path& database, ByteView key);

}  // namespace steiger::test
