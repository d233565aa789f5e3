/* A key container's XML, and the only reader of XML: libxml2 lives here.
 *
 * MUST 1  A document type is an error before anything in it is looked at: no entity is defined, none is replaced, nothing outside of the
 *         file is read, no network is asked.
 * MUST 2  Sizes and depths are bounded by input.h and by the library's own limits, which are left on.
 * MUST 3  All memory of the library is wiped when it is freed.
 */
#ifndef GARDE_TOOL_PSKC_TREE_H
#define GARDE_TOOL_PSKC_TREE_H

#include "incoming.h"
#include "input.h"
#include "pskc_lock.h"

#define PSKC_BYTES_MAX (16 * 1024 * 1024)

struct pskc_tree;

/* Before any other use of the library in this process. */
void pskc_tree_prepare(void);

/* Reads the whole container. Tells what is wrong with it, with the line: TOOL_REFUSED. */
enum tool_exit pskc_tree_read(struct input *input, struct pskc_tree **out_tree) GARDE_MUST_CHECK;
void pskc_tree_free(struct pskc_tree *tree);
void pskc_tree_drop(struct pskc_tree **tree);
#define pskc_tree_owner __attribute__((cleanup(pskc_tree_drop)))

/* The lock, as the container describes it. STATUS_INVALID: in a way that is not known. */
enum status pskc_tree_lock(const struct pskc_tree *tree, struct pskc_lock *lock) GARDE_MUST_CHECK;

/* The next key package as a container of its own, opened: plain values, and no dates. False: there is none. What is odd about it is in
 * entry->fault, with its line; then *out_text is NULL. Dates go into the entry. The caller hands the text to pskc_tree_free_text. */
bool pskc_tree_next(struct pskc_tree *tree, struct pskc_lock *lock, struct incoming *entry, char **out_text,
                    size_t *out_len);
void pskc_tree_free_text(char *text);

#endif
