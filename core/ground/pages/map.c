#include "pages.h"

#include <sys/mman.h>

void *secret_page_map(void)
{
    void *page = mmap(NULL, PAGE_USED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;

    (void)mlock(page, PAGE_USED); /* see the contract: the limit is the caller's */
    (void)madvise(page, PAGE_USED, MADV_DONTDUMP);
    (void)madvise(page, PAGE_USED, MADV_WIPEONFORK);
    return page;
}

void secret_page_unmap(void *page)
{
    (void)munmap(page, PAGE_USED);
}
