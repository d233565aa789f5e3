#include "tree.h"

#include <search.h>
#include <stddef.h>

struct walk {
    tree_told *tell;
    void *context;
};

bool tree_add(void **root, void *node, tree_compare *compare)
{
    return tsearch(node, root, compare) != NULL;
}

void *tree_find(void *const *root, const void *key, tree_compare *compare)
{
    void *const *found = tfind(key, root, compare);
    return found != NULL ? *found : NULL;
}

static void visit(const void *node, VISIT which, void *closure)
{
    const struct walk *walk = closure;
    void *const *found = node;
    if (which == postorder || which == leaf)
        walk->tell(*found, walk->context);
}

void tree_walk(const void *root, tree_told *tell, void *context)
{
    struct walk walk = {tell, context};
    twalk_r(root, visit, &walk);
}

void tree_free(void *root, void (*free_node)(void *node))
{
    tdestroy(root, free_node);
}
