// transparency-dev/merkle: inclusion and consistency proofs (RFC 6962). The tree comes with the audit log.
#include "tests/vectors/vectors.h"

namespace steiger::vectors {

std::vector<Kind> merkle_kinds() {
  return {
      {"merkle-inclusion",
       [](const Json& d) {
         return has_keys(first_entry(d), {"leafIdx", "treeSize", "root", "leafHash", "wantErr"});
       }},
      {"merkle-consistency",
       [](const Json& d) {
         return has_keys(first_entry(d), {"size1", "size2", "root1", "root2", "wantErr"});
       }},
  };
}

}  // namespace steiger::vectors
