// Arithmetic on node indices of a complete binary tree in array form (RFC 9420 appendix C). `leaf_count` is the width of the
// tree: a power of two. Leaves have even indices. Pure functions.
#pragma once

#include <bit>

#include "crypto/mls/types.h"

namespace steiger::mls::tree_math {

inline constexpr std::uint32_t node_count(std::uint32_t leaf_count) {
  return leaf_count == 0 ? 0 : 2 * leaf_count - 1;
}
inline constexpr NodeIndex root(std::uint32_t leaf_count) {
  return {leaf_count - 1};
}
inline constexpr NodeIndex node_of(LeafIndex leaf) {
  return {leaf.value * 2};
}
inline constexpr bool is_leaf(NodeIndex node) {
  return (node.value & 1u) == 0;
}
inline constexpr LeafIndex leaf_of(NodeIndex node) {
  return {node.value / 2};
}
// 0 for leaves; a node of level k has 2^k leaves below it.
inline constexpr std::uint32_t level(NodeIndex node) {
  return static_cast<std::uint32_t>(std::countr_one(node.value));
}
// Of parents only.
inline constexpr NodeIndex left(NodeIndex node) {
  return {node.value ^ (1u << (level(node) - 1))};
}
inline constexpr NodeIndex right(NodeIndex node) {
  return {node.value ^ (3u << (level(node) - 1))};
}
// Of every node but the root.
inline constexpr NodeIndex parent(NodeIndex node) {
  const std::uint32_t k = level(node);
  return {(node.value | (1u << k)) & ~(1u << (k + 1))};
}
inline constexpr NodeIndex sibling(NodeIndex node) {
  const NodeIndex up = parent(node);
  return node < up ? right(up) : left(up);
}
// The leaves below `node`: first, and one past the last.
inline constexpr LeafIndex first_leaf(NodeIndex node) {
  return {(node.value - ((1u << level(node)) - 1)) / 2};
}
inline constexpr LeafIndex end_leaf(NodeIndex node) {
  return {first_leaf(node).value + (1u << level(node))};
}
inline constexpr bool is_below(LeafIndex leaf, NodeIndex node) {
  return first_leaf(node) <= leaf && leaf < end_leaf(node);
}

// The lowest node above both leaves; none when they are one and the same.
inline constexpr std::optional<NodeIndex> common_ancestor(LeafIndex a, LeafIndex b) {
  if (a == b) return std::nullopt;
  NodeIndex node = parent(node_of(a));
  while (!is_below(b, node)) node = parent(node);
  return node;
}

// From the parent of `leaf` up to the root; empty in a tree of one leaf.
std::vector<NodeIndex> direct_path(LeafIndex leaf, std::uint32_t leaf_count);

}  // namespace steiger::mls::tree_math
