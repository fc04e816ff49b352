#include "gateway/sqlcipher/errors.h"

namespace steiger {

const char* explain_store_error(const Error& error) {
  switch (error.code) {
    case kStoreKeyWrong.code:
      return "The store cannot be read with this key: the key file is not the one it was made with, or the file is no Steiger "
             "store.";
    case kStoreNotEncrypted.code:
      return "This program was linked with a database library that does not encrypt; it refuses to store anything. Install "
             "libsqlcipher.";
    case kStoreDiskFull.code:
      return "The disk that holds the store is full; nothing was lost, free some space.";
    case kStoreInUse.code:
      return "Another process has this store open; stop it first.";
    case kStoreCorrupt.code:
      return "The store is damaged; restore it from a backup.";
    case kStoreTooNew.code:
      return "The store was written by a newer version of Steiger; use that version.";
    case kStoreCannotOpen.code:
      return "The store file cannot be opened: check that it is there and that this user may read and write it.";
    case kStoreInputOutput.code:
      return "The disk that holds the store reports read or write errors.";
    case kStoreOtherOrganisation.code:
      return "This store belongs to another organisation; one gateway serves one organisation.";
    default:
      return error.name;
  }
}

}  // namespace steiger
