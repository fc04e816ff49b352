// Between choosing proposals and a finished commit: shared by members' commits and external ones. Used inside this room only.
#pragma once

#include "crypto/mls/group.h"

namespace steiger::mls {

// The own leaf for a path or an Update: other extensions when given, capabilities to match.
LeafNode renewed_leaf(const LeafNode& old, const std::optional<Extensions>& extensions);

struct Group::CommitDraft {
  const PublicGroup& before;
  Commit commit;
  PublicGroup::Applied applied;
  Sender sender;
  WireFormat wire_format;
  std::optional<LeafNode> path_leaf;  // with fresh keys to come; without it there is no path
  SigningKey signing_key;
  InitSecret init;
  std::vector<PskWithId> psks;
  PrivateTree private_tree;  // before the commit
  Bytes authenticated_data;
  Extensions group_info_extensions;
};

struct Group::FinishedCommit {
  AuthenticatedContent content;
  std::optional<Bytes> welcome;
  Bytes group_info;
  Group next;
};

}  // namespace steiger::mls
