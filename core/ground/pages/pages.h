/* The pages that secrets live in. Internal to core/ground.
 *
 *   map.c        a page from the system: locked, kept out of dumps, zeroed in a forked child
 *   returned.c   each page goes back to the system with its secret: the default, and the only way for a guest in other processes
 *   kept.c       pages are kept for the next secrets: for garded, which makes thousands of secrets a second
 *
 * A program is linked with returned.c or with kept.c (GARDE_KEEPS_PAGES in CMake), so that those without hold no trace of the other.
 */
#ifndef GARDE_CORE_GROUND_PAGES_H
#define GARDE_CORE_GROUND_PAGES_H

#include <stddef.h>

#include <garde/status.h>

#define PAGE_USED 4096 /* bytes of a page that a secret may take up */

/* Zeroed. NULL: there is no memory. A lock that the system refuses is not an error. */
void *secret_page_map(void) GARDE_MUST_CHECK;
void secret_page_unmap(void *page);

/* The same, by way of pages that were given back. give: the page is zeroed again, and was mapped by this very process. Any
 * thread may call them. */
void *secret_page_take(void) GARDE_MUST_CHECK;
void secret_page_give(void *page);

#endif
