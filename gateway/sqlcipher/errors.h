// Errors of the SQLCipher wrapper and of the stores above it (12xx). A full disk or a foreign lock passes: those are retryable.
#pragma once

#include "crypto/base/error.h"

namespace steiger {

inline constexpr Error kStoreKeyWrong{1201, "store_key_wrong", ErrorFamily::environment};
inline constexpr Error kStoreNotEncrypted{1202, "store_not_encrypted", ErrorFamily::environment};
inline constexpr Error kStoreDiskFull{1203, "store_disk_full", ErrorFamily::environment, true, 5000};
inline constexpr Error kStoreInUse{1204, "store_in_use", ErrorFamily::environment, true, 1000};
inline constexpr Error kStoreCorrupt{1205, "store_corrupt", ErrorFamily::environment};
inline constexpr Error kStoreTooNew{1206, "store_too_new", ErrorFamily::environment};
inline constexpr Error kStoreCannotOpen{1207, "store_cannot_open", ErrorFamily::environment};
inline constexpr Error kStoreInputOutput{1208, "store_input_output", ErrorFamily::environment, true, 5000};
inline constexpr Error kStoreConstraint{1209, "store_constraint", ErrorFamily::caller};
inline constexpr Error kStoreMisuse{1210, "store_misuse", ErrorFamily::caller};
inline constexpr Error kStoreOtherOrganisation{1211, "store_other_organisation", ErrorFamily::environment};

// What an operator reads: one sentence that says what is wrong and what to do. For an error that is not of this area: its name.
const char* explain_store_error(const Error& error);

}  // namespace steiger
