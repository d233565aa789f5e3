/* MUST 1  A page is in the row or with one user: whoever takes it has taken it out for everybody.
 * MUST 2  A page that a fork has wiped is not locked any more, and is never used again.
 */
#include "pages.h"

#include <stdatomic.h>
#include <stdbool.h>

#define KEPT_MAX 128

struct kept {
    size_t mark; /* not zero, but in a forked child */
};

static struct kept *_Atomic row[KEPT_MAX];

/* Looks before it exchanges: an exchange takes the line away from the other threads' processors. */
static struct kept *take_from(struct kept *_Atomic *place)
{
    return atomic_load_explicit(place, memory_order_relaxed) == NULL ? NULL : atomic_exchange(place, NULL);
}

static bool put_into(struct kept *_Atomic *place, struct kept *page)
{
    struct kept *none = NULL;
    return atomic_load_explicit(place, memory_order_relaxed) == NULL &&
           atomic_compare_exchange_strong(place, &none, page);
}

void *secret_page_take(void)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        struct kept *page = take_from(&row[i]);
        if (page != NULL && page->mark != 0) {
            page->mark = 0;
            return page;
        }
        if (page != NULL)
            secret_page_unmap(page);
    }
    return secret_page_map();
}

void secret_page_give(void *page)
{
    struct kept *kept = page;

    kept->mark = 1;
    for (size_t i = 0; i < KEPT_MAX; i++)
        if (put_into(&row[i], kept))
            return;
    secret_page_unmap(page);
}
