/* Balanced trees of the C library (tsearch(3)), away from its header, whose `struct entry` is not ours. A root is NULL at first; nodes stay where
 * they are. */
#ifndef GARDE_TOOL_TREE_H
#define GARDE_TOOL_TREE_H

#include <stdbool.h>

/* As for qsort(3), over nodes, or a key and a node. */
typedef int tree_compare(const void *a, const void *b);
typedef void tree_told(void *node, void *context);

/* false: no memory. Where an equal one is, that stays and nothing is added. */
bool tree_add(void **root, void *node, tree_compare *compare);
/* NULL: none is equal to the key. */
void *tree_find(void *const *root, const void *key, tree_compare *compare);
/* In order. */
void tree_walk(const void *root, tree_told *tell, void *context);
void tree_free(void *root, void (*free_node)(void *node));

#endif
