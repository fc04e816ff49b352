#include "crypto/mls/tree_math.h"

namespace steiger::mls::tree_math {

std::vector<NodeIndex> direct_path(LeafIndex leaf, std::uint32_t leaf_count) {
  std::vector<NodeIndex> out;
  const NodeIndex top = root(leaf_count);
  for (NodeIndex node = node_of(leaf); node != top;) {
    node = parent(node);
    out.push_back(node);
  }
  return out;
}

}  // namespace steiger::mls::tree_math
