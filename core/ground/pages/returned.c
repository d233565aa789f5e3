#include "pages.h"

void *secret_page_take(void)
{
    return secret_page_map();
}

void secret_page_give(void *page)
{
    secret_page_unmap(page);
}
